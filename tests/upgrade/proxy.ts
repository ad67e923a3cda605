import { createServer, request as requestOf } from "node:http";
import { onTestFinished } from "vitest";

/** A proxy, for the running test, that sends every request to `target`, whatever host it names; returns its URL. */
export async function startProxy(target: string): Promise<string> {
  const { hostname, port } = new URL(target);
  const proxy = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "");
    const { method, headers } = request;
    const forwarded = requestOf({ hostname, port, path: pathname + search, method, headers, agent: false });
    forwarded.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const address = proxy.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : undefined}`;
}
