import { groupBy } from "../../provider/groupBy";
import { printable } from "../../provider/printable";
import { type Finding, placeOf, type Severity } from "../../provider/report";
import type { Terminal } from "../terminal";
import { type Emphasis, emphasise, wrap } from "./text";

const emphasis: Readonly<Record<Severity, Emphasis>> = { error: "red", warning: "yellow", note: "dim" };

/** How many findings of one rule are shown; the rest is only named. */
const shownOfOneRule = 10;

/**
 * Findings for people: errors first, those of one rule together, each with its place on a line of its own, and a last line that
 * counts them.
 */
export function renderFindings(findings: readonly Finding[], label: string, terminal: Terminal): string {
  const blocks = bySeverityAndRule(findings).flatMap((alike) => [
    ...alike.slice(0, shownOfOneRule).map((finding) => renderFinding(finding, terminal)),
    ...renderRest(alike.slice(shownOfOneRule), terminal),
  ]);
  return `${blocks.join("")}${summary(findings)} in ${printable(label)}\n`;
}

/** In each group the order of the map, and the groups in the order of their first findings. */
function bySeverityAndRule(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  return (["error", "warning", "note"] as const).flatMap((severity) => [
    ...groupBy(
      findings.filter((finding) => finding.severity === severity),
      ({ rule }) => rule,
    ).values(),
  ]);
}

function renderFinding(finding: Finding, terminal: Terminal): string {
  return renderBlock(finding, placeOfFinding(finding), printable(finding.message), terminal);
}

function renderRest(rest: readonly Finding[], terminal: Terminal): string[] {
  const [first, last] = [rest[0], rest.at(-1)];
  if (first === undefined || last === undefined) return [];
  const places = first === last ? placeOfFinding(first) : `${placeOfFinding(first)} to ${placeOfFinding(last)}`;
  return [renderBlock(first, `${rest.length} more`, `${places}; "-o json" prints each`, terminal)];
}

function renderBlock({ rule, severity }: Finding, title: string, message: string, terminal: Terminal): string {
  const head = `${emphasise(terminal, emphasis[severity], severity)}  ${title}  ${emphasise(terminal, "dim", `[${rule}]`)}`;
  return `${head}\n${wrap(`  ${message}`, terminal.width, "  ")}\n\n`;
}

function placeOfFinding({ key, position, line }: Finding): string {
  if (key === undefined) return "aws-auth";
  if (position !== undefined) return placeOf({ key, position, line });
  return line === undefined ? key : `${key} line ${line}`;
}

function summary(findings: readonly Finding[]): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const errors = plural(count("error"), "error");
  return `${errors} and ${plural(count("warning"), "warning")}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
