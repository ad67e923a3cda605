import { principalKey } from "./principal";

/** An IAM role or user, and the Kubernetes user and groups that it becomes. */
export interface ArnMapping {
  readonly kind: "role" | "user";
  /** ARN of the role, without a path, or of the user, with its path. */
  readonly arn: string;
  /** Kubernetes username; absent and empty mean the same to the authenticator. */
  readonly username?: string;
  /** Kubernetes groups; a set, kept in the order given. */
  readonly groups: readonly string[];
}

/** An AWS account, each of whose identities gets its own ARN as username, and no groups. */
export interface AccountMapping {
  readonly kind: "account";
  /** 12 digits. */
  readonly account: string;
}

/** What one entry of aws-auth says. */
export type Mapping = ArnMapping | AccountMapping;

/** The principal of a mapping: its ARN's {@link principalKey}, or the account's digits. */
export function principalOf(mapping: Mapping): string {
  return mapping.kind === "account" ? mapping.account : principalKey(mapping.arn);
}

/**
 * Whether two mappings do the same: the same principal becomes the same user in the same groups. How the ARN is spelt, the order of
 * the groups and the list an entry stands in make no difference to the authenticator, and none here.
 */
export function sameContent(a: Mapping, b: Mapping): boolean {
  if (principalOf(a) !== principalOf(b)) return false;
  if (a.kind === "account" || b.kind === "account") return a.kind === b.kind;
  return (a.username ?? "") === (b.username ?? "") && sameGroups(a.groups, b.groups);
}

/** Whether two lists hold the same groups, whatever their order and however often. */
export function sameGroups(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((group) => right.has(group));
}

/** What a mapping gives, for messages: `username "dev", groups ["a", "b"]`. */
export function describeMapping(mapping: Mapping): string {
  if (mapping.kind === "account") return `account ${JSON.stringify(mapping.account)}`;
  const username = mapping.username ? `username ${JSON.stringify(mapping.username)}` : "no username";
  const groups =
    mapping.groups.length > 0
      ? `groups [${mapping.groups.map((group) => JSON.stringify(group)).join(", ")}]`
      : "no groups";
  return `${username}, ${groups}`;
}
