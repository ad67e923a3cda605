import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { connect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** A fault of one request, in place of the usual response. */
export interface ResponseFault {
  /** Responds with this status, without an effect. */
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Closes the connection; `after`: once the request has taken effect. */
  readonly cut?: "before" | "after";
  /** Takes effect, and closes the connection in the middle of the response. */
  readonly truncate?: true;
  /** Never responds. */
  readonly hang?: true;
}

/** A local server that stores one ConfigMap like an API server, with faults that a test defines. */
export interface FakeApiServer {
  readonly url: string;
  /** The stored data; undefined: the ConfigMap does not exist. */
  data: Record<string, string> | undefined;
  annotations: Record<string, string>;
  managedFields: unknown;
  version: number;
  /** The API groups that it lists in addition to those of Kubernetes. */
  groups: readonly string[];
  gitVersion: string;
  /** One for each future request, in order. */
  readonly faults: (ResponseFault | undefined)[];
  /** The fault of each request for which the list has none. */
  defaultFault: (() => ResponseFault | undefined) | undefined;
  /** Method, path, headers and body of every request. */
  readonly requests: { line: string; headers: IncomingMessage["headers"]; body: string }[];
  connections: number;
}

export function pem(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, "fixtures", `${name}.pem`));
}

/** The authority of the server's certificate, in base64. */
export const caData = pem("ca").toString("base64");

/** @param identity the server certificate. */
export async function startApiServer(
  data: Record<string, string> | undefined,
  identity: "server" | "stranger" | "expired" = "server",
): Promise<FakeApiServer> {
  const server = createServer({ cert: pem(identity), key: pem(`${identity}.key`) }, async (request, response) => {
    const body = await text(request);
    fake.requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    const fault = fake.faults.shift() ?? fake.defaultFault?.() ?? {};
    if (fault.status !== undefined) {
      reply(response, fault.status, fault.body ?? {}, fault.headers);
    } else if (fault.hang === undefined) {
      const [status, content] = fault.cut === "before" ? [0, {}] : act(fake, request, body);
      if (fault.cut === undefined) {
        reply(response, status, content, {}, fault.truncate);
      } else {
        response.socket?.destroy();
      }
    }
  });
  server.on("connection", () => fake.connections++);
  const state = {
    data,
    annotations: {},
    managedFields: undefined,
    version: 1,
    groups: [],
    gitVersion: "v1.34.1",
    faults: [],
    defaultFault: undefined,
    requests: [],
    connections: 0,
  };
  const fake: FakeApiServer = { url: `https://127.0.0.1:${await listen(server)}`, ...state };
  return fake;
}

/** The ConfigMap in a request's body. */
interface SentConfigMap {
  readonly metadata: { readonly resourceVersion?: string; readonly annotations?: Record<string, string | null> };
  readonly data: Record<string, string>;
}

/** A Kubernetes Status, the error format of API servers. */
export function statusBody(code: number, reason: string, message: string, details: object = {}): object {
  return { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message, details };
}

function act(fake: FakeApiServer, { method, url = "" }: IncomingMessage, body: string): [number, object] {
  const failure = (code: number, reason: string, message: string, details?: object): [number, object] => [
    code,
    statusBody(code, reason, message, details),
  ];
  if (url === "/apis") {
    return [200, { kind: "APIGroupList", groups: ["apps", ...fake.groups].map((name) => ({ name })) }];
  }
  if (url === "/version") {
    return [200, { gitVersion: fake.gitVersion }];
  }
  if (!/[/]configmaps(?:$|[/?])/.test(url)) {
    return failure(404, "NotFound", "the server could not find the requested resource");
  }
  const name = "aws-auth";
  if (fake.data === undefined && method !== "POST") {
    return failure(404, "NotFound", `configmaps "${name}" not found`, { name, kind: "configmaps" });
  }
  if (method === "GET") {
    return [200, configMap(fake)];
  }
  const { metadata, data }: SentConfigMap = JSON.parse(body);
  if (method === "POST" && fake.data !== undefined) {
    return failure(409, "AlreadyExists", "exists", { name });
  }
  if (method !== "POST" && (metadata.resourceVersion ?? String(fake.version)) !== String(fake.version)) {
    return failure(409, "Conflict", "the object has been modified");
  }
  fake.data = { ...fake.data, ...data };
  // In a merge patch, null removes an annotation.
  const annotations = Object.entries({ ...fake.annotations, ...metadata.annotations });
  fake.annotations = Object.fromEntries(annotations.filter((pair): pair is [string, string] => pair[1] !== null));
  fake.version++;
  return [method === "POST" ? 201 : 200, configMap(fake)];
}

function configMap({ version, annotations, managedFields, data }: FakeApiServer): object {
  const named = { name: "aws-auth", namespace: "kube-system", resourceVersion: String(version), managedFields };
  const metadata = { ...named, ...(Object.keys(annotations).length > 0 && { annotations }) };
  return { kind: "ConfigMap", apiVersion: "v1", metadata, data };
}

function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
  isTruncated = false,
): void {
  const content = typeof body === "string" ? body : JSON.stringify(body);
  const length = Buffer.byteLength(content);
  response.writeHead(status, { "content-type": "application/json", "content-length": length, ...headers });
  if (isTruncated) {
    response.write(content.slice(0, content.length / 2), () => response.socket?.destroy());
  } else {
    response.end(content);
  }
}

/** Starts a server on 127.0.0.1 for the running test; returns its port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/**
 * Starts an HTTP proxy for the running test.
 *
 * @param port the local port to which it asked; default: the requested port.
 */
export async function startHttpProxy(port?: number): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const proxy = createHttpServer();
  proxy.on("connect", ({ url = "", headers }: IncomingMessage, client: Socket) => {
    asked.push([url, headers["proxy-authorization"]].filter(Boolean).join(" "));
    const upstream = connect(port ?? Number(url.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(proxy)}`, asked };
}
