import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** What the server does with one request in the place of its usual response. */
export type Trick =
  /** `acts`: once the request has had its effect. */
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
      readonly acts?: true;
    }
  /** Closes the connection; `after`: once the request has had its effect. */
  | { readonly cut: "before" | "after" }
  /** Has its effect, and cuts the response off in the middle. */
  | { readonly truncate: true }
  /** Somebody else writes, then the connection closes without the request having had its effect. */
  | { readonly cutBehind: Record<string, string> }
  /** Somebody's write arrives just before the request has its effect. */
  | { readonly lateWrite: Record<string, string> }
  /** Waits for that before it acts and responds as usual. */
  | { readonly waitFor: Promise<unknown> }
  /** Does not respond at all. */
  | { readonly hang: true };

/** A local server that keeps one ConfigMap as an API server does, and fails as it is told. */
export interface FakeApiServer {
  readonly url: string;
  /** The stored data; undefined: no ConfigMap. */
  data: Record<string, string> | undefined;
  annotations: Record<string, string>;
  version: number;
  /** One for each coming request, in order. */
  readonly tricks: (Trick | undefined)[];
  /** Asked at each request for which there is none. */
  disturb: (() => Trick | undefined) | undefined;
  /** Method, path and headers of every request, with its body. */
  readonly requests: { line: string; headers: IncomingMessage["headers"]; body: string }[];
}

const pem = (name: string) => readFileSync(join(import.meta.dirname, "fixtures", `${name}.pem`));

/** The authority of the server's certificate, in base64. */
export const caData = pem("ca").toString("base64");

export async function startApiServer(data: Record<string, string> | undefined): Promise<FakeApiServer> {
  const identity = { cert: pem("server"), key: pem("server.key") };
  const server = createServer(identity, async (request, response) => {
    const body = await textOf(request);
    fake.requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    const trick = fake.tricks.shift() ?? fake.disturb?.();
    const respond = (damage: Parameters<typeof reply>[4]) => {
      const [status, content] = act(fake, request, body);
      reply(response, status, content, {}, damage);
    };
    if (trick !== undefined && "waitFor" in trick) {
      await trick.waitFor;
      respond(undefined);
    } else if (trick !== undefined && "lateWrite" in trick) {
      fake.data = { ...fake.data, ...trick.lateWrite };
      fake.version++;
      respond(undefined);
    } else if (trick === undefined || "truncate" in trick || ("cut" in trick && trick.cut === "after")) {
      respond(trick);
    } else if ("status" in trick) {
      if (trick.acts) {
        act(fake, request, body);
      }
      reply(response, trick.status, trick.body ?? {}, trick.headers ?? {}, undefined);
    } else if ("cutBehind" in trick) {
      fake.data = { ...fake.data, ...trick.cutBehind };
      fake.version++;
      response.socket?.destroy();
    } else if ("cut" in trick) {
      response.socket?.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const url = `https://127.0.0.1:${port}`;
  const fake: FakeApiServer = {
    url,
    data,
    annotations: {},
    version: 1,
    tricks: [],
    disturb: undefined,
    requests: [],
  };
  return fake;
}

/** What a request's body says of the ConfigMap. */
interface SentConfigMap {
  readonly metadata: { readonly resourceVersion?: string; readonly annotations?: Record<string, string | null> };
  readonly data: Record<string, string>;
}

/** A Kubernetes Status, as API servers report failures. */
export function statusBody(code: number, reason: string, message: string, details: object = {}): object {
  return { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message, details };
}

function act(fake: FakeApiServer, request: IncomingMessage, body: string): [number, object] {
  const notFound = statusBody(404, "NotFound", 'configmaps "aws-auth" not found', {
    name: "aws-auth",
    kind: "configmaps",
  });
  if (!/[/]configmaps(?:$|[/?])/.test(request.url ?? "")) {
    return [404, statusBody(404, "NotFound", "the server could not find the requested resource")];
  }
  if (request.method === "GET") {
    return fake.data === undefined ? [404, notFound] : [200, configMap(fake)];
  }
  const sent: SentConfigMap = JSON.parse(body);
  if (request.method === "POST") {
    if (fake.data !== undefined) {
      return [409, statusBody(409, "AlreadyExists", "exists", { name: "aws-auth" })];
    }
  } else if (fake.data === undefined) {
    return [404, notFound];
  } else if ((sent.metadata.resourceVersion ?? String(fake.version)) !== String(fake.version)) {
    return [409, statusBody(409, "Conflict", "the object has been modified")];
  }
  fake.data = { ...fake.data, ...sent.data };
  fake.annotations = merged(fake.annotations, sent.metadata.annotations);
  fake.version++;
  return [request.method === "POST" ? 201 : 200, configMap(fake)];
}

/** A merge patch: null removes. */
function merged(stored: Record<string, string>, sent: Record<string, string | null> = {}): Record<string, string> {
  const kept = Object.entries({ ...stored, ...sent }).filter((pair): pair is [string, string] => pair[1] !== null);
  return Object.fromEntries(kept);
}

function configMap({ version, annotations, data }: FakeApiServer): object {
  const named = { name: "aws-auth", namespace: "kube-system", resourceVersion: String(version) };
  const metadata = { ...named, ...(Object.keys(annotations).length > 0 && { annotations }) };
  return { kind: "ConfigMap", apiVersion: "v1", metadata, data };
}

function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string>,
  trick: Trick | undefined,
) {
  if (trick !== undefined && "cut" in trick) {
    response.socket?.destroy();
    return;
  }
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  if (trick === undefined) {
    response.end(text);
  } else {
    response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
