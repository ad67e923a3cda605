import type { LiveAccessEntry } from "../accessEntries";
import { callerIdentity } from "../authenticator/callerIdentity";
import { type PlacedEntry, placedEntries } from "../authenticator/placedEntry";
import { type Entry, entriesOf } from "../document";
import { accessEntriesOf, type ClusterAccess } from "./clusterAccess";
import { type Admission, admissionsIn, admissionsOf, type LoginMap, type Member, standIns } from "./loginMap";
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

/** An entry of aws-auth that has no effect, since an access entry wins. */
export interface OverriddenEntry {
  readonly placed: PlacedEntry;
  /** The access entry; of several, the first. */
  readonly winner: LiveAccessEntry;
  /** Whether both make the same of the identity. */
  readonly isEqual: boolean;
}

/** The entries of aws-auth that would count if there were no access entries, in the order of the map. */
export function overriddenEntries(access: ClusterAccess): ReadonlyMap<Entry, OverriddenEntry> {
  const { document, logins } = access;
  return new Map(
    placedEntries(document).flatMap((placed) => {
      const { entry } = placed;
      const [winner] = entry.arn === undefined ? [] : accessEntriesOf(access, entry.arn);
      const identity = winner && callerIdentity(winner.principalArn);
      const would = identity && admissionsOf(document, identity).find((login) => login.entry === entry);
      const counting = identity && admissionsOf(logins, identity)[0];
      const isEqual = would && counting !== undefined && userIn(would) === userIn(counting);
      return winner === undefined || isEqual === undefined ? [] : [[entry, { placed, winner, isEqual }] as const];
    }),
  );
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
