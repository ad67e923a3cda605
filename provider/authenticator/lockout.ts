import { type AwsAuthDocument, type Entry, entriesInForce, entryInForce, findEntries } from "../document";
import { type Caller, principalKey } from "../mapping";
import { callerIdentity, matchableIdentity } from "./callerIdentity";

/** The Kubernetes groups that a usable cluster needs at least one member of: administrators and nodes. */
const guardedGroups = ["system:masters", "system:nodes"] as const;

/** A group that needs at least one member. */
export type GuardedGroup = (typeof guardedGroups)[number];

/** Access that a change removes and that nobody should lose by accident. */
export interface Lockout {
  /** The group that has no members left; `caller`: the access of the caller who makes the change. */
  readonly lost: GuardedGroup | "caller";
  /** The entry that granted it. */
  readonly before: Entry;
  /** The entry that counts in its place. */
  readonly after: Entry | undefined;
  /** How many principals have this access before the change. */
  readonly holders: number;
}

/** For every changed principal, the entry that will be in force; undefined if there will be none. */
export type Changes = ReadonlyMap<string, Entry | undefined>;

/**
 * Finds what a change of one principal's entries locks out. Access that others gain in the same run does not count: changes run in
 * any order, and nobody might have access in between.
 *
 * @param before the map before any change.
 * @param changes this change, and all changes made with it.
 * @param principal the principal of this change.
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

/** Whether a map grants a principal any access: with an entry of its own, or one for its account. */
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
  // Callers with an EKS access entry, and the cluster's creator, keep their access.
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

/** The principals that a map puts in a group. */
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

/** Whether an entry puts anybody in a group. An entry whose ARN no caller can have does not. */
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

/** Whether an entry can produce a username, given that the authenticator expands templates at each login. Ignores letter case. */
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
  // Taking the first match of each piece leaves the most text for the next ones, so no backtracking is needed.
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
