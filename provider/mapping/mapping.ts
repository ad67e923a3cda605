import { printable, quoted } from "../text/text";
import { parseIamArn } from "./arn";

/** The identity that sends a request, as the cluster sees it. */
export interface Caller extends Content {
  /** The ARN of the role, user or session. Undefined for other logins, such as a client certificate. */
  readonly arn?: string | undefined;
}

/**
 * The key of an ARN's principal: two ARNs are the same principal if and only if their keys are equal. It distinguishes the entries of
 * aws-auth. Which entry the authenticator uses for a caller is another question, which `whoLogsIn` answers.
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

/**
 * The Kubernetes user that a principal becomes. An access entry with the cluster-admin policy has the group
 * `system:masters`; one of a node type has the username and groups of its nodes.
 */
export interface Content {
  /** Empty for none. */
  readonly username: string;
  /** A set that keeps the given order. */
  readonly groups: readonly string[];
}

/** A principal and its content. An account maps each of its identities to the ARN as username, so its own content is empty. */
export interface Mapping extends Content {
  readonly kind: "role" | "user" | "account";
  /** The ARN of a role, without its path, or of a user, with its path; the ID of an account. */
  readonly arn: string;
}

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
 */
export function parseMapping(fields: MappingFields, isUnknown: (value: unknown) => boolean): ParsedMapping {
  const { arn, account, username, groups } = fields;
  const isAccount = typeof account === "string";
  const subject = isAccount ? account : arn;
  if (typeof subject !== "string" || isUnknown(subject)) {
    return { mapping: undefined, principal: undefined };
  }
  if (isAccount) {
    return { mapping: { kind: "account", arn: subject, username: "", groups: [] }, principal: subject };
  }
  const principal = principalKey(subject);
  const given = Array.isArray(groups) ? groups : [];
  if ([username, groups, ...given].some(isUnknown)) {
    return { mapping: undefined, principal };
  }
  const mapping: Mapping = {
    kind: parseIamArn(subject)?.kind ?? "role",
    arn: subject,
    username: typeof username === "string" ? username : "",
    groups: given.filter((group) => typeof group === "string"),
  };
  return { mapping, principal };
}

/** The principal of a mapping: the {@link principalKey} of its ARN, or the account ID. */
export function principalOf({ kind, arn }: Pick<Mapping, "kind" | "arn">): string {
  return kind === "account" ? arn : principalKey(arn);
}

export type Ignored = Readonly<Record<"username" | "groups", boolean>>;

/** Whether two contents are the same user and groups, except for ignored properties. */
export function sameContent(a: Content, b: Content, ignored?: Ignored): boolean {
  return (ignored?.username || a.username === b.username) && (ignored?.groups || sameGroups(a.groups, b.groups));
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

/**
 * Escapes the content for display, since the engine prints strings unescaped. Keeps names that equal the state
 * unescaped, since the resource could not find its entry otherwise.
 */
export function shownContent({ username, groups }: Content, stored: Content): Content {
  const own = new Set([stored.username, ...stored.groups]);
  const escaped = (text: string) => (own.has(text) ? text : printable(text));
  return {
    username: escaped(username),
    groups: sameGroups(groups, stored.groups) ? stored.groups : groups.map(escaped),
  };
}

/** A content, for messages: `username "dev", groups ["a", "b"]`. */
export function describeContent({ username, groups }: Content): string {
  const named = username === "" ? [] : [`username ${quoted(username)}`];
  const listed = groups.length === 0 ? [] : [`groups [${groups.map(quoted).join(", ")}]`];
  return [...named, ...listed].join(", ") || "no username and no groups";
}

/** Whether `ignoreChanges` includes a property. A path such as `groups[0]` covers the whole list, since groups are a set. */
export function ignores(ignored: readonly string[], property: keyof Ignored): boolean {
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}
