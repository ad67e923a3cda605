import { callerIdentity, foldCase, type Login, loginsOf, matchableIdentity } from "../authenticator";
import { type AwsAuthDocument, type Entry, entriesOf } from "../document";
import type { AccessRequest } from "../rbac";
import { loginsIn, memberOf } from "./members";
import { type ClusterRights, judgeLogins, type Verdict } from "./verdict";

/** Somebody in a map, and whether it may do what was asked. */
export interface Candidate {
  /** An ARN, with `*` for the suffix that IAM Identity Center gives, or `account 111122223333` for everybody else in an account. */
  readonly identity: string;
  /** `yes` or `unknown`. */
  readonly verdict: Verdict;
}

/** The identities of a map that may do something, or of which that cannot be told, in the order of the map. */
export function whoCan(document: AwsAuthDocument, request: AccessRequest, rights: ClusterRights): readonly Candidate[] {
  const people = new Map<string, readonly [identity: string, logins: readonly Login[]]>();
  for (const entry of entriesOf(document)) {
    for (const [identity, own] of membersOf(document, entry, rights)) {
      // Two entries may spell one identity in two ways.
      const key = foldCase(identity);
      people.set(key, people.get(key) ?? [identity, own]);
    }
  }
  return [...people.values()].flatMap(([identity, own]): Candidate[] => {
    const verdict = judgeLogins(own, request, rights);
    return verdict.answer === "no" ? [] : [{ identity, verdict }];
  });
}

/** Whom an entry is for, and what their logins come out as; nobody where no caller ever has its ARN. */
export function membersOf(
  document: AwsAuthDocument,
  entry: Entry,
  { authorizer }: ClusterRights,
): (readonly [identity: string, logins: readonly Login[]])[] {
  const member = memberOf(entry);
  if (member?.kind === "account") {
    const { account } = member;
    // Of all that nobody has named in the map, only those that a binding names have more than everybody has.
    const named = [...authorizer.users].filter((user) => callerIdentity(user)?.account === account);
    return [...named.flatMap((user) => memberAt(document, user)), [`account ${account}`, loginsIn(document, member)]];
  }
  if (member !== undefined) {
    return [[member.identity.arn, loginsIn(document, member)]];
  }
  if (entry.sso === undefined || entry.arn !== undefined) {
    return [];
  }
  const { accountId, permissionSetName } = entry.sso;
  const role = `arn:aws:iam::${accountId}:role/AWSReservedSSO_${permissionSetName}_`;
  return memberAt(document, `${role}${anySuffix}`).map(([, logins]) => [`${role}*`, logins]);
}

/** In the form of the suffixes that IAM Identity Center gives, and of none that it is likely to give. */
const anySuffix = "0".repeat(16);

function memberAt(document: AwsAuthDocument, arn: string): (readonly [string, readonly Login[]])[] {
  const identity = matchableIdentity(arn);
  return identity === undefined ? [] : [[identity.arn, loginsOf(document, identity)]];
}
