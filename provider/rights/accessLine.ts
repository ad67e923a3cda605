import type { Places } from "../identity/clusterAccess";
import type { Login } from "../identity/login";
import { loginsOf } from "../identity/whoLogsIn";
import { authenticated, nodesGroup, superusers } from "../mapping";
import { Authorizer, mayBe, mayBeNode } from "./authorizer";
import { isEverything, type Right, rightsOf } from "./rightsOf";
import { andMore } from "./shippedRoles";
import type { ClusterRights } from "./verdicts";

/** A right of an identity, or a group without a binding. */
interface Ability {
  readonly what: string;
  readonly where: string | undefined;
  /** The source of the right: `group ops`. */
  readonly by: string;
}

/** By a key that is comparable before and after. */
type Abilities = ReadonlyMap<string, Ability>;

export const unknownPrincipal = "arn:aws:iam::000000000000:role/unknown";

/**
 * Describes how a change affects the access of one principal: `role/dev: gains edit in team-a (group ops), keeps view in team-a`.
 *
 * @param principal ARN of a role or user, an account, or {@link unknownPrincipal}.
 * @param rights the bindings and roles of the cluster. Without them, as for a manifest, the line lists groups.
 * @returns undefined if only the username changes.
 */
export function accessLine(
  principal: string,
  before: Places,
  after: Places,
  rights: ClusterRights | undefined,
): string | undefined {
  const [was, is] = [loginsOf(before, principal), loginsOf(after, principal)];
  const [had, has] = [abilitiesOf(was, rights), abilitiesOf(is, rights)];
  const isAdministrator = has.has(administrator);
  const gains = missing(had, essential(has));
  // An administrator keeps what it no longer gets from a group.
  const loses = isAdministrator ? [] : missing(has, essential(had));
  const [wasIn, isIn] = [was, is].map((logins) => logins.some(({ user }) => user !== undefined));
  if (gains.length === 0 && loses.length === 0 && wasIn === isIn) {
    return undefined;
  }
  const kept = [...(isAdministrator ? [] : has)].flatMap(([key, ability]) =>
    had.has(key) ? [{ ...ability, by: "" }] : [],
  );
  const parts = [
    phrase("gains", gains.length === 0 && !wasIn && isIn ? [nothingMore] : gains),
    phrase("loses", loses.length === 0 && wasIn && !isIn ? [nothingMore] : loses),
    phrase("keeps", kept),
  ];
  return `${principalName(principal)}: ${parts.flat().join(", ")}`;
}

const nothingMore: Ability = { what: "the rights of every authenticated user", where: undefined, by: "" };

/** `role/dev`, without the role's path. */
function principalName(principal: string): string {
  if (principal === unknownPrincipal) {
    return "an identity that is not known yet";
  }
  const [, kind, name] = /^arn:.*:(\w+)\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  return name === undefined ? `account ${principal}` : `${kind}/${name}`;
}

function missing(from: Abilities, others: Abilities): readonly Ability[] {
  return [...others].flatMap(([key, ability]) => (from.has(key) ? [] : [ability]));
}

function abilitiesOf(logins: readonly Login[], rights: ClusterRights | undefined): Abilities {
  const isRead = rights !== undefined && rights.unread === undefined;
  const authorizer = isRead ? rights.authorizer : new Authorizer();
  return new Map(
    logins.flatMap((login) => [
      ...rightsOf(login, authorizer).map(abilityOf),
      ...groupAbilities(login, authorizer, isRead),
    ]),
  );
}

/** Without the other rights of an administrator, which add nothing. */
function essential(abilities: Abilities): Abilities {
  const everything = abilities.get(administrator);
  return everything === undefined ? abilities : new Map([[administrator, everything]]);
}

/** The key of full rights without a role: those of `system:masters` and of EKS's administrator policy. */
const administrator = "administrator";

function abilityOf(right: Right): readonly [key: string, ability: Ability] {
  const { binding, rules, subject, isCertain, namespace } = right;
  const where = namespace === undefined ? "everywhere" : `in ${namespace}`;
  // A name with a template applies only to some sessions.
  const sometimes = isCertain ? "" : ", depends on the session name";
  const by = `${subject.kind === "Group" ? "group" : "username"} ${quotedIfUnclear(subject.name)}${sometimes}`;
  if (binding === undefined) {
    return [isCertain ? administrator : by, { what: "everything", where: undefined, by }];
  }
  const { kind, name } = binding.role;
  const key = JSON.stringify([kind, name, namespace, isCertain || subject.name]);
  if (binding.kind === "AccessPolicy") {
    return name === "AmazonEKSClusterAdminPolicy" && namespace === undefined
      ? [administrator, { what: "everything", where: undefined, by: `access policy ${name}` }]
      : [key, { what: name, where, by: "access policy" }];
  }
  const role = quotedIfUnclear(name);
  if (isEverything(right)) {
    return [key, { what: "everything", where: namespace && where, by: `${role}, ${by}` }];
  }
  const missing = rules === undefined ? ", the role does not exist" : "";
  return [key, { what: role + andMore(right, rules), where, by: by + missing }];
}

/** The groups of a login without bindings, and the group of nodes, whose rights come from the API server. */
function groupAbilities({ user, given }: Login, authorizer: Authorizer, isRead: boolean) {
  const named = [authenticated, superusers, ...authorizer.groups];
  return (user?.groups ?? []).flatMap((group, index): (readonly [key: string, ability: Ability])[] => {
    if (group === nodesGroup && mayBeNode({ user })) {
      return [["node", { what: "the rights of a node", where: undefined, by: `group ${nodesGroup}` }]];
    }
    const what = `group ${quotedIfUnclear(typeof group === "string" ? group : (given?.groups[index] ?? ""))}`;
    const isBound = named.some((name) => mayBe(group, name));
    return isBound ? [] : [[what, { what, where: undefined, by: isRead ? "no binding" : "" }]];
  });
}

/** Formats a list of abilities. Merges those that differ only in their namespace. */
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

function quotedIfUnclear(name: string): string {
  return /^[^\s"(),;=]+$/.test(name) ? name : JSON.stringify(name);
}
