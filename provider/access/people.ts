import {
  callerIdentity,
  candidatesFor,
  foldCase,
  matchableIdentity,
  type PlacedEntry,
  placedEntries,
  placedEntry,
} from "../authenticator";
import type { Entry } from "../document";
import type { Authorizer } from "../rbac";
import type { ClusterAccess, LiveAdmission } from "./clusterAccess";
import { admissionsIn, admissionsOf, memberOf } from "./loginMap";

/** Somebody in a map, or with an access entry. */
export interface Person {
  /**
   * An ARN, with `*` for the suffix that IAM Identity Center gives, or `account 111122223333` for everybody else in an account; what an
   * entry says that is for nobody.
   */
  readonly identity: string;
  /** What the logins may come out as; none where no caller ever has the ARN. */
  readonly logins: readonly LiveAdmission[];
  /** The entries of the map that name it or may count for it, in the map's order. */
  readonly entries: readonly PlacedEntry[];
}

/** Everybody, each once: those in the map in its order, then those who have an access entry alone. */
export function peopleIn(access: ClusterAccess, authorizer: Authorizer): readonly Person[] {
  const { document } = access;
  const people = new Map<string, Omit<Person, "entries"> & { readonly entries: Set<PlacedEntry> }>();
  const meet = ({ identity, logins }: Named, own: readonly PlacedEntry[]) => {
    // Two entries may spell one identity in two ways.
    const key = foldCase(identity);
    const known = people.get(key);
    const person = known ?? { identity, logins: logins(), entries: new Set<PlacedEntry>() };
    people.set(key, person);
    // An entry of a permission set may count for the roles of the set that have entries of their own.
    const counting = known ? [] : person.logins.flatMap(({ entry }) => (entry && placedEntry(document, entry)) ?? []);
    for (const placed of [...own, ...counting]) {
      person.entries.add(placed);
    }
  };
  const users = Map.groupBy(authorizer.users, (user) => callerIdentity(user)?.account);
  const placed = placedEntries(document);
  for (const own of placed) {
    const named = namedBy(access, own.entry, users);
    const nobody = { identity: own.entry.arn ?? `${own.key} entry ${own.position}`, logins: () => [] };
    for (const one of named.length === 0 ? [nobody] : named) {
      meet(one, [own]);
    }
  }
  for (const { principalArn } of access.entries) {
    for (const one of namedAt(access, callerIdentity(principalArn)?.arn ?? "")) {
      meet(one, []);
    }
  }
  const order = new Map(placed.map((one, index) => [one, index]));
  const place = (one: PlacedEntry) => order.get(one) ?? 0;
  return [...people.values()].map((person) => ({
    ...person,
    entries: [...person.entries].sort((a, b) => place(a) - place(b)),
  }));
}

/** An identity, and what its logins come out as, which takes time to tell: many entries may be for one identity. */
interface Named extends Pick<Person, "identity"> {
  readonly logins: () => Person["logins"];
}

/** Whom an entry is for; nobody where no caller ever has its ARN. */
function namedBy(
  access: ClusterAccess,
  entry: Entry,
  users: ReadonlyMap<string | undefined, readonly string[]>,
): readonly Named[] {
  const member = memberOf(entry);
  if (member?.kind === "account") {
    const { account } = member;
    // Of all that nobody has named in the map, only those that a binding names have more than everybody has.
    // Of an account that is listed again and again, one entry counts.
    const [counting] = candidatesFor(access.document, { arn: "", account }, { ssoRoleMatch: false });
    const bound = counting === entry ? (users.get(account) ?? []) : [];
    const others = { identity: `account ${account}`, logins: () => admissionsIn(access.logins, member) };
    return [...bound.flatMap((user) => namedAt(access, user)), others];
  }
  if (member !== undefined) {
    return namedAt(access, member.identity.arn);
  }
  if (entry.sso === undefined || entry.arn !== undefined) {
    return [];
  }
  const { accountId, permissionSetName } = entry.sso;
  const role = `arn:aws:iam::${accountId}:role/AWSReservedSSO_${permissionSetName}_`;
  return namedAt(access, `${role}${anySuffix}`).map(({ logins }) => ({ identity: `${role}*`, logins }));
}

/** In the form of the suffixes that IAM Identity Center gives, and of none that it is likely to give. */
const anySuffix = "0".repeat(16);

/** Whom an ARN is of; nobody where no caller ever has it. */
function namedAt({ logins }: ClusterAccess, arn: string): readonly Named[] {
  const identity = matchableIdentity(arn);
  return identity === undefined ? [] : [{ identity: identity.arn, logins: () => admissionsOf(logins, identity) }];
}
