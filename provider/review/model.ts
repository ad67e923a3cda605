import type { Strength } from "../access/strength";
import type { AuthenticationMode } from "../accessEntries/authenticationMode";

/** The version of the review's schema. It increases when an earlier review can no longer be compared. */
export const schemaVersion = 1;

/** An access review: who has access to clusters through aws-auth and EKS access entries, which rights they have, and which of these are risky. */
export interface AccessReview {
  /** Distinguishes a review from other JSON. */
  kind: "AccessReview";
  /** The version of this schema. Within a version, fields may be added, but not removed. */
  schemaVersion: typeof schemaVersion;
  /** The time of the review, in ISO 8601, UTC. */
  createdAt: string;
  /** The totals of all clusters. */
  summary: ReviewSummary;
  /** The clusters that were read, in the order of the arguments. */
  clusters: ReviewedCluster[];
  /** The clusters that could not be read. */
  unread: UnreadCluster[];
  /** The differences from an earlier review; absent without one. */
  changes?: ReviewChanges;
}

/** The totals of a review. */
export interface ReviewSummary {
  /** Clusters that were read. */
  clusters: number;
  /** Clusters that could not be read. */
  unread: number;
  /** Identities with access, each counted once per cluster. */
  identities: number;
  /** Identities that may do everything in a cluster, each counted once per cluster. */
  administrators: number;
  /** Findings by severity. */
  findings: Record<ReviewSeverity, number>;
}

/** A cluster that was read. */
export interface ReviewedCluster {
  /** Identifies the cluster, and is the same in every review: `eks:eu-central-1/111122223333/prod`. */
  id: string;
  /** Display name: `EKS cluster "prod" (eu-central-1)`. */
  name: string;
  /** Whether bindings and roles were read. If not, only groups are known, and that `system:masters` may do everything. */
  hasRights: boolean;
  /** Notes on the cluster, one sentence each: why the rights are not known, or which keys the authenticator drops. */
  notes: string[];
  /** Keys that the authenticator cannot read, so it drops everybody in them. */
  droppedKeys: string[];
  /** The authentication mode of an EKS cluster; absent for a kubeconfig or a manifest, whose access entries are not read. */
  authenticationMode?: AuthenticationMode;
  /** Why the access entries could not be read, and what to do; absent if they were. Then only aws-auth is known. */
  accessEntriesUnread?: string;
  /** All identities of the map and of the access entries: the riskiest first, then in the order of the map. */
  identities: ReviewedIdentity[];
}

/** A cluster that could not be read. */
export interface UnreadCluster {
  /** As in {@link ReviewedCluster}, but without the account of an EKS cluster. Absent if that is not known either. */
  id?: string;
  /** Display name. */
  name: string;
  /** The code of the error, for example `clusterUnreachable`. */
  code: string;
  /** The reason, and what to do. */
  message: string;
}

/** The kind of an identity; `none`: nobody has this ARN. */
export type ReviewedKind = "role" | "user" | "root" | "federatedUser" | "permissionSet" | "account" | "none";

/** An identity of a map, with all its entries. */
export interface ReviewedIdentity {
  /**
   * The ARN as the authenticator compares it, with `*` for the suffix that IAM Identity Center adds to a role's name.
   * `account 111122223333` stands for everybody else in an account. If nobody has the entry's ARN, the text in the entry.
   */
  identity: string;
  /** The kind of identity. */
  kind: ReviewedKind;
  /** Whether it may do everything in the cluster. */
  isAdministrator: boolean;
  /** Its entries: first those that apply. */
  entries: ReviewedEntry[];
  /** Its risks, the most severe first. */
  findings: ReviewFinding[];
}

/**
 * Whether an entry has an effect.
 *
 * - `counts`: the authenticator uses this entry
 * - `mayCount`: it may use this entry, at random or depending on its feature gate SSORoleMatch
 * - `shadowed`: another entry for the same identity, or its access entry, applies instead
 * - `dead`: the entry never matches anybody
 */
export type EntryEffect = "counts" | "mayCount" | "shadowed" | "dead";

/** Where an entry is: in the ConfigMap, or in the EKS API. */
export type EntrySource = "aws-auth" | "access-entry";

/** An entry of a map, or an access entry. */
export interface ReviewedEntry {
  /** Where it is. */
  source: EntrySource;
  /** The key that contains the entry; `accessEntries` for an access entry. */
  key: "mapRoles" | "mapUsers" | "mapAccounts" | "accessEntries";
  /** The entry's position in the key's list, from 1; of an access entry, among those of the cluster by ARN. */
  position: number;
  /** What an access entry says besides. */
  accessEntry?: ReviewedAccessEntry;
  /** The line of the key's text where the entry begins, from 1; absent if several entries share a line. */
  line?: number;
  /** Whether the entry has an effect. */
  effect: EntryEffect;
  /** The Kubernetes username, with templates not expanded; empty if the entry has none. */
  username: string;
  /** The Kubernetes groups, in the entry's order. */
  groups: string[];
  /** The owners that claim the entry, each as stack and resource name; empty if nobody does. */
  owners: string[];
  /** Whether its users are nodes, which also get rights from the API server's Node authorizer. */
  isNode?: true;
  /**
   * The rights that the cluster's bindings give to its users, the strongest first, except those of every authenticated user. Empty
   * for an entry without effect.
   */
  rights: ReviewedRight[];
}

/** What an access entry says besides its username and groups. */
export interface ReviewedAccessEntry {
  /** ARN of the role or user, with its path. */
  principalArn: string;
  /** The type, for example `STANDARD` or `EC2_LINUX`. */
  type: string;
  /** The access policies; one without `namespaces` applies to the whole cluster. */
  policies: { name: string; namespaces?: string[] }[];
}

/** A right: from a binding, from an access policy, or from the group `system:masters`, which needs none. */
export interface ReviewedRight {
  /** The role or right and its scope, as text: `edit in "team-a"`. */
  access: string;
  /** The source of the right, as text: `RoleBinding "ops", group "ops"`. */
  by: string;
  /**
   * The strongest permission in it: `everything`, a way to more rights than the right itself (`escalate`, `bind`, `impersonate`,
   * `aws-auth`, `tokens`, `certificates`, `webhooks`, `exec`, `workloads`), `secrets`, `write`, `read` or `nothing`.
   */
  allows: Strength;
  /** The namespace; absent for the whole cluster. */
  namespace?: string;
  /** The role, or the access policy (kind `AccessPolicy`); absent for members of `system:masters`, which need none. */
  role?: { kind: string; name: string };
  /** Whether the role is the built-in `cluster-admin`, `admin`, `edit` or `view`, without stronger rights, or an access policy. */
  isKnownByName?: true;
  /** A hash of the role's rules, to detect changes. Absent if the role does not exist, or none is needed. */
  rules?: string;
  /** Whether only logins with the bound name have the right, because the username or group depends on the session. */
  onlyForThatName?: true;
  /** That name, as text: `username "ops:jane"`. A binding to several names is a right for each. */
  onlyFor?: string;
}

/**
 * How severe a finding is.
 *
 * - `high`: a way to the whole cluster, or to its secrets
 * - `medium`: a way to more rights in a namespace, credentials that do not expire, somebody of another account, or a misleading entry
 * - `low`: worth knowing
 */
export type ReviewSeverity = "high" | "medium" | "low";

/** The rule of a finding, for use in scripts. */
export type ReviewRule =
  | "everything"
  | "escalation"
  | "all-secrets"
  | "iam-user"
  | "other-account"
  | "undecided"
  | "shadowed"
  | "dead"
  | "unowned"
  | "unknown-policy";

/** A risk of an identity. */
export interface ReviewFinding {
  /** The rule. */
  rule: ReviewRule;
  /** The severity. */
  severity: ReviewSeverity;
  /** A description, in one sentence. */
  message: string;
}

/** The differences from an earlier review. */
export interface ReviewChanges {
  /** The time of the earlier review. */
  since: string;
  /** Clusters that are in only one of the two reviews. */
  clusters: { id: string; name: string; change: "new" | "gone" }[];
  /** Identities that are new, gone or changed. */
  identities: IdentityChange[];
  /** Identities whose access is the same, and is given by something else now. */
  moved: IdentityMove[];
  /** What cannot be compared, one sentence each. */
  notes: string[];
}

/** An identity whose username, groups and rights are the same, from another source. */
export interface IdentityMove {
  /** The `id` of the cluster. */
  cluster: string;
  /** As in {@link ReviewedIdentity}. */
  identity: string;
  /** What gave the access in the earlier review. */
  from: EntrySource;
  /** What gives it now. */
  to: EntrySource;
}

/** The change of an identity. */
export interface IdentityChange {
  /** The `id` of the cluster. */
  cluster: string;
  /** As in {@link ReviewedIdentity}. */
  identity: string;
  /** Whether the identity is new, gone or changed. */
  change: "new" | "gone" | "changed";
  /** Rights that it gained, each as in `access`. */
  gains: string[];
  /** Rights that it lost. */
  loses: string[];
  /** Other changes, as text, such as those of username and groups. */
  details: string[];
  /** Whether some of its logins may now do everything, or have a way to that in the whole cluster, and could not before. */
  isNewAdministrator: boolean;
}
