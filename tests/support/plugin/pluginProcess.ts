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

/** The generated messages of the provider protocol. */
export const messages: typeof import("@pulumi/pulumi/proto/provider_pb.js") = ofSdk("@pulumi/pulumi/proto/provider_pb");

/** The generated messages that all kinds of plugins have. */
export const pluginMessages: typeof import("@pulumi/pulumi/proto/plugin_pb.js") = ofSdk(
  "@pulumi/pulumi/proto/plugin_pb",
);

/** The generated messages of aliases. */
export const { Alias }: typeof import("@pulumi/pulumi/proto/alias_pb.js") = ofSdk("@pulumi/pulumi/proto/alias_pb");

/** The message that carries properties. */
export const { Struct }: typeof import("google-protobuf/google/protobuf/struct_pb.js") = ofSdk(
  "google-protobuf/google/protobuf/struct_pb",
);

/** A generated message. */
export interface Message {
  serializeBinary(): Uint8Array;
}

/** What a request came to: a response, or the code and the text of an error. */
export interface Answer {
  readonly response: Uint8Array | undefined;
  readonly code: number;
  readonly details: string;
}

/** A running plugin, and the engine's side of it. */
export class PluginProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #client: InstanceType<typeof grpc.Client>;
  /** The port on which it serves. */
  readonly port: string;
  #stderr = "";

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, port: string) {
    this.#child = child;
    this.port = port;
    this.#client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
  }

  /**
   * Starts the built plugin in a directory, and resolves when it has said its port.
   *
   * @param env further environment variables.
   * @param command what starts it. Default: its start script.
   */
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
      throw new Error(`the plugin ended with ${code} before it said its port`);
    });
    const [port]: string[] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
    // It may end later.
    ended.catch(() => undefined);
    return new PluginProcess(child, port ?? "");
  }

  /** What it has written to its standard error, which the engine prints. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Whether it still runs. */
  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a request as it is on the wire. */
  send(method: keyof typeof ResourceProviderService, request: Uint8Array): Promise<Answer> {
    const { path } = ResourceProviderService[method] as { path: string };
    return new Promise((resolve) => {
      const serialize = (bytes: Uint8Array) => Buffer.from(bytes);
      this.#client.makeUnaryRequest(
        path,
        serialize,
        (bytes: Buffer) => bytes,
        request,
        (error, response) => {
          resolve({ response, code: error?.code ?? 0, details: error?.details ?? "" });
        },
      );
    });
  }

  /** Sends a request, and reads its response. */
  async call<Response>(
    method: keyof typeof ResourceProviderService,
    request: Message,
    type: { deserializeBinary(bytes: Uint8Array): Response },
  ): Promise<Response> {
    const { response, code, details } = await this.send(method, request.serializeBinary());
    if (response === undefined) {
      throw new Error(`${String(method)}: ${code} ${details}`);
    }
    return type.deserializeBinary(response);
  }

  /** Closes its standard input, as an engine that dies does, and resolves when the process has ended. */
  end(): Promise<number | null> {
    return this.#endWith(() => this.#child.stdin.end());
  }

  /** Interrupts it, as an engine does at the end of its run, and resolves when the process has ended. */
  interrupt(): Promise<number | null> {
    return this.#endWith(() => this.#child.kill("SIGINT"));
  }

  async #endWith(tell: () => void): Promise<number | null> {
    this.#client.close();
    // With what it has written.
    const closed = once(this.#child, "close");
    tell();
    const [code]: (number | null)[] = await closed;
    return code ?? null;
  }

  /** Kills it. */
  stop(): void {
    this.#client.close();
    this.#child.kill("SIGKILL");
  }
}
