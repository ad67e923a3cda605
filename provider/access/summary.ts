import { Authorizer, authenticated, type Name, nodesGroup, noObjects, superusers } from "../rbac";
import { plural } from "../text/text";
import { describePolicy } from "./accessPolicies";
import type { MapChange, MemberChange } from "./compare";
import type { Admission } from "./loginMap";
import { describeRole, isEverything as isAll, type Right, rightsOf } from "./rights";
import { type ClusterRights, isNode } from "./verdict";

/** What is shown in place of a name. */
type Show = (name: string) => string;

/** How many identities a summary names at most. */
const maxNamed = 20;

/** The longest name that the others are aligned with. */
const maxName = 40;

/** One thing that somebody may do, or is. */
interface Ability {
  /** Two abilities of this name are one. */
  readonly name: string;
  /** What it is: `edit`, `everything`, `group "ops"`. */
  readonly what: string;
  /** The namespace, or {@link everywhere}; undefined where that is no question. */
  readonly where: string | undefined;
  /** By what: `group ops`; undefined where that says it all. */
  readonly by: string | undefined;
  /** Whether an administrator has it: every right in the whole cluster. */
  readonly isEverything: boolean;
}

/**
 * Who gains and who loses what between two versions of a map, in lines: a title, one line for each identity (first whoever becomes an
 * administrator or is one no more, then by name), and what else there is to know.
 *
 * @param label names the cluster.
 * @param change from {@link compareMaps}.
 * @param rights what bindings and roles give; undefined for a manifest, which has none.
 * @param notes sentences that go with it.
 * @param show hides a name of the map that is secret; by default none is.
 */
export function summarize(
  label: string,
  { changes, others }: MapChange,
  rights: ClusterRights | undefined,
  notes: readonly string[],
  show: Show = (name) => name,
): readonly string[] {
  if (changes.length === 0) {
    return [`access on ${label} stays as it is`, ...notes.map((note) => `  ${note}`)];
  }
  const nameOf = namer(changes, show);
  const described = changes
    .map((change) => ({ name: nameOf(change), ...describeChange(change, rights, show) }))
    // Not in the order of the map: the engine makes mappings side by side, so that it differs from stack to stack.
    .sort((x, y) => Number(y.isAboutEverything) - Number(x.isAboutEverything) || (x.name < y.name ? -1 : 1));
  const width = Math.min(maxName, Math.max(...described.map(({ name }) => name.length)));
  const unnamed = described.length - maxNamed;
  return [
    `access on ${label} after this update:`,
    ...described
      .slice(0, maxNamed)
      .flatMap(({ sign, name, parts }) => linesOf(`  ${sign} ${name.padEnd(width)}  `, parts)),
    ...(unnamed > 0 ? [`  and ${plural(unnamed, "more identity", "more identities")}`] : []),
    ...(others > 0 ? [`  ${plural(others, "other identity is", "other identities are")} not affected`] : []),
    ...notes.map((note) => `  ${note}`),
  ];
}

/** A part of what is said of an identity: a verb with its objects, or a clause. */
interface Part {
  readonly verb: string;
  readonly items: readonly string[];
}

/** The parts on one line where there is room, else each on a line of its own. */
function linesOf(head: string, parts: readonly Part[]): readonly string[] {
  const texts = parts.map(({ verb, items }) => `${verb}  ${items.join(", ")}`);
  const line = head + texts.join(";  ");
  return line.length <= 100
    ? [line]
    : texts.map((text, index) => (index === 0 ? head : " ".repeat(head.length)) + text);
}

/** What a summary of changes does not show for want of rights, in a sentence. */
export function unreadNotes({ changes }: MapChange, rights: ClusterRights | undefined): readonly string[] {
  if (rights === undefined) {
    return changes.length === 0 ? [] : ["a manifest has no bindings, so only groups are shown"];
  }
  return changes.length === 0 || rights.unread === undefined ? [] : [`only groups are shown: ${rights.unread}`];
}

/** Whether somebody comes, goes or stays, what is said of it, and whether it becomes an administrator or is one no more. */
function describeChange({ before, after }: MemberChange, rights: ClusterRights | undefined, show: Show) {
  const [had, has] = [abilitiesOf(before, rights, show), abilitiesOf(after, rights, show)];
  const isIn = (abilities: readonly Ability[], { name }: Ability) => abilities.some((other) => other.name === name);
  const gains = telling(has).filter((ability) => !isIn(had, ability));
  const loses = telling(had).filter((ability) => !isIn(has, ability));
  const keeps = telling(has).filter((ability) => isIn(had, ability));
  const [wasLetIn, isLetIn] = [before, after].map((logins) => logins.some(({ user }) => user !== undefined));
  const sign = wasLetIn && isLetIn ? "~" : isLetIn ? "+" : "-";
  return {
    sign,
    parts: [
      ...partOf("gains", gains, sign === "+"),
      ...partOf("loses", loses, sign === "-"),
      ...(sign === "~" ? renamed(before, after, show) : []),
      ...partOf("keeps", keeps),
      ...(after.length > 1 ? [atRandom] : []),
    ],
    isAboutEverything: [...gains, ...loses].some(({ isEverything }) => isEverything),
  };
}

const atRandom: Part = { verb: "at random", items: ["which of its entries counts differs from login to login"] };

/** To whoever may do everything, whatever else it is bound to adds nothing. */
function telling(abilities: readonly Ability[]): readonly Ability[] {
  const all = abilities.filter(({ name }) => name === everything);
  return all.length === 0 ? abilities : all;
}

const everything = "everything";

/** Another username is another user to the bindings and in the audit log. */
function renamed(before: readonly Admission[], after: readonly Admission[], show: Show): Part[] {
  const [was = [], is = []] = [before, after].map((logins) => logins.map((login) => nameIn(login, undefined)));
  const shown = (names: readonly NameIn[]) => names.map((name) => showName(name, show)).join(" or ");
  const same = (names: readonly NameIn[]) => names.map(({ text }) => text).join();
  return same(was) === same(is) ? [] : [{ verb: "username", items: [`${shown(was)} => ${shown(is)}`] }];
}

/** A name of a user, and what its entry says for it, by which a secret is known. */
interface NameIn {
  readonly text: string;
  readonly template: string;
}

/** The username of a login, or one of its groups, with the templates of the entry where they depend on the session. */
function nameIn({ entry, user }: Admission, group: number | undefined): NameIn {
  const name = group === undefined ? user?.username : user?.groups[group];
  const template = (group === undefined ? entry?.username : entry?.groups[group]) ?? "";
  return { text: typeof name === "string" ? name : template, template };
}

function showName({ text, template }: NameIn, show: Show): string {
  return plain(show(isHidden(template, show) ? template : text));
}

function isHidden(text: string, show: Show): boolean {
  return show(text) !== text;
}

/** Everything that any of the logins may do. */
function abilitiesOf(logins: readonly Admission[], rights: ClusterRights | undefined, show: Show): readonly Ability[] {
  const all = logins.flatMap((login) => abilitiesOfLogin(login, rights, show));
  return [...new Map(all.map((ability) => [ability.name, ability])).values()];
}

function abilitiesOfLogin(login: Admission, rights: ClusterRights | undefined, show: Show): readonly Ability[] {
  const { user } = login;
  if (user === undefined) {
    return [];
  }
  const isRead = rights !== undefined && rights.unread === undefined;
  const authorizer = isRead ? rights.authorizer : nobodys;
  const found = rightsOf(user, authorizer);
  const groups = user.groups.flatMap((group, index): Ability[] => {
    if (group === nodesGroup && isNode(user)) {
      const by = `group ${plain(show(nodesGroup))}`;
      return [{ name: "node", what: "what a node needs", where: undefined, by, isEverything: false }];
    }
    // A right names only one of the groups that its binding names.
    const isBound = [...authorizer.groups].some((bound) => mayBe(group, bound));
    const isTold = group === authenticated || group === superusers || isBound;
    return isTold ? [] : [groupAbility(nameIn(login, index), isRead, show)];
  });
  return [...found.map((right) => abilityOf(right, login, show)), ...groups];
}

const nobodys = new Authorizer(noObjects);

/** Whether a name is this one, or may turn out to be at login. */
function mayBe(name: Name, text: string): boolean {
  return typeof name === "string" ? name === text : name.test(text);
}

function abilityOf(right: Right, login: Admission, show: Show): Ability {
  const { binding, namespace, isCertain, subject } = right;
  const isEverything = isAll(right) && namespace === undefined;
  const by = sourceOf(right, login, show);
  if (isEverything && isCertain && (binding === undefined || binding.kind === "AccessPolicy")) {
    const source = binding === undefined ? by : `access policy ${binding.name}`;
    return { name: everything, what: everything, where: undefined, by: source, isEverything };
  }
  const whose = isCertain ? [] : [subject.kind, subject.name];
  return {
    name: JSON.stringify([binding?.role.kind, binding?.role.name, namespace, ...whose]),
    what: binding?.kind === "AccessPolicy" ? binding.name : describeRole(right),
    where: namespace ?? everywhere,
    by: isCertain ? by : `${by}, only for logins with that name`,
    isEverything,
  };
}

function sourceOf({ binding, subject }: Right, login: Admission, show: Show): string {
  if (binding?.kind === "AccessPolicy") {
    return `access policy, ${describePolicy(binding.name) ?? "its rules are not known here"}`;
  }
  const isGroup = subject.kind === "Group";
  const groups = (login.user?.groups ?? []).flatMap((group, index) => (mayBe(group, subject.name) ? [index] : []));
  const templates = (isGroup ? groups : [undefined]).map((index) => nameIn(login, index).template);
  const template = templates.find((text) => isHidden(text, show)) ?? "";
  return `${isGroup ? "group" : "username"} ${showName({ text: subject.name, template }, show)}`;
}

/** A group of which no binding is known, with its templates where they depend on the session. */
function groupAbility(group: NameIn, isRead: boolean, show: Show): Ability {
  const what = `group ${showName(group, show)}${group.text === nodesGroup ? " without a node's username" : ""}`;
  // Two that are hidden look alike.
  const name = `group ${group.text}`;
  return { name, what, where: undefined, by: isRead ? "no binding names it" : undefined, isEverything: false };
}

/** In place of a namespace. */
const everywhere = "";

/** Abilities in a list: those that differ in their namespace alone stand together. */
function partOf(verb: string, abilities: readonly Ability[], isNeeded = false): Part[] {
  const alike = Map.groupBy(abilities, ({ what, by, where }) => JSON.stringify([what, by, where === undefined]));
  const items = [...alike.values()].map((same) => {
    const [{ what, by } = { what: "", by: undefined }] = same;
    const places = same.map(({ where }) => where).filter((where) => where !== undefined);
    const isEverywhere = places.includes(everywhere);
    const where = places.length === 0 ? "" : isEverywhere ? " everywhere" : ` in ${places.join(", ")}`;
    return `${what}${where}${by === undefined ? "" : ` (${by})`}`;
  });
  const shown = items.length === 0 && isNeeded ? ["what every authenticated user has"] : items;
  return shown.length === 0 ? [] : [{ verb, items: shown }];
}

/** A name as it is, or in quotes where it could be taken for something else. */
function plain(name: string): string {
  return /^[^\s"(),;=]+$/.test(name) ? name : JSON.stringify(name);
}

/** Names members as short as they can be told apart: without the account where all are of one. */
function namer(changes: readonly MemberChange[], show: Show): (change: MemberChange) => string {
  const accountOf = ({ member }: MemberChange) =>
    member.kind === "account" ? member.account : member.identity.account;
  const accounts = new Set(changes.map(accountOf));
  return ({ member, before, after }) => {
    if (member.kind === "account") {
      return `account ${show(member.account)}`;
    }
    const { arn, account } = member.identity;
    const written = [...before, ...after].map(({ entry, accessEntry }) => accessEntry?.principalArn ?? entry?.arn);
    const hidden = [arn, ...written].find((text = "") => isHidden(text, show));
    if (hidden !== undefined) {
      return show(hidden);
    }
    const name = arn.slice(arn.lastIndexOf(":") + 1);
    return accounts.size === 1 ? name : `${show(account)}:${name}`;
  };
}
