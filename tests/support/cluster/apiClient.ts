import type { OutgoingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";

/** A response of the API server, whatever its status, so that a test can assert a refusal. */
export interface ApiResponse {
  /** HTTP status. */
  readonly status: number;
  /** Parsed JSON, or the text where the response is not JSON. */
  readonly body: unknown;
}

/** Sends one JSON request as one user. A PATCH is a merge patch; `headers` come last, so they can change that and the user. */
export type ApiRequest = (
  method: string,
  path: string,
  body?: unknown,
  headers?: OutgoingHttpHeaders,
) => Promise<ApiResponse>;

/** A client of its own, apart from the one under test, with its connections kept open between requests. */
export interface ApiClient {
  readonly request: ApiRequest;
  /** Closes the open connections. */
  close(): void;
}

/** A client for `server` that trusts `ca` (PEM) and sends `token`. */
export function createApiClient(server: string, ca: string, token: string): ApiClient {
  const agent = new Agent({ ca, keepAlive: true });
  return {
    request: (method, path, body, headers = {}) => {
      const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      const own = { authorization: `Bearer ${token}`, accept: "application/json", "content-type": type };
      return send(new URL(path, server), { agent, method, headers: { ...own, ...headers } }, body);
    },
    close: () => agent.destroy(),
  };
}

function send(url: URL, options: Parameters<typeof request>[1], body: unknown): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (part: string) => {
        text += part;
      });
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body: parse(text) }));
    });
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
