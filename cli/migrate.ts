import { placeOf } from "../provider/identity/placedEntry";
import { type MigrationEntry, type MigrationReport, migrate } from "../provider/reports/migrationReport";
import { plural, printable } from "../provider/text/text";
import { type ReportOptions, resolveNamed } from "./cluster";
import { bullet, type ExitCode, exitCode, renderJson, styled, type Terminal } from "./output";

/**
 * `migrate`: which entries of the map can become access entries, and whether the cluster is ready for its next mode.
 *
 * @throws CommandFailure for wrong usage, and AwsAuthError if anything cannot be read.
 */
export async function runMigrate(terminal: Terminal, options: ReportOptions): Promise<ExitCode> {
  const { ref, settings } = await resolveNamed(options, terminal);
  const report = await migrate(ref, settings);
  terminal.out(options.output === "json" ? renderJson(report) : renderMigration(report));
  return report.isReady ? exitCode.done : exitCode.found;
}

function renderMigration(report: MigrationReport): string {
  const { cluster, account, notes, entries } = report;
  const head = [...modeLines(report), ...notes.map((note) => `note: ${note}`)];
  const title = styled("bold", printable(`${cluster}, account ${account}`));
  const blocks = [[title, ...head.map((line) => `  ${printable(line)}`)].join("\n"), ...entries.map(entryBlock)];
  return `${blocks.join("\n\n")}\n`;
}

/** The current and the next mode. The command never changes the mode. */
function modeLines({ authenticationMode, nextMode, isReady, entries }: MigrationReport): readonly string[] {
  if (nextMode === undefined) {
    return [`authentication mode ${authenticationMode}: aws-auth has no effect`];
  }
  const done = entries.filter(({ isDone }) => isDone).length;
  const verdict = isReady ? "ready for" : "not ready for";
  return [
    `authentication mode ${authenticationMode}, ${verdict} ${nextMode}`,
    `ready for mode API: ${done} of ${plural(entries.length, "entry", "entries")}`,
    ...(isReady ? [`to change it, set accessConfig of the aws.eks.Cluster to ${nextMode}; this cannot be undone`] : []),
  ];
}

function entryBlock({ outcome, isDone, reason, arn, account, ...place }: MigrationEntry): string {
  const colour = isDone ? "green" : outcome === "cannot" ? "red" : "yellow";
  const status = outcome === "cannot" ? outcome : `${outcome}, ${isDone ? "done" : "to do"}`;
  return [
    `${styled(colour, status)}  ${placeOf(place)}`,
    `  ${printable(arn ?? account ?? "an entry without an ARN")}`,
    bullet(reason),
  ].join("\n");
}
