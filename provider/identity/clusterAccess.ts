import type { AccessEntryContent, AuthenticationMode, LiveAccessEntry } from "../accessEntries/accessEntry";
import { type AwsAuthMap, type DataKey, entriesOf, type MapEntry, problemsOf } from "../awsAuthMap";
import { principalKey } from "../mapping";
import { memoize } from "./placedEntry";

/** Both places of a cluster at one version, which determine every login. */
export interface Places<Content extends AccessEntryContent = AccessEntryContent> {
  readonly entries: readonly MapEntry[];
  /** The access entries. EKS keeps that of a role recreated with another path, so a principal may have several. */
  readonly accessEntries: readonly Content[];
  /** The cluster's mode; undefined for a manifest or a kubeconfig, which do not use the EKS API. */
  readonly mode: AuthenticationMode | undefined;
  /** Why the access entries could not be read, as a clause. */
  readonly unread?: string | undefined;
  /** The keys of aws-auth whose entries are unknown, each with the reason as a clause. */
  readonly refusedKeys?: ReadonlyMap<DataKey, string>;
}

export interface ClusterAccess extends Places<LiveAccessEntry> {
  readonly document: AwsAuthMap;
  /** The account of an EKS cluster; undefined if it is unknown. */
  readonly account: string | undefined;
}

/** @param document the aws-auth of the cluster; empty in mode `API`, which ignores it. */
export function clusterAccess(
  document: AwsAuthMap,
  mode?: AuthenticationMode,
  read: ReadResult<readonly LiveAccessEntry[]> = { value: [] },
  account?: string,
): ClusterAccess {
  return {
    document,
    account,
    entries: entriesOf(document),
    // EKS lists them in no defined order.
    accessEntries: "value" in read ? read.value.toSorted((a, b) => (a.principalArn < b.principalArn ? -1 : 1)) : [],
    mode,
    unread: "unread" in read ? read.unread : undefined,
    refusedKeys: new Map(problemsOf(document).map(({ place, text }) => [place.key, text])),
  };
}

export function hasAccessEntries({ mode }: Pick<Places, "mode">): boolean {
  return mode === "API" || mode === "API_AND_CONFIG_MAP";
}

/** The access entries of a principal, which take precedence over aws-auth unless they are dead. Ignores letter case and a role's path. */
export function accessEntriesOf<Content extends AccessEntryContent>(
  { accessEntries, mode }: Places<Content>,
  arn: string,
): readonly Content[] {
  const places = hasAccessEntries({ mode }) ? positionsByPrincipal(accessEntries).get(principalKey(arn)) : [];
  return (places ?? []).flatMap((place) => accessEntries[place] ?? []);
}

const positionsByPrincipal = memoize((accessEntries: readonly AccessEntryContent[]) =>
  Map.groupBy(accessEntries.keys(), (place) => principalKey(accessEntries[place]?.principalArn ?? "")),
);

/** Everything that could not be read, as a clause; undefined if everything was read. */
export function unreadOf({ unread, refusedKeys = new Map() }: Places): string | undefined {
  return [...(unread === undefined ? [] : [unread]), ...refusedKeys.values()].join("; ") || undefined;
}

/** A value, or why it could not be read. */
export type ReadResult<T> =
  | { readonly value: T }
  | {
      /** A clause, or a sentence without its period, with the remedy. */
      readonly unread: string;
    };
