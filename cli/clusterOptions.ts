import type { Command } from "commander";
import type { Settings } from "../provider/cluster";

/**
 * How the commands end, for scripts.
 *
 * - `done`: what was asked for was found, and nothing is wrong with it
 * - `found`: the answer is no: nothing found, not mapped, faults found, a key that cannot be read
 * - `failed`: no answer: wrong usage, or a cluster that cannot be reached
 */
export const exitCode = { done: 0, found: 1, failed: 2 } as const;

/** One of the ways in which a command ends. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends a command with one sentence on stderr. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** What the process exits with. */
  readonly exitCode: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.exitCode = code;
  }
}

/** The options that name a cluster, the same for every command. */
export interface ClusterOptions {
  /** Name or ARN of an EKS cluster. */
  readonly cluster?: string;
  /** The EKS cluster's region. */
  readonly region?: string;
  /** Profile of the AWS configuration. */
  readonly profile?: string;
  /** Role to assume before the cluster is looked up. */
  readonly roleArn?: string;
  /** Path of a kubeconfig. */
  readonly kubeconfig?: string;
  /** Context in the kubeconfig. */
  readonly context?: string;
  /** Path of a ConfigMap manifest. */
  readonly manifest?: string;
}

/** How a command prints its answer. */
type OutputFormat = "table" | "json" | "yaml";

/** The options of a command that prints data. */
export interface OutputOptions extends ClusterOptions {
  readonly output: OutputFormat;
}

/** The options of `get`. */
export interface GetOptions extends OutputOptions {
  readonly arn?: string;
  /** By the cells of the table, as eksctl does, or by the place in the map. */
  readonly sort: "arn" | "position";
  /** Whether to name the owners of each entry, which eksctl does not know. */
  readonly wide?: boolean;
}

/** A cluster as a program would name it in `cluster`. */
export type NamedCluster =
  | { readonly name: string; readonly region?: string; readonly profile?: string; readonly roleArn?: string }
  | { readonly kubeconfig?: string; readonly context?: string }
  | { readonly manifest: string };

/** Adds the options to a command. */
export function addClusterOptions(command: Command): Command {
  return command
    .optionsGroup("The cluster, named in one of these ways:")
    .option("--cluster <name>", "EKS cluster, by its name or ARN")
    .option("--region <region>", "  its region; else AWS_REGION or the profile's")
    .option("--profile <profile>", "  AWS profile; else AWS_AUTH_PROFILE")
    .option("--role-arn <arn>", "  role to assume; else AWS_AUTH_ROLE_ARN")
    .option("--kubeconfig <path>", "kubeconfig; else AWS_AUTH_KUBECONFIG")
    .option("--context <name>", "  context in it; else AWS_AUTH_CONTEXT")
    .option("--manifest <file>", "ConfigMap manifest on disk");
}

const ways = "--cluster NAME, --kubeconfig PATH with or without --context NAME, or --manifest FILE";

/**
 * The cluster that the options or, without any, AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT name. The current context of a kubeconfig
 * that nobody named is never taken.
 *
 * @throws CommandFailure when not exactly one is named.
 */
export function namedCluster(options: ClusterOptions, env: NodeJS.ProcessEnv): NamedCluster {
  const { cluster, region, profile, roleArn, kubeconfig, context, manifest } = options;
  const named = [cluster, kubeconfig ?? context, manifest].filter((value) => value !== undefined);
  if (named.length > 1) throw usage(`more than one cluster is named; keep one of ${ways}`);
  const stray = Object.entries({ region, profile, "role-arn": roleArn }).find(([, value]) => value !== undefined);
  if (stray !== undefined && cluster === undefined) {
    throw usage(`--${stray[0]} goes with --cluster NAME, which is missing`);
  }
  if (cluster !== undefined) {
    return {
      name: cluster,
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      ...(roleArn !== undefined && { roleArn }),
    };
  }
  if (manifest !== undefined) return { manifest };
  const path = kubeconfig ?? (env["AWS_AUTH_KUBECONFIG"] || undefined);
  const name = context ?? (env["AWS_AUTH_CONTEXT"] || undefined);
  if (path === undefined && name === undefined) throw usage(`no cluster is named; give ${ways}`);
  return { ...(path !== undefined && { kubeconfig: path }), ...(name !== undefined && { context: name }) };
}

/** Where the rest is looked up. What an option says counts more than the environment, which it is typed to overrule. */
export function settingsFor(options: ClusterOptions, env: NodeJS.ProcessEnv, cwd: string): Settings {
  const overruled = {
    AWS_AUTH_PROFILE: options.profile,
    AWS_AUTH_ROLE_ARN: options.roleArn,
    AWS_AUTH_KUBECONFIG: options.kubeconfig,
    AWS_AUTH_CONTEXT: options.context,
  };
  const set = Object.entries(overruled).filter(([, value]) => value !== undefined);
  return { config: () => undefined, env: { ...env, ...Object.fromEntries(set) }, cwd };
}

function usage(message: string): CommandFailure {
  return new CommandFailure(exitCode.failed, message);
}
