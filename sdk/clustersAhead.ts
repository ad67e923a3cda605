import { holdsKubeconfig } from "../provider/cluster/ref/kubeconfigContent";
import type { Cluster } from "./cluster";

/** The EKS clusters of the resources that are made in this turn of the program. */
let named: Map<string, unknown> | undefined;

/**
 * Collects the EKS clusters that a program names, so that the provider can look them up side by side.
 *
 * @returns for the first resource of each turn of the program, the clusters of all resources made in it, where there are several;
 * undefined for the others. A plain promise: as an output, it would make resources depend on each other.
 */
export function clustersAhead(cluster: Cluster | undefined): Promise<unknown[]> | undefined {
  const isFirst = named === undefined;
  named ??= new Map();
  if (isPlainEksCluster(cluster)) {
    named.set(JSON.stringify(cluster), cluster);
  }
  return isFirst ? Promise.resolve().then(takeNamed) : undefined;
}

function takeNamed(): unknown[] {
  const clusters = [...(named?.values() ?? [])];
  named = undefined;
  return clusters.length > 1 ? clusters : [];
}

/** Whether all of it is known now, and none of it is a kubeconfig: those are read in no time, and their content is a secret. */
function isPlainEksCluster(cluster: unknown): boolean {
  if (typeof cluster === "string") {
    return !holdsKubeconfig(cluster);
  }
  return (
    typeof cluster === "object" &&
    cluster !== null &&
    "name" in cluster &&
    Object.values(cluster).every((value) => typeof value === "string" && !holdsKubeconfig(value))
  );
}
