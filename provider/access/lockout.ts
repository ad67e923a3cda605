import { callerIdentity, type Login, loginsOf, matchableIdentity } from "../authenticator";
import { type AwsAuthMap, entriesOf, findEntries, type MapEntry } from "../awsAuthMap";
import { type Caller, principalKey } from "../mapping";
import { nodeProxiers, nodesGroup, superusers } from "../rbac";
import { type LoginView, loginMap } from "./loginMap";

/**
 * Access that a change takes and that the cluster or the run needs: the last administrator, the last nodes of a kind, or the run's own.
 */
export type Lockout = "administrator" | "EC2 node" | "Fargate node" | "caller";

/**
 * Compares who gets into a cluster before and after a change of one principal. A place that could not be read is empty in both views, so
 * that what is unknown never counts as an administrator.
 *
 * @param principal the one whose entry changes; all others have the same access before and after.
 * @param caller the run's own identity; undefined if the cluster does not return it.
 */
export function findLockouts(
  before: LoginView,
  after: LoginView,
  principal: string,
  caller: Caller | undefined,
): readonly Lockout[] {
  if (!mayLockOut(before, principal, caller)) {
    return [];
  }
  const [old, next] = [loginMap(before), loginMap(after)];
  const lost = kinds.filter((kind) => {
    const isLost = isAmong(old, principal, kind) && !isAlways(next, principal, kind);
    return isLost && !holdersOf(next, kind).some((other) => other !== principal && isAlways(next, other, kind));
  });
  return isCallerCutOff(old, next, principal, caller) ? [...lost, "caller"] : lost;
}

/** Whether a change of a principal may lock out anyone; false for almost all principals, at no cost. */
export function mayLockOut(before: LoginView, principal: string, caller: Caller | undefined): boolean {
  const isGuarded = ({ groups }: Pick<MapEntry, "groups">) =>
    groups.includes(superusers) || groups.includes(nodesGroup);
  return (
    isCaller(principal, caller) ||
    findEntries(before.document, principal).some(isGuarded) ||
    before.entries.some(({ principalArn }) => principalKey(principalArn) === principal)
  );
}

/**
 * Whether the run is an administrator by other means than the map and the access entries, such as the cluster's creator or a client
 * certificate, so that it could undo the removal of the last administrator.
 */
export function isAdministratorOtherwise(before: LoginView, caller: Caller | undefined): boolean {
  if (caller === undefined || !caller.groups.includes(superusers)) {
    return false;
  }
  const identity = caller.arn === undefined ? undefined : callerIdentity(caller.arn);
  return identity === undefined || !loginsOf(loginMap(before), identity).some((login) => is(login, "administrator"));
}

/** Whether a principal is the run's own identity, or its account. */
export function isCaller(principal: string, caller: Caller | undefined): boolean {
  const identity = caller?.arn === undefined ? undefined : callerIdentity(caller.arn);
  return identity !== undefined && (principal === principalKey(identity.arn) || principal === identity.account);
}

type Kind = Exclude<Lockout, "caller">;

const kinds: readonly Kind[] = ["administrator", "EC2 node", "Fargate node"];

/** Whether an entry gives what makes a principal one of a kind. Kubernetes knows a node by its group and its username together. */
function names({ username, groups }: Pick<MapEntry, "username" | "groups">, kind: Kind): boolean {
  if (kind === "administrator") {
    return groups.includes(superusers);
  }
  // Only the nodes of Fargate have the group of kube-proxy.
  const isOfFargate = groups.includes(nodeProxiers);
  return (
    groups.includes(nodesGroup) && username.startsWith("system:node:") && isOfFargate === (kind === "Fargate node")
  );
}

function is({ entry, user }: Login, kind: Kind): boolean {
  return entry !== undefined && user !== undefined && names(entry, kind);
}

function loginsFor(map: AwsAuthMap, principal: string): readonly Login[] {
  const identity = matchableIdentity(principal);
  return identity === undefined ? [] : loginsOf(map, identity);
}

function isAmong(map: AwsAuthMap, principal: string, kind: Kind): boolean {
  return loginsFor(map, principal).some((login) => is(login, kind));
}

/** Whether each login counts; which of several entries counts may be random. */
function isAlways(map: AwsAuthMap, principal: string, kind: Kind): boolean {
  const logins = loginsFor(map, principal);
  return logins.length > 0 && logins.every((login) => is(login, kind));
}

function holdersOf(map: AwsAuthMap, kind: Kind): readonly string[] {
  const entries = entriesOf(map).filter((entry) => names(entry, kind));
  return [...new Set(entries.flatMap(({ principal }) => principal ?? []))];
}

/** Whether the run loses groups or its username. A caller whose access comes from elsewhere keeps it. */
function isCallerCutOff(before: AwsAuthMap, after: AwsAuthMap, principal: string, caller: Caller | undefined): boolean {
  const identity = caller?.arn === undefined ? undefined : callerIdentity(caller.arn);
  if (caller === undefined || identity === undefined || !isCaller(principal, caller)) {
    return false;
  }
  const isOwn = ({ user }: Login) => user !== undefined && fits(user.username, caller.username);
  const had = loginsOf(before, identity).filter(isOwn);
  return had.length > 0 && !loginsOf(after, identity).every((login) => had.some((own) => keepsAccess(own, login)));
}

/** Whether a username may be what a login gives, regardless of letter case. */
function fits(name: string | RegExp, username: string): boolean {
  return typeof name === "string"
    ? name.toLowerCase() === username.toLowerCase()
    : new RegExp(name.source, "is").test(username);
}

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
