import { printable } from "../../provider/printable";
import { describeContent, describeOwners, type ExplainedEntry, type Explanation, placeOf } from "../../provider/report";
import type { Terminal } from "../terminal";
import { emphasise, wrap } from "./text";

/** An explanation for people. */
export function renderExplanation(explanation: Explanation, label: string, terminal: Terminal): string {
  const { arn, identity, alternatives, shadowed, nearMisses, droppedKeys, notes } = explanation;
  const blocks = [
    [printable(arn.trim()), ...(identity.arn === arn.trim() ? [] : [`  compared as ${printable(identity.arn)}`])],
    answer(explanation, label, terminal),
    section("Counts in its place at random, from one login to the next:", alternatives.map(describe), terminal),
    section("Shadowed, so without effect:", shadowed.map(describe), terminal),
    section(
      "Looks right, but is not for this identity:",
      nearMisses.map(
        ({ placed, reason }) => `${placeOf(placed)}, ${JSON.stringify(placed.entry.arn ?? "")}: ${reason}`,
      ),
      terminal,
    ),
    section(
      "Keys that the authenticator drops, with everyone in them:",
      droppedKeys.map(({ key, line, reason }) => `${key} does not parse (line ${line}: ${reason})`),
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
  if (user === undefined || givenBy === undefined) {
    return [emphasise(terminal, "red", `Not mapped in ${cluster}: its logins are refused.`)];
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
  if (items.length === 0) return [];
  const lines = items.map((item) => wrap(`  - ${printable(item)}`, terminal.width, "    "));
  return [emphasise(terminal, "bold", title), ...lines];
}

function describe(placed: ExplainedEntry): string {
  const claimed = placed.owners.length === 0 ? "" : `, claimed by ${describeOwners(placed.owners)}`;
  return `${placeOf(placed)}, ${describeContent(placed.entry)}${claimed}`;
}
