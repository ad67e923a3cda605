import { parseIamArn } from "./arn";

/** An IAM identity, and who a cluster takes it for. */
export interface Caller {
  /** ARN of the role, user or session. */
  readonly arn: string;
  /** The Kubernetes user that it became at login. */
  readonly username: string;
}

/**
 * Names the principal that an ARN stands for: two ARNs are the same principal exactly when their keys are equal. It alone decides that;
 * which entry the authenticator obeys for a caller is another question, and `resolveIdentity` answers it in the authenticator's way.
 *
 * Letter case never counts, as for the authenticator. A role's path does not count either, since AWS reports a role's sessions
 * without it. A user's path counts: AWS reports users with theirs, so an entry needs it to match. Text that is no such ARN, which a
 * live map may hold, is its own lower-cased key.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/arn/arn.go
 */
export function principalKey(arn: string): string {
  return arn.toLowerCase().replace(rolePath, "$1");
}

/** Whether an ARN has a role's path, so that it matches none of the role's sessions. */
export function hasRolePath(arn: string): boolean {
  return principalKey(arn) !== arn.toLowerCase();
}

const rolePath = /^(arn:[^:/]*:iam::[^:/]*:role\/).*\/(?=[^/]+$)/s;

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

/** A mapping as a program gives it, or a state has it: each field may be of any type, or not known yet. */
export interface MappingFields {
  readonly arn?: unknown;
  readonly account?: unknown;
  readonly username?: unknown;
  readonly groups?: unknown;
}

/** What fields say, as far as they are known. */
export interface ParsedMapping {
  /** Undefined where the fields describe none, or where one of them is not known yet. */
  readonly mapping: Mapping | undefined;
  /** Whom the fields map, as {@link principalOf} names it, whatever else is not known. */
  readonly principal: string | undefined;
}

/**
 * Makes a mapping of its fields. It holds for fields that were validated, in this version or an earlier one, and checks nothing: the
 * state of every release stays readable, whatever today's rules are.
 *
 * @param isUnknown tells a value that is only known once something else is created.
 */
export function parseMapping(fields: MappingFields, isUnknown: (value: unknown) => boolean): ParsedMapping {
  const { arn, account, username, groups } = fields;
  if (typeof account === "string") {
    return isUnknown(account)
      ? { mapping: undefined, principal: undefined }
      : { mapping: { kind: "account", account }, principal: account };
  }
  if (typeof arn !== "string" || isUnknown(arn)) {
    return { mapping: undefined, principal: undefined };
  }
  const principal = principalKey(arn);
  const given = Array.isArray(groups) ? groups : [];
  if ([username, groups, ...given].some(isUnknown)) {
    return { mapping: undefined, principal };
  }
  const mapping: ArnMapping = {
    kind: parseIamArn(arn).kind === "user" ? "user" : "role",
    arn,
    ...(typeof username === "string" && { username }),
    groups: given.filter((group) => typeof group === "string"),
  };
  return { mapping, principal };
}

/** The principal of a mapping: its ARN's {@link principalKey}, or the account's digits. */
export function principalOf(mapping: Mapping): string {
  return mapping.kind === "account" ? mapping.account : principalKey(mapping.arn);
}

/**
 * Whether two mappings do the same: the same principal becomes the same user in the same groups. How the ARN is spelt, the order of
 * the groups and the list an entry stands in make no difference to the authenticator, and none here.
 */
export function sameContent(a: Mapping, b: Mapping): boolean {
  if (principalOf(a) !== principalOf(b)) {
    return false;
  }
  if (a.kind === "account" || b.kind === "account") {
    return a.kind === b.kind;
  }
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
  if (mapping.kind === "account") {
    return `account ${JSON.stringify(mapping.account)}`;
  }
  const username = mapping.username ? `username ${JSON.stringify(mapping.username)}` : "no username";
  const groups =
    mapping.groups.length > 0
      ? `groups [${mapping.groups.map((group) => JSON.stringify(group)).join(", ")}]`
      : "no groups";
  return `${username}, ${groups}`;
}
