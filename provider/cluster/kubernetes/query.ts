import { AwsAuthError } from "../../errors";
import { type Fields, jsonFields } from "../../text/fields";
import {
  type ApiConnection,
  type ApiResponse,
  askServer,
  Deadline,
  defaultLimits,
  type Repeatable,
  TransportError,
} from "../request";
import { isTransientStatus } from "./responses";

/** The object in a response, or why there is none; the reason ends a sentence about the request. */
export type Reply = { readonly body: Fields } | { readonly status: number | undefined; readonly failure: string };

/** A deadline for requests on which no write depends. */
export function readDeadline(): Deadline {
  return new Deadline(defaultLimits.read);
}

/**
 * Gets an object from the API server. Does not throw if the server refuses or does not respond, since no write depends on the result.
 *
 * @param path the API server's, with the query.
 * @param accept the form of the response, where it is not plain JSON.
 */
export async function getObject(
  connection: ApiConnection,
  path: string,
  deadline: Deadline,
  accept?: string,
): Promise<Reply> {
  const request = { method: "GET", path, ...(accept !== undefined && { accept }) } as const;
  const { reply } = await deadline.retry(async (): Promise<Outcome> => {
    try {
      return outcomeOf(await askServer(connection, request, deadline, defaultLimits.readTry));
    } catch (error) {
      if (error instanceof AwsAuthError) {
        return { reply: { status: undefined, failure: `is not possible: ${error.message}` }, isFinal: true };
      }
      if (error instanceof TransportError) {
        return { reply: { status: undefined, failure: "got no complete response" }, isFinal: false };
      }
      throw error;
    }
  });
  return reply;
}

interface Outcome extends Repeatable {
  readonly reply: Reply;
}

function outcomeOf({ status, body, retryAfter }: ApiResponse): Outcome {
  const object = status === 200 ? jsonFields(body) : undefined;
  if (object !== undefined) {
    return { reply: { body: object }, isFinal: true };
  }
  const reason = status === 200 ? "got a response that is not a JSON object" : `returned ${status}`;
  return { reply: { status, failure: reason }, isFinal: !isTransientStatus(status), retryAfter };
}
