import { createServer } from "node:http";
import { connect } from "node:net";
import { onTestFinished } from "vitest";

/** A proxy, for the running test, whose every tunnel ends at `target`, whatever host was asked for; returns its URL. */
export async function startTunnel(target: string): Promise<string> {
  const { hostname, port } = new URL(target);
  const proxy = createServer();
  proxy.on("connect", (_, client) => {
    const server = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      server.pipe(client).pipe(server);
    });
    const end = () => {
      client.destroy();
      server.destroy();
    };
    client.on("error", end).on("close", end);
    server.on("error", end);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const address = proxy.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : undefined}`;
}
