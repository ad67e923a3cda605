import type { CallerIdentity } from "../authenticator";
import { type AccessRequest, type Authorizer, appliesTo, type Grant, type Name, type User } from "../rbac";
import type { ClusterAccess, LiveAdmission } from "./clusterAccess";
import { admissionsOf } from "./loginMap";

/** Whether somebody may do something; `unknown`: that cannot be told. */
export type Answer = "yes" | "no" | "unknown";

/** What is known of the rights in a cluster. */
export interface ClusterRights {
  /** Decides by the objects that could be read. */
  readonly authorizer: Authorizer;
  /** Why they could not be read, and what to do; undefined where they were. */
  readonly unread: string | undefined;
}

/** Why nobody can tell whether a login may do something. */
export type Doubt =
  /** A part of its username or groups depends on the session. */
  | "session"
  /** It is a node's, and the API server gives those more than roles do. */
  | "node"
  /** The bindings and roles could not be read. */
  | "unread"
  /** It has an access policy whose rules are not known. */
  | "policy"
  /** The access entries could not be read, and one would win. */
  | "accessEntries";

/** What one login of an identity may do. */
export interface Outcome extends LiveAdmission {
  readonly answer: Answer;
  readonly doubt: Doubt | undefined;
  /** By what it may; where the answer is `unknown`, by what it may if the session has the right name. */
  readonly grants: readonly Grant[];
}

/** What an identity may do, whichever of its entries counts. */
export interface Verdict {
  readonly answer: Answer;
  /** Several where which entry counts cannot be told; then the answer is theirs if it is the same for all. */
  readonly outcomes: readonly Outcome[];
}

/** Whether an IAM identity may do something in a cluster. */
export function judge(
  access: ClusterAccess,
  identity: CallerIdentity,
  request: AccessRequest,
  rights: ClusterRights,
): Verdict {
  return judgeLogins(access, admissionsOf(access.logins, identity), request, rights);
}

/** The same of the logins that an identity may come to. While access entries cannot be read, one may win, and give more or less. */
export function judgeLogins(
  { unread }: Pick<ClusterAccess, "unread">,
  logins: readonly LiveAdmission[],
  request: AccessRequest,
  rights: ClusterRights,
): Verdict {
  const outcomes = logins.map((login): Outcome => {
    const outcome = outcomeOf(login, request, rights);
    return unread === undefined ? outcome : { ...outcome, answer: "unknown", doubt: "accessEntries" };
  });
  const [first = "no", ...others] = new Set(outcomes.map(({ answer }) => answer));
  return { answer: others.length === 0 ? first : "unknown", outcomes };
}

function outcomeOf(login: LiveAdmission, request: AccessRequest, rights: ClusterRights): Outcome {
  const { user } = login;
  const all = user === undefined ? [] : rights.authorizer.grantsFor(user, request);
  const certain = all.filter(({ isCertain }) => isCertain);
  if (user === undefined || certain.length > 0) {
    return { ...login, answer: user === undefined ? "no" : "yes", doubt: undefined, grants: certain };
  }
  const doubt = rights.unread === undefined ? doubtOf(user, request, all) : "unread";
  return { ...login, answer: doubt === undefined ? "no" : "unknown", doubt, grants: doubt === "session" ? all : [] };
}

/** @param possible by what the user may if the session has the right name. */
function doubtOf(user: User, request: AccessRequest, possible: readonly Grant[]): Doubt | undefined {
  if (possible.length > 0) {
    return "session";
  }
  const isUnknown = unknownPolicies(user, request).length > 0;
  return isUnknown ? "policy" : isNode(user) ? "node" : undefined;
}

/** The names of the access policies that may allow something, since nobody knows their rules. */
export function unknownPolicies({ policies = [] }: User, request: AccessRequest): readonly string[] {
  const unknown = policies.filter((policy) => policy.rules === undefined && appliesTo(policy, request));
  return [...new Set(unknown.map(({ name }) => name))];
}

/**
 * Whether the API server may take a user for a node, which its node authorizer gives what the node needs at that moment.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
export function isNode({ username, groups }: User): boolean {
  return groups.some((group) => mayBe(group, /^system:nodes$/)) && mayBe(username, /^system:node:/);
}

/** Of a pattern only its beginning tells, which is enough: no session is called like a node. */
function mayBe(name: Name, expected: RegExp): boolean {
  return typeof name === "string" ? expected.test(name) : expected.test(name.source.slice(1));
}
