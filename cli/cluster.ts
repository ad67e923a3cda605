import type { ClusterAccess } from "../provider/access/clusterAccess";
import { describePosition, problemsOf } from "../provider/awsAuthMap";
import type { ClusterRef, ReadMap, Settings } from "../provider/cluster";
import { AwsAuthError } from "../provider/errors";
import { CommandFailure, exitCode, usageFailure } from "./commandLine";
import type { ClusterOptions } from "./options";
import { type Terminal, tell } from "./terminal";

/** A cluster in the form of a program's `cluster` input. */
export type NamedCluster =
  | {
      readonly name: string;
      readonly region?: string;
      readonly account?: string;
      readonly profile?: string;
      readonly roleArn?: string;
    }
  | { readonly kubeconfig?: string; readonly context?: string }
  | { readonly manifest: string };

const ways = "--cluster NAME, --kubeconfig PATH with or without --context NAME, or --manifest FILE";

/**
 * The cluster given in the options or, without any, in AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT. Never uses the current context of
 * a kubeconfig that was not given.
 *
 * @throws CommandFailure unless exactly one is given.
 */
export function namedCluster(options: ClusterOptions, env: NodeJS.ProcessEnv): NamedCluster {
  const { cluster, region, profile, roleArn, kubeconfig, context, manifest } = options;
  const named = [cluster, kubeconfig ?? context, manifest].filter((value) => value !== undefined);
  if (named.length > 1) {
    throw usageFailure(`more than one cluster is named; keep one of ${ways}`);
  }
  const stray = Object.entries({ region, profile, "role-arn": roleArn }).find(([, value]) => value !== undefined);
  if (stray !== undefined && cluster === undefined) {
    throw usageFailure(`--${stray[0]} goes with --cluster NAME, which is missing`);
  }
  if (cluster !== undefined) {
    return {
      name: cluster,
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      ...(roleArn !== undefined && { roleArn }),
    };
  }
  if (manifest !== undefined) {
    return { manifest };
  }
  const path = kubeconfig ?? (env["AWS_AUTH_KUBECONFIG"] || undefined);
  const name = context ?? (env["AWS_AUTH_CONTEXT"] || undefined);
  if (path === undefined && name === undefined) {
    throw usageFailure(`no cluster is named; give ${ways}`);
  }
  return { ...(path !== undefined && { kubeconfig: path }), ...(name !== undefined && { context: name }) };
}

/** The settings for everything else. Options take precedence over the environment. */
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

/** The live map, and the access entries that go with it. */
export interface LiveCluster extends ReadMap {
  readonly access: ClusterAccess;
}

/**
 * The cluster given in the options.
 *
 * @throws CommandFailure or AwsAuthError.
 */
export async function resolveNamed(options: ClusterOptions) {
  const named = namedCluster(options, process.env);
  const settings = settingsFor(options, process.env, process.cwd());
  const { resolveClusterRef } = await import("../provider/cluster/index.js");
  const ref = await resolveClusterRef(named, settings).catch((error: unknown) => {
    throw isRegionMissing(error) ? new CommandFailure(exitCode.failed, regionRemedy(named)) : error;
  });
  return { named, ref, settings };
}

/**
 * Reads the map of the cluster given in the options.
 *
 * @throws CommandFailure or AwsAuthError.
 */
export async function readLiveMap(options: ClusterOptions, terminal: Terminal) {
  const { named, ref, settings } = await resolveNamed(options);
  const { accountOf, openMap, withAccount } = await import("../provider/cluster/index.js");
  const open = await openMap(ref, settings);
  const map = await open.read();
  await tellOf(ref, map, terminal);
  return { ...map, named, ref: withAccount(ref, await open.account(accountOf(ref))), settings };
}

/**
 * Reads who gets into the cluster given in the options, and says on stderr what is not known of it.
 *
 * @param arn the identity whose access entries are needed; undefined: those of all.
 * @throws CommandFailure or AwsAuthError.
 */
export async function readLiveCluster(options: ClusterOptions, terminal: Terminal, arn?: string): Promise<LiveCluster> {
  const { open, ref } = await openLive(options);
  const { readAccess } = await import("../provider/access/liveAccess.js");
  const { map, access, notes } = await readAccess(open, (entries) =>
    arn === undefined ? entries.all() : entries.find(arn),
  );
  await tellOf(ref, map, terminal);
  tell("note", notes, terminal);
  return { ...map, access };
}

/** The same for a question on access, to which a key that cannot be read makes the answer unknown. */
export async function readForAnswer(options: ClusterOptions, terminal: Terminal, arn?: string): Promise<LiveCluster> {
  const live = await readLiveCluster(options, terminal, arn);
  const { document, access } = live;
  const refused = problemsOf(document).map((problem) => {
    return `${problem.key} cannot be read; ${describePosition(document.origin, problem.key, problem)}: ${problem.reason}`;
  });
  tell("note", refused, terminal);
  const unread = [...(access.unread === undefined ? [] : [access.unread]), ...refused].join("; ");
  return { ...live, access: { ...access, unread: unread === "" ? undefined : unread } };
}

/** Opens the cluster given in the options. */
export async function openLive(options: ClusterOptions) {
  const { ref, settings } = await resolveNamed(options);
  const { openAccess } = await import("../provider/access/liveAccess.js");
  return { open: await openAccess(ref, settings), ref };
}

/**
 * Says what is to be known of a map that was read.
 *
 * @throws CommandFailure for a manifest that nobody has written yet.
 */
export async function tellOf(ref: ClusterRef, { warnings }: ReadMap, terminal: Terminal): Promise<void> {
  tell("warning", warnings, terminal);
  const { missingManifest } = await import("../provider/cluster/index.js");
  const missing = missingManifest(ref);
  if (missing !== undefined) {
    throw new CommandFailure(exitCode.failed, missing);
  }
}

/** If the cluster has a name, only the region can be missing. The remedies in the error itself are for programs. */
export function isRegionMissing(error: unknown): boolean {
  return error instanceof AwsAuthError && error.code === "clusterNotNamed";
}

/** The remedies of the command line. */
export function regionRemedy(named: NamedCluster): string {
  const name = "name" in named ? `EKS cluster ${JSON.stringify(named.name)}` : "the cluster";
  return `${name} has no region: give --region, or set AWS_REGION or a region in the AWS profile`;
}
