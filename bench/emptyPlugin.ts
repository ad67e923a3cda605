// A resource plugin that does nothing, as fast as Pulumi's messages allow: it returns what it gets. It adds what is as long as what ours
// stores, so that the engine saves as much, and asks to be refreshed as ours does. The benchmark compiles it into a directory of its own,
// with a schema.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as protocol from "@pulumi/pulumi/proto/provider_pb.js";
import type * as emptyMessage from "google-protobuf/google/protobuf/empty_pb.js";
import type * as values from "google-protobuf/google/protobuf/struct_pb.js";

// The messages have to come from the copies of grpc and protobuf that @pulumi/pulumi itself uses.
const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const grpc: typeof import("@grpc/grpc-js") = load("@grpc/grpc-js");
const { ResourceProviderService }: typeof services = load("@pulumi/pulumi/proto/provider_grpc_pb");
const messages: typeof protocol = load("@pulumi/pulumi/proto/provider_pb");
const { PluginInfo }: typeof pluginMessages = load("@pulumi/pulumi/proto/plugin_pb");
const { Empty }: typeof emptyMessage = load("google-protobuf/google/protobuf/empty_pb");
const { Struct, Value }: typeof values = load("google-protobuf/google/protobuf/struct_pb");

const fingerprint = "0123456789ab";
const cluster = new Value().setStructValue(Struct.fromJavaScript({ server: fingerprint }));

/** The properties, with a claim of that ID. */
function withClaim(properties = new Struct(), urn: string, id: string): values.Struct {
  const label = `organization/test/test ${urn.slice(urn.lastIndexOf("::") + 2)}`;
  properties.getFieldsMap().set("__claim", new Value().setStringValue(`${id}:${label}`));
  return properties;
}

function check(request: protocol.CheckRequest): protocol.CheckResponse {
  const inputs = withClaim(request.getNews(), request.getUrn(), "");
  inputs.getFieldsMap().set("cluster", cluster);
  return new messages.CheckResponse().setInputs(inputs);
}

function create(request: protocol.CreateRequest): protocol.CreateResponse {
  const outputs = withClaim(request.getProperties(), request.getUrn(), "abcdef");
  const arn = outputs.getFieldsMap().get("arn")?.getStringValue();
  return new messages.CreateResponse()
    .setId(`server:${fingerprint}/${arn}`)
    .setProperties(outputs)
    .setRefreshBeforeUpdate(true);
}

function read(request: protocol.ReadRequest): protocol.ReadResponse {
  return new messages.ReadResponse()
    .setId(request.getId())
    .setProperties(request.getProperties())
    .setInputs(request.getInputs())
    .setRefreshBeforeUpdate(true);
}

function update(request: protocol.UpdateRequest): protocol.UpdateResponse {
  const outputs = withClaim(request.getNews(), request.getUrn(), "abcdef");
  return new messages.UpdateResponse().setProperties(outputs).setRefreshBeforeUpdate(true);
}

/** Answers each request, by the name of its method. A diff says nothing, so that the engine itself compares the inputs. */
const handlers: Readonly<Record<string, (request: never) => object>> = {
  handshake: () => new messages.ProviderHandshakeResponse().setAcceptSecrets(true),
  getPluginInfo: () => new PluginInfo().setVersion("0.0.0"),
  getSchema: () =>
    new messages.GetSchemaResponse().setSchema(readFileSync(new URL("schema.json", import.meta.url), "utf8")),
  checkConfig: (request: protocol.CheckRequest) => new messages.CheckResponse().setInputs(request.getNews()),
  diffConfig: () => new messages.DiffResponse(),
  configure: () => new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true),
  check,
  diff: () => new messages.DiffResponse(),
  create,
  read,
  update,
  delete: () => new Empty(),
  cancel: () => new Empty(),
};

const implementation = Object.entries(handlers).map(([name, handle]) => {
  const answer: handleUnaryCall<never, object> = ({ request }, respond) => respond(null, handle(request));
  return [name, answer] as const;
});
const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(ResourceProviderService, Object.fromEntries(implementation) as UntypedServiceImplementation);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) {
    throw error;
  }
  process.stdout.write(`${port}\n`);
});
