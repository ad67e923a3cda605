import { dirname, resolve } from "node:path";
import { nameOfCluster, type ReviewTarget } from "../../provider/review/reviewClusters";
import { errorCode, quoted } from "../../provider/text";
import { describeFileRefusal, readSmallFile } from "../../provider/textFile";
import { plainValue, readForeignYaml } from "../../provider/yaml/plainYaml";
import { namedCluster, settingsFor } from "../cluster";
import { usageFailure } from "../commandLine";
import type { ClusterOptions, ReviewCommandOptions } from "../options";

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
export async function targetsOf(options: ReviewCommandOptions, place: Place): Promise<ReviewTarget[]> {
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

const noCluster: ClusterOptions = {
  cluster: undefined,
  region: undefined,
  profile: undefined,
  "role-arn": undefined,
  kubeconfig: undefined,
  context: undefined,
  manifest: undefined,
};

function targetOf(options: ClusterOptions, { env, cwd }: Place): ReviewTarget {
  const named = namedCluster(options, env);
  return { name: nameOfCluster(named) ?? "", cluster: named, settings: settingsFor(options, env, cwd) };
}

/** A path in the file starts from the directory of the file. */
async function clustersIn(file: string, { env, cwd }: Place): Promise<ReviewTarget[]> {
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
    const reason = code === "ENOENT" ? "there is no such file" : (describeFileRefusal(code) ?? code ?? String(error));
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
