import { packageJson } from "../../provider/engine/packageJson";
import { readEarlierReview } from "../../provider/review/earlierReview";
import type { AccessReview } from "../../provider/review/model";
import { reviewClusters } from "../../provider/review/reviewClusters";
import { type ExitCode, exitCode, usageFailure } from "../commandLine";
import type { ReviewOptions } from "../options";
import { renderReport } from "../report/render";
import { targetOf, targetsOf, withProgress } from "../targets";
import type { Terminal } from "../terminal";
import { reviewPage, reviewReport } from "./report";

/**
 * `review`: who has access to one or many clusters, what of it is risky, and what has changed.
 *
 * @throws CommandFailure for wrong usage; AwsAuthError for an earlier review that cannot be compared with.
 */
export async function runReview(options: ReviewOptions, terminal: Terminal): Promise<ExitCode> {
  const { since, failOn } = options;
  if (failOn !== "nothing" && since === undefined) {
    throw usageFailure(`--fail-on ${failOn} compares with an earlier review; name it with --since FILE`);
  }
  const { context = [], manifest = [], kubeconfig } = options;
  const named = await targetsOf(options, [
    ...context.map((name) => ({ kubeconfig, context: name })),
    ...(kubeconfig !== undefined && context.length === 0 ? [{ kubeconfig }] : []),
    ...manifest.map((file) => ({ manifest: file })),
  ]);
  const targets = named.length === 0 ? [targetOf({})] : named;
  const earlier = since === undefined ? undefined : await readEarlierReview(since);
  const review = await withProgress(terminal, targets, "reviewed", (reading) =>
    reviewClusters(targets, { ...reading, createdAt: new Date(), since: earlier }),
  );
  terminal.out(await render(review, options.output, terminal));
  return exitCodeOf(review, failOn);
}

async function render(review: AccessReview, output: ReviewOptions["output"], terminal: Terminal): Promise<string> {
  switch (output) {
    case "csv":
      return (await import("./csv.js")).renderCsv(review);
    case "html":
      return (await import("../report/page.js")).renderPage(
        reviewReport(review),
        reviewPage(review, packageJson().version),
      );
    default:
      return renderReport(review, reviewReport(review), output, terminal);
  }
}

/** What is certain counts more than what could not be read: an outage must not hide a new administrator. */
function exitCodeOf({ clusters, unread, changes }: AccessReview, failOn: ReviewOptions["failOn"]): ExitCode {
  const changed =
    failOn === "change" && changes !== undefined && changes.clusters.length + changes.identities.length > 0;
  const isNew = failOn !== "nothing" && changes?.identities.some(({ isNewAdministrator }) => isNewAdministrator);
  if (changed || isNew || clusters.some(({ droppedKeys }) => droppedKeys.length > 0)) {
    return exitCode.found;
  }
  // On a manifest the groups are all that there is to know.
  const isBlind =
    failOn !== "nothing" &&
    clusters.some(
      ({ id, hasRights, accessEntriesUnread }) =>
        (!hasRights && !id.startsWith("manifest:")) || accessEntriesUnread !== undefined,
    );
  return unread.length > 0 || isBlind ? exitCode.failed : exitCode.done;
}
