import type { OutgoingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";

/** A response of the API server, whatever its status, so that a test can assert a refusal. */
export interface ApiResponse {
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
  close(): void;
}

/** A client for `server` that trusts `ca` (PEM) and sends `token`. */
export function createApiClient(server: string, ca: string, token: string): ApiClient {
  const agent = new Agent({ ca, keepAlive: true });
  return {
    request: (method, path, body, headers = {}) => {
      const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      const own = { authorization: `Bearer ${token}`, accept: "application/json", "content-type": type };
      return new Promise((resolve, reject) => {
        const options = { agent, method, headers: { ...own, ...headers } };
        const outgoing = request(new URL(path, server), options, (incoming) => {
          const status = incoming.statusCode ?? 0;
          text(incoming).then((content) => resolve({ status, body: parse(content) }), reject);
        });
        outgoing.on("error", reject);
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
      });
    },
    close: () => agent.destroy(),
  };
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

/** Whom an API server takes the bearer of a token for. */
export interface UserInfo {
  readonly username?: string;
  /** Sorted, without `system:authenticated`, which everybody is in. */
  readonly groups: readonly string[];
  /** What else the authenticator knows. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Asks an API server who the bearer of a token is; undefined: nobody, the token is refused. */
export async function whoIs(server: { readonly request: ApiRequest }, token: string): Promise<UserInfo | undefined> {
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const { status, body } = await server.request("POST", path, {}, { authorization: `Bearer ${token}` });
  if (status === 401) {
    return undefined;
  }
  if (status !== 201) {
    throw new Error(`POST ${path}: ${status} ${JSON.stringify(body)}`);
  }
  const { userInfo } = (body as { status: { userInfo: Partial<UserInfo> } }).status;
  const groups = (userInfo.groups ?? []).filter((group) => group !== "system:authenticated").toSorted();
  return { ...userInfo, groups, extra: userInfo.extra ?? {} };
}
