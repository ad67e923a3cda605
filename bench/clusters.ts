import { readFileSync, writeFileSync } from "node:fs";
import {
  createServer,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startAwsEndpoint } from "../tests/support/aws/endpoint.ts";
import type { TestCluster } from "../tests/support/cluster/startCluster.ts";
import { type Bench, otherEntries } from "./bench.ts";

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
    traffic[incoming.method === "GET" ? "reads" : "writes"]++;
    await setTimeout(options.delay ?? 0);
    const path = incoming.url ?? "/";
    const onward = (isSecure ? httpsRequest : httpRequest)(new URL(options.rewrite?.(path) ?? path, target), {
      agent,
      method: incoming.method,
      headers: { ...incoming.headers, host: target.host, ...options.headers },
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
  return { reads: 0, writes: 0, connections: 0, mostAtOnce: 0 };
}

/** A connection to a cluster through a proxy. */
export interface ProxiedCluster {
  readonly proxy: LocalProxy;
  /** A kubeconfig that leads to the proxy. */
  readonly kubeconfig: string;
}

/** Starts a proxy in front of a cluster. */
export async function proxied(bench: Bench, cluster: TestCluster, delay: number): Promise<ProxiedCluster> {
  const proxy = await startProxy(bench, { target: cluster.server, ca: readFileSync(cluster.caFile, "utf8"), delay });
  const direct = cluster.kubeconfigFile();
  const kubeconfig = join(direct, "..", `proxy-${delay}.kubeconfig`);
  writeFileSync(kubeconfig, readFileSync(direct, "utf8").replace(cluster.server, proxy.url), { mode: 0o600 });
  return { proxy, kubeconfig };
}

/**
 * Many EKS clusters on one real API server: a cluster's API server is a path of a proxy, which leads to a namespace of its own in the
 * place of kube-system. So each cluster has its own aws-auth with its own versions, kept by etcd, and no cluster is in another one's way.
 */
export interface EksFleet {
  readonly names: readonly string[];
  /** Before all API servers. */
  readonly api: LocalProxy;
  /** Before EKS. */
  readonly eks: LocalProxy;
  /** What a program needs in its environment to find EKS. */
  readonly env: Readonly<Record<string, string>>;
  /** Gives every cluster a new map again. */
  reset(): Promise<void>;
}

/** @param delay milliseconds to EKS, and to each API server. */
export async function eksFleet(bench: Bench, cluster: TestCluster, size: number, delay: number): Promise<EksFleet> {
  const names = Array.from({ length: size }, (_, index) => `fleet-${index}`);
  const api = await startProxy(bench, {
    target: cluster.server,
    ca: readFileSync(cluster.caFile, "utf8"),
    delay,
    rewrite: (path) =>
      path
        .replace(/^\/(fleet-\d+)(\/api\/v1\/namespaces)\/kube-system/, "$2/$1")
        .replace(/^\/fleet-\d+(?=\/apis\/)/, ""),
    headers: { authorization: `Bearer ${cluster.adminToken}` },
  });
  const clusters = new Map(
    names.map((name) => [
      name,
      { endpoint: `${api.url}/${name}`, caData: cluster.caData, authenticationMode: "CONFIG_MAP" },
    ]),
  );
  const aws = await startAwsEndpoint({ identity: "arn:aws:iam::111122223333:user/deployer", clusters });
  bench.onEnd(() => aws.stop());
  const eks = await startProxy(bench, { target: aws.url, delay });
  for (const name of names) {
    await cluster.request("POST", "/api/v1/namespaces", { metadata: { name } });
  }
  return {
    names,
    api,
    eks,
    env: {
      AWS_ENDPOINT_URL_EKS: eks.url,
      AWS_ENDPOINT_URL_STS: aws.url,
      AWS_ACCESS_KEY_ID: "AKIADEPLOYER",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "eu-central-1",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    reset: () => reset(cluster, names),
  };
}

/** The ConfigMap has to be there: one that the provider makes would name kube-system in its body. */
async function reset(cluster: TestCluster, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const collection = `/api/v1/namespaces/${name}/configmaps`;
    await cluster.request("DELETE", `${collection}/aws-auth`);
    const { status } = await cluster.request("POST", collection, {
      metadata: { name: "aws-auth" },
      data: otherEntries,
    });
    if (status !== 201) {
      throw new Error(`POST ${collection}: ${status}`);
    }
  }
}
