import { dirname, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { Settings } from "../provider/cluster/settings";
import { AwsAuthError } from "../provider/errors";
import {
  type ClusterTarget,
  listedTarget,
  nameOfCluster,
  readClusters,
  type UnreadCluster,
} from "../provider/reports/readClusters";
import { quoted } from "../provider/text/text";
import { readFailureOf, readSmallFile } from "../provider/textFile";
import {
  type ClusterOptions,
  describeError,
  namedCluster,
  type ReportOptions,
  settingsFor,
  withCurrentContext,
} from "./cluster";
import { CommandFailure, type ExitCode, exitCode, section, type Terminal } from "./output";

export interface ClustersOptions extends Pick<ClusterOptions, "region" | "profile" | "roleArn" | "kubeconfig"> {
  readonly cluster?: readonly string[];
  readonly context?: readonly string[];
  readonly manifest?: readonly string[];
  readonly clusters?: string;
}

export type ManyReportOptions = ClustersOptions & Pick<ReportOptions, "output">;

/** Reads the clusters in the options. `isOne`: they specify a single cluster without a list, whose error is that of the command. */
export async function readNamed<Read extends { readonly id: string; readonly name: string }>(
  options: ClustersOptions,
  terminal: Terminal,
  read: Parameters<typeof readClusters<Read>>[2],
) {
  const targets = await targetsOf(options, terminal);
  const isOne = options.clusters === undefined && targets.length === 1;
  const result = await readClusters(targets, describeError, read, terminal.progress);
  const [unread] = result.unread;
  if (isOne && unread !== undefined) {
    throw new AwsAuthError(unread.code, unread.message);
  }
  return { ...result, isOne };
}

export function asText(blocks: readonly string[], unread: readonly UnreadCluster[]): string {
  const items = unread.map(({ name, message }) => `${name}: ${message}`);
  return `${[...blocks, ...section("Could not be read:", items)].join("\n\n")}\n`;
}

export function codeFor(unread: readonly UnreadCluster[], isGood: boolean): ExitCode {
  return unread.length > 0 ? exitCode.failed : isGood ? exitCode.done : exitCode.found;
}

/** Without options and file, the cluster of AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT, or that of kubectl. */
export async function targetsOf(options: ClustersOptions, terminal: Terminal): Promise<readonly ClusterTarget[]> {
  const { cluster = [], context = [], manifest = [], clusters, kubeconfig, region, profile, roleArn } = options;
  // These apply to the clusters of --cluster.
  const connection = { region, profile, roleArn };
  if (cluster.length === 0 && Object.values(connection).some((value) => value !== undefined)) {
    namedCluster(connection);
  }
  const named: readonly ClusterOptions[] = [
    ...cluster.map((name) => ({ cluster: name, ...connection })),
    ...context.map((name) => ({ kubeconfig, context: name })),
    ...(kubeconfig !== undefined && context.length === 0 ? [{ kubeconfig }] : []),
    ...manifest.map((file) => ({ manifest: file })),
  ];
  const all = named.length === 0 && clusters === undefined ? [{}] : named;
  // Clusters with the same settings of a stack share their credentials.
  const { config } = settingsFor({});
  const targets: ClusterTarget[] = [];
  for (const one of all) {
    const chosen = await withCurrentContext(one, terminal);
    const input = namedCluster(chosen);
    targets.push({ name: nameOfCluster(input) ?? "", cluster: input, settings: { ...settingsFor(chosen), config } });
  }
  const listed = clusters === undefined ? [] : await clustersIn(clusters, config);
  if (targets.length + listed.length > 1) {
    // Otherwise V8 lets the garbage of thousands of calls grow to hundreds of megabytes.
    setFlagsFromString("--optimize-for-size");
  }
  return [...targets, ...listed];
}

/** The clusters in a file. Paths in the file are relative to its directory; paths in the environment to the working directory. */
async function clustersIn(file: string, config: Settings["config"]): Promise<readonly ClusterTarget[]> {
  const path = resolve(file);
  const text = await readSmallFile(path).catch((error: unknown) => {
    throw new CommandFailure(`--clusters ${quoted(file)} cannot be read: ${readFailureOf(error)}`);
  });
  const list = await listIn(text.toString("utf8"), file);
  const settings = { ...settingsFor({}, dirname(path)), config, envCwd: process.cwd() };
  return list.map((cluster, index) => listedTarget(cluster, `cluster ${index + 1} of ${file}`, settings));
}

async function listIn(text: string, file: string): Promise<readonly unknown[]> {
  const { readForeignYaml } = await import("../provider/yaml.js");
  const { documents, problem } = readForeignYaml(text);
  if (problem !== undefined) {
    const place = quoted(`${file}:${problem.line}:${problem.column}`);
    throw new CommandFailure(`--clusters ${place}: ${problem.reason}`);
  }
  const [only, second] = documents;
  const value = second === undefined ? only?.value : undefined;
  if (Array.isArray(value) && value.length > 0) {
    return value;
  }
  throw new CommandFailure(
    `--clusters ${quoted(file)} is not a list of clusters; write one item per cluster, such as prod or { name: prod, region: eu-central-1 }`,
  );
}
