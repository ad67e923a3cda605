import {
  describeContent,
  describeOwners,
  type ExplainedEntry,
  type Explanation,
  explainIdentity,
  placeOf,
} from "../provider/authenticator";
import { layOut } from "../provider/layout";
import { printable } from "../provider/text";
import { type ExitCode, exitCode } from "./commandLine";
import { readLiveMap } from "./liveMap";
import type { OutputOptions } from "./options";
import { emphasise, renderJson, renderYaml, type Terminal, wrap } from "./terminal";

/** Formats an explanation for people. */
function renderExplanation(explanation: Explanation, label: string, terminal: Terminal): string {
  const { arn, identity, alternatives, shadowed, nearMisses, droppedKeys, notes } = explanation;
  const blocks = [
    [printable(arn.trim()), ...(identity.arn === arn.trim() ? [] : [`  compared as ${printable(identity.arn)}`])],
    answer(explanation, label, terminal),
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
  const { document, label } = await readLiveMap(options, terminal);
  const explanation = explainIdentity(document, arn);
  if (options.output === "table") {
    terminal.out(renderExplanation(explanation, label, terminal));
  } else {
    terminal.out(options.output === "json" ? renderJson(dataOf(explanation)) : await renderYaml(dataOf(explanation)));
  }
  return explanation.user === undefined ? exitCode.found : exitCode.done;
}

/** The output of `-o json` and `-o yaml`. Fields may be added, but are never removed. */
function dataOf({ user, givenBy, ...explanation }: Explanation): object {
  return {
    arn: explanation.arn,
    canonicalArn: explanation.identity.arn,
    mapped: user !== undefined,
    ...user,
    ...(givenBy !== undefined && { givenBy: entryData(givenBy) }),
    alternatives: explanation.alternatives.map(entryData),
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
