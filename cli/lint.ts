import type { ReadMap } from "../provider/cluster/connect";
import { describeProblem } from "../provider/errors";
import { placedEntries, placeOf } from "../provider/identity/placedEntry";
import { type LintPlace, type LintProblem, lintMap, notChecked, type Severity } from "../provider/reports/lint";
import { plural, printable, quoted } from "../provider/text/text";
import { type ClusterOptions, resolveNamed } from "./cluster";
import { type ExitCode, exitCode, renderJson, styled, type Terminal, tell } from "./output";

interface LintOptions extends ClusterOptions {
  readonly output: "table" | "json";
  readonly strict?: true;
}

/**
 * `lint`: reports entries of the live map without effect, and other mistakes that affect access.
 *
 * @throws CommandFailure or AwsAuthError if the map cannot be read.
 */
export async function runLint(terminal: Terminal, options: LintOptions): Promise<ExitCode> {
  const { output, strict } = options;
  const { ref, settings } = await resolveNamed(options);
  const { openAccess, readAccess } = await import("../provider/reports/readCluster.js");
  const open = await openAccess(ref, settings);
  const { map, access } = await readAccess(open, async (entries) =>
    (await open.mode()) === "API" ? [] : entries.all(),
  );
  if (!map.isThere) {
    tell("note", ["there is no ConfigMap kube-system/aws-auth"], terminal);
  }
  const { groups, unread } = await readBoundGroups(map);
  const unchecked = `whether bindings name the groups was not checked: ${unread}`;
  const problems = [
    ...lintMap({ data: map.data, access, bound: groups }),
    ...(unread === undefined ? [] : [notChecked(unchecked)]),
  ];
  terminal.out(output === "json" ? renderJson(problems.map(dataOf)) : renderProblems(problems, map.label));
  const counted: readonly Severity[] = strict ? ["error", "warning"] : ["error"];
  return problems.some(({ severity }) => counted.includes(severity)) ? exitCode.found : exitCode.done;
}

function dataOf({ code, severity, place, ...problem }: LintProblem): object {
  return { rule: code, severity, ...place, message: describeProblem(problem) };
}

/** The groups in bindings of the cluster, or why they could not be read; neither for a manifest or a map without groups. */
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
    import("../provider/rights/authorizer.js"),
  ]);
  const read = await readRbac(connection, ["clusterrolebindings", "rolebindings"]);
  return "objects" in read ? { groups: new Authorizer(read.objects).groups } : read;
}

const severities = { error: "red", warning: "yellow", note: "dim" } as const;

/** How many problems of one rule are printed completely. For the others, only their positions are. */
const shownOfOneRule = 10;

/** Problems as text: errors first, grouped by rule, with a summary as the last line. */
function renderProblems(problems: readonly LintProblem[], label: string): string {
  const blocks = Object.entries(severities).flatMap(([severity, colour]) => {
    const alike = Map.groupBy(
      problems.filter((problem) => problem.severity === severity),
      ({ code }) => code,
    );
    const title = styled(colour, severity);
    return [...alike].flatMap(([rule, all]) => {
      const [shown, rest] = [all.slice(0, shownOfOneRule), all.slice(shownOfOneRule)];
      const places = rest.length === 0 ? "" : `${placeText(rest[0]?.place)} to ${placeText(rest.at(-1)?.place)}`;
      return [
        ...shown.map(({ place, ...problem }) => {
          const subject = place.arn === undefined ? "" : `  ${quoted(place.arn)}\n`;
          return `${title}  ${placeText(place)}  [${rule}]\n${subject}  ${printable(describeProblem(problem))}\n`;
        }),
        ...(places === "" ? [] : [`${title}  ${rest.length} more  [${rule}]\n  ${places}; "-o json" prints each\n`]),
      ];
    });
  });
  const count = (severity: Severity) => problems.filter((problem) => problem.severity === severity).length;
  const summary = `${plural(count("error"), "error")} and ${plural(count("warning"), "warning")}`;
  return [...blocks, `${summary} in ${printable(label)}\n`].join("\n");
}

function placeText({ key, position, line }: LintPlace = {}): string {
  if (key === undefined) {
    return "aws-auth";
  }
  if (position !== undefined) {
    return placeOf({ key, position, ...(line !== undefined && { line }) });
  }
  return line === undefined ? key : `${key} (line ${line})`;
}
