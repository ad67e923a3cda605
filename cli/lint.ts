import { describeLastWrite } from "../provider/awsAuthMap";
import { describeProblem } from "../provider/errors";
import { placeOf } from "../provider/identity/placedEntry";
import type { LintPlace, LintProblem, LintSeverity } from "../provider/reports/lint";
import { type LintedCluster, lintCluster } from "../provider/reports/lintCluster";
import { plural, printable, quoted } from "../provider/text/text";
import { asText, codeFor, type ManyReportOptions, readNamed } from "./clusters";
import { type ExitCode, renderJson, styled, type Terminal, tell } from "./output";

interface LintOptions extends ManyReportOptions {
  readonly strict?: true;
  readonly verbose?: true;
}

export async function runLint(terminal: Terminal, options: LintOptions): Promise<ExitCode> {
  const { unread, isOne, ...read } = await readNamed(options, terminal, lintCluster);
  const clusters = options.verbose ? read.clusters : read.clusters.map(withoutWrites);
  const problems = clusters.flatMap((cluster) => cluster.problems);
  for (const { name, notes } of clusters) {
    tell("note", isOne ? notes : notes.map((note) => `${name}: ${note}`), terminal);
  }
  if (options.output === "json") {
    const found = clusters.map(({ id, name, problems }) => ({ id, name, problems: problems.map(problemData) }));
    const report = { kind: "LintReport", schemaVersion: 1, clusters: found, unread };
    terminal.out(renderJson(isOne ? problems.map(problemData) : report));
  } else {
    const total = isOne ? [] : [`${summaryOf(problems)} in ${plural(clusters.length, "cluster")}`];
    terminal.out(asText([...clusters.map(renderProblems), ...total], unread));
  }
  const counted: readonly LintSeverity[] = options.strict ? ["error", "warning"] : ["error"];
  return codeFor(unread, !problems.some(({ severity }) => counted.includes(severity)));
}

function withoutWrites({ problems, ...cluster }: LintedCluster): LintedCluster {
  return { ...cluster, problems: problems.map((problem) => ({ ...problem, lastWrite: undefined })) };
}

function problemData({ code, severity, place, lastWrite, ...problem }: LintProblem): object {
  const { writer: lastWriter, at: lastChange } = lastWrite ?? {};
  return { rule: code, severity, ...place, message: describeProblem(problem), lastWriter, lastChange };
}

const severityColours = { error: "red", warning: "yellow", note: "dim" } as const;

/** How many problems of one rule are printed completely. For the others, only their positions are. */
const shownOfOneRule = 10;

function renderProblems({ problems, name }: LintedCluster): string {
  const blocks = Object.entries(severityColours).flatMap(([severity, colour]) => {
    const alike = Map.groupBy(
      problems.filter((problem) => problem.severity === severity),
      ({ code }) => code,
    );
    const title = styled(colour, severity);
    return [...alike].flatMap(([rule, all]) => {
      const [shown, rest] = [all.slice(0, shownOfOneRule), all.slice(shownOfOneRule)];
      const places = rest.length === 0 ? "" : `${placeText(rest[0]?.place)} to ${placeText(rest.at(-1)?.place)}`;
      return [
        ...shown.map(({ place, lastWrite, ...problem }) => {
          const subject = place.arn === undefined ? "" : `\n  ${quoted(place.arn)}`;
          const written = lastWrite === undefined ? "" : `\n  ${describeLastWrite(lastWrite)}`;
          return `${title}  ${placeText(place)}  [${rule}]${subject}\n  ${printable(describeProblem(problem))}${written}`;
        }),
        ...(places === "" ? [] : [`${title}  ${rest.length} more  [${rule}]\n  ${places}; "-o json" prints each`]),
      ];
    });
  });
  return [...blocks, `${summaryOf(problems)} in ${printable(name)}`].join("\n\n");
}

function summaryOf(problems: readonly LintProblem[]): string {
  const count = (severity: LintSeverity) => problems.filter((problem) => problem.severity === severity).length;
  return `${plural(count("error"), "error")} and ${plural(count("warning"), "warning")}`;
}

function placeText({ key, position, line, arn }: LintPlace = {}): string {
  if (key === undefined) {
    return arn === undefined ? "aws-auth" : "access entry";
  }
  if (position !== undefined) {
    return placeOf({ key, position, line });
  }
  return line === undefined ? key : `${key} (line ${line})`;
}
