import { clustersAtOnce, mapConcurrent } from "../async";
import { AwsAuthError } from "../errors";
import { fieldsOf, isFields } from "../text/fields";
import { holdsKubeconfig } from "../text/kubeconfigContent";
import { type ClusterRef, idOf } from "./clusterRef";
import { resolveClusterRef } from "./resolveClusterRef";
import { connectionSources, type Settings } from "./settings";

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

/**
 * A cluster of a list in a file. Its own fields take precedence over the environment, which could otherwise replace one cluster by another.
 *
 * @param fallback names one that has no name.
 */
export function listedTarget(cluster: unknown, fallback: string, settings: Settings): ClusterTarget {
  const { profile, roleArn, kubeconfig, context } = fieldsOf(cluster);
  const sources = connectionSources;
  const env = {
    ...settings.env,
    ...(isGiven(profile) && { [sources.profile.env]: undefined }),
    ...(isGiven(roleArn) && { [sources.roleArn.env]: undefined }),
    ...(isGiven(kubeconfig) && { [sources.kubeconfig.env]: undefined, [sources.context.env]: undefined }),
    ...(typeof context === "string" && !isGiven(kubeconfig) && { [sources.context.env]: context }),
  };
  return { name: nameOfCluster(cluster) ?? fallback, cluster, settings: { ...settings, env } };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export interface ReadOptions {
  /** The words for an error; by default its own. */
  readonly describe?: (error: AwsAuthError, target: ClusterTarget) => string;
}

/** Reads clusters side by side. One that cannot be read is among the unread, and does not stop the others. */
export async function readClusters<Read extends { readonly id: string }>(
  targets: readonly ClusterTarget[],
  { describe = (error) => error.message }: ReadOptions,
  read: (ref: ClusterRef, settings: Settings) => Promise<Read>,
) {
  const results = await mapConcurrent(targets, clustersAtOnce, async (target) => {
    let id: string | undefined;
    try {
      const ref = await resolveClusterRef(target.cluster, target.settings);
      id = idOf(ref);
      return { cluster: await read(ref, target.settings) };
    } catch (error) {
      if (!(error instanceof AwsAuthError)) {
        throw error;
      }
      const known = id === undefined ? {} : { id };
      return { unread: { ...known, name: target.name, code: error.code, message: describe(error, target) } };
    }
  });
  // Two names may lead to one cluster.
  const clusters = new Map(results.flatMap(({ cluster }) => (cluster === undefined ? [] : [[cluster.id, cluster]])));
  return { clusters: [...clusters.values()], unread: results.flatMap(({ unread }) => unread ?? []) };
}
