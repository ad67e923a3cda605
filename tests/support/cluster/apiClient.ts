import type { OutgoingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";

/** A response of the API server with any status, so that tests can assert refusals. */
export interface ApiResponse {
  readonly status: number;
  /** Parsed JSON, or text if the response is not JSON. */
  readonly body: unknown;
}

/** Sends one JSON request as one user. PATCH is a merge patch; `headers` override the content type and the user. */
export type ApiRequest = (
  method: string,
  path: string,
  body?: unknown,
  headers?: OutgoingHttpHeaders,
) => Promise<ApiResponse>;

/** A client with keep-alive connections, independent of the client under test. */
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

/** The user that the API server reports for a token. */
export interface UserInfo {
  readonly username?: string;
  /** Sorted, without `system:authenticated`, which every user has. */
  readonly groups: readonly string[];
  /** Additional attributes from the authenticator. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** The user of a token; undefined if the API server refuses the token. */
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
