import { type AccessEntryType, accessEntryTypes, isServiceLinkedRole } from "../accessEntries/accessEntry";
import { hasAccessEntries, type Places } from "../identity/clusterAccess";
import { parseIdentity } from "../identity/identity";
import { groupsWithImplied, type Login } from "../identity/login";
import { memoize } from "../identity/placedEntry";
import { loginsOf, whoLogsIn } from "../identity/whoLogsIn";
import { type Caller, isNode, nodeProxiers, parseIamArn, principalKey, windowsNodesGroup } from "../mapping";
import { type Authorizer, mayBe } from "./authorizer";

/** Access that a change removes and the cluster or the run needs: the last administrator, the last nodes of a kind, or the run's own. */
export type Lockout = LockoutKind | "caller";

/** Nodes are distinguished by the type of access entry that they have or need. */
export type LockoutKind = "administrator" | Exclude<AccessEntryType, "STANDARD">;

const kinds: readonly LockoutKind[] = ["administrator", ...accessEntryTypes.filter((type) => type !== "STANDARD")];

/** What the comparison depends on besides both places. */
export interface LockoutContext {
  /** The run's own identity; undefined if the cluster does not report it. */
  readonly caller: Caller | undefined;
  /** Without bindings if they cannot be read, so that only `system:masters` and the access policy make an administrator. */
  readonly authorizer: Authorizer;
  /** The partition of the cluster; undefined if it is unknown. */
  readonly partition: string | undefined;
  /** Why principals cannot log in, as clauses, by {@link principalKey}. */
  readonly absent: ReadonlyMap<string, string>;
}

/**
 * Compares the access to a cluster before and after a change to one principal. A place or key that could not be read
 * is treated as empty in both, so that unknown entries are never taken for administrators.
 */
export function findLockouts(
  before: Places,
  after: Places,
  principal: string,
  context: LockoutContext,
): readonly Lockout[] {
  const isLost = (kind: LockoutKind) =>
    kind === "administrator"
      ? administratorsIn(after, context).every(({ flaw }) => flaw !== undefined)
      : identitiesIn(after, kind, context).length === 0;
  const lost = kindsLost(before, after, principal, context).filter(isLost);
  return isCallerCutOff(before, after, principal, context) ? [...lost, "caller"] : lost;
}

/** The kinds that a principal loses by a change, whether or not others remain. Without `after`, those that it has. */
export function kindsLost(
  before: Places,
  after: Places | undefined,
  principal: string,
  context: LockoutContext,
): readonly LockoutKind[] {
  // Of the identities of an account, only those with bindings have more rights than every user.
  const bound = boundIdentities(context.authorizer).filter((arn) => includesIdentity(principal, arn));
  const identities = bound.length > 0 ? bound : [principal];
  const loses = (kind: LockoutKind) => (identity: string) => {
    const has = after === undefined ? [] : loginsOf(after, identity);
    const isKept = (login: Login) =>
      has.length > 0 && has.every((now) => is(now, kind, context) || includesUser(now, login));
    return loginsOf(before, identity).some((login) => is(login, kind, context) && !isKept(login));
  };
  return kinds.filter((kind) => identities.some(loses(kind)));
}

/** The administrators, each with the reason, as a clause, why it cannot administer the cluster. */
export function administratorsIn(places: Places, context: LockoutContext) {
  return identitiesIn(places, "administrator", context).map((arn) => ({ arn, flaw: flawOf(arn, places, context) }));
}

/** The identities of a kind by an entry in either place, or by a binding for an identity of a mapped account. */
function identitiesIn(places: Places, kind: LockoutKind, context: LockoutContext): readonly string[] {
  const arns = [
    ...places.entries.flatMap(({ arn }) => arn ?? []),
    ...(hasAccessEntries(places) ? places.accessEntries.map(({ principalArn }) => principalArn) : []),
    ...boundIdentities(context.authorizer),
  ];
  return [...new Map(arns.map((arn) => [principalKey(arn), arn])).values()].filter((arn) => {
    const logins = loginsOf(places, parseIdentity(arn)?.arn ?? "");
    // The authenticator may choose randomly between entries.
    return logins.length > 0 && logins.every((login) => is(login, kind, context));
  });
}

/** Why no one can log in as an administrator, as a clause. */
function flawOf(arn: string, places: Places, { partition, absent }: LockoutContext): string | undefined {
  const parsed = parseIamArn(arn);
  if (parsed !== undefined && isServiceLinkedRole(parsed)) {
    return "it is the role of an AWS service";
  }
  if (parsed !== undefined && partition !== undefined && parsed.partition !== partition) {
    return `it is in partition "${parsed.partition}"`;
  }
  if (parseIdentity(arn)?.kind === "federatedUser") {
    return "EKS does not map federated users";
  }
  const isOfNode = ({ given }: Login) =>
    /^system:node:|\{\{EC2PrivateDNSName\}\}/.test([given?.username, ...(given?.groups ?? [])].join(" "));
  const isOfNodes = loginsOf(places, parseIdentity(arn)?.arn ?? "").some(isOfNode);
  return isOfNodes ? "its username is that of a node" : absent.get(principalKey(arn));
}

/** Whether a principal is an identity, or its account. */
export function includesIdentity(principal: string, arn = ""): boolean {
  const identity = parseIdentity(arn);
  return identity !== undefined && (principal === principalKey(identity.arn) || principal === identity.account);
}

/**
 * Whether the run is an administrator independently of both places, for example as the cluster's creator or by a client
 * certificate, so that it could undo the removal of the last administrator.
 */
export function isAdministratorOtherwise(before: Places, context: LockoutContext): boolean {
  const { caller } = context;
  if (caller === undefined || !is({ user: caller }, "administrator", context)) {
    return false;
  }
  const identity = parseIdentity(caller.arn ?? "");
  return identity === undefined || !whoLogsIn(before, identity).logins.some((one) => is(one, "administrator", context));
}

/** The identities with bindings, in their letter case, which the username from an account entry keeps. */
const boundIdentities = memoize((authorizer: Authorizer) =>
  [...authorizer.users].flatMap((user) => parseIdentity(user)?.arn ?? []),
);

function is(login: Login, kind: LockoutKind, { authorizer }: LockoutContext): boolean {
  if (kind !== "administrator") {
    return login.user !== undefined && nodeTypeOf(login) === kind;
  }
  // Ignores bindings that depend on the session name.
  return everything.every((request) => authorizer.grantsFor(login, request).some(({ isCertain }) => isCertain));
}

/**
 * The requests of an administrator, who needs no special verbs such as `bind`, since it can edit aws-auth.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
const everything = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"].map((verb) => {
  return { verb, group: "*", resource: "*", subresource: "", name: "", namespace: "" };
});

/**
 * The type of access entry that nodes have or need. In aws-auth, only the group distinguishes Windows and Fargate nodes,
 * and nodes that are named by their session are treated as hybrid nodes.
 */
function nodeTypeOf({ given, accessEntry }: Login): AccessEntryType {
  const { type } = accessEntry ?? { type: "STANDARD" };
  if (type !== "STANDARD" || given === undefined || !isNode(given)) {
    return type;
  }
  const { username, groups } = given;
  const byName = username.includes("{{SessionName") ? "HYBRID_LINUX" : "EC2_LINUX";
  const isOfWindows = groups.includes(windowsNodesGroup);
  return groups.includes(nodeProxiers) ? "FARGATE_LINUX" : isOfWindows ? "EC2_WINDOWS" : byName;
}

/** Whether the run loses groups or its username. Access from other sources is kept. */
function isCallerCutOff(before: Places, after: Places, principal: string, context: LockoutContext): boolean {
  const { caller } = context;
  const identity = parseIdentity(caller?.arn ?? "");
  if (caller === undefined || identity === undefined || !includesIdentity(principal, caller.arn)) {
    return false;
  }
  const isSame = (name: string) => name.toLowerCase() === caller.username.toLowerCase();
  const isOwn = ({ user }: Login) =>
    user !== undefined && (isSame(String(user.username)) || mayBe(user.username, caller.username));
  const had = whoLogsIn(before, identity).logins.filter(isOwn);
  const has = whoLogsIn(after, identity).logins;
  const keeps = (now: Login) => is(now, "administrator", context) || had.some((login) => includesUser(now, login));
  return had.length > 0 && !has.every(keeps);
}

/** Whether a login has the username and all groups of another one. */
function includesUser(login: Login, other: Login): boolean {
  if (login.user === undefined || other.user === undefined) {
    return false;
  }
  const groups = groupsWithImplied(login);
  return (
    String(other.user.username) === String(login.user.username) &&
    groupsWithImplied(other).every((group) => groups.includes(group))
  );
}
