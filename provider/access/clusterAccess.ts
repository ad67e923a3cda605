import type { AuthenticationMode, LiveAccessEntry } from "../accessEntries";
import type { AwsAuthDocument } from "../document";
import { principalKey } from "../mapping";
import type { ReadResult } from "../readResult";
import { type Admission, type LoginMap, type LoginView, loginMap } from "./loginMap";

/** All that decides who gets into a cluster. */
export interface ClusterAccess extends LoginView<LiveAccessEntry> {
  /** Why the access entries could not be read, in a clause; undefined where they were, or where there are none. */
  readonly unread: string | undefined;
  readonly byPrincipal: ReadonlyMap<string, readonly LiveAccessEntry[]>;
  /** Who logs in as whom. */
  readonly logins: LoginMap<LiveAccessEntry>;
}

/** What one login of an identity in a cluster may come out as. */
export type LiveAdmission = Admission<LiveAccessEntry>;

/**
 * Puts together what was read of a cluster.
 *
 * @param document its aws-auth; empty in mode `API`, in which it does not count.
 * @param mode the cluster's; undefined where the EKS API is not asked: for a manifest, or a kubeconfig.
 * @param read its access entries, or why they could not be read.
 */
export function clusterAccess(
  document: AwsAuthDocument,
  mode?: AuthenticationMode,
  read: ReadResult<readonly LiveAccessEntry[]> = { value: [] },
): ClusterAccess {
  // EKS lists them in no order of its own.
  const entries = "value" in read ? read.value.toSorted((a, b) => (a.principalArn < b.principalArn ? -1 : 1)) : [];
  const view = { document, mode, entries };
  return {
    ...view,
    unread: "unread" in read ? read.unread : undefined,
    byPrincipal: Map.groupBy(entries, ({ principalArn }) => principalKey(principalArn)),
    logins: loginMap(view),
  };
}

/** Whether a cluster may have access entries that count. */
export function hasAccessEntries({ mode }: Pick<ClusterAccess, "mode">): boolean {
  return mode === "API" || mode === "API_AND_CONFIG_MAP";
}

/**
 * The access entries of a principal, which win over aws-auth. There may be several: EKS keeps the one of a role that was deleted and made
 * again in another path, and does not say which of them is dead.
 *
 * @param arn a role's path and the letter case do not matter.
 */
export function accessEntriesOf({ byPrincipal }: ClusterAccess, arn: string): readonly LiveAccessEntry[] {
  return byPrincipal.get(principalKey(arn)) ?? [];
}
