import { type Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { setTimeout } from "node:timers/promises";
import { jittered } from "../async/waiting";
import { type ConnectOptions, ForwardingAgent } from "./agent";
import type { ConfigMapStore } from "./store";

export interface Authorization {
  /** Credentials; secret. */
  readonly headers: OutgoingHttpHeaders;
  /** Keeps connections open between requests. Idle connections do not keep the process running. */
  readonly agent: Agent;
}

export interface ApiConnection extends Pick<ConfigMapStore, "label" | "warnings"> {
  /** The identity that sends the requests, for messages, for example `AWS profile "prod"`. */
  readonly identity: string;
  /** What to do if the API server rejects our credentials, as the end of a sentence. */
  readonly credentialsRemedy: string;
  /** What to do if the API server cannot be reached, as the end of a sentence. */
  readonly unreachableRemedy: string;
  /** The namespace that a question is about where it names none, as kubectl has it. */
  readonly namespace: string;
  /** The name that the API server's certificate has to have, if it is not the host. */
  readonly serverName?: string | undefined;

  /** The cluster's AWS account: see `ConfigMapStore.account`. */
  account(expected: string | undefined, signal: AbortSignal): Promise<string | undefined>;

  /**
   * Makes sure that the cluster looks into aws-auth.
   *
   * @throws AwsAuthError `configMapIgnored`.
   */
  assertMapCounts(signal: AbortSignal): Promise<void>;

  /** The API server's URL. It appears in messages, but never in the state. */
  endpoint(signal: AbortSignal): Promise<URL>;

  /**
   * Credentials for one request, cached until they expire.
   *
   * @param renew whether the API server rejected the last ones
   */
  authorize(renew: boolean, signal: AbortSignal): Promise<Authorization>;
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly url: URL;
  /** The form of the response, where it is not plain JSON. */
  readonly accept?: string;
  readonly contentType?: "application/json" | "application/merge-patch+json";
  readonly body?: string;
}

/** The API server's response, read to its end. */
export interface ApiResponse {
  readonly status: number;
  /** Seconds to wait before a retry, if the server asks for that. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

/** A request without a complete response. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** Whether the server may have received and executed the request. */
  readonly sent: boolean;

  constructor(sent: boolean, cause: unknown) {
    super("no response from the API server", { cause });
    this.sent = sent;
  }
}

/**
 * Sends one request, once.
 *
 * @throws TransportError if there is no complete response, for whatever reason.
 */
export function sendRequest(
  request: ApiRequest,
  authorization: Authorization,
  signal: AbortSignal,
): Promise<ApiResponse> {
  let sent = false;
  const { body, url } = request;
  const isPlain = url.protocol === "http:";
  const { agent } = authorization;
  const forwarding = agent instanceof ForwardingAgent ? agent : undefined;
  const send = isPlain ? httpRequest : httpsRequest;
  return new Promise<ApiResponse>((resolve, reject) => {
    const options: RequestOptions & ConnectOptions = {
      method: request.method,
      agent,
      signal,
      connectSignal: signal,
      ...(forwarding && { path: forwarding.pathOf(url) }),
      headers: {
        ...authorization.headers,
        ...forwarding?.headers,
        accept: request.accept ?? "application/json",
        "user-agent": "pulumi-aws-auth",
        ...(request.contentType === undefined ? {} : { "content-type": request.contentType }),
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
      },
    };
    const outgoing = send(url, options);
    outgoing.on("socket", (socket) => {
      // Nothing can reach the server before the connection is established. A reused connection is, and a plain one through a proxy.
      sent = outgoing.reusedSocket || (isPlain && !socket.connecting);
      if (!sent) {
        socket.once(isPlain ? "connect" : "secureConnect", () => {
          sent = true;
        });
      }
    });
    outgoing.on("response", (response) => readBody(response).then(resolve, reject));
    outgoing.on("upgrade", ({ statusCode }, socket) => {
      socket.destroy();
      reject(new Error(`the server answers ${statusCode} and changes to another protocol`));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  }).catch((error: unknown) => {
    throw new TransportError(sent, error);
  });
}

/**
 * Sends a request to an API server, and once more with new credentials if it rejects the old ones.
 *
 * @param path the API server's, with the query.
 * @param limit for each of them, in milliseconds.
 * @throws TransportError if there is no complete response; AwsAuthError without an endpoint or credentials.
 */
export async function askServer(
  connection: ApiConnection,
  { path, ...request }: Omit<ApiRequest, "url"> & { readonly path: string },
  deadline: Deadline,
  limit?: number,
): Promise<ApiResponse> {
  const endpoint = await connection.endpoint(deadline.signal());
  const [pathname = "", query = ""] = path.split("?");
  const url = new URL(endpoint);
  url.pathname = endpoint.pathname.replace(/\/+$/, "") + pathname;
  url.search = query;
  const sendAs = async (renew: boolean) =>
    sendRequest({ ...request, url }, await connection.authorize(renew, deadline.signal()), deadline.signal(limit));
  const first = await sendAs(false);
  return first.status === 401 ? sendAs(true) : first;
}

/** In bytes. Far more than a ConfigMap or a page of role bindings takes. */
const maxResponse = 64 * 1024 * 1024;

async function readBody(response: IncomingMessage): Promise<ApiResponse> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop closes the connection.
    if (length > maxResponse) {
      throw new Error(`the response is longer than ${maxResponse} bytes`);
    }
  }
  const wait = Number(response.headers["retry-after"]);
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers["retry-after"] !== undefined && wait >= 0 ? wait : undefined,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

/** Time limits, in milliseconds. */
export interface Limits {
  /** For a whole read, with credentials, retries and pauses. */
  readonly read: number;
  /** For one request of a read, so that there is time for a second one. */
  readonly readTry: number;
  readonly write: number;
  readonly writeTry: number;
  /**
   * The maximum of the first pause between tries, which doubles with each try. A pause is random between half its maximum and its
   * maximum.
   */
  readonly firstPause: number;
}

/** A preview waits up to 15 s for a cluster. A write passes admission webhooks, each of which may take 10 s by default. */
export const defaultLimits: Limits = {
  read: 15_000,
  readTry: 10_000,
  write: 45_000,
  writeTry: 20_000,
  firstPause: 250,
};

const maxTries = 5;

/** The outcome of a request that may be repeated. */
export interface Repeatable {
  /** Whether another try is of no use. */
  readonly isFinal: boolean;
  /** Seconds that the server asks to wait before it. */
  readonly retryAfter?: number | undefined;
}

/** A time limit for an operation of several requests. */
export class Deadline {
  readonly #end: number;
  /** The limit in milliseconds from the start. */
  readonly limit: number;
  readonly #firstPause: number;

  constructor(limit: number, firstPause = defaultLimits.firstPause) {
    this.limit = limit;
    this.#firstPause = firstPause;
    this.#end = performance.now() + limit;
  }

  /** Milliseconds left; 0 if the limit has passed. */
  get left(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** A signal that aborts at the deadline, or after `limit` milliseconds if that is sooner. */
  signal(limit = Number.POSITIVE_INFINITY): AbortSignal {
    return AbortSignal.timeout(Math.ceil(Math.min(limit, this.left)));
  }

  /** Repeats a request, with pauses, until its outcome is final, or there is no time for another. Returns the last outcome. */
  async retry<Outcome extends Repeatable>(send: (isRepeated: boolean) => Promise<Outcome>): Promise<Outcome> {
    for (let tries = 1; ; tries++) {
      const outcome = await send(tries > 1);
      const longest = this.#firstPause * 2 ** (tries - 1);
      const pause = Math.max((outcome.retryAfter ?? 0) * 1000, jittered(longest));
      if (outcome.isFinal || tries >= maxTries || pause >= this.left) {
        return outcome;
      }
      await setTimeout(pause);
    }
  }
}
