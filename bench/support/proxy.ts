import {
  createServer,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Bench } from "./bench.ts";

/** The server behind the proxy. */
export interface ProxyOptions {
  /** URL of the server behind it. */
  readonly target: string;
  /** Certificate authority of an https target, PEM. */
  readonly ca?: string;
  /** Milliseconds that each request waits before it goes on: how far the server is away, there and back. */
  readonly delay?: number;
  /** Where a request goes on to, by its path. Default: the same path. */
  readonly rewrite?: (path: string) => string;
  /** Headers in the place of the client's. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The counts of a proxy since the last reset. */
export interface Traffic {
  reads: number;
  writes: number;
  /** Writes that got 409. */
  conflicts: number;
  connections: number;
  /** The maximum number of concurrent requests. */
  mostAtOnce: number;
}

/** An HTTP server that delays, forwards and counts requests. */
export interface LocalProxy {
  readonly url: string;
  readonly traffic: Traffic;
  /** Counts from zero again. */
  forget(): void;
}

/** Starts a proxy on a fresh port of 127.0.0.1, until the end of the measurement. */
export async function startProxy(bench: Bench, options: ProxyOptions): Promise<LocalProxy> {
  const target = new URL(options.target);
  const isSecure = target.protocol === "https:";
  const agent = isSecure ? new HttpsAgent({ keepAlive: true, ca: options.ca }) : new HttpAgent({ keepAlive: true });
  const traffic = nothing();
  let underWay = 0;
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    traffic.mostAtOnce = Math.max(traffic.mostAtOnce, ++underWay);
    outgoing.once("close", () => {
      underWay--;
    });
    const isWrite = incoming.method !== "GET";
    traffic[isWrite ? "writes" : "reads"]++;
    await setTimeout(options.delay ?? 0);
    const path = incoming.url ?? "/";
    const onward = (isSecure ? httpsRequest : httpRequest)(new URL(options.rewrite?.(path) ?? path, target), {
      agent,
      method: incoming.method,
      headers: { ...incoming.headers, host: target.host, ...options.headers },
    });
    onward.once("response", (response) => {
      traffic.conflicts += isWrite && response.statusCode === 409 ? 1 : 0;
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  };
  // Node's own servers close idle connections after five seconds, API servers after minutes.
  const server = createServer({ keepAliveTimeout: 120_000 }, (incoming, outgoing) => void pass(incoming, outgoing));
  server.on("connection", () => {
    traffic.connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  bench.onEnd(async () => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    traffic,
    forget: () => void Object.assign(traffic, nothing()),
  };
}

function nothing(): Traffic {
  return { reads: 0, writes: 0, conflicts: 0, connections: 0, mostAtOnce: 0 };
}
