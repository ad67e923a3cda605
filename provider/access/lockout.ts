import { callerIdentity, type Login, loginsOf, matchableIdentity } from "../authenticator";
import { type AwsAuthDocument, type Entry, entriesOf, findEntries, isEffective } from "../document";
import { type Caller, principalKey } from "../mapping";
import { type Name, nodeProxiers, nodesGroup, superusers } from "../rbac";
import { isNode } from "./verdict";

/** What a usable cluster needs at least one identity of. A role of Fargate does not replace the role of EC2 nodes. */
const guardedGroups = [superusers, "EC2 nodes", "Fargate nodes"] as const;

export type GuardedGroup = (typeof guardedGroups)[number];

/** Whether some groups make an identity what a cluster needs. Only Fargate's nodes have the group of kube-proxy. */
function gives(groups: readonly Name[], guarded: GuardedGroup): boolean {
  return guarded === superusers
    ? groups.includes(superusers)
    : groups.includes(nodesGroup) && groups.includes(nodeProxiers) === (guarded === "Fargate nodes");
}

/** Whether some groups make an identity anything that a cluster needs. */
export function namesGuarded(groups: readonly string[]): boolean {
  return guardedGroups.some((group) => gives(groups, group));
}

/** Access that a change removes and that nobody should lose by accident. */
export interface Lockout {
  /** The group that has no members left; `caller`: the access of the caller who makes the change. */
  readonly lost: GuardedGroup | "caller";
  /** The entry that granted it. */
  readonly before: Entry;
  /** The entry that counts in its place, which may be that of the account. */
  readonly after: Entry | undefined;
  /** How many principals have this access before any change. */
  readonly holders: number;
}

/** The groups that changes take, by the principal that loses them. */
export type Taken = ReadonlyMap<string, readonly GuardedGroup[]>;

/**
 * Finds what a change locks out, by whom everybody becomes in the map before and after it: does an administrator remain, a node, the
 * caller? Only those who have the access in both maps remain. Who gains it in the same run does not count: changes run in any order,
 * and nobody might have access in between.
 *
 * @param before the map before any change.
 * @param after the map with this change, which may have others as well.
 * @param principal the principal of this change: it is blamed only for what that principal loses.
 * @param taken what other changes take that `after` does not have.
 */
export function findLockouts(
  before: AwsAuthDocument,
  after: AwsAuthDocument,
  principal: string,
  caller: Caller | undefined,
  taken: Taken = new Map(),
): Lockout[] {
  const groups = lossesOf(before, after, principal).flatMap(({ lost, chance, isIn, ...entries }): Lockout[] => {
    const named = principalsFor(before, lost);
    const isMember = (document: AwsAuthDocument, name: string) => chanceOf(loginsFor(document, name), isIn) >= chance;
    const stays = (name: string) => !taken.get(name)?.includes(lost) && isMember(after, name) && isMember(before, name);
    return named.some(stays)
      ? []
      : [{ lost, ...entries, holders: named.filter((name) => isMember(before, name)).length }];
  });
  return [...groups, ...callerLockout(before, after, principal, caller)];
}

/** The guarded groups that a change takes from its principal, whoever else is in them. */
export function groupsTaken(before: AwsAuthDocument, after: AwsAuthDocument, principal: string): GuardedGroup[] {
  return lossesOf(before, after, principal).map(({ lost }) => lost);
}

/** Whether a change for a principal may lock anybody out. Most may not, and need no map after the change. */
export function mayLockOut(before: AwsAuthDocument, principal: string, caller: Caller | undefined): boolean {
  return guardedGroups.some((group) => isNamedFor(before, principal, group)) || isCaller(principal, caller);
}

/** Whether a map grants a principal any access: with an entry of its own, or one for its account. */
export function hasAccess(document: AwsAuthDocument, principal: string): boolean {
  return [principal, callerIdentity(principal)?.account ?? principal].some((name) =>
    findEntries(document, name).some(isEffective),
  );
}

/** A group that a principal loses. */
interface Loss extends Pick<Lockout, "before" | "after"> {
  readonly lost: GuardedGroup;
  /** The chance that it was in the group before. */
  readonly chance: Chance;
  /** Whether a login has what it loses. */
  readonly isIn: LoginTest;
}

function lossesOf(before: AwsAuthDocument, after: AwsAuthDocument, principal: string): Loss[] {
  // To resolve an identity takes the whole map, and few principals are in such a group.
  const groups = guardedGroups.filter((group) => isNamedFor(before, principal, group));
  return groups.flatMap((lost): Loss[] => {
    const [had, has] = [loginsFor(before, principal), loginsFor(after, principal)];
    const isIn = testFor(had, lost);
    const chance = chanceOf(had, isIn);
    const entry = had.find(isIn)?.entry;
    const next = has.find((login) => !isIn(login))?.entry;
    return entry === undefined || chanceOf(has, isIn) >= chance
      ? []
      : [{ lost, chance, isIn, before: entry, after: next }];
  });
}

/** What the logins of a principal come out as; none where no caller ever has its ARN, or it is an account. */
function loginsFor(document: AwsAuthDocument, principal: string): readonly Login[] {
  const identity = matchableIdentity(principal);
  return identity === undefined ? [] : loginsOf(document, identity);
}

/** How often the logins of an identity come out with a group: 0 never, 1 at random or by a feature gate, 2 always. */
type Chance = 0 | 1 | 2;

function chanceOf(logins: readonly Login[], isIn: LoginTest): Chance {
  if (!logins.some(isIn)) {
    return 0;
  }
  return logins.every(isIn) ? 2 : 1;
}

type LoginTest = (login: Login) => boolean;

/** Tells whether a login has what these have by a group. The API server takes nobody for a node without a node's username. */
function testFor(had: readonly Login[], group: GuardedGroup): LoginTest {
  const isIn: LoginTest = ({ user }) => user !== undefined && gives(user.groups, group);
  const isNodes: LoginTest = (login) => isIn(login) && login.user !== undefined && isNode(login.user);
  return group !== superusers && had.some(isNodes) ? isNodes : isIn;
}

/** The principals of the entries that name a group, whether or not they count. */
function principalsFor(document: AwsAuthDocument, group: GuardedGroup): readonly string[] {
  const entries = entriesOf(document).filter(({ groups }) => gives(groups, group));
  return [...new Set(entries.flatMap(({ principal }) => principal ?? []))];
}

/** Whether an entry for a principal names a group, whether or not it counts. */
function isNamedFor(document: AwsAuthDocument, principal: string, group: GuardedGroup): boolean {
  return findEntries(document, principal).some(({ groups }) => gives(groups, group));
}

function callerLockout(
  before: AwsAuthDocument,
  after: AwsAuthDocument,
  principal: string,
  caller: Caller | undefined,
): Lockout[] {
  const identity = caller && callerIdentity(caller.arn);
  if (caller === undefined || identity === undefined || !isCaller(principal, caller)) {
    return [];
  }
  // Callers with an EKS access entry, and the cluster's creator, keep their access.
  const had = loginsOf(before, identity).filter(
    ({ user }) => user !== undefined && fits(user.username, caller.username),
  );
  const next = loginsOf(after, identity).find((login) => !had.some((own) => keepsAccess(own, login)));
  const entry = had[0]?.entry;
  return entry === undefined || next === undefined
    ? []
    : [{ lost: "caller", before: entry, after: next.entry, holders: 1 }];
}

/** Whether a principal is the caller, or its account. */
export function isCaller(principal: string, caller: Caller | undefined): boolean {
  const identity = caller && callerIdentity(caller.arn);
  return identity !== undefined && (principal === principalKey(identity.arn) || principal === identity.account);
}

/** Whether a username may be what a login gives. Ignores letter case. */
function fits(name: Name, username: string): boolean {
  return typeof name === "string"
    ? name.toLowerCase() === username.toLowerCase()
    : new RegExp(name.source, "is").test(username);
}

/** Whether somebody has all that a login gave by another one as well. */
function keepsAccess({ user: before }: Login, { user: after }: Login): boolean {
  if (before === undefined || after === undefined) {
    return false;
  }
  const groups = after.groups.map(String);
  return (
    groups.includes(superusers) ||
    (String(before.username) === String(after.username) &&
      before.groups.every((group) => groups.includes(String(group))))
  );
}
