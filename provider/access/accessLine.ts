import { callerIdentity } from "../authenticator";
import {
  type AppliedBinding,
  Authorizer,
  authenticated,
  type Binding,
  type Name,
  nodesGroup,
  noObjects,
  type PolicyRule,
  type Subject,
  superuserGrants,
  superusers,
} from "../rbac";
import { type Admission, admissionsIn, type LoginMap } from "./loginMap";
import { type ClusterRights, isNode } from "./verdict";

/** A right of an identity, or a group that no binding is known for. */
interface Ability {
  readonly what: string;
  /** Undefined for a right without a scope. */
  readonly where: string | undefined;
  /** What gives the right: `group ops`. */
  readonly by: string;
}

/** Abilities by a key that is equal in both logins. */
type Abilities = ReadonlyMap<string, Ability>;

/**
 * Describes what a change does to the access of one principal: `role/dev: gains edit in team-a (group ops), keeps view in team-a`.
 *
 * @param principal ARN of a role or user, or an account.
 * @param before the identities before the change, from `loginMap`.
 * @param rights the bindings and roles of the cluster. Without them, as for a manifest, the line names groups.
 * @returns undefined if nothing but the username changes.
 */
export function accessLine(
  principal: string,
  before: LoginMap,
  after: LoginMap,
  rights: ClusterRights | undefined,
): string | undefined {
  const [was, is] = [loginsOf(before, principal), loginsOf(after, principal)];
  const [had, has] = [abilitiesOf(was, rights), abilitiesOf(is, rights)];
  const [gains, loses] = [missing(had, has), missing(has, had)];
  const [wasIn, isIn] = [isLetIn(was), isLetIn(is)];
  if (gains.length === 0 && loses.length === 0 && wasIn === isIn) {
    return undefined;
  }
  const kept = [...has].flatMap(([key, ability]) => (had.has(key) ? [{ ...ability, by: "" }] : []));
  const parts = [
    phrase("gains", gains.length === 0 && !wasIn && isIn ? [nothingMore] : gains),
    phrase("loses", loses.length === 0 && wasIn && !isIn ? [nothingMore] : loses),
    phrase("keeps", kept),
  ];
  return `${nameOf(principal)}: ${parts.flat().join(", ")}`;
}

function loginsOf(map: LoginMap, principal: string): readonly Admission[] {
  if (!principal.startsWith("arn:")) {
    return admissionsIn(map, { kind: "account", account: principal });
  }
  const identity = callerIdentity(principal);
  return identity === undefined ? [] : admissionsIn(map, { kind: "identity", identity });
}

const nothingMore: Ability = { what: "what every authenticated user has", where: undefined, by: "" };

/** `role/dev`, without the role's path. */
function nameOf(principal: string): string {
  const [, kind, name] = /^arn:.*:(\w+)\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  return name === undefined ? `account ${principal}` : `${kind}/${name}`;
}

function isLetIn(logins: readonly Admission[]): boolean {
  return logins.some(({ user }) => user !== undefined);
}

function missing(from: Abilities, others: Abilities): readonly Ability[] {
  return [...others].flatMap(([key, ability]) => (from.has(key) ? [] : [ability]));
}

/** What any of the logins may do. The other rights of an administrator add nothing. */
function abilitiesOf(logins: readonly Admission[], rights: ClusterRights | undefined): Abilities {
  const isRead = rights !== undefined && rights.unread === undefined;
  const authorizer = isRead ? rights.authorizer : new Authorizer(noObjects);
  const all = new Map(
    logins.flatMap((login) => [...boundTo(login, authorizer), ...groupsOf(login, authorizer, isRead)]),
  );
  const everything = all.get(administrator);
  return everything === undefined ? all : new Map([[administrator, everything]]);
}

type Keyed = readonly [key: string, ability: Ability];

/** The key of full rights that need no role: those of `system:masters` and of EKS's policy for administrators. */
const administrator = "administrator";

function boundTo({ user }: Admission, authorizer: Authorizer): readonly Keyed[] {
  if (user === undefined) {
    return [];
  }
  const masters = superuserGrants(user).map(({ isCertain }): Keyed => {
    const by = `group ${superusers}${sometimes(isCertain)}`;
    return [isCertain ? administrator : by, { what: "everything", where: undefined, by }];
  });
  const bound = authorizer.bindingsOf(user).filter(({ binding, subject }) => !isDefault(binding, subject));
  return [...masters, ...bound.map((applied) => keyedRight(applied, authorizer.rulesOf(applied.binding)))];
}

function keyedRight({ binding, subject, isCertain }: AppliedBinding, rules: readonly PolicyRule[] | undefined): Keyed {
  const { kind, name } = binding.role;
  const { namespace } = binding;
  const where = namespace === "" ? "everywhere" : `in ${namespace}`;
  if (binding.kind === "AccessPolicy") {
    return name === "AmazonEKSClusterAdminPolicy" && namespace === ""
      ? [administrator, { what: "everything", where: undefined, by: `access policy ${name}` }]
      : [JSON.stringify([kind, name, namespace]), { what: name, where, by: "access policy" }];
  }
  const by = `${subject.kind === "Group" ? "group" : "username"} ${plain(subject.name)}${sometimes(isCertain)}`;
  const ability =
    rules === undefined
      ? { what: plain(name), where, by: `${by}, the role does not exist` }
      : rules.some(allowsEverything)
        ? { what: "everything", where: namespace === "" ? undefined : where, by: `${plain(name)}, ${by}` }
        : { what: plain(name), where, by };
  return [JSON.stringify([kind, name, namespace, isCertain || subject.name]), ability];
}

function allowsEverything({ verbs, apiGroups, resources, resourceNames }: PolicyRule): boolean {
  return resourceNames.length === 0 && [verbs, apiGroups, resources].every((list) => list.includes("*"));
}

/** Whether a binding is one that Kubernetes creates for every authenticated user. */
function isDefault({ name }: Binding, subject: Subject): boolean {
  return subject.name === authenticated && name.startsWith("system:");
}

/** A name with a template applies to some sessions only. */
function sometimes(isCertain: boolean): string {
  return isCertain ? "" : ", depends on the session name";
}

/** The groups of a login that no binding names, and the group of nodes, whose rights come from the API server. */
function groupsOf({ entry, user }: Admission, authorizer: Authorizer, isRead: boolean): readonly Keyed[] {
  return (user?.groups ?? []).flatMap((group, index): Keyed[] => {
    if (user !== undefined && group === nodesGroup && isNode(user)) {
      return [["node", { what: "what a node needs", where: undefined, by: `group ${nodesGroup}` }]];
    }
    const isBound = [authenticated, superusers, ...authorizer.groups].some((name) => mayBe(group, name));
    const what = `group ${plain(typeof group === "string" ? group : (entry?.groups[index] ?? ""))}`;
    return isBound ? [] : [[what, { what, where: undefined, by: isRead ? "no binding" : "" }]];
  });
}

function mayBe(name: Name, text: string): boolean {
  return typeof name === "string" ? name === text : name.test(text);
}

/** Abilities in a list. Those that differ in their namespace only are one item. */
function phrase(verb: string, abilities: readonly Ability[]): readonly string[] {
  const alike = Map.groupBy(abilities, ({ what, by, where }) => JSON.stringify([what, by, where?.startsWith("in ")]));
  const items = [...alike.values()].map((same) => {
    const [{ what, by } = { what: "", by: "" }] = same;
    const places = same
      .flatMap(({ where }) => where ?? [])
      .map((where, index) => (index === 0 ? where : where.slice(3)));
    return [what, places.join(" and "), by && `(${by})`].filter((text) => text !== "").join(" ");
  });
  return items.length === 0 ? [] : [`${verb} ${items.join(", ")}`];
}

/** A name, in quotes if it could be taken for something else. */
function plain(name: string): string {
  return /^[^\s"(),;=]+$/.test(name) ? name : JSON.stringify(name);
}
