import { placedEntries, placeOf } from "../provider/authenticator";
import type { ReadMap } from "../provider/cluster";
import { describeLine } from "../provider/document";
import { lintBindings, lintDocument } from "../provider/lint/lint";
import { lintAccessEntries } from "../provider/lint/lintAccessEntries";
import type { Finding, Severity } from "../provider/lint/lintEntry";
import { plural, printable, quoted } from "../provider/text/text";
import { openLive, tellOf } from "./cluster";
import { type ExitCode, exitCode } from "./commandLine";
import type { LintOptions } from "./options";
import { type Emphasis, emphasise, renderData, type Terminal } from "./terminal";

const emphasis: Readonly<Record<Severity, Emphasis>> = { error: "red", warning: "yellow", note: "dim" };

/** How many findings of one rule are shown in full. Of the others, only the positions are. */
const shownOfOneRule = 10;

/**
 * Formats findings for people: errors first, grouped by rule, with the position of each on its own line, and a summary as the last
 * line.
 */
function renderFindings(findings: readonly Finding[], label: string, terminal: Terminal): string {
  const blocks = bySeverityAndRule(findings).flatMap((alike) => [
    ...alike.slice(0, shownOfOneRule).map((finding) => renderFinding(finding, terminal)),
    ...renderRest(alike.slice(shownOfOneRule), terminal),
  ]);
  return `${blocks.join("")}${summary(findings)} in ${printable(label)}\n`;
}

/** Each group keeps the order of the map. Groups are in the order of their first findings. */
function bySeverityAndRule(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  return (["error", "warning", "note"] as const).flatMap((severity) => [
    ...Map.groupBy(
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
  if (first === undefined || last === undefined) {
    return [];
  }
  const { rule, severity } = first;
  const places = first === last ? placeOfFinding(first) : `${placeOfFinding(first)} to ${placeOfFinding(last)}`;
  return [renderBlock({ rule, severity }, `${rest.length} more`, `${places}; "-o json" prints each`, terminal)];
}

/** The ARN identifies the entry even if lines have moved. */
function renderBlock(
  { rule, severity, arn }: Pick<Finding, "rule" | "severity" | "arn">,
  title: string,
  message: string,
  terminal: Terminal,
): string {
  const place = `${emphasise(terminal, emphasis[severity], severity)}  ${title}`;
  const head = `${place}  ${emphasise(terminal, "dim", `[${rule}]`)}${arn === undefined ? "" : `\n  ${quoted(arn)}`}`;
  return `${head}\n  ${message}\n\n`;
}

function placeOfFinding({ key, position, line, fileLine }: Finding): string {
  if (key === undefined) {
    return "aws-auth";
  }
  if (position !== undefined) {
    return placeOf({ key, position, line, fileLine });
  }
  return line === undefined ? key : `${key} (${describeLine(line, fileLine)})`;
}

function summary(findings: readonly Finding[]): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const errors = plural(count("error"), "error");
  return `${errors} and ${plural(count("warning"), "warning")}`;
}

/**
 * `lint`: reports ineffective entries and common mistakes of the live map.
 *
 * @throws CommandFailure or AwsAuthError if the map cannot be read.
 */
export async function runLint(options: LintOptions, terminal: Terminal): Promise<ExitCode> {
  const { open, ref } = await openLive(options);
  const { readAccess } = await import("../provider/access/liveAccess.js");
  const { map: live, access } = await readAccess(open, async (entries) =>
    (await open.mode()) === "API" ? [] : entries.all(),
  );
  await tellOf(ref, live, terminal);
  const { groups, unread } = await readBoundGroups(live);
  const findings = [
    ...(live.isThere ? [] : [missingMap]),
    ...lintDocument(live.data, live.document, groups),
    ...lintAccessEntries(access, live.label),
    ...(groups === undefined ? [] : lintBindings(placedEntries(live.document), groups)),
    ...(unread === undefined ? [] : [unreadBindings(unread)]),
  ];
  const { output } = options;
  terminal.out(
    output === "table" ? renderFindings(findings, live.label, terminal) : await renderData(findings, output),
  );
  const counts = options.strict ? ["error", "warning"] : ["error"];
  return findings.some(({ severity }) => counts.includes(severity)) ? exitCode.found : exitCode.done;
}

const missingMap: Finding = {
  rule: "no-map",
  severity: "note",
  message: "there is no ConfigMap kube-system/aws-auth, which maps nobody",
};

/** The groups that bindings of the cluster name, or why they could not be read; neither for a manifest, or a map without groups. */
interface BoundGroups {
  readonly groups?: ReadonlySet<string>;
  readonly unread?: string;
}

async function readBoundGroups({ connection, document }: ReadMap): Promise<BoundGroups> {
  const hasGroups = placedEntries(document).some(({ entry }) => entry.groups.length > 0);
  if (connection === undefined || !hasGroups) {
    return {};
  }
  const [{ readRbac }, { Authorizer }] = await Promise.all([
    import("../provider/cluster/kubernetes/objects.js"),
    import("../provider/rbac/index.js"),
  ]);
  const read = await readRbac(connection, ["clusterrolebindings", "rolebindings"]);
  return "objects" in read ? { groups: new Authorizer(read.objects).groups } : read;
}

/** A user who may read the map may lack permission to list bindings. That is only a note, not a failure. */
function unreadBindings(unread: string): Finding {
  const message = `whether the groups have any rights was not checked: ${unread}`;
  return { rule: "bindings-unread", severity: "note", message };
}
