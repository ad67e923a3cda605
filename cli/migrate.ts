import { placeOf } from "../provider/identity/placedEntry";
import { type MigrationEntry, type MigrationReport, migrate } from "../provider/reports/migrationReport";
import type { UnreadCluster } from "../provider/reports/readClusters";
import { plural, printable } from "../provider/text/text";
import { asText, codeFor, type ManyReportOptions, readNamed } from "./clusters";
import { bullet, CommandFailure, type ExitCode, renderJson, renderTable, styled, type Terminal } from "./output";

export async function runMigrate(terminal: Terminal, options: ManyReportOptions): Promise<ExitCode> {
  if (options.cluster === undefined && options.clusters === undefined) {
    throw new CommandFailure("required option '--cluster <name>' or '--clusters <file>' not specified");
  }
  const { clusters, unread, isOne } = await readNamed(options, terminal, migrate);
  const reports = clusters.map(({ report }) => report);
  if (options.output === "json") {
    const all = { kind: "MigrationReports", schemaVersion: 1, clusters: reports, unread };
    terminal.out(renderJson(isOne ? reports[0] : all));
  } else {
    const rows = isOne ? [] : [renderRows(clusters, unread)];
    terminal.out(asText([...rows, ...reports.map(renderMigration)], unread));
  }
  const isReady = reports.every((report) => report.isReady);
  return codeFor(unread, isReady);
}

function renderRows(
  clusters: readonly Awaited<ReturnType<typeof migrate>>[],
  unread: readonly UnreadCluster[],
): string {
  const rows = clusters.map(({ name, isPartial, report: { authenticationMode, entries, isReady } }) => {
    const moved = entries.filter(({ isDone }) => isDone).length;
    const stuck = entries.filter(({ outcome }) => outcome === "cannot").length;
    const known = [entries.length, moved, entries.length - moved - stuck, stuck];
    const counts = known.map((count) => (isPartial ? "unknown" : String(count)));
    return [name, authenticationMode, ...counts, isReady ? "yes" : "no"];
  });
  const unknown = unread.map(({ name }) => [name, "", "", "", "", "", "unknown"]);
  const header = ["CLUSTER", "MODE", "ENTRIES", "MOVED", "TO MOVE", "CANNOT", "READY"];
  return renderTable(header, [...rows, ...unknown]).trimEnd();
}

function renderMigration(report: MigrationReport): string {
  const { cluster, account, notes, entries } = report;
  const head = [...modeLines(report), ...notes.map((note) => `note: ${note}`)];
  const title = styled("bold", printable(`${cluster}, account ${account}`));
  return [[title, ...head.map((line) => `  ${printable(line)}`)].join("\n"), ...entries.map(entryBlock)].join("\n\n");
}

function modeLines({ authenticationMode, nextMode, isReady, entries }: MigrationReport): readonly string[] {
  if (nextMode === undefined) {
    return [`authentication mode ${authenticationMode}: aws-auth has no effect`];
  }
  const done = entries.filter(({ isDone }) => isDone).length;
  const verdict = isReady ? "ready for" : "not ready for";
  return [
    `authentication mode ${authenticationMode}, ${verdict} ${nextMode}`,
    `ready for mode API: ${done} of ${plural(entries.length, "entry", "entries")}`,
    ...(isReady
      ? [
          `to change the mode, set accessConfig.authenticationMode of the aws.eks.Cluster to ${nextMode}; this cannot be undone`,
        ]
      : []),
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
