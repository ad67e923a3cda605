import { dirname, resolve } from "node:path";
import { type ClusterTarget, listedTarget, nameOfCluster, type ReadOptions } from "../provider/cluster/readClusters";
import { withoutConfigHint } from "../provider/cluster/settings";
import type { AwsAuthError } from "../provider/errors";
import { fieldsOf } from "../provider/text/fields";
import { errorCode, quoted } from "../provider/text/text";
import { describeReadFailure, readSmallFile } from "../provider/textFile";
import { isRegionMissing, namedCluster, regionRemedy, settingsFor } from "./cluster";
import { usageFailure } from "./commandLine";
import type { ClusterOptions, ClustersOptions } from "./options";
import type { Terminal } from "./terminal";

/**
 * The clusters that the options and the file name, in this order.
 *
 * @param others clusters that are named in other ways, after those of --cluster.
 * @throws CommandFailure for wrong usage, or where the file is no list of clusters.
 */
export async function targetsOf(
  { cluster = [], clusters, region, profile, roleArn }: ClustersOptions,
  others: readonly ClusterOptions[] = [],
): Promise<ClusterTarget[]> {
  // These say how to reach the clusters of --cluster.
  const ofCluster = { region, profile, roleArn };
  if (cluster.length === 0 && Object.values(ofCluster).some((value) => value !== undefined)) {
    namedCluster(ofCluster, {});
  }
  const listed = clusters === undefined ? [] : await clustersIn(clusters);
  return [...[...cluster.map((name) => ({ cluster: name, ...ofCluster })), ...others].map(targetOf), ...listed];
}

/** The cluster that options name or, without any, the one of AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT. */
export function targetOf(options: ClusterOptions): ClusterTarget {
  const cluster = namedCluster(options, process.env);
  return { name: nameOfCluster(cluster) ?? "", cluster, settings: settingsFor(options, process.env, process.cwd()) };
}

/** The clusters that a file lists. A path in the file starts from the directory of the file, and one in the environment from ours. */
async function clustersIn(file: string): Promise<ClusterTarget[]> {
  const path = resolve(file);
  const list = await listIn(await readText(path, file), file);
  const settings = { ...settingsFor({}, process.env, dirname(path)), envCwd: process.cwd() };
  return list.map((cluster, index) => ({
    ...listedTarget(cluster, `cluster ${index + 1} of ${file}`, settings),
    cluster: cluster ?? "",
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

async function listIn(text: string, file: string): Promise<readonly unknown[]> {
  const { readForeignYaml } = await import("../provider/yaml.js");
  const { documents, problem } = readForeignYaml(text);
  if (problem !== undefined) {
    throw usageFailure(`--clusters ${quoted(`${file}:${problem.line}:${problem.column}`)}: ${problem.reason}`);
  }
  const [only, second] = documents;
  const value = second === undefined ? only?.value : undefined;
  if (Array.isArray(value) && value.length > 0) {
    return value;
  }
  throw usageFailure(
    `--clusters ${quoted(file)} is not a list of clusters; write one item for each: a name, an ARN, or name and region, kubeconfig and context, or manifest`,
  );
}

/** Reads clusters, and says on a terminal how many are done. */
export function withProgress<Report>(
  { status }: Terminal,
  { length }: readonly ClusterTarget[],
  done: string,
  read: (options: ReadOptions) => Promise<Report>,
): Promise<Report> {
  const onProgress = (count: number) => status?.(`${count} of ${length} clusters ${done}`);
  onProgress(0);
  return read({ onProgress, describe }).finally(() => status?.(""));
}

/** The words of the command line: the error's own remedies are for programs. */
function describe(error: AwsAuthError, { cluster }: ClusterTarget): string {
  const name = typeof cluster === "string" ? cluster : fieldsOf(cluster)["name"];
  return isRegionMissing(error) && typeof name === "string" ? regionRemedy({ name }) : withoutConfigHint(error.message);
}
