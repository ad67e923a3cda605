import { matchableIdentity } from "../authenticator";
import { type Entry, entriesOf } from "../document";
import { type Admission, admissionsIn, type LoginMap, type Member, memberOf, standIns } from "./loginMap";

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
  const [old, young] = [namedIn(before), namedIn(after)];
  const names = [...new Set([...old.keys(), ...young.keys()])];
  const changes = names.flatMap((name): MemberChange[] => {
    const [was, is] = [old.get(name), young.get(name)];
    const { member } = was ?? is ?? {};
    // To resolve an identity takes the whole map, and most entries stay as they are.
    if (member === undefined || isSame(was?.entries, is?.entries)) {
      return [];
    }
    return changeOf(before, after, member);
  });
  const accounts = new Set(changes.flatMap(({ member }) => (member.kind === "account" ? [member.account] : [])));
  const bound = [...users].flatMap((user): MemberChange[] => {
    const identity = matchableIdentity(user);
    const isConcerned = identity !== undefined && accounts.has(identity.account);
    return isConcerned && !names.includes(identity.arn.toLowerCase())
      ? changeOf(before, after, { kind: "identity", identity })
      : [];
  });
  return { changes: [...changes, ...bound], others: names.length - changes.length };
}

/** Whom a member becomes in two versions of a map; nothing where that is the same. */
function changeOf(before: LoginMap, after: LoginMap, member: Member): MemberChange[] {
  const change = { member, before: admissionsIn(before, member), after: admissionsIn(after, member) };
  return usersIn(change.before) === usersIn(change.after) ? [] : [change];
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
function namedIn(document: LoginMap): ReadonlyMap<string, Named> {
  const known = namedBy.get(document);
  if (known !== undefined) {
    return known;
  }
  const members = new Map<string, Named>();
  for (const entry of entriesOf(document)) {
    const member = memberOf(entry);
    if (member !== undefined) {
      const name = member.kind === "account" ? member.account : member.identity.arn.toLowerCase();
      const named = members.get(name) ?? { member, entries: [] };
      named.entries.push(entry);
      members.set(name, named);
    }
  }
  namedBy.set(document, members);
  return members;
}

/** The map before is the same in all comparisons of a plugin's preview. */
const namedBy = new WeakMap<LoginMap, ReadonlyMap<string, Named>>();

/** The users of logins, so that they can be compared: groups are a set. */
function usersIn(logins: readonly Admission[]): string {
  const users = logins.map(({ user, accessEntry }) => {
    const groups = [...(user?.groups ?? []).map(String), ...(accessEntry === undefined ? [] : standIns(accessEntry))];
    return JSON.stringify(user && [String(user.username), ...[...new Set(groups)].sort()]);
  });
  return JSON.stringify([...new Set(users)].sort());
}
