import { dirname, resolve } from "node:path";
import { withoutConfigHint } from "../../provider/cluster/settings";
import type { AwsAuthError } from "../../provider/errors";
import { readEarlierReview } from "../../provider/review/earlierReview";
import type { AccessReview } from "../../provider/review/model";
import { nameOfCluster, type ReviewTarget, reviewClusters } from "../../provider/review/reviewClusters";
import { errorCode, quoted } from "../../provider/text";
import { describeReadFailure, readSmallFile } from "../../provider/textFile";
import { plainValue, readForeignYaml } from "../../provider/yaml/plainYaml";
import { isRegionMissing, namedCluster, noCluster, regionRemedy, settingsFor } from "../cluster";
import { type ExitCode, exitCode, usageFailure } from "../commandLine";
import type { ClusterOptions, ReviewCommandOptions } from "../options";
import { renderJson, type Terminal } from "../terminal";

/**
 * `review`: who has access to one or many clusters, what of it is risky, and what has changed.
 *
 * @throws CommandFailure for wrong usage; AwsAuthError for an earlier review that cannot be compared with.
 */
export async function runReview(options: ReviewCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { since, "fail-on": failOn } = options;
  if (failOn !== "nothing" && since === undefined) {
    throw usageFailure(`--fail-on ${failOn} compares with an earlier review; name it with --since FILE`);
  }
  const targets = await targetsOf(options, { env: process.env, cwd: process.cwd() });
  const earlier = since === undefined ? undefined : await readEarlierReview(since);
  const { status } = terminal;
  status?.(progress(0, targets.length));
  const review = await reviewClusters(targets, {
    createdAt: new Date(),
    since: earlier,
    onProgress: status && ((done) => status(progress(done, targets.length))),
    describe,
  }).finally(() => status?.(""));
  terminal.out(await render(review, options.output, terminal));
  return exitCodeOf(review, failOn);
}

function progress(done: number, all: number): string {
  return `${done} of ${all} clusters reviewed`;
}

/** The words of the command line: the error's own remedies are for programs. */
function describe(error: AwsAuthError, { cluster }: ReviewTarget): string {
  if (isRegionMissing(error) && typeof cluster === "object" && cluster !== null && "name" in cluster) {
    return regionRemedy({ name: String(cluster.name) });
  }
  return withoutConfigHint(error.message);
}

async function render(
  review: AccessReview,
  output: ReviewCommandOptions["output"],
  terminal: Terminal,
): Promise<string> {
  switch (output) {
    case "json":
      return renderJson(review);
    case "csv":
      return (await import("./csv.js")).renderCsv(review);
    case "markdown":
      return (await import("./markdown.js")).renderMarkdown(review);
    case "html":
      return (await import("./html/page.js")).renderPage(review);
    case "table":
      return (await import("./text.js")).renderText(review, terminal);
  }
}

/** What is certain counts more than what could not be read: an outage must not hide a new administrator. */
function exitCodeOf({ clusters, unread, changes }: AccessReview, failOn: ReviewCommandOptions["fail-on"]): ExitCode {
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

/** Where clusters are named. */
interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/**
 * The clusters that the options and the file name, in this order; without any, the one of AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT.
 *
 * @throws CommandFailure where none is named, or the file is no list of clusters.
 */
async function targetsOf(options: ReviewCommandOptions, place: Place): Promise<ReviewTarget[]> {
  const { cluster, context, manifest, kubeconfig, clusters, region, profile, "role-arn": roleArn } = options;
  if (cluster.length === 0) {
    // The others say how to reach the clusters of --cluster.
    const ofCluster = { region, profile, "role-arn": roleArn };
    if (Object.values(ofCluster).some((value) => value !== undefined)) {
      namedCluster({ ...noCluster, ...ofCluster }, {});
    }
  }
  const single: Partial<ClusterOptions>[] = [
    ...cluster.map((name) => ({ cluster: name, region, profile, "role-arn": roleArn })),
    ...context.map((name) => ({ kubeconfig, context: name })),
    ...(kubeconfig !== undefined && context.length === 0 ? [{ kubeconfig }] : []),
    ...manifest.map((file) => ({ manifest: file })),
  ];
  const listed = clusters === undefined ? [] : await clustersIn(clusters, place);
  const named = single.length + listed.length === 0 ? [{}] : single;
  return [...named.map((one) => targetOf({ ...noCluster, ...one }, place)), ...listed];
}

function targetOf(options: ClusterOptions, { env, cwd }: Place): ReviewTarget {
  const named = namedCluster(options, env);
  return { name: nameOfCluster(named) ?? "", cluster: named, settings: settingsFor(options, env, cwd) };
}

/**
 * The clusters that a file lists. A path in the file starts from the directory of the file.
 *
 * @throws CommandFailure if the file is no list of clusters.
 */
export async function clustersIn(file: string, { env, cwd }: Place): Promise<ReviewTarget[]> {
  const path = resolve(cwd, file);
  const list = listIn(await readText(path, file), file);
  const settings = settingsFor(noCluster, env, dirname(path));
  return list.map((cluster, index) => ({
    name: nameOfCluster(cluster) ?? `cluster ${index + 1} of ${file}`,
    cluster: cluster ?? "",
    settings,
  }));
}

async function readText(path: string, file: string): Promise<string> {
  try {
    return (await readSmallFile(path)).toString("utf8");
  } catch (error) {
    const code = errorCode(error);
    const reason = describeReadFailure(code) ?? code ?? String(error);
    throw usageFailure(`--clusters ${quoted(file)} cannot be read: ${reason}`);
  }
}

function listIn(text: string, file: string): readonly unknown[] {
  const { documents, problems } = readForeignYaml(text);
  const [problem] = problems;
  if (problem !== undefined) {
    throw usageFailure(`--clusters ${quoted(`${file}:${problem.line}:${problem.column}`)}: ${problem.reason}`);
  }
  const [document, second] = documents;
  const value = document === undefined || second !== undefined ? undefined : plainValue(document);
  if (Array.isArray(value) && value.length > 0) {
    return value;
  }
  throw usageFailure(
    `--clusters ${quoted(file)} is not a list of clusters; write one item for each: a name, an ARN, or name and region, kubeconfig and context, or manifest`,
  );
}
