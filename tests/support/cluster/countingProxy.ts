import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, createServer, request } from "node:https";
import type { TestCluster } from "./startCluster.ts";

/** One request of a client, and the status of its response. */
export interface Counted {
  readonly client: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A way to the API server that writes down who asks what. */
export interface CountingProxy {
  readonly requests: readonly Counted[];
  /** A kubeconfig text for a user whose requests are counted under a client's name. */
  kubeconfig(user: string, client: string): string;
  stop(): Promise<void>;
}

/** Starts the proxy on a fresh port. Each client has a path of its own, below which the API server's paths stand. */
export async function startCountingProxy(cluster: TestCluster): Promise<CountingProxy> {
  const requests: Counted[] = [];
  const cert = readFileSync(cluster.caFile);
  // The API server keeps its key beside the certificate that it made for itself.
  const key = readFileSync(cluster.caFile.replace(/crt$/, "key"));
  const agent = new Agent({ ca: cert, keepAlive: true });
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    const [, client = "", path = ""] = /^\/([^/]+)(\/.*)$/.exec(url) ?? [];
    const onward = request(
      new URL(path, cluster.server),
      { agent, method, headers: headersOf(incoming) },
      (response) => {
        requests.push({ client, method, path, status: response.statusCode ?? 0 });
        outgoing.writeHead(response.statusCode ?? 0, response.headers);
        response.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : undefined}`;
  return {
    requests,
    kubeconfig: (user, client) => cluster.kubeconfig(user).replaceAll(cluster.server, `${url}/${client}`),
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function headersOf({ headers: { host: _host, connection: _connection, ...headers } }: IncomingMessage) {
  return headers;
}

/** How often the clients had to try until a write of theirs was stored, one number for each such write. */
export function attemptsPerWrite(requests: readonly Counted[]): ReadonlyMap<string, readonly number[]> {
  const attempts = new Map<string, number[]>();
  const tried = new Map<string, number>();
  for (const { client, method, status } of requests) {
    if (method === "GET") {
      continue;
    }
    const count = (tried.get(client) ?? 0) + 1;
    const isStored = status === 200 || status === 201;
    tried.set(client, isStored ? 0 : count);
    if (isStored) {
      attempts.set(client, [...(attempts.get(client) ?? []), count]);
    }
  }
  return attempts;
}
