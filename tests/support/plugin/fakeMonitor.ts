import { createRequire } from "node:module";
import type { IResourceMonitorServer } from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import { Struct } from "./pluginProcess.ts";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const grpc: typeof import("@grpc/grpc-js") = load("@grpc/grpc-js");
const { ResourceMonitorService }: typeof import("@pulumi/pulumi/proto/resource_grpc_pb.js") = load(
  "@pulumi/pulumi/proto/resource_grpc_pb",
);
const messages: typeof import("@pulumi/pulumi/proto/resource_pb.js") = load("@pulumi/pulumi/proto/resource_pb");
const { Empty }: typeof import("google-protobuf/google/protobuf/empty_pb.js") = load(
  "google-protobuf/google/protobuf/empty_pb",
);

/** What a resource was registered with. */
export type Registration = ReturnType<InstanceType<typeof messages.RegisterResourceRequest>["toObject"]> & {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly urn: string;
};

/** The engine's side of what components register, over a real connection, in the engine's own messages. */
export interface FakeMonitor {
  readonly address: string;
  /** In the order in which they came. */
  readonly registered: Registration[];
  /** The outputs that components have registered, by URN. */
  readonly outputs: Map<string, unknown>;
  /** What functions answer, by token: at first those of an AWS provider. */
  readonly functions: Map<string, Readonly<Record<string, string>>>;
  /** A type of resources that it refuses, and the text. */
  refusal: { readonly type: string; readonly text: string } | undefined;
  stop(): void;
}

type Handlers = Pick<
  IResourceMonitorServer,
  "supportsFeature" | "registerResource" | "registerResourceOutputs" | "invoke"
>;

/** Starts a monitor of a stack. */
export async function startFakeMonitor(stack: string): Promise<FakeMonitor> {
  const server = new grpc.Server();
  const fake = {
    registered: [] as Registration[],
    outputs: new Map<string, unknown>(),
    functions: new Map<string, Readonly<Record<string, string>>>([
      ["aws:index/getCallerIdentity:getCallerIdentity", { accountId: "444455556666" }],
      ["aws:index/getPartition:getPartition", { partition: "aws-cn" }],
    ]),
    refusal: undefined as FakeMonitor["refusal"],
  };
  const handlers: Handlers = {
    supportsFeature: (_call, reply) => {
      const response = new messages.SupportsFeatureResponse();
      response.setHassupport(true);
      reply(null, response);
    },
    registerResource: ({ request }, reply) => {
      const [type, name] = [request.getType(), request.getName()];
      const [, , parentType = ""] = request.getParent().split("::");
      const urn = `urn:pulumi:${stack}::test::${parentType === "" ? "" : `${parentType}$`}${type}::${name}`;
      fake.registered.push({ ...request.toObject(), inputs: request.getObject()?.toJavaScript() ?? {}, urn });
      if (fake.refusal?.type === type) {
        reply({ code: grpc.status.UNKNOWN, details: fake.refusal.text });
        return;
      }
      const response = new messages.RegisterResourceResponse();
      response.setUrn(urn);
      response.setId(request.getCustom() ? `${name}-id` : "");
      response.setObject(request.getObject());
      reply(null, response);
    },
    registerResourceOutputs: ({ request }, reply) => {
      fake.outputs.set(request.getUrn(), request.getOutputs()?.toJavaScript());
      reply(null, new Empty());
    },
    invoke: ({ request }, reply) => {
      const answer = fake.functions.get(request.getTok());
      if (answer === undefined) {
        reply({ code: grpc.status.UNKNOWN, details: `no plugin for ${request.getTok()}` });
        return;
      }
      const response = new messages.ResourceInvokeResponse();
      response.setReturn(Struct.fromJavaScript(answer));
      reply(null, response);
    },
  };
  server.addService(ResourceMonitorService, handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  );
  return Object.assign(fake, { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() });
}
