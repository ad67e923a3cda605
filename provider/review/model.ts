import type { Strength } from "../access/rights";

/** The version of the form of a review. It is raised when an earlier one can no longer be compared with. */
export const schemaVersion = 1;

/** An access review: who gets into clusters by their aws-auth, with which rights, and what of it is risky. */
export interface AccessReview {
  /** Tells a review from other JSON. */
  kind: "AccessReview";
  /** The version of this form. Fields are added within a version, and none goes. */
  schemaVersion: typeof schemaVersion;
  /** When it was made, in ISO 8601, UTC. */
  createdAt: string;
  /** The figures of all clusters together. */
  summary: ReviewSummary;
  /** The clusters that were read, in the order in which they were named. */
  clusters: ReviewedCluster[];
  /** The clusters that could not be read. */
  unread: UnreadCluster[];
  /** What is not as it was in an earlier review; absent without one. */
  changes?: ReviewChanges;
}

/** The figures of a review. */
export interface ReviewSummary {
  /** Clusters that were read. */
  clusters: number;
  /** Clusters that could not be read. */
  unread: number;
  /** Identities that get in, each counted once for each cluster. */
  identities: number;
  /** Those of them that may do everything, everywhere in the cluster. */
  administrators: number;
  /** Findings by their severity. */
  findings: Record<ReviewSeverity, number>;
}

/** A cluster that was read. */
export interface ReviewedCluster {
  /** Tells clusters apart, and is the same in every review: `eks:eu-central-1/111122223333/prod`. */
  id: string;
  /** Names it for people: `EKS cluster "prod" (eu-central-1)`. */
  name: string;
  /** Whether bindings and roles were read; without them only the groups are known, and what members of `system:masters` may do. */
  hasRights: boolean;
  /** What to know about the cluster, one sentence each: why the rights are not known, keys that the authenticator drops. */
  notes: string[];
  /** Keys that the authenticator cannot read, so that it drops everybody in them. */
  droppedKeys: string[];
  /** Everybody in the map: the riskiest first, then in the order of the map. */
  identities: ReviewedIdentity[];
}

/** A cluster that could not be read. */
export interface UnreadCluster {
  /** As in {@link ReviewedCluster}; of an EKS cluster without the account. Absent where not even that is known. */
  id?: string;
  /** Names it for people. */
  name: string;
  /** The code of the error, for example `clusterUnreachable`. */
  code: string;
  /** Why, and what to do. */
  message: string;
}

/** What somebody in a map is; `none`: nobody has this ARN. */
export type ReviewedKind = "role" | "user" | "root" | "federatedUser" | "permissionSet" | "account" | "none";

/** Somebody in a map, with all of its entries. */
export interface ReviewedIdentity {
  /**
   * The ARN as the authenticator compares it, with `*` for the suffix that IAM Identity Center gives; `account 111122223333` for
   * everybody else in an account; what the entry says where nobody has its ARN.
   */
  identity: string;
  /** What it is. */
  kind: ReviewedKind;
  /** Whether it may do everything, everywhere in the cluster. */
  isAdministrator: boolean;
  /** Its entries: those that count first. */
  entries: ReviewedEntry[];
  /** What is risky about it, the most severe first. */
  findings: ReviewFinding[];
}

/**
 * Whether an entry does anything.
 *
 * - `counts`: it decides who the identity is
 * - `mayCount`: one of several that do, at random or by the authenticator's feature gate SSORoleMatch
 * - `shadowed`: another entry for the same identity counts in its place
 * - `dead`: nobody ever matches it
 */
export type EntryEffect = "counts" | "mayCount" | "shadowed" | "dead";

/** An entry of a map. */
export interface ReviewedEntry {
  /** The key that it stands in. */
  key: "mapRoles" | "mapUsers" | "mapAccounts";
  /** Where it stands in the key's list, from 1. */
  position: number;
  /** The line of the key's text that it begins in, from 1; absent where the list is laid out on few lines. */
  line?: number;
  /** Whether it does anything. */
  effect: EntryEffect;
  /** The Kubernetes username, templates as they stand; empty where the entry gives none. */
  username: string;
  /** The Kubernetes groups, in the entry's order. */
  groups: string[];
  /** Who claims the entry, each by stack and resource; empty where nobody does. */
  owners: string[];
  /** Whether its users are nodes, to which the API server gives besides what the pods on them need. */
  isNode?: true;
  /**
   * What the cluster's bindings give to its users, the strongest first; without what Kubernetes gives to everybody who is logged in.
   * Empty for an entry without effect.
   */
  rights: ReviewedRight[];
}

/** One right: what a binding gives, or the group that needs none. */
export interface ReviewedRight {
  /** What it is and where, in words: `edit in "team-a"`. */
  access: string;
  /** By what, in words: `RoleBinding "ops", group "ops"`. */
  by: string;
  /**
   * The strongest thing that it allows: `everything`, `escalate`, `bind`, `impersonate`, `secrets`, `exec`, `write`, `read` or
   * `nothing`.
   */
  allows: Strength;
  /** The namespace; absent: everywhere. */
  namespace?: string;
  /** The role; absent for members of `system:masters`, which need none. */
  role?: { kind: string; name: string };
  /** Whether everybody knows what a role of this name allows: those that Kubernetes ships. */
  isKnownByName?: true;
  /** Changes when the rules of the role do. Absent where there is no such role, or none is needed. */
  rules?: string;
  /** Whether only a login has it whose name turns out to be the one that is bound. */
  onlyForThatName?: true;
}

/**
 * How severe a finding is.
 *
 * - `high`: a way to the whole cluster, or to its secrets
 * - `medium`: a way to more rights in a namespace, credentials that do not expire, or an entry that misleads
 * - `low`: worth knowing
 */
export type ReviewSeverity = "high" | "medium" | "low";

/** What a finding is about; scripts branch on these. */
export type ReviewRule =
  | "everything"
  | "escalation"
  | "all-secrets"
  | "iam-user"
  | "undecided"
  | "shadowed"
  | "dead"
  | "unowned";

/** One thing that is risky about an identity. */
export interface ReviewFinding {
  /** What it is about. */
  rule: ReviewRule;
  /** How severe it is. */
  severity: ReviewSeverity;
  /** One sentence. */
  message: string;
}

/** What is not as it was in an earlier review. */
export interface ReviewChanges {
  /** When the earlier review was made. */
  since: string;
  /** Clusters that are in one of the two reviews only. */
  clusters: { id: string; name: string; change: "new" | "gone" }[];
  /** Identities that are new, gone or changed. */
  identities: IdentityChange[];
}

/** How an identity changed. */
export interface IdentityChange {
  /** The `id` of the cluster. */
  cluster: string;
  /** As in {@link ReviewedIdentity}. */
  identity: string;
  /** What happened to it. */
  change: "new" | "gone" | "changed";
  /** Rights that it did not have, as `access` has them. */
  gains: string[];
  /** Rights that it had. */
  loses: string[];
  /** What else changed, in words: its username, its groups. */
  details: string[];
  /** Whether it may now do everything, or make itself able to (escalate, bind or impersonate everywhere), and could not before. */
  isNewAdministrator: boolean;
}
