import { type AwsAuthDocument, type Entry, entriesInForce, entryInForce, findEntries } from "../document";
import { type Caller, principalKey } from "../mapping";
import { callerIdentity, matchableIdentity } from "./callerIdentity";

/** The Kubernetes groups that somebody in a map has to be in, or the cluster is of no use: administrators and nodes. */
const guardedGroups = ["system:masters", "system:nodes"] as const;

/** A group that somebody in a map has to be in. */
export type GuardedGroup = (typeof guardedGroups)[number];

/** What a change takes away that should be given up knowingly. */
export interface Lockout {
  /** The group that nobody is left in; `caller`: the access of whoever makes the change. */
  readonly lost: GuardedGroup | "caller";
  /** The entry that gave it. */
  readonly before: Entry;
  /** The entry that counts in its place. */
  readonly after: Entry | undefined;
  /** How many principals have what is lost, before anything is changed. */
  readonly holders: number;
}

/** For every principal that is changed, the entry that will be in force; undefined: none. */
export type Changes = ReadonlyMap<string, Entry | undefined>;

/**
 * Finds what a change of one principal's entries locks out. What others gain by the same changes does not make up for it: they may be
 * made in any order, and between two of them nobody would have access.
 *
 * @param before the map before all changes.
 * @param changes this change, and those that are made together with it.
 * @param principal whom this change is about.
 */
export function findLockouts(
  before: AwsAuthDocument,
  changes: Changes,
  principal: string,
  caller: Caller | undefined,
): Lockout[] {
  const own = entryInForce(findEntries(before, principal));
  const after = changes.get(principal);
  const groups = guardedGroups.flatMap((lost): Lockout[] => {
    if (own === undefined || !gives(own, lost) || gives(after, lost)) {
      return [];
    }
    const holders = holdersOf(before, lost);
    const isLast = holders.every((holder) => changes.has(holder) && !gives(changes.get(holder), lost));
    return isLast ? [{ lost, before: own, after, holders: holders.length }] : [];
  });
  return [...groups, ...callerLockout(before, changes, principal, caller)];
}

/**
 * Whether a map says anything that a change of a principal's entries could take away: an entry of its own, or one for its whole
 * account.
 */
export function hasAccess(document: AwsAuthDocument, principal: string): boolean {
  return [principal, accountOfPrincipal(principal)].some(
    (name) => entryInForce(findEntries(document, name)) !== undefined,
  );
}

function callerLockout(
  before: AwsAuthDocument,
  changes: Changes,
  principal: string,
  caller: Caller | undefined,
): Lockout[] {
  const identity = caller === undefined ? undefined : callerIdentity(caller.arn);
  if (caller === undefined || identity === undefined) {
    return [];
  }
  const names = [principalKey(identity.arn), identity.account];
  if (!names.includes(principal)) {
    return [];
  }
  const entries = names.map((name) => entryInForce(findEntries(before, name)));
  const entriesAfter = names.map((name, index) => (changes.has(name) ? changes.get(name) : entries[index]));
  const own = entries.find((entry) => entry !== undefined);
  const after = entriesAfter.find((entry) => entry !== undefined);
  // Whoever gets in by an EKS access entry, or made the cluster, loses nothing here.
  if (own === undefined || !fitsUsername(own, identity.arn, caller.username)) {
    return [];
  }
  const isKept =
    after !== undefined &&
    (after.groups.includes("system:masters") ||
      (usernameOf(after, identity.arn) === usernameOf(own, identity.arn) &&
        own.groups.every((group) => after.groups.includes(group))));
  return isKept ? [] : [{ lost: "caller", before: own, after, holders: 1 }];
}

/** The principals that a map has in a group. */
function holdersOf(document: AwsAuthDocument, group: GuardedGroup): readonly string[] {
  const known = allHolders.get(document) ?? new Map<GuardedGroup, readonly string[]>();
  allHolders.set(document, known);
  const cached = known.get(group);
  if (cached !== undefined) {
    return cached;
  }
  const holders = [...entriesInForce(document)].filter(([, entry]) => gives(entry, group)).map(([name]) => name);
  known.set(group, holders);
  return holders;
}

/** Whether an entry puts anybody in a group: one for an ARN that no caller ever has puts nobody. */
function gives(entry: Entry | undefined, group: GuardedGroup): boolean {
  if (entry?.arn === undefined || !entry.groups.includes(group)) {
    return false;
  }
  const identity = matchableIdentity(entry.arn);
  return identity !== undefined && /^\d{12}$/.test(identity.account);
}

function usernameOf(entry: Entry, arn: string): string {
  return entry.key === "mapAccounts" ? arn : entry.username;
}

/** Whether a user may have got its name from an entry, templates being filled in at each login, in any letter case. */
function fitsUsername(entry: Entry, arn: string, username: string): boolean {
  const [first = "", ...rest] = usernameOf(entry, arn)
    .toLowerCase()
    .split(/\{\{[^{}]*\}\}/);
  const name = username.toLowerCase();
  const last = rest.pop();
  if (last === undefined) {
    return name === first;
  }
  if (!name.startsWith(first) || !name.endsWith(last)) {
    return false;
  }
  // The first place for each piece leaves the most for those after it, so that none has to be tried again.
  let place = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, place);
    if (found < 0) {
      return false;
    }
    place = found + piece.length;
  }
  return place <= name.length - last.length;
}

function accountOfPrincipal(principal: string): string {
  return callerIdentity(principal)?.account ?? principal;
}

const allHolders = new WeakMap<AwsAuthDocument, Map<GuardedGroup, readonly string[]>>();
