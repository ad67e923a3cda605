import { holdsKubeconfig } from "../provider/cluster/ref/kubeconfigContent";
import type { Cluster } from "./cluster";

/** The EKS clusters of the resources that are made in one turn of the program, and what is passed of them. */
interface Turn {
  readonly clusters: Map<string, unknown>;
  readonly text: Promise<string | undefined>;
}

let turn: Turn | undefined;

/**
 * Collects the EKS clusters that a program names, so that the provider can look them up side by side. Every resource that names one
 * passes them all on, since nobody knows which the engine checks first; as one text, which costs least.
 *
 * @returns the clusters of all resources of this turn of the program as JSON, where there are several; undefined at once for a
 * resource that names none. A plain promise: as an output, it would make resources depend on each other.
 */
export function clustersAhead(cluster: Cluster | undefined): Promise<string | undefined> | undefined {
  if (!isPlainEksCluster(cluster)) {
    return undefined;
  }
  turn ??= newTurn();
  turn.clusters.set(JSON.stringify(cluster), cluster);
  return turn.text;
}

function newTurn(): Turn {
  const clusters = new Map<string, unknown>();
  const text = Promise.resolve().then(() => {
    turn = undefined;
    return clusters.size > 1 ? JSON.stringify([...clusters.values()]) : undefined;
  });
  return { clusters, text };
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
