import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type * as services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as values from "google-protobuf/google/protobuf/struct_pb.js";
import { repository } from "../../tests/support/engine/testProject.ts";

type Properties = Parameters<typeof values.Struct.fromJavaScript>[0];

type Client = typeof services.ResourceProviderClient;

// The client and the messages have to come from the copies of grpc and protobuf that @pulumi/pulumi itself uses.
const load = createRequire(createRequire(`${repository}/`).resolve("@pulumi/pulumi/package.json"));
const { ResourceProviderClient }: typeof services = load("@pulumi/pulumi/proto/provider_grpc_pb");
const { CheckRequest, ConfigureRequest }: typeof messages = load("@pulumi/pulumi/proto/provider_pb");
const { credentials }: { credentials: { createInsecure(): ConstructorParameters<Client>[1] } } = load("@grpc/grpc-js");
const { Struct }: typeof values = load("google-protobuf/google/protobuf/struct_pb");
const plugin = load.resolve("@pulumi/pulumi/cmd/dynamic-provider");

/** How a provider process is started, and what it is asked to check. */
export interface FirstCheck {
  /** The program's directory, where the process runs. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: Record<string, string>;
  /** Inputs of the resource, with its provider text. */
  readonly inputs: Properties;
}

/** Milliseconds since the process was started. */
export interface FirstCheckTimes {
  /** The plugin listens: Node, and @pulumi/pulumi, are loaded. */
  readonly listening: number;
  /** The response to the first check has arrived. */
  readonly responded: number;
}

/** Starts Pulumi's plugin as the engine does, without the engine, and lets it check one resource. */
export async function firstCheck(
  { directory, env, config, inputs }: FirstCheck,
  nodeOptions: readonly string[] = [],
  onResponse: (child: ChildProcess) => Promise<void> = async () => {},
): Promise<FirstCheckTimes> {
  const start = performance.now();
  // There is no engine to send messages to; but the plugin requires the address of one.
  const child = spawn(process.execPath, [...nodeOptions, plugin, "127.0.0.1:1"], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  try {
    const [port] = await once(createInterface({ input: child.stdout ?? Readable.from([]) }), "line");
    const listening = performance.now() - start;
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    const configure = new ConfigureRequest();
    configure.setArgs(Struct.fromJavaScript(config));
    await responseOf((callback) => client.configure(configure, callback));
    const check = new CheckRequest();
    check.setOlds(Struct.fromJavaScript({}));
    check.setNews(Struct.fromJavaScript(inputs));
    const response = await responseOf<messages.CheckResponse>((callback) => client.check(check, callback));
    const responded = performance.now() - start;
    client.close();
    const [failure] = response.getFailuresList();
    if (failure !== undefined) {
      throw new Error(`the first check failed: ${failure.getReason()}`);
    }
    await onResponse(child);
    return { listening, responded };
  } finally {
    child.kill("SIGKILL");
  }
}

type Callback<T> = (error: Error | null, response: T) => void;

function responseOf<T>(ask: (callback: Callback<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) =>
    ask((error, response) => (error === null ? resolve(response) : reject(error))),
  );
}
