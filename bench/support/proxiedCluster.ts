import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestCluster } from "../../tests/support/cluster/startCluster.ts";
import type { Bench } from "./bench.ts";
import { type LocalProxy, startProxy } from "./proxy.ts";

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
