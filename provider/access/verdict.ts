import type { CallerIdentity } from "../authenticator";
import { type AccessRequest, type Authorizer, appliesTo, type Grant, type Name, type User } from "../rbac";
import type { ClusterAccess, LiveAdmission } from "./clusterAccess";
import { describeSubject } from "./describe";
import { admissionsOf } from "./loginMap";
import { peopleIn } from "./people";

/** Whether an identity may do something; `unknown` if that depends on something that cannot be read. */
export type Answer = "yes" | "no" | "unknown";

/** What is known of the rights in a cluster. */
export interface ClusterRights {
  /** Decides by the objects that could be read. */
  readonly authorizer: Authorizer;
  /** Why they could not be read, and what to do; undefined where they were. */
  readonly unread: string | undefined;
}

/** What one login of an identity may do. */
export interface Outcome extends LiveAdmission {
  readonly answer: Answer;
  /** Why the answer is `unknown`, in a clause. */
  readonly doubt: string | undefined;
  /** By what it may; where the answer is `unknown`, by what it may if the session has the right name. */
  readonly grants: readonly Grant[];
}

/** What an identity may do. */
export interface Verdict {
  readonly answer: Answer;
  /** Several where the entry that counts cannot be known; then the answer is theirs if all have the same. */
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

/** An identity that may do what was asked, or of which that is unknown. */
export interface Candidate {
  readonly identity: string;
  readonly verdict: Verdict;
}

/** The identities that may do something, or of which that is unknown: those of the map in its order, then those with an access entry. */
export function whoCan(access: ClusterAccess, request: AccessRequest, rights: ClusterRights): readonly Candidate[] {
  return peopleIn(access, rights.authorizer).flatMap(({ identity, logins }): Candidate[] => {
    // While something cannot be read, everyone is unknown; listed are only those who may by what was read.
    const { answer } = judgeLogins({ unread: undefined }, logins, request, rights);
    return answer === "no" ? [] : [{ identity, verdict: judgeLogins(access, logins, request, rights) }];
  });
}

function judgeLogins(
  { unread }: Pick<ClusterAccess, "unread">,
  logins: readonly LiveAdmission[],
  request: AccessRequest,
  rights: ClusterRights,
): Verdict {
  const outcomes = logins.map((login): Outcome => {
    const outcome = outcomeOf(login, request, rights);
    return unread === undefined ? outcome : { ...outcome, answer: "unknown", doubt: unread };
  });
  const [first = "no", ...others] = new Set(outcomes.map(({ answer }) => answer));
  return { answer: others.length === 0 ? first : "unknown", outcomes };
}

function outcomeOf(login: LiveAdmission, request: AccessRequest, rights: ClusterRights): Outcome {
  const { user } = login;
  if (user === undefined) {
    return { ...login, answer: "no", doubt: undefined, grants: [] };
  }
  const all = rights.authorizer.grantsFor(user, request);
  const certain = all.filter(({ isCertain }) => isCertain);
  if (certain.length > 0) {
    return { ...login, answer: "yes", doubt: undefined, grants: certain };
  }
  const doubt = rights.unread ?? doubtOf(user, request, all);
  return { ...login, answer: doubt === undefined ? "no" : "unknown", doubt, grants: all };
}

/** @param possible by what the user may if the session has the right name. */
function doubtOf(user: User, request: AccessRequest, possible: readonly Grant[]): string | undefined {
  if (possible.length > 0) {
    const names = [...new Set(possible.map(({ subject }) => describeSubject(subject)))].join(" or ");
    return `it depends on the name of the session: only a login as ${names} may`;
  }
  const policies = (user.policies ?? []).filter((policy) => policy.rules === undefined && appliesTo(policy, request));
  if (policies.length > 0) {
    return `the rules of access policy ${[...new Set(policies.map(({ name }) => name))].join(", ")} are not known`;
  }
  return isNode(user) ? "the API server's Node authorizer gives nodes more than roles do" : undefined;
}

/**
 * Whether the API server may take a user for a node, which its node authorizer gives what the node needs at that moment.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
export function isNode({ username, groups }: User): boolean {
  return groups.some((group) => mayBe(group, /^system:nodes$/)) && mayBe(username, /^system:node:/);
}

/** Only the beginning of a pattern decides, since no session is named like a node. */
function mayBe(name: Name, expected: RegExp): boolean {
  return typeof name === "string" ? expected.test(name) : expected.test(name.source.slice(1));
}
