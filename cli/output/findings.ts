import { printable } from "../../provider/printable";
import { type Finding, placeOf, type Severity } from "../../provider/report";
import type { Terminal } from "../terminal";
import { type Emphasis, emphasise, wrap } from "./text";

const emphasis: Readonly<Record<Severity, Emphasis>> = { error: "red", warning: "yellow", note: "dim" };

/** Findings for people: each with its place on a line of its own, and a last line that counts them. */
export function renderFindings(findings: readonly Finding[], label: string, terminal: Terminal): string {
  const blocks = findings.map((finding) => {
    const severity = emphasise(terminal, emphasis[finding.severity], finding.severity);
    const title = `${severity}  ${placeOfFinding(finding)}  ${emphasise(terminal, "dim", `[${finding.rule}]`)}`;
    return `${title}\n${wrap(`  ${printable(finding.message)}`, terminal.width, "  ")}\n\n`;
  });
  return `${blocks.join("")}${summary(findings)} in ${printable(label)}\n`;
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
