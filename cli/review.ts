import { packageJson } from "../provider/pulumi/versions";
import { readEarlierReview } from "../provider/reports/reviewChanges";
import { reviewClusters } from "../provider/reports/reviewClusters";
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

/**
 * `review`: the access to one or many clusters, with risks and changes.
 *
 * @throws CommandFailure for wrong usage; AwsAuthError for an earlier review that cannot be compared.
 */
export async function runReview(terminal: Terminal, options: ReviewOptions): Promise<ExitCode> {
  const { since, failOn, output, unused } = options;
  if (failOn !== undefined && since === undefined) {
    throw new CommandFailure("--fail-on change needs an earlier review; name it with --since FILE");
  }
  const days = Number(unused);
  if (!Number.isInteger(days) || days < 1 || days > 400) {
    const rule = "is not a whole number from 1 to 400, since IAM keeps 400 days";
    throw new CommandFailure(`--unused ${quoted(unused)} ${rule}; give a number of days, such as 90`);
  }
  const targets = await targetsOf(options, terminal);
  const earlier = since === undefined ? undefined : await readEarlierReview(since);
  const review = await reviewClusters(targets, describeError, new Date(), days, earlier, terminal.progress);
  if (output === "html") {
    terminal.out((await import("./reviewPage.js")).renderPage(review, packageJson().version));
  } else {
    terminal.out(output === "json" ? renderJson(review) : renderReview(review));
  }
  const { clusters, unread, changes } = review;
  // A change takes precedence over data that could not be read.
  if (failOn === "change" && changes !== undefined && changes.identities.length > 0) {
    return exitCode.found;
  }
  const unknown = [...unread, ...clusters.flatMap((cluster) => cluster.unknown), ...(changes?.unknown ?? [])];
  return unknown.length === 0 ? exitCode.done : exitCode.failed;
}
