import { createRequire } from "node:module";
import type * as service from "@pulumi/pulumi/proto/engine_grpc_pb";

/** The parts of grpc that this package uses, typed here since grpc is a dependency of Pulumi's SDK, not of this package. */
export interface Grpc {
  readonly credentials: { createInsecure(): ConstructorParameters<typeof service.EngineClient>[1] };
  readonly ServerCredentials: { createInsecure(): unknown };
  readonly status: Readonly<Record<string, number>>;
  readonly Metadata: new () => { add(key: string, value: Buffer): void };
  readonly Server: new (options: Readonly<Record<string, number>>) => GrpcServer;
}

interface GrpcServer {
  addService(definition: unknown, implementation: object): void;
  bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
}

let requireFromSdk: NodeJS.Require | undefined;

const loaded = new Map<string, ReturnType<NodeJS.Require>>();

/**
 * Loads a dependency of Pulumi's SDK as the SDK itself would, since its generated messages and clients accept only
 * objects of its own copies of grpc and protobuf.
 */
export function loadFromSdk(name: string) {
  requireFromSdk ??= createRequire(require.resolve("@pulumi/pulumi/package.json"));
  // Cached, since Node would resolve the name each time.
  const module = loaded.get(name) ?? requireFromSdk(name);
  loaded.set(name, module);
  return module;
}
