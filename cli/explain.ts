import type { ClusterAccess } from "../provider/access/clusterAccess";
import { describeRight } from "../provider/access/describe";
import { type AccessExplanation, explainAccess } from "../provider/access/explainAccess";
import { admissionsOf } from "../provider/access/loginMap";
import { isDefault, rightsOf } from "../provider/access/rights";
import { accessEntryPlace, describeAccessEntry } from "../provider/accessEntries";
import {
  callerIn,
  describeContent,
  describeOwners,
  type ExplainedEntry,
  type Explanation,
  placeOf,
} from "../provider/authenticator";
import { ownersIn } from "../provider/claims";
import { readRights } from "../provider/cluster";
import { printable } from "../provider/text/text";
import { accessEntryData, notMapped, policyText, rightData } from "./accessData";
import { type LiveCluster, readLiveCluster } from "./cluster";
import { type ExitCode, exitCode } from "./commandLine";
import type { OutputOptions } from "./options";
import { emphasise, renderData, section, type Terminal } from "./terminal";

/** What lets an identity in, and what it may do. */
interface Explained extends AccessExplanation {
  readonly arn: string;
  readonly access: ClusterAccess;
  readonly label: string;
  readonly rights: Awaited<ReturnType<typeof findRights>>;
}

async function explainIn(live: LiveCluster, arn: string): Promise<Explained> {
  const { access, label } = live;
  const explained = explainAccess(access, arn);
  const rights = explained.user !== undefined ? await findRights(explained.explanation, live) : undefined;
  return { ...explained, arn, access, label, rights };
}

/** The rights of an identity by each entry that may count, of aws-auth or an access entry; undefined for a manifest. */
async function findRights({ identity }: Explanation, { connection, access }: LiveCluster) {
  if (connection === undefined) {
    return undefined;
  }
  const { authorizer, unread } = await readRights(connection);
  const byEntry = admissionsOf(access.logins, identity).flatMap(({ entry, user, accessEntry }) => {
    const by: object | undefined = accessEntry ?? entry;
    return by === undefined || user === undefined
      ? []
      : [[by, rightsOf(user, authorizer, access.mode === "API")] as const];
  });
  return { byEntry: new Map(byEntry), unread };
}

function renderExplanation(explained: Explained, terminal: Terminal): string {
  const { arn, explanation, winners, overridden, rights } = explained;
  const { identity, alternatives, shadowed, nearMisses, droppedKeys, notes } = explanation;
  const blocks = [
    [printable(arn.trim()), ...(identity.arn === arn.trim() ? [] : [`  compared as ${printable(identity.arn)}`])],
    answer(explained, terminal),
    ...(rights === undefined ? [] : rightSections(explained, rights, terminal)),
    section(
      "Counts instead, if it was made for the role or user that exists now:",
      winners.slice(1).map((entry) => `${accessEntryPlace(entry)}, ${describeAccessEntry(entry)}`),
      terminal,
    ),
    section("Without effect, since the access entry wins over aws-auth:", overridden.map(describeOverridden), terminal),
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

function answer({ winners: [winner], explanation, user, access, label }: Explained, terminal: Terminal): string[] {
  const { givenBy } = explanation;
  const line = (name: string, text: string) => `  ${name.padEnd(12)}${printable(text)}`;
  const place = winner === undefined ? givenBy && placeOf(givenBy) : accessEntryPlace(winner);
  if (place === undefined) {
    return [emphasise(terminal, "red", printable(notMapped(access, label)))];
  }
  if (user === undefined) {
    const refused = `Mapped in ${printable(label)}, but its logins are refused:`;
    return [emphasise(terminal, "red", refused), line("given by", place)];
  }
  const { type = "STANDARD", policies = [] } = winner ?? {};
  const owners = (winner === undefined ? givenBy?.owners : ownersIn(winner)) ?? [];
  return [
    emphasise(terminal, "green", `Mapped in ${printable(label)}:`),
    line("username", user.username === "" ? '""' : user.username),
    line("groups", user.groups.join(", ") || "none"),
    line("given by", place),
    ...(type === "STANDARD" ? [] : [line("type", type)]),
    ...policies.map((policy) => line("policy", policyText(policy))),
    ...(owners.length === 0 ? [] : [line("claimed by", describeOwners(owners))]),
  ];
}

/** The rights by each entry that may count. The rights of every authenticated user take one line. */
function rightSections(
  { winners, explanation: { givenBy, alternatives } }: Explained,
  { byEntry, unread }: NonNullable<Explained["rights"]>,
  terminal: Terminal,
): string[][] {
  const placed = [givenBy, ...alternatives].filter((one) => one !== undefined);
  const entries = [
    ...winners.map((entry) => ({ by: entry as object, place: accessEntryPlace(entry) })),
    ...placed.map((one) => ({ by: one.entry as object, place: placeOf(one) })),
  ];
  return entries.map(({ by, place }) => {
    const rights = byEntry.get(by) ?? [];
    const shared = rights.filter(isDefault).map(({ binding }) => binding?.name);
    const isAll = unread === undefined || rights.some(({ binding, isCertain }) => binding === undefined && isCertain);
    const items = [
      ...rights.filter((right) => !isDefault(right)).map(describeRight),
      ...(shared.length === 0 ? [] : [`what Kubernetes gives to every authenticated user: ${shared.join(", ")}`]),
      ...(isAll ? [] : [`${rights.length === 0 ? "not known" : "all else is not known"}: ${unread}`]),
    ];
    return section(entries.length === 1 ? "Rights:" : `Rights by ${printable(place)}:`, items, terminal);
  });
}

function describeOverridden({ placed, isEqual }: Explained["overridden"][number]): string {
  return `${describe(placed)}; it says ${isEqual ? "the same" : "something else"}`;
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
  const { arn: principal } = callerIn(arn);
  const live = await readLiveCluster(options, terminal, principal);
  const explained = await explainIn(live, arn);
  const { output } = options;
  terminal.out(
    output === "table" ? renderExplanation(explained, terminal) : await renderData(dataOf(explained), output),
  );
  if (explained.user !== undefined) {
    return exitCode.done;
  }
  return live.access.unread === undefined ? exitCode.found : exitCode.failed;
}

/** The output of `-o json` and `-o yaml`. Fields may be added, but are never removed. */
function dataOf({ explanation, user, rights, access, overridden, winners: [winner, ...more] }: Explained): object {
  const { givenBy } = explanation;
  const rightsBy = (by: object) => rights !== undefined && { rights: (rights.byEntry.get(by) ?? []).map(rightData) };
  return {
    arn: explanation.arn,
    canonicalArn: explanation.identity.arn,
    mapped: user !== undefined,
    ...user,
    ...(givenBy !== undefined && { givenBy: entryData(givenBy), ...rightsBy(givenBy.entry) }),
    ...(winner !== undefined && {
      givenBy: accessEntryData(winner),
      ...rightsBy(winner),
      overridden: overridden.map(({ placed, isEqual }) => ({ ...entryData(placed), saysTheSame: isEqual })),
    }),
    ...(rights?.unread !== undefined && { rightsUnread: rights.unread }),
    ...(access.unread !== undefined && { accessEntriesUnread: access.unread }),
    alternatives: [
      ...more.map((entry) => ({ ...accessEntryData(entry), ...rightsBy(entry) })),
      ...explanation.alternatives.map((placed) => ({ ...entryData(placed), ...rightsBy(placed.entry) })),
    ],
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
