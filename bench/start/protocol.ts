import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type * as services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { repository } from "../../tests/support/engine/testProject.ts";

/** The engine's side of the provider protocol. */
export type Client = services.ResourceProviderClient;

/** Loads what @pulumi/pulumi uses: the messages have to come from its own copies of grpc and protobuf. */
export const load = createRequire(createRequire(`${repository}/`).resolve("@pulumi/pulumi/package.json"));

const { ResourceProviderClient }: typeof services = load("@pulumi/pulumi/proto/provider_grpc_pb");
const { credentials }: { credentials: { createInsecure(): ConstructorParameters<typeof ResourceProviderClient>[1] } } =
  load("@grpc/grpc-js");

/** A process that serves the protocol. */
export interface Served {
  readonly child: ChildProcess;
  readonly client: Client;
  /** Milliseconds from the start of the process until it said its port. */
  readonly listening: number;
  /** Milliseconds since the start of the process. */
  passed(): number;
}

/** Starts a process, uses it as soon as it says its port, as the engine does, and kills it. */
export async function withServer<T>(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
  use: (served: Served) => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const passed = () => performance.now() - start;
  const child = spawn(file, args, options);
  try {
    const [port] = await once(createInterface({ input: child.stdout ?? Readable.from([]) }), "line");
    const listening = passed();
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    const result = await use({ child, client, listening, passed });
    client.close();
    return result;
  } finally {
    child.kill("SIGKILL");
  }
}

/** Waits for a response. */
export function responseOf<T>(ask: (callback: (error: Error | null, response: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) =>
    ask((error, response) => (error === null ? resolve(response) : reject(error))),
  );
}
