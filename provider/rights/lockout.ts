import type { AccessEntryContent } from "../accessEntries/accessEntry";
import { hasAccessEntries, type Places } from "../identity/clusterAccess";
import { parseIdentity } from "../identity/identity";
import { groupsWithImplied, impliedGroups, type Login, userTemplateOf } from "../identity/login";
import { loginsOf, whoLogsIn } from "../identity/whoLogsIn";
import { type Caller, isForAdministratorsOrNodes, isNode, nodeProxiers, principalKey, superusers } from "../mapping";

/** Access that a change removes and the cluster or the run needs: the last administrator, the last nodes of a kind, or the run's own. */
export type Lockout = "administrator" | "EC2 node" | "Fargate node" | "caller";

/**
 * Compares the access to a cluster before and after a change of one principal. A place or key that could not be read
 * counts as empty in both, so that unknown entries never count as administrators.
 *
 * @param principal the principal whose entry changes; the access of all others is unchanged.
 * @param caller the run's own identity; undefined if the cluster does not report it.
 */
export function findLockouts(
  before: Places,
  after: Places,
  principal: string,
  caller: Caller | undefined,
): readonly Lockout[] {
  if (!mayLockOut(before, principal, caller)) {
    return [];
  }
  const [had = [], has = []] = [before, after].map((places) => loginsOf(places, principal));
  const lost = lockoutKinds.filter((kind) => {
    const isLost = had.some((login) => is(login, kind)) && !isAlways(has, kind);
    return isLost && ![...principalsOf(after, kind)].some((other) => isAlways(loginsOf(after, other), kind));
  });
  return isCallerCutOff(before, after, principal, caller) ? [...lost, "caller"] : lost;
}

/** Whether a change of a principal may lock out anyone. A cheap check that is false for almost all principals. */
export function mayLockOut({ entries, accessEntries }: Places, principal: string, caller: Caller | undefined): boolean {
  return (
    isCaller(principal, caller) ||
    entries.some((entry) => entry.principal === principal && isForAdministratorsOrNodes(entry)) ||
    accessEntries.some(({ principalArn }) => principalKey(principalArn) === principal)
  );
}

/**
 * Whether the run is an administrator independently of both places, for example as the cluster's creator or by a client
 * certificate, so that it could undo the removal of the last administrator.
 */
export function isAdministratorOtherwise(before: Places, caller: Caller | undefined): boolean {
  if (caller === undefined || !caller.groups.includes(superusers)) {
    return false;
  }
  const identity = parseIdentity(caller.arn ?? "");
  return identity === undefined || !whoLogsIn(before, identity).logins.some((login) => is(login, "administrator"));
}

function isCaller(principal: string, caller: Caller | undefined): boolean {
  const identity = parseIdentity(caller?.arn ?? "");
  return identity !== undefined && (principal === principalKey(identity.arn) || principal === identity.account);
}

type LockoutKind = Exclude<Lockout, "caller">;

const lockoutKinds: readonly LockoutKind[] = ["administrator", "EC2 node", "Fargate node"];

function is({ user, given, accessEntry }: Login, kind: LockoutKind): boolean {
  return user !== undefined && given !== undefined && gives(kind, given, accessEntry);
}

function gives(kind: LockoutKind, given: NonNullable<Login["given"]>, accessEntry?: AccessEntryContent): boolean {
  const groups = [...given.groups, ...impliedGroups(accessEntry)];
  if (kind === "administrator") {
    return groups.includes(superusers);
  }
  // Only Fargate nodes have the group of kube-proxy.
  const isOfFargate = groups.includes(nodeProxiers);
  return isNode({ username: given.username, groups }) && isOfFargate === (kind === "Fargate node");
}

/** Whether every possible login is of a kind, since the authenticator may choose randomly between entries. */
function isAlways(logins: readonly Login[], kind: LockoutKind): boolean {
  return logins.length > 0 && logins.every((login) => is(login, kind));
}

/** The principals with an entry of a kind, whether or not it is in force. */
function principalsOf(places: Places, kind: LockoutKind): ReadonlySet<string> {
  const mapped = places.entries.filter((entry) => gives(kind, entry)).flatMap(({ principal }) => principal ?? []);
  const accessEntries = hasAccessEntries(places) ? places.accessEntries : [];
  const entered = accessEntries.filter((accessEntry) => gives(kind, userTemplateOf(accessEntry), accessEntry));
  return new Set([...mapped, ...entered.map(({ principalArn }) => principalKey(principalArn))]);
}

/** Whether the run loses groups or its username. Access from other sources is kept. */
function isCallerCutOff(before: Places, after: Places, principal: string, caller: Caller | undefined): boolean {
  const identity = parseIdentity(caller?.arn ?? "");
  if (caller === undefined || identity === undefined || !isCaller(principal, caller)) {
    return false;
  }
  const isOwn = ({ user }: Login) => user !== undefined && matchesName(user.username, caller.username);
  const had = whoLogsIn(before, identity).logins.filter(isOwn);
  const has = whoLogsIn(after, identity).logins;
  return had.length > 0 && !has.every((login) => had.some((own) => keepsAccess(own, login)));
}

/** Whether a username may be the one from a login, ignoring letter case. */
function matchesName(name: string | RegExp, username: string): boolean {
  return typeof name === "string"
    ? name.toLowerCase() === username.toLowerCase()
    : new RegExp(name.source, "is").test(username);
}

function keepsAccess(before: Login, after: Login): boolean {
  if (before.user === undefined || after.user === undefined) {
    return false;
  }
  const groups = groupsWithImplied(after);
  return (
    groups.includes(superusers) ||
    (String(before.user.username) === String(after.user.username) &&
      groupsWithImplied(before).every((group) => groups.includes(group)))
  );
}
