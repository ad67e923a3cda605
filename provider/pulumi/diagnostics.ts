import type * as service from "@pulumi/pulumi/proto/engine_grpc_pb";
import type * as messages from "@pulumi/pulumi/proto/engine_pb";
import { printable } from "../text/text";
import { type Grpc, loadFromSdk } from "./packages";

const engineSeverities = { info: "INFO", warning: "WARNING" } as const;

type MessageSeverity = keyof typeof engineSeverities;

/** The resource of a message. Its `id` identifies it in a run even where its URN is not known. */
export interface Reported {
  readonly urn: string | undefined;
  readonly id: string | undefined;
}

/**
 * Shows a message as Pulumi's own providers do. Sends it to the engine, since console output of a dynamic provider has
 * no severity and no resource.
 *
 * @param text clauses separated by semicolons, or lines, which may be indented.
 * @param of the resource of the message, or its URN; without a URN it appears under the stack.
 */
export async function report(
  severity: MessageSeverity,
  text: string | readonly string[],
  of: Reported | string | undefined,
): Promise<void> {
  const message = [text].flat().map(printable).join("\n");
  if (!(await log(severity, message, typeof of === "object" ? of : { urn: of, id: undefined }))) {
    console.error(`${severity}: ${message}`);
  }
}

export async function showStatus(text: string): Promise<void> {
  await log("info", printable(text));
}

let engine: service.EngineClient | undefined;

const shownMessages = new Set<string>();

/** A message of no resource is a status. @returns whether the engine shows it; false if there is no engine. */
async function log(severity: MessageSeverity, message: string, of?: Reported): Promise<boolean> {
  engine ??= connect();
  const client = engine;
  const isStatus = of === undefined;
  const { urn = "", id = urn } = of ?? {};
  // The engine checks a resource twice when it replaces it, and with --refresh, it first reads it.
  const key = JSON.stringify([severity, message, id]);
  if (client === undefined || (!isStatus && shownMessages.has(key))) {
    return client !== undefined;
  }
  if (!isStatus) {
    shownMessages.add(key);
  }
  const { LogRequest, LogSeverity }: typeof messages = loadFromSdk("@pulumi/pulumi/proto/engine_pb");
  const request = new LogRequest()
    .setSeverity(LogSeverity[engineSeverities[severity]])
    .setMessage(message)
    .setUrn(urn)
    .setEphemeral(isStatus);
  return new Promise((resolve) => client.log(request, (error) => resolve(error === null)));
}

function connect(): service.EngineClient | undefined {
  // The engine passes its address as an argument.
  const address = process.argv.slice(2).find((argument) => /^[^-].*:\d+$/.test(argument));
  if (address === undefined) {
    return undefined;
  }
  const { credentials }: Grpc = loadFromSdk("@grpc/grpc-js");
  const { EngineClient }: typeof service = loadFromSdk("@pulumi/pulumi/proto/engine_grpc_pb");
  return new EngineClient(address, credentials.createInsecure());
}
