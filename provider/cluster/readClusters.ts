import { clustersAtOnce, mapConcurrent } from "../async/concurrency";
import { AwsAuthError } from "../errors";
import { isFields } from "../text/fields";
import { holdsKubeconfig } from "./clusterInput";
import { type ClusterRef, idOf } from "./clusterRef";
import { resolveClusterRef } from "./resolveClusterRef";
import type { Settings } from "./settings";

/** A cluster that a report is to be about. */
export interface ClusterTarget {
  /** Names it where it cannot even be looked up. */
  readonly name: string;
  /** As the `cluster` of a program; undefined for the one that the settings name. */
  readonly cluster: unknown;
  readonly settings: Settings;
}

/** What a `cluster` input calls its cluster, for messages; undefined if nothing does. The content of a kubeconfig is a secret. */
export function nameOfCluster(cluster: unknown): string | undefined {
  const fields = isFields(cluster) ? cluster : { name: cluster };
  const names = ["name", "manifest", "context", "kubeconfig"].map((key) => fields[key]);
  return names.find((value): value is string => typeof value === "string" && !holdsKubeconfig(value));
}

/** How clusters are read. */
export interface ReadOptions {
  /** Told after each cluster how many are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** The words for an error; by default its own. */
  readonly describe?: (error: AwsAuthError, target: ClusterTarget) => string;
}

/** Reads clusters, so many side by side. One that cannot be read is told among the unread, and does not stop the others. */
export async function readClusters<Read extends { readonly id: string }>(
  targets: readonly ClusterTarget[],
  { onProgress, describe = (error) => error.message }: ReadOptions,
  read: (ref: ClusterRef, settings: Settings) => Promise<Read>,
) {
  // Two names may lead to one cluster.
  const clusters = new Map<string, Read>();
  let done = 0;
  const results = await mapConcurrent(targets, clustersAtOnce, async (target) => {
    let ref: ClusterRef | undefined;
    try {
      ref = await resolveClusterRef(target.cluster, target.settings);
      return { cluster: await read(ref, target.settings) };
    } catch (error) {
      if (!(error instanceof AwsAuthError)) {
        throw error;
      }
      const id = ref !== undefined && { id: idOf(ref) };
      return { unread: { ...id, name: target.name, code: error.code, message: describe(error, target) } };
    } finally {
      onProgress?.(++done);
    }
  });
  for (const { cluster } of results) {
    if (cluster !== undefined && !clusters.has(cluster.id)) {
      clusters.set(cluster.id, cluster);
    }
  }
  return { clusters: [...clusters.values()], unread: results.flatMap(({ unread }) => unread ?? []) };
}
