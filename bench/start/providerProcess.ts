import type { ChildProcess } from "node:child_process";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as values from "google-protobuf/google/protobuf/struct_pb.js";
import { load, responseOf, withServer } from "./protocol.ts";

type Properties = Parameters<typeof values.Struct.fromJavaScript>[0];

const { CheckRequest, ConfigureRequest }: typeof messages = load("@pulumi/pulumi/proto/provider_pb");
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
export function firstCheck(
  { directory, env, config, inputs }: FirstCheck,
  nodeOptions: readonly string[] = [],
  onResponse: (child: ChildProcess) => Promise<void> = async () => {},
): Promise<FirstCheckTimes> {
  // There is no engine to send messages to; but the plugin requires the address of one.
  const args = [...nodeOptions, plugin, "127.0.0.1:1"];
  const stdio = ["ignore", "pipe", "inherit", "ipc"] as const;
  return withServer(
    process.execPath,
    args,
    { cwd: directory, env: { ...process.env, ...env }, stdio: [...stdio] },
    async ({ child, client, listening, passed }) => {
      const configure = new ConfigureRequest();
      configure.setArgs(Struct.fromJavaScript(config));
      await responseOf((callback) => client.configure(configure, callback));
      const check = new CheckRequest();
      check.setOlds(Struct.fromJavaScript({}));
      check.setNews(Struct.fromJavaScript(inputs));
      const response = await responseOf<messages.CheckResponse>((callback) => client.check(check, callback));
      const responded = passed();
      const [failure] = response.getFailuresList();
      if (failure !== undefined) {
        throw new Error(`the first check failed: ${failure.getReason()}`);
      }
      await onResponse(child);
      return { listening, responded };
    },
  );
}
