import type { AuthenticationMode } from "../accessEntries/accessEntry";
import type { Ownership } from "../identity/placedEntry";
import type { UnreadCluster } from "./readClusters";
import type { TrustedPrincipal } from "./trust";

/** The version of the review's schema. Reviews of different versions are not compared. */
export const schemaVersion = 2;

/** Who has access to clusters through aws-auth and EKS access entries, with which rights, and which of these are risky. */
export interface AccessReview {
  /** Distinguishes a review from other JSON. */
  readonly kind: "AccessReview";
  readonly schemaVersion: typeof schemaVersion;
  /** The time of the review, in ISO 8601, UTC. */
  readonly createdAt: string;
  /** The clusters that were read, in the order of the arguments. */
  readonly clusters: readonly ReviewedCluster[];
  /** The clusters that could not be read, whose content is unknown. */
  readonly unread: readonly UnreadCluster[];
  /** The differences from an earlier review; absent without one. */
  readonly changes?: ReviewChanges;
}

export interface ReviewedCluster {
  /** Identifies the cluster, and is the same in every review: `eks:eu-central-1/111122223333/prod`. */
  readonly id: string;
  /** Display name: `EKS cluster "prod" (eu-central-1)`. */
  readonly name: string;
  /** The authentication mode of an EKS cluster; absent for a kubeconfig or a manifest. */
  readonly authenticationMode?: AuthenticationMode;
  /** What could not be read, one clause each: a key, the access entries, or the rights. The review is then incomplete. */
  readonly unknown: readonly string[];
  /** Other notes on the cluster, one clause each. */
  readonly notes: readonly string[];
  /** All identities: those with the most severe findings first. */
  readonly identities: readonly ReviewedIdentity[];
}

export interface ReviewedIdentity {
  /**
   * The ARN as the authenticator compares it, with `*` for the suffix that IAM Identity Center adds to the name of a role.
   * `account 111122223333` stands for all identities of an account that have no entry of their own.
   */
  readonly identity: string;
  /** The role or user in IAM; absent if that is unknown, or if IAM has none. */
  readonly iam?: ReviewedPrincipal;
  /** Its entries, those with an effect first. */
  readonly entries: readonly ReviewedEntry[];
  /** Its risks, the most severe first. */
  readonly findings: readonly ReviewFinding[];
}

export interface ReviewedPrincipal {
  /** When the role or user was created, in ISO 8601, UTC. */
  readonly createdAt: string;
  /** The last request of the role to AWS; absent if IAM, which keeps 400 days, has none, and for a user. */
  readonly lastUsed?: { readonly at: string; readonly region?: string };
  /** Who may assume the role, by its trust policy; absent for a user, and if the policy is not understood. */
  readonly assumedBy?: readonly TrustedPrincipal[];
}

/**
 * Whether an entry has an effect.
 *
 * - `counts`: the cluster uses this entry
 * - `mayCount`: the cluster uses this entry or another one
 * - `shadowed`: another entry for the same identity takes precedence
 * - `dead`: no identity can log in by the entry
 */
export type EntryEffect = "counts" | "mayCount" | "shadowed" | "dead";

/** Whether an entry may grant a login. */
export function hasEffect({ effect }: Pick<ReviewedEntry, "effect">): boolean {
  return effect === "counts" || effect === "mayCount";
}

/** An entry of aws-auth, or an access entry. */
export interface ReviewedEntry extends Ownership {
  /** Its position: `mapRoles entry 3 (line 14)`, or `access entry`. */
  readonly place: string;
  readonly effect: EntryEffect;
  /** The Kubernetes username, with unexpanded templates; empty if the entry has none. */
  readonly username: string;
  /** The Kubernetes groups, in the entry's order. */
  readonly groups: readonly string[];
  /** The rights from bindings and access policies, except those of every authenticated user. Empty for an entry without effect. */
  readonly rights: readonly ReviewedRight[];
}

/** A right from a binding, an access policy or the group `system:masters`. */
export interface ReviewedRight {
  /** The role, its scope, and the sessions unless all have the right: `edit in "team-a"`. */
  readonly access: string;
  /** The source of the right: `RoleBinding "ops", group "ops"`. */
  readonly by: string;
  /** A hash of the rules that Kubernetes and AWS do not ship with a role, to detect changes. */
  readonly rules?: string;
}

/** The rules of findings, the most severe first. */
export const reviewRules = [
  ...["open-trust", "everything", "escalation", "secrets", "account"],
  ...["missing", "unused", "stale-sso", "dead", "unclaimed", "no-effect"],
] as const;

/**
 * The rule of a finding.
 *
 * - `open-trust`: anyone, any identity of another account, or an unbound web identity can assume the role
 * - `everything`: has full access
 * - `escalation`: can escalate its privileges, for example with escalate, bind or impersonate, or by writing aws-auth or workloads
 * - `secrets`: reads the secrets of all namespaces
 * - `account`: belongs to a different account than the cluster, or is an entire account
 * - `missing`: IAM has no such role or user
 * - `unused`: the role has not made a request to AWS for a long time
 * - `stale-sso`: IAM Identity Center has replaced the role, so no one can log in with this ARN
 * - `dead`: its access entry is that of an earlier role or user, so it grants no access
 * - `unclaimed`: no stack claims an entry
 * - `no-effect`: an entry is shadowed or never matches
 */
export type ReviewRule = (typeof reviewRules)[number];

/** Is greater if the most severe finding is more severe, or if the next one is. */
export function severityOf({ findings }: Pick<ReviewedIdentity, "findings">): number {
  return findings.reduce((sum, { rule }) => sum + 2 ** -reviewRules.indexOf(rule), 0);
}

export interface ReviewFinding {
  readonly rule: ReviewRule;
  /** The finding as a predicate, such as "reads the secrets of all namespaces". */
  readonly message: string;
}

export interface ReviewChanges {
  /** The time of the earlier review. */
  readonly since: string;
  /** Identities that are new, gone or changed. */
  readonly identities: readonly IdentityChange[];
  /** Clusters that cannot be compared, since one of the reviews is incomplete, one clause each. */
  readonly unknown: readonly string[];
}

export interface IdentityChange {
  /** The `id` of the cluster. */
  readonly cluster: string;
  /** As in {@link ReviewedIdentity}. */
  readonly identity: string;
  readonly change: "new" | "gone" | "changed";
  /** Access gained since the earlier review: usernames, groups, rights, and the powers that follow from them. */
  readonly gains: readonly string[];
  /** Access lost since the earlier review. */
  readonly loses: readonly string[];
}
