import { createRequire } from "node:module";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const grpc: typeof import("@grpc/grpc-js") = load("@grpc/grpc-js");
const { ResourceInvokeRequest, ResourceInvokeResponse }: typeof import("@pulumi/pulumi/proto/resource_pb.js") = load(
  "@pulumi/pulumi/proto/resource_pb",
);
const { Struct }: typeof import("google-protobuf/google/protobuf/struct_pb.js") = load(
  "google-protobuf/google/protobuf/struct_pb",
);

/** The one function of the engine that a program asks by itself, over a real connection, in the engine's own messages. */
export interface FakeEngine {
  readonly address: string;
  /** What it was asked: tokens and arguments. */
  readonly asked: unknown[];
  /** The outputs of the resources in the state, by URN. */
  outputs: object;
  /** What it returns in place of them. */
  replacement: Uint8Array | undefined;
  refuses: boolean;
  stop(): void;
}

/** Starts an engine that knows a stack. */
export async function startFakeEngine(): Promise<FakeEngine> {
  const server = new grpc.Server({ "grpc.max_send_message_length": -1 });
  const fake = {
    asked: [] as unknown[],
    outputs: {},
    replacement: undefined as Uint8Array | undefined,
    refuses: false,
  };
  const bytes = {
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  };
  server.addService(
    { invoke: { path: "/pulumirpc.ResourceMonitor/Invoke", requestStream: false, responseStream: false, ...bytes } },
    {
      invoke: (call: { request: Buffer }, reply: (error: object | null, replacement?: Buffer) => void) => {
        const request = ResourceInvokeRequest.deserializeBinary(call.request);
        fake.asked.push([request.getTok(), request.getArgs()?.toJavaScript()]);
        const response = new ResourceInvokeResponse();
        response.setReturn(Struct.fromJavaScript({ name: "dev", outputs: JSON.parse(JSON.stringify(fake.outputs)) }));
        reply(
          fake.refuses ? { code: grpc.status.UNKNOWN, details: "no such function" } : null,
          Buffer.from(fake.replacement ?? response.serializeBinary()),
        );
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  );
  return Object.assign(fake, { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() });
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}
