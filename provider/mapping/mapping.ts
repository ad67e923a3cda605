import { parseIamArn } from "./arn";

/** The identity that sends a request, as the cluster sees it. */
export interface Caller {
  /** The ARN of the role, user or session. Undefined for other logins, such as a client certificate. */
  readonly arn?: string | undefined;
  readonly username: string;
  readonly groups: readonly string[];
}

/**
 * The key of an ARN's principal: two ARNs are the same principal if and only if their keys are equal. It distinguishes the entries of
 * aws-auth. Which entry the authenticator uses for a caller is another question, which `resolveIdentity` answers.
 *
 * The key ignores letter case, as the authenticator does, and a role's path, since AWS omits it from session ARNs. It includes a user's
 * path, since AWS reports it and an entry needs it to match. For any other text, which a live map may contain, the key is the text in lower
 * case.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/arn/arn.go
 */
export function principalKey(arn: string): string {
  return arn.toLowerCase().replace(rolePath, "$1");
}

/** Whether an ARN contains a role's path, so that it does not match the role's sessions. */
export function hasRolePath(arn: string): boolean {
  return principalKey(arn) !== arn.toLowerCase();
}

const rolePath = /^(arn:[^:/]*:iam::[^:/]*:role\/).*\/(?=[^/]+$)/s;

/** An IAM role or user, with its Kubernetes user and groups. */
export interface ArnMapping {
  readonly kind: "role" | "user";
  /** The ARN of the role, without a path, or of the user, with its path. */
  readonly arn: string;
  /** The Kubernetes username; the authenticator treats absent and empty alike. */
  readonly username?: string;
  /** The Kubernetes groups: a set that keeps the given order. */
  readonly groups: readonly string[];
}

/** The content of one entry of aws-auth. An account, of 12 digits, gives each identity its ARN as username, and no groups. */
export type Mapping = ArnMapping | { readonly kind: "account"; readonly account: string };

/** The fields of a mapping in a program or a state, which may have any type or be unknown. */
export interface MappingFields {
  readonly arn?: unknown;
  readonly account?: unknown;
  readonly username?: unknown;
  readonly groups?: unknown;
}

/** The parsed fields, as far as known. */
export interface ParsedMapping {
  /** Undefined if the fields do not describe a mapping, or if one of them is unknown. */
  readonly mapping: Mapping | undefined;
  /** The {@link principalOf principal}, even if other fields are unknown. */
  readonly principal: string | undefined;
}

/**
 * Converts fields to a mapping without validation: this or an earlier version has validated them, and every state must
 * stay readable under current rules.
 *
 * @param isUnknown whether a value is unknown.
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
    kind: parseIamArn(arn)?.kind === "user" ? "user" : "role",
    arn,
    ...(typeof username === "string" && { username }),
    groups: given.filter((group) => typeof group === "string"),
  };
  return { mapping, principal };
}

/** The principal of a mapping: the {@link principalKey} of its ARN, or the account ID. */
export function principalOf(mapping: Mapping): string {
  return mapping.kind === "account" ? mapping.account : principalKey(mapping.arn);
}

/**
 * Whether two mappings have the same effect: the same principal becomes the same user in the same groups. Like the
 * authenticator, this ignores the spelling of the ARN, the order of the groups and the list of the entry.
 */
export function sameContent(a: Mapping, b: Mapping): boolean {
  return principalOf(a) === principalOf(b) && contentKey(a) === contentKey(b);
}

/** A text that two mappings of one principal share if and only if they have the {@link sameContent same effect}. */
export function contentKey(mapping: Mapping): string {
  return mapping.kind === "account"
    ? "account"
    : JSON.stringify([mapping.username ?? "", [...new Set(mapping.groups)].sort()]);
}

/** Whether two lists contain the same groups, ignoring order and repetition. */
export function sameGroups(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === b.length && a.every((group, index) => group === b[index])) {
    return true;
  }
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((group) => right.has(group));
}

/** The content of a mapping, for messages: `username "dev", groups ["a", "b"]`. */
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

/** A property of a mapping that a program may ignore. */
type IgnoredProperty = "username" | "groups";

/** Whether `ignoreChanges` includes a property. A path such as `groups[0]` counts as the whole list, since groups are a set. */
export function ignores(ignored: readonly string[], property: IgnoredProperty): boolean {
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}
