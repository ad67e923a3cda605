import type { Agent, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request } from "node:https";
import { setTimeout } from "node:timers/promises";
import { AwsAuthError, hasCode } from "../errors";
import { errorCode, redact } from "../text/text";
import type { ConfigMapStore } from "./store";

export interface Authorization {
  /** Credentials; secret. */
  readonly headers: OutgoingHttpHeaders;
  readonly agent: Agent;
}

export interface ApiConnection extends Pick<ConfigMapStore, "label"> {
  /** The identity that sends the requests, for messages, for example `AWS profile "prod"`. */
  readonly identity: string;
  /** The remedy if the API server rejects the credentials, as the end of a sentence. */
  readonly credentialsRemedy: string;
  /** The remedy if the API server cannot be reached, as the end of a sentence. */
  readonly unreachableRemedy: string;
  /** The namespace for access questions that name none, as in kubectl. */
  readonly namespace: string;

  account(expected: string | undefined, signal: AbortSignal, authority?: string): Promise<string | undefined>;

  /** @throws AwsAuthError `configMapIgnored` if the cluster does not read aws-auth. */
  assertMapCounts(signal: AbortSignal): Promise<void>;

  /** The API server's URL. It appears in messages, but never in the state. */
  endpoint(signal: AbortSignal): Promise<URL>;

  /** @param renew whether the API server rejected the previous credentials, which are cached until they expire. */
  authorize(renew: boolean, signal: AbortSignal): Promise<Authorization>;
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly accept?: string;
  readonly body?: string;
  /** Whether a POST changes nothing, so that it may be retried like a GET. */
  readonly isQuestion?: boolean;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: string;
}

/** Time limits in milliseconds: for a whole request with credentials and retry, and for the first try of a read. */
export interface Limits {
  readonly read: number;
  readonly readTry: number;
  readonly write: number;
}

/** A preview waits up to 15 s for a cluster. A write runs admission webhooks, each of which may take 10 s by default. */
export const defaultLimits: Limits = { read: 15_000, readTry: 10_000, write: 30_000 };

/** The pause before a retry, in milliseconds. An overloaded API server requests one second. */
const pause = 1_000;

/** In bytes, far more than a ConfigMap or a page of role bindings. */
const maxResponse = 64 * 1024 * 1024;

/**
 * Sends a request to an API server. Retries once with new credentials if it rejects the old ones, and retries a read once if there is no
 * response or a transient error. A write is not retried, since the caller has to read first whether it was applied.
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
    if (hasCode(error, "clusterUnreachable") && !whole.aborted) {
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
    const url = new URL(endpoint.href.replace(/\/*(?:[?#].*)?$/, "") + request.path);
    response = await exchange(url, request, authorization, signal);
  } catch (error) {
    throw connectionError(connection, endpoint, error);
  }
  return response.status === 401 && !isRenewed ? sendOnce(connection, request, signal, true) : response;
}

function exchange(
  url: URL,
  { method, accept, body }: ApiRequest,
  { headers, agent }: Authorization,
  signal: AbortSignal,
): Promise<ApiResponse> {
  const own = {
    ...headers,
    accept: accept ?? "application/json",
    "user-agent": "pulumi-aws-auth",
    ...(method !== "GET" && {
      "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
    }),
    ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent, signal, headers: own });
    outgoing.on("response", (response) => readBody(response).then(resolve, reject));
    outgoing.on("error", reject);
    // A request without a connection does not report that it was aborted.
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
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

/** Drops the cause, which may contain the credentials of a proxy. */
function connectionError(
  { label, identity, unreachableRemedy }: ApiConnection,
  endpoint: URL,
  error: unknown,
): AwsAuthError {
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

/** Describes briefly why there was no response. Keeps the error code, since users search for it. */
export function describeCause(error: unknown): string {
  const code = errorCode(error);
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return "timed out";
  }
  if (isCertificateProblem(error)) {
    return `TLS certificate not trusted (${code})`;
  }
  const words = code === undefined ? undefined : causes[code];
  if (words !== undefined) {
    return `${words} (${code})`;
  }
  // An AggregateError, as for a host with several addresses, has no message.
  const text = error instanceof Error ? redact(error.message) : "";
  return code === undefined || text.includes(code) ? text || "unknown cause" : `${text} (${code})`;
}

/** Whether the server was reached but its certificate is not trusted, so that a retry cannot help. */
export function isCertificateProblem(error: unknown): boolean {
  return certificateCodes.test(errorCode(error) ?? "");
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection closed",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "the name server does not respond",
  ETIMEDOUT: "timed out",
  EPROTO: "TLS handshake failed",
};

// https://nodejs.org/api/tls.html#x509-certificate-error-codes
const certificateCodes =
  /^ERR_TLS_CERT|^UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)_|CERT_|_CERT|_CRL$|^CRL_|ISSUER|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/;
