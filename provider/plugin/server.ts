import { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { AwsAuthError, PartialStateError, withUrn } from "../errors";
import { type Grpc, loadFromSdk } from "../pulumi/packages";
import { struct } from "../pulumi/properties";
import { printableLines } from "../text/text";
import { handlers } from "./handlers";
import { messages } from "./protocol";

type Handlers = Readonly<Record<string, (request: never) => unknown>>;

type Respond = (error: ReturnType<typeof errorOf> | null, response?: unknown) => void;

/** In bytes, as in Pulumi's SDKs. */
const maxMessage = 400 * 1024 * 1024;

/** In characters. A longer text would not fit into the response header. */
const maxText = 8_000;

/**
 * Starts a server for the engine on a loopback port. A request without a handler gets the response "unimplemented", as
 * the protocol allows for optional ones.
 *
 * @returns its port, and a function that waits for all current requests.
 */
export function serve(handlers: Handlers): Promise<{ readonly port: number; idle(): Promise<unknown> }> {
  const grpc: Grpc = loadFromSdk("@grpc/grpc-js");
  const { ResourceProviderService } = loadFromSdk("@pulumi/pulumi/proto/provider_grpc_pb");
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessage,
    "grpc.max_send_message_length": -1,
    // Disables statistics for a service that this server does not offer.
    "grpc.enable_channelz": 0,
  });
  const underWay = new Set<Promise<unknown>>();
  const implementation = Object.entries(handlers).map(([name, handle]) => {
    const answer = async (request: never, respond: Respond) => {
      try {
        respond(null, await handle(request));
      } catch (error) {
        respond(errorOf(error, grpc.status, request));
      }
    };
    const tracked = (call: { readonly request: never }, respond: Respond) => {
      const answering = answer(call.request, respond).finally(() => underWay.delete(answering));
      underWay.add(answering);
    };
    return [name, tracked] as const;
  });
  server.addService(ResourceProviderService, Object.fromEntries(implementation));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve({ port, idle: () => Promise.allSettled(underWay) }) : reject(error),
    );
  });
}

/** The engine prints only the text. The stack of a bug goes to the plugin's log; an error that the user can fix needs none. */
function errorOf(error: unknown, codes: Grpc["status"], request: { getUrn?(): string }) {
  if (error instanceof AwsAuthError) {
    const code = error.code === "invalidInput" ? codes["INVALID_ARGUMENT"] : codes["FAILED_PRECONDITION"];
    const details = inHeader(withUrn(error.message, request.getUrn?.()));
    return error instanceof PartialStateError
      ? { code: codes["UNKNOWN"], details, metadata: partialState(error) }
      : { code, details };
  }
  const problem = error instanceof Error ? error : new Error(String(error));
  if (process.env["PULUMI_DEBUG_PROVIDERS"] !== undefined) {
    console.error(problem.stack ?? "");
  }
  const text = `pulumi-resource-aws-auth failed unexpectedly: ${problem.message}; please report this as a bug`;
  return { code: codes["INTERNAL"], details: inHeader(printableLines(text)) };
}

/** The state that the engine stores for a resource whose create or update failed halfway. */
function partialState({ id, properties, reasons, message }: PartialStateError) {
  const { Any } = loadFromSdk("google-protobuf/google/protobuf/any_pb.js");
  const { Status } = loadFromSdk("@pulumi/pulumi/proto/status_pb");
  const { ErrorResourceInitFailed } = messages();
  const failure = new ErrorResourceInitFailed()
    .setId(id)
    .setProperties(struct(properties, []))
    .setReasonsList([...reasons]);
  const detail = new Any();
  detail.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const grpc: Grpc = loadFromSdk("@grpc/grpc-js");
  const metadata = new grpc.Metadata();
  const status = new Status().setCode(grpc.status["UNKNOWN"]).setMessage(inHeader(message));
  // Returns the detail, not the status.
  status.addDetails(detail);
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}

function inHeader(text: string): string {
  return text.slice(0, maxText).toWellFormed();
}

export function start(): void {
  void serve(handlers()).then(
    ({ port, idle }) => {
      // The engine reads the port from the first line.
      process.stdout.write(`${port}\n`);
      exitAfterRun(idle);
    },
    (error: unknown) => {
      console.error(`pulumi-resource-aws-auth failed to start: ${error instanceof Error ? error.message : error}`);
      process.exit(1);
    },
  );
}

/** The time for the last changes, in milliseconds, which is longer than any successful change takes. */
const lastChanges = 120_000;

/**
 * Exits when the engine ends its run, or when the pipe to the engine closes, since plugins keep running if the engine is killed. Requests that have
 * started are finished first, since a change may take several calls: an administrator whose access entry has no policy yet is locked out.
 */
function exitAfterRun(idle: () => Promise<unknown>): void {
  const exit = async () => {
    await Promise.race([idle(), setTimeout(lastChanges)]);
    process.exit(0);
  };
  process.on("SIGINT", exit);
  // Not for a file or /dev/null, which end at once.
  if (process.stdin instanceof Socket) {
    process.stdin
      .on("end", () => {
        // The engine no longer reads the output.
        process.stderr.on("error", () => undefined);
        void exit();
      })
      .resume();
  }
}
