import {
  callerIdentity,
  candidatesFor,
  foldCase,
  matchableIdentity,
  type PlacedEntry,
  placedEntries,
  placedEntry,
} from "../authenticator";
import type { AwsAuthDocument, Entry } from "../document";
import type { Authorizer } from "../rbac";
import type { ClusterAccess, LiveAdmission } from "./clusterAccess";
import { admissionsIn, type Member } from "./loginMap";

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
  const meet = ({ key, identity, member }: Named, own: readonly PlacedEntry[]) => {
    const known = people.get(key);
    const logins = known?.logins ?? (member === undefined ? [] : admissionsIn(access.logins, member));
    const person = known ?? { identity, logins, entries: new Set<PlacedEntry>() };
    people.set(key, person);
    // An entry of a permission set may count for the roles of the set that have entries of their own.
    const counting = known ? [] : logins.flatMap(({ entry }) => (entry && placedEntry(document, entry)) ?? []);
    for (const placed of [...own, ...counting]) {
      person.entries.add(placed);
    }
  };
  const users = usersByAccount(authorizer.users);
  const placed = placedEntries(document);
  for (const own of placed) {
    const members: readonly Named[] = membersBy(document, own.entry, users);
    const identity = own.entry.arn ?? `${own.key} entry ${own.position}`;
    for (const one of members.length === 0 ? [{ key: foldCase(identity), identity }] : members) {
      meet(one, [own]);
    }
  }
  for (const { principalArn } of access.entries) {
    for (const one of memberAt(callerIdentity(principalArn)?.arn ?? "")) {
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

/** Somebody by a name: a member of a map, or nobody. */
interface Named extends Pick<Person, "identity"> {
  /** The same in every spelling. */
  readonly key: string;
  readonly member?: Member;
}

/** Users of the IAM identities by their accounts. */
function usersByAccount(users: Iterable<string>): ReadonlyMap<string | undefined, readonly string[]> {
  return Map.groupBy(users, (user) => callerIdentity(user)?.account);
}

/**
 * Whom an entry is for; nobody where no caller ever has its ARN.
 *
 * @param users those that bindings name, by account: of all that nobody has named in the map, only they have more than everybody has.
 */
function membersBy(
  map: AwsAuthDocument,
  entry: Entry,
  users: ReturnType<typeof usersByAccount>,
): readonly Required<Named>[] {
  const { arn = "", account, sso } = entry;
  if (account !== undefined) {
    // Of an account that is listed again and again, one entry counts.
    const [counting] = candidatesFor(map, { arn: "", account });
    const bound = counting === entry ? (users.get(account) ?? []) : [];
    const identity = `account ${account}`;
    return [...bound.flatMap(memberAt), { key: identity, identity, member: { kind: "account", account } }];
  }
  if (sso === undefined || entry.arn !== undefined) {
    return memberAt(arn);
  }
  const role = `arn:aws:iam::${sso.accountId}:role/AWSReservedSSO_${sso.permissionSetName}_`;
  return memberAt(`${role}${anySuffix}`).map(({ member }) => ({ key: foldCase(role), identity: `${role}*`, member }));
}

/** In the form of the suffixes that IAM Identity Center gives, and of none that it is likely to give. */
const anySuffix = "0".repeat(16);

/** Whom an ARN is of; nobody where no caller ever has it. */
function memberAt(arn: string): readonly Required<Named>[] {
  const identity = matchableIdentity(arn);
  return identity === undefined
    ? []
    : [{ key: foldCase(identity.arn), identity: identity.arn, member: { kind: "identity", identity } }];
}
