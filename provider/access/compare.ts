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
  const names = [...new Set([...old.keys(), ...young.keys()])];
  const changes = names.flatMap((name): MemberChange[] => {
    const [was = [], is = []] = [old.get(name), young.get(name)];
    const { member } = was[0] ?? is[0] ?? {};
    // To resolve an identity takes the whole map, and most entries stay as they are.
    if (member === undefined || isSame(was, is)) {
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
function isSame(before: readonly Named[], after: readonly Named[]): boolean {
  const isShared = before.length === after.length && before.every(({ entry }, index) => entry === after[index]?.entry);
  const text = (all: readonly Named[]) => JSON.stringify(all.map(({ entry }) => entry));
  return isShared || text(before) === text(after);
}

interface Named {
  readonly member: Member;
  readonly entry: Entry;
}

/** Everybody whom a map names with an entry, by a name that is the same in every spelling. */
function membersOf(map: LoginMap, users: Iterable<string>): ReadonlyMap<string, readonly Named[]> {
  const byAccount = usersByAccount(users);
  const all = entriesOf(map).flatMap((entry) =>
    membersBy(map, entry, byAccount).map(({ key, member }) => ({ key, member, entry })),
  );
  return Map.groupBy(all, ({ key }) => key);
}

function usersIn(logins: readonly Admission[]): string {
  return JSON.stringify([...new Set(logins.map(userIn))].sort());
}

/** The user of a login, so that it can be compared: groups are a set. */
function userIn({ user, accessEntry }: Admission): string {
  const groups = [...(user?.groups ?? []).map(String), ...(accessEntry === undefined ? [] : standIns(accessEntry))];
  return JSON.stringify(user && [String(user.username), ...[...new Set(groups)].sort()]);
}
