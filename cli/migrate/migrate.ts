import { recordedConfigHint } from "../../provider/cluster/settings";
import type { AwsAuthError } from "../../provider/errors";
import { parseIamArn } from "../../provider/mapping";
import { type MigrationTarget, migrateClusters } from "../../provider/migration/migrateClusters";
import type { MigrationReport } from "../../provider/migration/model";
import { isRegionMissing, noCluster, regionRemedy, settingsFor } from "../cluster";
import { type ExitCode, exitCode, usageFailure } from "../commandLine";
import type { MigrateOptions } from "../options";
import { renderJson, type Terminal } from "../terminal";

/**
 * `migrate`: what of the map has become access entries, what may and what cannot, and whether clusters can go to the mode `API`.
 *
 * @throws CommandFailure for wrong usage.
 */
export async function runMigrate(options: MigrateOptions, terminal: Terminal): Promise<ExitCode> {
  const targets = await targetsOf(options);
  assertTrusted(options.trust);
  const { status } = terminal;
  status?.(progress(0, targets.length));
  const report = await migrateClusters(targets, {
    trusted: options.trust,
    onProgress: status && ((done) => status(progress(done, targets.length))),
    describe,
  }).finally(() => status?.(""));
  terminal.out(await render(report, options.output, terminal));
  return exitCodeOf(report);
}

function progress(done: number, all: number): string {
  return `${done} of ${all} clusters read`;
}

/** The words of the command line: the error's own remedies are for programs. */
function describe(error: AwsAuthError, { cluster, name }: MigrationTarget): string {
  if (isRegionMissing(error) && (typeof cluster === "string" || (typeof cluster === "object" && cluster !== null))) {
    return regionRemedy({ name });
  }
  return error.message.replace(` (${recordedConfigHint})`, "");
}

async function render(report: MigrationReport, output: MigrateOptions["output"], terminal: Terminal): Promise<string> {
  switch (output) {
    case "json":
      return renderJson(report);
    case "markdown":
      return (await import("./markdown.js")).renderMarkdown(report);
    case "table":
      return (await import("./text.js")).renderText(report, terminal);
  }
}

/** What is certain counts more than what could not be read: an outage must not hide what is left to do. */
function exitCodeOf({ clusters, unread }: MigrationReport): ExitCode {
  if (clusters.some(({ verdict }) => verdict === "notReady")) {
    return exitCode.found;
  }
  return unread.length > 0 || clusters.some(({ verdict }) => verdict === "unknown") ? exitCode.failed : exitCode.done;
}

/**
 * The EKS clusters that the options and the file name, in this order.
 *
 * @throws CommandFailure where none is named, or something else than an EKS cluster.
 */
async function targetsOf(options: MigrateOptions): Promise<MigrationTarget[]> {
  const { cluster, clusters, region, profile, "role-arn": roleArn, kubeconfig, context, manifest } = options;
  const other = Object.entries({ kubeconfig, context, manifest }).find(([, value]) => value !== undefined);
  if (other !== undefined) {
    throw usageFailure(
      `--${other[0]} does not name an EKS cluster, and no other has access entries; give --cluster NAME or --clusters FILE`,
    );
  }
  const stray = Object.entries({ region, profile, "role-arn": roleArn }).find(([, value]) => value !== undefined);
  if (stray !== undefined && cluster.length === 0) {
    throw usageFailure(`--${stray[0]} goes with --cluster NAME, which is missing`);
  }
  const place = { env: process.env, cwd: process.cwd() };
  const named = cluster.map((name): MigrationTarget => {
    const single = { ...noCluster, cluster: name, region, profile, "role-arn": roleArn };
    const given = { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
    return {
      name,
      cluster: { name, ...given, ...(roleArn !== undefined && { roleArn }) },
      settings: settingsFor(single, place.env, place.cwd),
    };
  });
  // Loaded for a file alone, since it loads what a review needs.
  const listed = clusters === undefined ? [] : await (await import("../review/review.js")).clustersIn(clusters, place);
  if (named.length + listed.length === 0) {
    throw usageFailure("no EKS cluster is named; give --cluster NAME or --clusters FILE");
  }
  return [...named, ...listed];
}

function assertTrusted(arns: readonly string[]): void {
  for (const arn of arns) {
    const parsed = parseIamArn(arn);
    if (parsed.kind === "invalid") {
      throw usageFailure(`--trust: ${parsed.reason}`);
    }
  }
}
