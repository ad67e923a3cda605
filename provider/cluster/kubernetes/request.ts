import { type Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout } from "node:timers/promises";

/** What a request is sent with: who sends it, and over which connections. */
export interface Authorization {
  /** Credentials; secret. */
  readonly headers: OutgoingHttpHeaders;
  /** Keeps connections open between requests; its idle ones do not keep the process running. */
  readonly agent: Agent;
}

/** The way to one API server. */
export interface ApiConnection {
  /** Names the cluster in messages. */
  readonly label: string;
  /** What the user should know about the connection, one sentence each. */
  readonly warnings: readonly string[];
  /** Names who the requests are sent as, in messages, for example `AWS profile "prod"`. */
  readonly identity: string;
  /** What to do when the API server does not accept who we are; the end of a sentence. */
  readonly credentialsRemedy: string;
  /** What to do when there is no way to the API server; the end of a sentence. */
  readonly unreachableRemedy: string;

  /** The cluster's AWS account: see `ConfigMapStore.account`. */
  account(expected: string | undefined, signal: AbortSignal): Promise<string | undefined>;

  /** The API server's URL. It appears in messages, and never in a state. */
  endpoint(signal: AbortSignal): Promise<URL>;

  /**
   * Credentials for one request, cached for as long as they last.
   *
   * @param renew the API server refused the last ones
   */
  authorize(renew: boolean, signal: AbortSignal): Promise<Authorization>;
}

/** One request to an API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly url: URL;
  readonly contentType?: "application/json" | "application/merge-patch+json";
  readonly body?: string | Buffer;
}

/** The API server's response, read to its end. */
export interface ApiResponse {
  readonly status: number;
  /** Seconds that the server asks to wait, where it does. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

/** A request without a complete response. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** Whether the server may have got the request, and acted upon it. */
  readonly sent: boolean;

  constructor(sent: boolean, cause: unknown) {
    super("no response from the API server", { cause });
    this.sent = sent;
  }
}

/**
 * Sends one request, once.
 *
 * @throws TransportError for every way not to get a complete response.
 */
export function sendRequest(
  request: ApiRequest,
  authorization: Authorization,
  signal: AbortSignal,
): Promise<ApiResponse> {
  let sent = false;
  const body = typeof request.body === "string" ? Buffer.from(request.body) : request.body;
  const { protocol } = request.url;
  const send = protocol === "http:" ? httpRequest : httpsRequest;
  return new Promise<ApiResponse>((resolve, reject) => {
    const outgoing = send(request.url, {
      method: request.method,
      agent: authorization.agent,
      signal,
      headers: {
        ...authorization.headers,
        accept: "application/json",
        "user-agent": "pulumi-aws-auth",
        ...(request.contentType === undefined ? {} : { "content-type": request.contentType }),
        ...(body === undefined ? {} : { "content-length": body.length }),
      },
    });
    outgoing.on("socket", (socket) => {
      // Until the connection stands nothing can have reached the server; a reused connection stands already.
      if (socket.connecting) {
        socket.once(protocol === "http:" ? "connect" : "secureConnect", () => {
          sent = true;
        });
      } else {
        sent = true;
      }
    });
    outgoing.on("response", (response) => readBody(response).then(resolve, reject));
    outgoing.on("error", reject);
    outgoing.end(body);
  }).catch((error: unknown) => {
    throw new TransportError(sent, error);
  });
}

/** Far more than a ConfigMap or a page of role bindings takes, in bytes. */
const maxResponse = 64 * 1024 * 1024;

async function readBody(response: IncomingMessage): Promise<ApiResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop closes the connection.
    if (size > maxResponse) {
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

/** How long things may take, in milliseconds. */
export interface Limits {
  /** A read in all, with credentials, retries and pauses. */
  readonly read: number;
  /** One request of a read, so that a second one has a chance. */
  readonly readTry: number;
  /** A write in all. */
  readonly write: number;
  /** One request of a write. */
  readonly writeTry: number;
  /** The first pause between tries, at most; each is random between half and all of it, and the next twice as long. */
  readonly firstPause: number;
}

/** A plan waits 15 s for a cluster; a write passes admission webhooks, each of which may take 10 s by default. */
export const defaultLimits: Limits = {
  read: 15_000,
  readTry: 10_000,
  write: 45_000,
  writeTry: 20_000,
  firstPause: 250,
};

/** How often something is tried, in all. */
const maxTries = 5;

/** A limit in time for something that takes several requests. */
export class Deadline {
  readonly #end: number;
  /** Milliseconds from the start. */
  readonly limit: number;
  readonly #firstPause: number;

  constructor(limit: number, firstPause = defaultLimits.firstPause) {
    this.limit = limit;
    this.#firstPause = firstPause;
    this.#end = performance.now() + limit;
  }

  /** Milliseconds left; 0 when it is over. */
  get left(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** Aborts at the deadline, or after `limit` milliseconds if that is sooner. */
  signal(limit = Number.POSITIVE_INFINITY): AbortSignal {
    return AbortSignal.timeout(Math.ceil(Math.min(limit, this.left)));
  }

  /**
   * Waits before another try.
   *
   * @param tries how many there were
   * @param retryAfter seconds that the server asked for
   * @returns false, at once, when there should be no other
   */
  async pause(tries: number, retryAfter: number | undefined): Promise<boolean> {
    const longest = this.#firstPause * 2 ** (tries - 1);
    const pause = Math.max((retryAfter ?? 0) * 1000, longest * (0.5 + Math.random() / 2));
    if (tries >= maxTries || pause >= this.left) {
      return false;
    }
    await setTimeout(pause);
    return true;
  }
}
