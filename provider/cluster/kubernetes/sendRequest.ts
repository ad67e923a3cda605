import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Authorization } from "./connection";

/** One request to an API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly url: URL;
  readonly contentType?: "application/json" | "application/merge-patch+json";
  readonly body?: string | Buffer;
}

/** What the API server answered, read to its end. */
export interface ApiResponse {
  readonly status: number;
  /** Seconds that the server asks to wait, where it does. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

/** A request without a whole answer. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** Whether the server may have got the request, and acted upon it. */
  readonly sent: boolean;

  constructor(sent: boolean, cause: unknown) {
    super("no answer from the API server", { cause });
    this.sent = sent;
  }
}

/**
 * Sends one request, once.
 *
 * @throws TransportError for every way not to get a whole answer.
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
const maxAnswer = 64 * 1024 * 1024;

async function readBody(response: IncomingMessage): Promise<ApiResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop closes the connection.
    if (size > maxAnswer) throw new Error(`the answer is longer than ${maxAnswer} bytes`);
  }
  const wait = Number(response.headers["retry-after"]);
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers["retry-after"] !== undefined && wait >= 0 ? wait : undefined,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}
