import { describeProblem } from "../provider/errors";
import { placeOf } from "../provider/identity/placedEntry";
import type { LintPlace, LintProblem, LintSeverity } from "../provider/reports/lint";
import { lintCluster } from "../provider/reports/lintCluster";
import { plural, printable, quoted } from "../provider/text/text";
import { type ReportOptions, resolveNamed } from "./cluster";
import { type ExitCode, exitCode, renderJson, styled, type Terminal, tell } from "./output";

interface LintOptions extends ReportOptions {
  readonly strict?: true;
}

/**
 * `lint`: reports entries of the live map without effect, and other mistakes that affect access.
 *
 * @throws CommandFailure or AwsAuthError if the map cannot be read.
 */
export async function runLint(terminal: Terminal, options: LintOptions): Promise<ExitCode> {
  const { output, strict } = options;
  const { ref, settings } = await resolveNamed(options, terminal);
  const { label, problems, notes } = await lintCluster(ref, settings);
  tell("note", notes, terminal);
  terminal.out(output === "json" ? renderJson(problems.map(problemData)) : renderProblems(problems, label));
  const counted: readonly LintSeverity[] = strict ? ["error", "warning"] : ["error"];
  return problems.some(({ severity }) => counted.includes(severity)) ? exitCode.found : exitCode.done;
}

function problemData({ code, severity, place, ...problem }: LintProblem): object {
  return { rule: code, severity, ...place, message: describeProblem(problem) };
}

const severityColours = { error: "red", warning: "yellow", note: "dim" } as const;

/** How many problems of one rule are printed completely. For the others, only their positions are. */
const shownOfOneRule = 10;

/** Problems as text: errors first, grouped by rule, with a summary as the last line. */
function renderProblems(problems: readonly LintProblem[], label: string): string {
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
        ...shown.map(({ place, ...problem }) => {
          const subject = place.arn === undefined ? "" : `  ${quoted(place.arn)}\n`;
          return `${title}  ${placeText(place)}  [${rule}]\n${subject}  ${printable(describeProblem(problem))}\n`;
        }),
        ...(places === "" ? [] : [`${title}  ${rest.length} more  [${rule}]\n  ${places}; "-o json" prints each\n`]),
      ];
    });
  });
  const count = (severity: LintSeverity) => problems.filter((problem) => problem.severity === severity).length;
  const summary = `${plural(count("error"), "error")} and ${plural(count("warning"), "warning")}`;
  return [...blocks, `${summary} in ${printable(label)}\n`].join("\n");
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
