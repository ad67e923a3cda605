import { packageJson } from "../provider/engine/packageJson";
import { readEarlierReview } from "../provider/review/changes";
import type { AccessReview } from "../provider/review/model";
import { reviewClusters } from "../provider/review/reviewClusters";
import { type ExitCode, exitCode, usageFailure } from "./commandLine";
import type { ReviewOptions } from "./options";
import { renderText } from "./reviewText";
import { targetOf, targetsOf, withProgress } from "./targets";
import { renderJson, type Terminal } from "./terminal";

/**
 * `review`: who has access to one or many clusters, which of it is risky, and what has changed.
 *
 * @throws CommandFailure for wrong usage; AwsAuthError for an earlier review that cannot be compared with.
 */
export async function runReview(options: ReviewOptions, terminal: Terminal): Promise<ExitCode> {
  const { since, failOn, output, context = [], manifest = [], kubeconfig } = options;
  if (failOn !== undefined && since === undefined) {
    throw usageFailure("--fail-on change needs an earlier review; name it with --since FILE");
  }
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
  if (output === "html") {
    terminal.out((await import("./reviewPage.js")).renderPage(review, packageJson().version));
  } else {
    terminal.out(output === "json" ? renderJson(review) : renderText(review, terminal));
  }
  return exitCodeOf(review, failOn);
}

/** A change counts more than what could not be read. */
function exitCodeOf({ clusters, unread, changes }: AccessReview, failOn: ReviewOptions["failOn"]): ExitCode {
  if (failOn === "change" && changes !== undefined && changes.identities.length > 0) {
    return exitCode.found;
  }
  const isComplete = unread.length === 0 && clusters.every(({ unknown }) => unknown.length === 0);
  return isComplete && (changes?.unknown ?? []).length === 0 ? exitCode.done : exitCode.failed;
}
