import type { AuthenticationMode, LiveAccessEntry } from "../accessEntries";
import { usernameOf } from "../accessEntries/accessEntry";
import { type CallerIdentity, callerIdentity } from "../authenticator/callerIdentity";
import { type Login, loginsOf, userOf } from "../authenticator/resolve";
import type { AwsAuthDocument, Entry } from "../document";
import { parseIamArn, principalKey } from "../mapping";
import type { User } from "../rbac";
import type { ReadResult } from "../readResult";
import { policyBindings } from "./accessPolicies";

/** All that decides who gets into a cluster. */
export interface ClusterAccess {
  /** Its aws-auth; empty in mode `API`, in which it does not count. */
  readonly document: AwsAuthDocument;
  /** The cluster's mode; undefined where the EKS API is not asked: for a manifest, or a kubeconfig. */
  readonly mode: AuthenticationMode | undefined;
  /** Its access entries, by ARN; empty where there are none, or where they could not be read. */
  readonly entries: readonly LiveAccessEntry[];
  /** Why they could not be read, in a clause; undefined where they were, or where they are not asked for. */
  readonly unread: string | undefined;
  readonly byPrincipal: ReadonlyMap<string, readonly LiveAccessEntry[]>;
}

/** What one login of an identity may come out as, by aws-auth or by an access entry. */
export interface Admission extends Login {
  readonly user: User | undefined;
  /** The access entry that counts, for which `entry` says the same; undefined: an entry of aws-auth does, or none. */
  readonly accessEntry?: LiveAccessEntry;
}

/** Puts together what was read of a cluster. */
export function clusterAccess(
  document: AwsAuthDocument,
  mode?: AuthenticationMode,
  read: ReadResult<readonly LiveAccessEntry[]> = { value: [] },
): ClusterAccess {
  // EKS lists them in no order of its own.
  const entries = "value" in read ? read.value.toSorted((a, b) => (a.principalArn < b.principalArn ? -1 : 1)) : [];
  return {
    document,
    mode,
    entries,
    unread: "unread" in read ? read.unread : undefined,
    byPrincipal: Map.groupBy(entries, ({ principalArn }) => principalKey(principalArn)),
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

/** What the logins of an identity may come out as: by its access entry, or else by aws-auth. */
export function admissionsOf(access: ClusterAccess, identity: CallerIdentity): readonly Admission[] {
  const winners = accessEntriesOf(access, identity.arn);
  return winners.length === 0
    ? loginsOf(access.document, identity)
    : winners.map((accessEntry) => admissionBy(accessEntry, identity));
}

/** Everybody who has access entries, each once, by ARN. */
export function principalsOf({ byPrincipal }: ClusterAccess): readonly CallerIdentity[] {
  return [...byPrincipal.values()].flatMap(([first]) => (first && callerIdentity(first.principalArn)) ?? []);
}

function admissionBy(accessEntry: LiveAccessEntry, identity: CallerIdentity): Admission {
  const entry = asEntry(accessEntry);
  const user = userOf(entry, identity);
  return { entry, user: user && { ...user, policies: policyBindings(accessEntry) }, accessEntry };
}

/** An access entry in the words of aws-auth, without its policies. */
export function asEntry(accessEntry: LiveAccessEntry): Entry {
  const { principalArn, type, groups } = accessEntry;
  // EKS gives nodes what they need, whatever it shows of their groups.
  const isNode = type !== "STANDARD" && !groups.includes(nodes);
  return {
    key: parseIamArn(principalArn).kind === "user" ? "mapUsers" : "mapRoles",
    arn: principalArn,
    principal: principalKey(principalArn),
    username: usernameOf(accessEntry) || nodeName,
    groups: isNode ? [...groups, nodes] : groups,
  };
}

const nodes = "system:nodes";
const nodeName = "system:node:{{SessionName}}";
