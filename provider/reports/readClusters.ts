import { Slots } from "../async";
import { holdsKubeconfig } from "../cluster/clusterInput";
import { type ClusterRef, reportIdOf } from "../cluster/clusterRef";
import { resolveClusterRef } from "../cluster/resolveClusterRef";
import { connectionSources, type Settings } from "../cluster/settings";
import { type AwsAuthError, type AwsAuthErrorCode, asAwsAuthError } from "../errors";
import { isSet } from "../mapping";
import { KnownPrincipals } from "../session/knownPrincipals";
import { fieldsOf, isFields } from "../text/fields";
import { assertPresent } from "./readCluster";

export interface ClusterTarget {
  /** The name of the cluster in messages if it cannot be resolved. */
  readonly name: string;
  /** The `cluster` input as in a program; undefined for the cluster in the settings. */
  readonly cluster: unknown;
  readonly settings: Settings;
}

/** The name of a `cluster` input, for messages; undefined if it has none. Skips the content of a kubeconfig, which is secret. */
export function nameOfCluster(cluster: unknown): string | undefined {
  const fields = isFields(cluster) ? cluster : { name: cluster };
  const names = ["name", "manifest", "context", "kubeconfig"].map((key) => fields[key]);
  return names.find((value): value is string => typeof value === "string" && !holdsKubeconfig(value));
}

/** A cluster listed in a file. Its own fields override the environment, which could otherwise select another cluster. */
export function listedTarget(cluster: unknown, fallback: string, settings: Settings): ClusterTarget {
  const { profile, roleArn, kubeconfig, context } = fieldsOf(cluster);
  const sources = connectionSources;
  const env = {
    ...settings.env,
    ...(isSet(profile) && { [sources.profile.env]: undefined }),
    ...(isSet(roleArn) && { [sources.roleArn.env]: undefined }),
    ...(isSet(kubeconfig) && { [sources.kubeconfig.env]: undefined, [sources.context.env]: undefined }),
    ...(typeof context === "string" && !isSet(kubeconfig) && { [sources.context.env]: context }),
  };
  // An empty item specifies no cluster, not that of the settings.
  return { name: nameOfCluster(cluster) ?? fallback, cluster: cluster ?? "", settings: { ...settings, env } };
}

/** A cluster that could not be read, whose content is unknown. */
export interface UnreadCluster {
  /** Without the account of an EKS cluster. Absent if the rest is unknown too. */
  readonly id?: string;
  readonly name: string;
  /** The code of the error, for example `clusterUnreachable`. */
  readonly code: AwsAuthErrorCode;
  /** The reason and the remedy. */
  readonly message: string;
}

/** How many clusters are read concurrently. Each makes up to 8 calls of EKS at once, and an account has one rate limit for all. */
const clustersAtOnce = 6;

/** A cluster that cannot be read is reported as unread, and the others are still read. */
export async function readClusters<Read extends { readonly id: string; readonly name: string }>(
  targets: readonly ClusterTarget[],
  describe: (error: AwsAuthError) => string,
  read: (ref: ClusterRef, settings: Settings, known: KnownPrincipals) => Promise<Read>,
  onRead?: (count: number, total: number) => unknown,
) {
  const slots = new Slots(clustersAtOnce);
  const known = new KnownPrincipals();
  let count = 0;
  const readOne = async (target: ClusterTarget) => {
    let id: string | undefined;
    try {
      const ref = await resolveClusterRef(target.cluster, target.settings);
      id = reportIdOf(ref);
      assertPresent(ref);
      return { cluster: await read(ref, target.settings, known) };
    } catch (caught) {
      const error = asAwsAuthError(caught);
      const identified = id === undefined ? {} : { id };
      return { unread: { ...identified, name: target.name, code: error.code, message: describe(error) } };
    } finally {
      onRead?.(++count, targets.length);
    }
  };
  const results = await Promise.all(targets.map((target) => slots.run(() => readOne(target))));
  // Several names may refer to one cluster.
  const distinct = new Map(results.flatMap(({ cluster }) => (cluster === undefined ? [] : [[cluster.id, cluster]])));
  const byName = Map.groupBy(distinct.values(), ({ name }) => name);
  const clusters = [...distinct.values()].map((cluster) => {
    const [, account] = /^eks:[^/]+\/(\d{12})\//.exec(cluster.id) ?? [];
    const isAlone = byName.get(cluster.name)?.length === 1;
    return isAlone || account === undefined ? cluster : { ...cluster, name: `${cluster.name}, account ${account}` };
  });
  return { clusters, unread: results.flatMap(({ unread }) => unread ?? []) };
}
