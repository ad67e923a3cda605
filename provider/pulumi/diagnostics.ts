import type * as service from "@pulumi/pulumi/proto/engine_grpc_pb";
import type * as messages from "@pulumi/pulumi/proto/engine_pb";
import { printable } from "../text/text";
import { type Grpc, loadFromSdk } from "./packages";

/**
 * Shows a message as Pulumi's own providers do. Sends it to the engine, since console output of a dynamic provider has
 * no severity and no resource.
 *
 * @param text clauses separated by semicolons, or lines, which may be indented.
 * @param urn the resource of the message; without one it appears under the stack.
 */
export async function report(
  severity: MessageSeverity,
  text: string | readonly string[],
  urn: string | undefined,
): Promise<void> {
  const message = [text]
    .flat()
    .map((line) => printable(line))
    .join("\n");
  // The engine checks a resource twice when it replaces it.
  const key = JSON.stringify([severity, message, urn]);
  if (reported.has(key)) {
    return;
  }
  reported.add(key);
  engine ??= connect();
  const shown = engine !== undefined && (await log(engine, { severity, message, urn: urn ?? "", ephemeral: false }));
  if (!shown) {
    console.error(`${severity}: ${message}`);
  }
}

/** Shows a temporary status during a preview or update. */
export async function showStatus(text: string): Promise<void> {
  engine ??= connect();
  if (engine !== undefined) {
    await log(engine, { severity: "info", message: text, urn: "", ephemeral: true });
  }
}

interface Engine {
  readonly client: service.EngineClient;
  readonly messages: typeof messages;
}

let engine: Engine | undefined;

/** The messages of this run, which are shown once. */
export const reported = new Set<string>();

function connect(): Engine | undefined {
  // The engine passes its address as an argument.
  const address = process.argv.slice(2).find((argument) => /^[^-].*:\d+$/.test(argument));
  if (address === undefined) {
    return undefined;
  }
  const grpc: Grpc = loadFromSdk("@grpc/grpc-js");
  const { EngineClient }: typeof service = loadFromSdk("@pulumi/pulumi/proto/engine_grpc_pb");
  return {
    client: new EngineClient(address, grpc.credentials.createInsecure()),
    messages: loadFromSdk("@pulumi/pulumi/proto/engine_pb"),
  };
}

interface Message {
  readonly severity: MessageSeverity;
  readonly message: string;
  readonly urn: string;
  /** Whether the message is temporary and not part of the final output. */
  readonly ephemeral: boolean;
}

const engineSeverities = { info: "INFO", warning: "WARNING" } as const;

type MessageSeverity = keyof typeof engineSeverities;

function log({ client, messages }: Engine, { severity, message, urn, ephemeral }: Message): Promise<boolean> {
  const { LogRequest, LogSeverity } = messages;
  const request = new LogRequest();
  request.setSeverity(LogSeverity[engineSeverities[severity]]);
  request.setMessage(message);
  request.setUrn(urn);
  request.setEphemeral(ephemeral);
  return new Promise((resolve) => client.log(request, (error) => resolve(error === null)));
}
