import type { Agent, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request } from "node:https";
import { setTimeout } from "node:timers/promises";
import { AwsAuthError } from "../errors";
import { describeCause, isCertificateProblem } from "./causes";
import type { ConfigMapStore } from "./store";

export interface Authorization {
  /** Credentials; secret. */
  readonly headers: OutgoingHttpHeaders;
  /** Keeps connections open between requests. */
  readonly agent: Agent;
}

/** How to reach one API server, and as whom. */
export interface ApiConnection extends Pick<ConfigMapStore, "label" | "warnings"> {
  /** The identity that sends the requests, for messages, for example `AWS profile "prod"`. */
  readonly identity: string;
  /** What to do if the API server rejects the credentials, as the end of a sentence. */
  readonly credentialsRemedy: string;
  /** What to do if the API server cannot be reached, as the end of a sentence. */
  readonly unreachableRemedy: string;
  /** The namespace of a question that names none, as in kubectl. */
  readonly namespace: string;

  /** The cluster's AWS account: see `ConfigMapStore.account`. */
  account(expected: string | undefined, signal: AbortSignal): Promise<string | undefined>;

  /** @throws AwsAuthError `configMapIgnored` if the cluster does not read aws-auth. */
  assertMapCounts(signal: AbortSignal): Promise<void>;

  /** The API server's URL. It appears in messages, but never in the state. */
  endpoint(signal: AbortSignal): Promise<URL>;

  /**
   * Credentials for one request, cached until they expire.
   *
   * @param renew whether the API server rejected the last ones.
   */
  authorize(renew: boolean, signal: AbortSignal): Promise<Authorization>;
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH";
  /** The API server's, with the query. */
  readonly path: string;
  /** The form of the response, if it is not plain JSON. */
  readonly accept?: string;
  readonly contentType?: "application/json" | "application/merge-patch+json";
  readonly body?: string;
  /** Whether it is a POST that changes nothing, which is sent again like a GET. */
  readonly isQuestion?: boolean;
}

/** The API server's response, read to its end. */
export interface ApiResponse {
  readonly status: number;
  readonly body: string;
}

/** Time limits in milliseconds, for a whole request with its credentials and its retry, and for the first try of a read. */
export interface Limits {
  readonly read: number;
  readonly readTry: number;
  readonly write: number;
}

/** A preview waits up to 15 s for a cluster. A write passes admission webhooks, each of which may take 10 s by default. */
export const defaultLimits: Limits = { read: 15_000, readTry: 10_000, write: 30_000 };

/** Before a retry, in milliseconds. An overloaded API server asks for a second. */
const pause = 1_000;

/** In bytes. Far more than a ConfigMap or a page of role bindings. */
const maxResponse = 64 * 1024 * 1024;

/**
 * Sends a request to an API server: once more with new credentials if it rejects the old ones, and a read once more if there is no answer
 * or only a passing failure. A write is not repeated, since the one who sent it has to read first what became of it.
 *
 * @throws AwsAuthError `clusterUnreachable`, or `certificateNotTrusted` if the server's certificate is not trusted.
 */
export async function send(
  connection: ApiConnection,
  request: ApiRequest,
  limits = defaultLimits,
): Promise<ApiResponse> {
  if (request.method !== "GET" && request.isQuestion !== true) {
    return await sendOnce(connection, request, AbortSignal.timeout(limits.write));
  }
  const whole = AbortSignal.timeout(limits.read);
  const firstTry = AbortSignal.any([whole, AbortSignal.timeout(limits.readTry)]);
  const first = await sendOnce(connection, request, firstTry).catch((error: unknown) => {
    if (error instanceof AwsAuthError && error.code === "clusterUnreachable" && !whole.aborted) {
      return undefined;
    }
    throw error;
  });
  if (first !== undefined && !isPassing(first.status)) {
    return first;
  }
  await setTimeout(pause);
  return await sendOnce(connection, request, whole);
}

/** Whether the same request may succeed a moment later. */
export function isPassing(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

async function sendOnce(
  connection: ApiConnection,
  request: ApiRequest,
  signal: AbortSignal,
  isRenewed = false,
): Promise<ApiResponse> {
  const endpoint = await connection.endpoint(signal);
  const authorization = await connection.authorize(isRenewed, signal);
  let response: ApiResponse;
  try {
    response = await exchange(urlOf(endpoint, request.path), request, authorization, signal);
  } catch (error) {
    throw failureOf(connection, endpoint, error);
  }
  return response.status === 401 && !isRenewed ? sendOnce(connection, request, signal, true) : response;
}

function urlOf(endpoint: URL, path: string): URL {
  const [pathname = "", query = ""] = path.split("?");
  const url = new URL(endpoint);
  url.pathname = endpoint.pathname.replace(/\/+$/, "") + pathname;
  url.search = query;
  return url;
}

function exchange(
  url: URL,
  { method, accept, contentType, body }: ApiRequest,
  { headers, agent }: Authorization,
  signal: AbortSignal,
): Promise<ApiResponse> {
  const own = {
    ...headers,
    accept: accept ?? "application/json",
    "user-agent": "pulumi-aws-auth",
    ...(contentType !== undefined && { "content-type": contentType }),
    ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent, signal, headers: own });
    outgoing.on("response", (response) => readBody(response).then(resolve, reject));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function readBody(response: IncomingMessage): Promise<ApiResponse> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxResponse) {
      throw new Error(`the response is longer than ${maxResponse} bytes`);
    }
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") };
}

/** Does not keep the cause, which may contain the credentials of a proxy. */
function failureOf({ label, identity, unreachableRemedy }: ApiConnection, endpoint: URL, error: unknown): AwsAuthError {
  const said = describeCause(error);
  return isCertificateProblem(error)
    ? new AwsAuthError(
        "certificateNotTrusted",
        `${label} at ${endpoint.origin}: ${said}; check certificate-authority, and whether a proxy intercepts TLS`,
      )
    : new AwsAuthError(
        "clusterUnreachable",
        `${label} cannot be reached at ${endpoint.origin} with ${identity}: ${said}; ${unreachableRemedy}`,
      );
}
