import { createServer, type IncomingMessage } from "node:http";
import { connect, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

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
 * @param port the local port to which it connects; default: the requested port.
 */
export async function startTunnel(port?: number): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer();
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
