import { callerIdentity, candidatesFor, foldCase, matchableIdentity } from "../authenticator";
import { type Entry, entriesOf } from "../document";
import type { AccessRequest, Authorizer } from "../rbac";
import { type Admission, admissionsOf, type ClusterAccess, principalsOf } from "./clusterAccess";
import { loginsIn, memberOf } from "./members";
import { type ClusterRights, judgeLogins, type Verdict } from "./verdict";

/** Somebody in a map, or with an access entry, and whether it may do what was asked. */
export interface Candidate {
  /** An ARN, with `*` for the suffix that IAM Identity Center gives, or `account 111122223333` for everybody else in an account. */
  readonly identity: string;
  /** `yes` or `unknown`. */
  readonly verdict: Verdict;
}

/**
 * The identities that may do something, or of which that cannot be told: those of the map in its order, then whoever has an access entry
 * alone.
 */
export function whoCan(access: ClusterAccess, request: AccessRequest, rights: ClusterRights): readonly Candidate[] {
  const people = new Map<string, AdmittedMember>();
  const named = principalsOf(access).map(({ arn }) => memberAt(access, arn));
  for (const members of [...entriesOf(access.document).map((entry) => membersOf(access, entry, rights)), ...named]) {
    for (const member of members) {
      // Two entries may spell one identity in two ways.
      const key = foldCase(member[0]);
      people.set(key, people.get(key) ?? member);
    }
  }
  return [...people.values()].flatMap(([identity, logins]): Candidate[] => {
    const verdict = judgeLogins(logins(), request, rights);
    return verdict.answer === "no" ? [] : [{ identity, verdict }];
  });
}

/** An identity, and what its logins come out as, which takes time to tell: many entries may be for one identity. */
type AdmittedMember = readonly [identity: string, logins: () => readonly Admission[]];

/** Whom an entry is for, and what their logins come out as; nobody where no caller ever has its ARN. */
export function membersOf(access: ClusterAccess, entry: Entry, { authorizer }: ClusterRights): AdmittedMember[] {
  const member = memberOf(entry);
  if (member?.kind === "account") {
    const { account } = member;
    // Of all that nobody has named in the map, only those that a binding names have more than everybody has.
    // Of an account that is listed again and again, one entry counts.
    const [counting] = candidatesFor(access.document, { arn: "", account }, { ssoRoleMatch: false });
    const named = counting === entry ? (usersByAccount(authorizer).get(account) ?? []) : [];
    const others: AdmittedMember = [`account ${account}`, () => loginsIn(access.document, member)];
    return [...named.flatMap((user) => memberAt(access, user)), others];
  }
  if (member !== undefined) {
    return [[member.identity.arn, () => admissionsOf(access, member.identity)]];
  }
  if (entry.sso === undefined || entry.arn !== undefined) {
    return [];
  }
  const { accountId, permissionSetName } = entry.sso;
  const role = `arn:aws:iam::${accountId}:role/AWSReservedSSO_${permissionSetName}_`;
  return memberAt(access, `${role}${anySuffix}`).map(([, logins]) => [`${role}*`, logins]);
}

/** The IAM identities that bindings name. */
function usersByAccount(authorizer: Authorizer): ReadonlyMap<string | undefined, readonly string[]> {
  const known = namedUsers.get(authorizer) ?? Map.groupBy(authorizer.users, (user) => callerIdentity(user)?.account);
  namedUsers.set(authorizer, known);
  return known;
}

const namedUsers = new WeakMap<Authorizer, ReadonlyMap<string | undefined, readonly string[]>>();

/** In the form of the suffixes that IAM Identity Center gives, and of none that it is likely to give. */
const anySuffix = "0".repeat(16);

/** Whom an ARN is of, and what their logins come out as; nobody where no caller ever has it. */
export function memberAt(access: ClusterAccess, arn: string): AdmittedMember[] {
  const identity = matchableIdentity(arn);
  return identity === undefined ? [] : [[identity.arn, () => admissionsOf(access, identity)]];
}
