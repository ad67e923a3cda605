import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Bench } from "./bench.ts";

/** The server behind the proxy. */
export interface ProxyOptions {
  /** URL of the server behind it. */
  readonly target: string;
  /** Certificate authority of an https target, PEM. */
  readonly ca: string;
  /** Milliseconds that each request waits before it goes on: how far the server is away, there and back. */
  readonly delay: number;
}

/** Starts a proxy on a fresh port of 127.0.0.1, until the end of the measurement. @returns its URL. */
export async function startProxy(bench: Bench, options: ProxyOptions): Promise<string> {
  const target = new URL(options.target);
  const agent = new Agent({ keepAlive: true, ca: options.ca });
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    await setTimeout(options.delay);
    const path = incoming.url ?? "/";
    const onward = request(new URL(path, target), {
      agent,
      method: incoming.method,
      headers: { ...incoming.headers, host: target.host },
    });
    onward.once("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  };
  // Node's own servers close idle connections after five seconds, API servers after minutes.
  const server = createServer({ keepAliveTimeout: 120_000 }, (incoming, outgoing) => void pass(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  bench.onEnd(async () => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
