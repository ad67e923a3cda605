import type { AccessEntryContent, AuthenticationMode, LiveAccessEntry } from "../accessEntries";
import { type AwsAuthMap, type DataKey, entriesOf, type MapEntry, problemsOf } from "../awsAuthMap";
import { principalKey } from "../mapping";
import { memoize } from "./placedEntry";

/** Both places of a cluster at one version: all that decides who logs in. */
export interface Places<Content extends AccessEntryContent = AccessEntryContent> {
  /** The entries of aws-auth. */
  readonly entries: readonly MapEntry[];
  /** The access entries. EKS keeps the one of a role that was deleted and made again in another path, so a principal may have several. */
  readonly accessEntries: readonly Content[];
  /** The cluster's mode; undefined if the EKS API is not asked: for a manifest, or a kubeconfig. */
  readonly mode: AuthenticationMode | undefined;
  /** Why the access entries could not be read, in a clause. */
  readonly unread?: string | undefined;
  /** The keys of aws-auth whose entries are unknown, each with the reason in a clause. */
  readonly refusedKeys?: ReadonlyMap<DataKey, string>;
}

/** What was read of a cluster, with the places of the entries of its map. */
export interface ClusterAccess extends Places<LiveAccessEntry> {
  readonly document: AwsAuthMap;
}

/**
 * Puts together what was read of a cluster.
 *
 * @param document its aws-auth; empty in mode `API`, which ignores it.
 * @param mode the cluster's; undefined if the EKS API is not asked.
 * @param read its access entries, or why they could not be read.
 */
export function clusterAccess(
  document: AwsAuthMap,
  mode?: AuthenticationMode,
  read: ReadResult<readonly LiveAccessEntry[]> = { value: [] },
): ClusterAccess {
  const refused = problemsOf(document).map(({ place, text }) => [place.key, text] as const);
  return {
    document,
    entries: entriesOf(document),
    // EKS lists them in no order of its own.
    accessEntries: "value" in read ? read.value.toSorted((a, b) => (a.principalArn < b.principalArn ? -1 : 1)) : [],
    mode,
    unread: "unread" in read ? read.unread : undefined,
    refusedKeys: new Map(refused),
  };
}

/** Whether a cluster may have access entries that count. */
export function hasAccessEntries({ mode }: Pick<Places, "mode">): boolean {
  return mode === "API" || mode === "API_AND_CONFIG_MAP";
}

/**
 * The access entries of a principal, which win over aws-auth.
 *
 * @param arn a role's path and the letter case do not matter.
 */
export function accessEntriesOf<Content extends AccessEntryContent>(
  { accessEntries }: Places<Content>,
  arn: string,
): readonly Content[] {
  const places = indexOf(accessEntries).get(principalKey(arn)) ?? [];
  return places.flatMap((place) => accessEntries[place] ?? []);
}

const indexOf = memoize((accessEntries: readonly AccessEntryContent[]) =>
  Map.groupBy(accessEntries.keys(), (place) => principalKey(accessEntries[place]?.principalArn ?? "")),
);

/** Everything that could not be read, in a clause; undefined if everything was. */
export function unreadOf({ unread, refusedKeys = new Map() }: Places): string | undefined {
  const all = [...(unread === undefined ? [] : [unread]), ...refusedKeys.values()];
  return all.length === 0 ? undefined : all.join("; ");
}

/** Something that was read, or why it was not. */
export type ReadResult<T> =
  | { readonly value: T }
  | {
      /** A clause or a sentence without its period, with the remedy. */
      readonly unread: string;
    };
