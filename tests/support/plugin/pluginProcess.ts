import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { pluginDirectory } from "../engine/testProject.ts";

// Pulumi's generated messages accept only its own copies of grpc and protobuf.
const ofSdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const grpc: typeof import("@grpc/grpc-js") = ofSdk("@grpc/grpc-js");
const { ResourceProviderService }: typeof import("@pulumi/pulumi/proto/provider_grpc_pb.js") = ofSdk(
  "@pulumi/pulumi/proto/provider_grpc_pb",
);
const messages: typeof import("@pulumi/pulumi/proto/provider_pb.js") = ofSdk("@pulumi/pulumi/proto/provider_pb");
const { PluginInfo }: typeof import("@pulumi/pulumi/proto/plugin_pb.js") = ofSdk("@pulumi/pulumi/proto/plugin_pb");
const { Struct }: typeof import("google-protobuf/google/protobuf/struct_pb.js") = ofSdk(
  "google-protobuf/google/protobuf/struct_pb",
);
const { Empty }: typeof import("google-protobuf/google/protobuf/empty_pb.js") = ofSdk(
  "google-protobuf/google/protobuf/empty_pb",
);

/** The request and the response of each method of the provider protocol. */
const types = {
  handshake: [messages.ProviderHandshakeRequest, messages.ProviderHandshakeResponse],
  getPluginInfo: [Empty, PluginInfo],
  getSchema: [messages.GetSchemaRequest, messages.GetSchemaResponse],
  checkConfig: [messages.CheckRequest, messages.CheckResponse],
  diffConfig: [messages.DiffRequest, messages.DiffResponse],
  configure: [messages.ConfigureRequest, messages.ConfigureResponse],
  check: [messages.CheckRequest, messages.CheckResponse],
  diff: [messages.DiffRequest, messages.DiffResponse],
  create: [messages.CreateRequest, messages.CreateResponse],
  read: [messages.ReadRequest, messages.ReadResponse],
  update: [messages.UpdateRequest, messages.UpdateResponse],
  delete: [messages.DeleteRequest, Empty],
  invoke: [messages.InvokeRequest, messages.InvokeResponse],
  cancel: [Empty, Empty],
  getMapping: [messages.GetMappingRequest, messages.GetMappingResponse],
  parameterize: [messages.ParameterizeRequest, messages.ParameterizeResponse],
  call: [messages.CallRequest, messages.CallResponse],
} as const;

export type Method = keyof typeof types;
export type ResponseTo<M extends Method> = InstanceType<(typeof types)[M][1]>;

export interface Message {
  serializeBinary(): Uint8Array;
}

/** Properties as a message. */
export function struct(properties: object): InstanceType<typeof Struct> {
  return Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}

/** A request with those of these fields that the message has; objects become Structs. */
export function requestOf(method: Method, fields: Readonly<Record<string, unknown>> = {}): Message {
  const request = new types[method][0]();
  for (const [name, value] of Object.entries(fields)) {
    const set: unknown = Reflect.get(request, `set${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    if (typeof set === "function" && value !== undefined) {
      set.call(request, typeof value === "object" && !Array.isArray(value) ? struct(value ?? {}) : value);
    }
  }
  return request;
}

/** The result of a request: a response, or the code and the text of an error. */
export interface Answer {
  readonly response: Uint8Array | undefined;
  readonly code: number;
  readonly details: string;
}

/** The response in an answer. @throws the error in it. */
export function responseIn<M extends Method>(method: M, { response, details }: Answer): ResponseTo<M> {
  if (response === undefined) {
    throw new Error(details);
  }
  return types[method][1].deserializeBinary(response) as ResponseTo<M>;
}

/** A running plugin. */
export class PluginProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #client: InstanceType<typeof grpc.Client>;
  /** Its standard error so far, which the engine prints. */
  stderr = "";

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, port: string) {
    this.#child = child;
    this.#client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }

  /** Starts the built plugin in a directory, by default with its start script, and resolves when it has printed its port. */
  static async start(
    directory: string,
    env: Readonly<Record<string, string>> = {},
    [program = "", ...args]: readonly string[] = [join(pluginDirectory, "pulumi-resource-aws-auth")],
  ): Promise<PluginProcess> {
    const child = spawn(program, args, {
      cwd: directory,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the plugin ended with ${code} before it printed its port`);
    });
    const [port]: string[] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
    // The process may end later.
    ended.catch(() => undefined);
    return new PluginProcess(child, port ?? "");
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends an encoded request. */
  send(method: Method, request: Uint8Array): Promise<Answer> {
    const { path } = ResourceProviderService[method] as { path: string };
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        request,
        (error, response) => resolve({ response, code: error?.code ?? 0, details: error?.details ?? "" }),
      );
    });
  }

  /** Sends a request with these fields. */
  ask(method: Method, fields: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.send(method, requestOf(method, fields).serializeBinary());
  }

  /** Closes its standard input, like an engine that dies, and resolves when the process has ended. */
  end(): Promise<number | null> {
    return this.#endWith(() => this.#child.stdin.end());
  }

  /** Interrupts it, like an engine at the end of its run, and resolves when the process has ended. */
  interrupt(): Promise<number | null> {
    return this.#endWith(() => this.#child.kill("SIGINT"));
  }

  async #endWith(tell: () => void): Promise<number | null> {
    this.#client.close();
    // At `close`, its output is complete.
    const closed = once(this.#child, "close");
    tell();
    const [code]: (number | null)[] = await closed;
    return code ?? null;
  }

  stop(): void {
    this.#client.close();
    this.#child.kill("SIGKILL");
  }
}
