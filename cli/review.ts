import { packageJson } from "../provider/pulumi/versions";
import { type AccessReview, schemaVersion } from "../provider/reports/accessReview";
import { readClusters } from "../provider/reports/readClusters";
import { compareReviews, readEarlierReview } from "../provider/reports/reviewChanges";
import { reviewCluster } from "../provider/reports/reviewClusters";
import { quoted } from "../provider/text/text";
import { describeError } from "./cluster";
import { type ClustersOptions, targetsOf } from "./clusters";
import { CommandFailure, type ExitCode, exitCode, renderJson, type Terminal } from "./output";
import { renderReview } from "./reviewText";

interface ReviewOptions extends ClustersOptions {
  readonly output: "table" | "json" | "html";
  readonly since?: string;
  readonly failOn?: "change";
  readonly unused: string;
}

export async function runReview(terminal: Terminal, options: ReviewOptions): Promise<ExitCode> {
  const { since, failOn, output, unused } = options;
  if (failOn !== undefined && since === undefined) {
    throw new CommandFailure("--fail-on change requires an earlier review; specify it with --since FILE");
  }
  const days = Number(unused);
  if (!Number.isInteger(days) || days < 1 || days > 400) {
    const rule = "is not a whole number from 1 to 400 (IAM keeps records for 400 days)";
    throw new CommandFailure(`--unused ${quoted(unused)} ${rule}; specify a number of days, such as 90`);
  }
  const targets = await targetsOf(options, terminal);
  const earlier = since === undefined ? undefined : await readEarlierReview(since);
  const now = new Date();
  const unusedSince = new Date(now.getTime() - days * 24 * 60 * 60 * 1000);
  const { clusters, unread } = await readClusters(
    targets,
    describeError,
    (...one) => reviewCluster(...one, unusedSince),
    terminal.progress,
  );
  const changes = earlier && compareReviews({ clusters, unread }, earlier);
  const content = { clusters, unread, ...(changes && { changes }) };
  const review: AccessReview = { kind: "AccessReview", schemaVersion, createdAt: now.toISOString(), ...content };
  if (output === "html") {
    terminal.out((await import("./reviewPage.js")).renderPage(review, packageJson().version));
  } else {
    terminal.out(output === "json" ? renderJson(review) : renderReview(review));
  }
  // A change takes precedence over data that could not be read.
  if (failOn === "change" && changes !== undefined && changes.identities.length > 0) {
    return exitCode.found;
  }
  const unknown = [...unread, ...clusters.flatMap((cluster) => cluster.unknown), ...(changes?.unknown ?? [])];
  return unknown.length === 0 ? exitCode.done : exitCode.failed;
}
