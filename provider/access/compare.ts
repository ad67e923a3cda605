import { type Entry, entriesOf } from "../document";
import { type Admission, admissionsIn, type LoginMap, type Member, standIns } from "./loginMap";
import { membersBy, usersByAccount } from "./people";

/** Whom somebody becomes in two versions of a map. */
export interface MemberChange {
  readonly member: Member;
  /** What the logins come out as; several where which entry counts is random. */
  readonly before: readonly Admission[];
  readonly after: readonly Admission[];
}

/** What one version of a map gives that the other does not. */
export interface MapChange {
  /** In the order of the map before, then of the map after. */
  readonly changes: readonly MemberChange[];
  /** How many others either version lets in. */
  readonly others: number;
}

/**
 * Compares whom everybody becomes in two versions of a map, shadowing included. An entry of another spelling, or another owner, is no
 * change.
 *
 * @param users the users that bindings name. Those of an account have more than it shows for the account as a whole.
 */
export function compareMaps(before: LoginMap, after: LoginMap, users: Iterable<string> = []): MapChange {
  const [old, young] = [membersOf(before, users), membersOf(after, users)];
  const members = new Map([...young, ...old]);
  const names = [...new Set([...old.keys(), ...young.keys()])];
  const changes = names.flatMap((name): MemberChange[] => {
    const { member } = members.get(name) ?? {};
    // To resolve an identity takes the whole map, and most entries stay as they are.
    if (member === undefined || isSame(old.get(name)?.entries, young.get(name)?.entries)) {
      return [];
    }
    const change = { member, before: admissionsIn(before, member), after: admissionsIn(after, member) };
    return usersIn(change.before) === usersIn(change.after) ? [] : [change];
  });
  return { changes, others: names.length - changes.length };
}

/** Whether two logins make the same of an identity. */
export function isSameLogin(a: Admission, b: Admission | undefined): boolean {
  return b !== undefined && userIn(a) === userIn(b);
}

/** Most entries of two versions are the same objects. */
function isSame(before: readonly Entry[] = [], after: readonly Entry[] = []): boolean {
  const isShared = before.length === after.length && before.every((entry, index) => entry === after[index]);
  return isShared || JSON.stringify(before) === JSON.stringify(after);
}

interface Named {
  readonly member: Member;
  readonly entries: Entry[];
}

/** Everybody whom a map names, by a name that is the same in every spelling. */
function membersOf(map: LoginMap, users: Iterable<string>): ReadonlyMap<string, Named> {
  const members = new Map<string, Named>();
  const byAccount = usersByAccount(users);
  for (const entry of entriesOf(map)) {
    for (const { key, member } of membersBy(map, entry, byAccount)) {
      const named = members.get(key) ?? { member, entries: [] };
      named.entries.push(entry);
      members.set(key, named);
    }
  }
  return members;
}

function usersIn(logins: readonly Admission[]): string {
  return JSON.stringify([...new Set(logins.map(userIn))].sort());
}

/** The user of a login, so that it can be compared: groups are a set. */
function userIn({ user, accessEntry }: Admission): string {
  const groups = [...(user?.groups ?? []).map(String), ...(accessEntry === undefined ? [] : standIns(accessEntry))];
  return JSON.stringify(user && [String(user.username), ...[...new Set(groups)].sort()]);
}
