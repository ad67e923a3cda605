import { parseIamArn } from "../../provider/mapping";
import { migrateClusters } from "../../provider/migration/migrateClusters";
import type { MigrationReport } from "../../provider/migration/model";
import { type ExitCode, exitCode, usageFailure } from "../commandLine";
import type { MigrateOptions } from "../options";
import { renderReport } from "../report/render";
import { targetsOf, withProgress } from "../targets";
import type { Terminal } from "../terminal";
import { migrationReport } from "./report";

/**
 * `migrate`: what of the map has become access entries, what may and what cannot, and whether clusters can go to the mode `API`.
 *
 * @throws CommandFailure for wrong usage, also where no cluster is named, or something else than an EKS cluster.
 */
export async function runMigrate(options: MigrateOptions, terminal: Terminal): Promise<ExitCode> {
  const { kubeconfig, context, manifest, trust = [] } = options;
  const other = Object.entries({ kubeconfig, context, manifest }).find(([, value]) => value !== undefined);
  if (other !== undefined) {
    throw usageFailure(
      `migrate compares aws-auth with the access entries of an EKS cluster, which --${other[0]} does not lead to; give --cluster NAME or --clusters FILE`,
    );
  }
  const targets = await targetsOf(options);
  if (targets.length === 0) {
    throw usageFailure("no EKS cluster is named; give --cluster NAME or --clusters FILE");
  }
  const invalid = trust.map((arn) => parseIamArn(arn)).find((arn) => arn.kind === "invalid");
  if (invalid !== undefined) {
    throw usageFailure(`--trust: ${invalid.reason}`);
  }
  const report = await withProgress(terminal, targets, "read", (reading) =>
    migrateClusters(targets, { ...reading, trusted: trust }),
  );
  terminal.out(renderReport(report, migrationReport(report), options.output, terminal));
  return exitCodeOf(report);
}

/** What is certain counts more than what could not be read: an outage must not hide what is left to do. */
function exitCodeOf({ clusters, unread }: MigrationReport): ExitCode {
  if (clusters.some(({ verdict }) => verdict === "notReady")) {
    return exitCode.found;
  }
  return unread.length > 0 || clusters.some(({ verdict }) => verdict === "unknown") ? exitCode.failed : exitCode.done;
}
