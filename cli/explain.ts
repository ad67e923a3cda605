import { describeRight } from "../provider/access/describe";
import { isDefault, type Right, rightsOf } from "../provider/access/rights";
import {
  describeContent,
  describeOwners,
  type ExplainedEntry,
  type Explanation,
  explainIdentity,
  loginsOf,
  placeOf,
} from "../provider/authenticator";
import { readRights } from "../provider/cluster";
import type { Entry } from "../provider/document";
import { layOut } from "../provider/layout";
import { printable } from "../provider/text";
import { rightData } from "./accessData";
import { type LiveMap, readLiveMap } from "./cluster";
import { type ExitCode, exitCode } from "./commandLine";
import type { OutputOptions } from "./options";
import { emphasise, renderJson, renderYaml, type Terminal, wrap } from "./terminal";

/** The rights that the bindings of a cluster give to an identity. */
interface ExplainedRights {
  /** The rights by the entry that gives them. Each of these entries may count. */
  readonly byEntry: ReadonlyMap<Entry, readonly Right[]>;
  /** Why the bindings could not be read, with the remedy; undefined if they were read. */
  readonly unread: string | undefined;
}

/** The rights of an identity; undefined if it is not mapped, or for a manifest. */
async function findRights(
  { identity, user }: Explanation,
  { connection, document }: LiveMap,
): Promise<ExplainedRights | undefined> {
  if (connection === undefined || user === undefined) {
    return undefined;
  }
  const { authorizer, unread } = await readRights(connection);
  const byEntry = loginsOf(document, identity).flatMap(({ entry, user }) =>
    entry === undefined || user === undefined ? [] : [[entry, rightsOf(user, authorizer)] as const],
  );
  return { byEntry: new Map(byEntry), unread };
}

/** Formats an explanation for people. */
function renderExplanation(
  explanation: Explanation,
  rights: ExplainedRights | undefined,
  label: string,
  terminal: Terminal,
): string {
  const { arn, identity, alternatives, shadowed, nearMisses, droppedKeys, notes } = explanation;
  const blocks = [
    [printable(arn.trim()), ...(identity.arn === arn.trim() ? [] : [`  compared as ${printable(identity.arn)}`])],
    answer(explanation, label, terminal),
    ...(rights === undefined ? [] : rightSections(explanation, rights, terminal)),
    section("May count instead, picked at random at each login:", alternatives.map(describe), terminal),
    section("Shadowed, so without effect:", shadowed.map(describe), terminal),
    section(
      "Looks right, but is not for this identity:",
      nearMisses.map(
        ({ placed, reason }) => `${placeOf(placed)}, ${JSON.stringify(placed.entry.arn ?? "")}: ${reason}`,
      ),
      terminal,
    ),
    section(
      "Keys that the authenticator drops, with all of their entries:",
      droppedKeys.map(({ key, place, reason }) => `${key} does not parse; ${place}: ${reason}`),
      terminal,
    ),
    section("Notes:", notes, terminal),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function answer({ user, givenBy }: Explanation, label: string, terminal: Terminal): string[] {
  const cluster = printable(label);
  if (givenBy === undefined) {
    return [emphasise(terminal, "red", `Not mapped in ${cluster}: its logins are refused.`)];
  }
  if (user === undefined) {
    const refused = emphasise(terminal, "red", `Mapped in ${cluster}, but its logins are refused:`);
    return [refused, `  given by    ${placeOf(givenBy)}`];
  }
  const groups = user.groups.length === 0 ? "none" : user.groups.map(printable).join(", ");
  const { owners } = givenBy;
  const indent = " ".repeat("  claimed by  ".length);
  return [
    emphasise(terminal, "green", `Mapped in ${cluster}:`),
    `  username    ${user.username === "" ? '""' : printable(user.username)}`,
    wrap(`  groups      ${groups}`, terminal.width, indent),
    `  given by    ${placeOf(givenBy)}`,
    ...(owners.length === 0
      ? []
      : [wrap(`  claimed by  ${printable(describeOwners(owners))}`, terminal.width, indent)]),
  ];
}

/** The rights by each entry that may count. The rights of every authenticated user take one line. */
function rightSections(
  { givenBy, alternatives }: Explanation,
  { byEntry, unread }: ExplainedRights,
  terminal: Terminal,
): string[][] {
  const entries = [givenBy, ...alternatives].filter((placed) => placed !== undefined);
  return entries.map((placed) => {
    const rights = byEntry.get(placed.entry) ?? [];
    const shared = rights.filter(isDefault).map(({ binding }) => binding?.name);
    const isAll = unread === undefined || rights.some(({ binding, isCertain }) => binding === undefined && isCertain);
    const items = [
      ...rights.filter((right) => !isDefault(right)).map(describeRight),
      ...(shared.length === 0 ? [] : [`what Kubernetes gives to every authenticated user: ${shared.join(", ")}`]),
      ...(isAll ? [] : [`${rights.length === 0 ? "not known" : "all else is not known"}: ${unread}`]),
    ];
    return section(entries.length === 1 ? "Rights:" : `Rights by ${placeOf(placed)}:`, items, terminal);
  });
}

function section(title: string, items: readonly string[], terminal: Terminal): string[] {
  if (items.length === 0) {
    return [];
  }
  const lines = items.map((item) => layOut(`  - ${printable(item)}`, terminal.width));
  return [emphasise(terminal, "bold", title), ...lines];
}

function describe(placed: ExplainedEntry): string {
  const claimed = placed.owners.length === 0 ? "" : `, claimed by ${describeOwners(placed.owners)}`;
  return `${placeOf(placed)}, ${describeContent(placed.entry)}${claimed}`;
}

/**
 * `explain`: which Kubernetes user an identity becomes, and why.
 *
 * @throws CommandFailure or AwsAuthError if there is no answer.
 */
export async function runExplain(arn: string, options: OutputOptions, terminal: Terminal): Promise<ExitCode> {
  const live = await readLiveMap(options, terminal);
  const explanation = explainIdentity(live.document, arn);
  const rights = await findRights(explanation, live);
  if (options.output === "table") {
    terminal.out(renderExplanation(explanation, rights, live.label, terminal));
  } else {
    const data = dataOf(explanation, rights);
    terminal.out(options.output === "json" ? renderJson(data) : await renderYaml(data));
  }
  return explanation.user === undefined ? exitCode.found : exitCode.done;
}

/** The output of `-o json` and `-o yaml`. Fields may be added, but are never removed. */
function dataOf({ user, givenBy, ...explanation }: Explanation, rights: ExplainedRights | undefined): object {
  const rightsBy = ({ entry }: ExplainedEntry) =>
    rights !== undefined && { rights: (rights.byEntry.get(entry) ?? []).map(rightData) };
  return {
    arn: explanation.arn,
    canonicalArn: explanation.identity.arn,
    mapped: user !== undefined,
    ...user,
    ...(givenBy !== undefined && { givenBy: entryData(givenBy), ...rightsBy(givenBy) }),
    ...(rights?.unread !== undefined && { rightsUnread: rights.unread }),
    alternatives: explanation.alternatives.map((placed) => ({ ...entryData(placed), ...rightsBy(placed) })),
    shadowed: explanation.shadowed.map(entryData),
    nearMisses: explanation.nearMisses.map(({ placed, reason }) => ({ ...entryData(placed), reason })),
    droppedKeys: explanation.droppedKeys.map(({ key, line, column, reason }) => ({ key, line, column, reason })),
    notes: explanation.notes,
  };
}

function entryData({ key, position, line, fileLine, entry, owners }: ExplainedEntry): object {
  const { arn, account, sso, username, groups } = entry;
  return {
    key,
    position,
    ...(line !== undefined && { line }),
    ...(fileLine !== undefined && { fileLine }),
    ...(arn !== undefined && { arn }),
    ...(sso !== undefined && { sso }),
    ...(account !== undefined && { account }),
    ...(key !== "mapAccounts" && { username, groups }),
    owners,
  };
}
