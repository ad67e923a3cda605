import type { ReadMap } from "../provider/cluster/connect";
import type { Settings } from "../provider/cluster/settings";
import { withoutConfigHint } from "../provider/cluster/settings";
import type { AwsAuthError } from "../provider/errors";
import type { ClusterAccess } from "../provider/identity/clusterAccess";
import { CommandFailure, type Terminal, tell } from "./output";

type ClusterOption = "cluster" | "region" | "profile" | "roleArn" | "kubeconfig" | "context" | "manifest";

/** The options that select a cluster, which all commands share. */
export type ClusterOptions = { readonly [name in ClusterOption]?: string | undefined };

/** A cluster in the form of a program's `cluster` input: an EKS cluster, a kubeconfig or a manifest. */
export interface NamedCluster {
  readonly name?: string;
  readonly region?: string;
  readonly account?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly manifest?: string;
}

const ways = "--cluster NAME, --kubeconfig PATH with or without --context NAME, or --manifest FILE";

/**
 * The cluster in the options or, without any, in AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT. Never uses the current
 * context of an implicit kubeconfig.
 *
 * @throws CommandFailure unless exactly one is given.
 */
export function namedCluster(options: ClusterOptions, env: NodeJS.ProcessEnv): NamedCluster {
  const { cluster, region, profile, roleArn, kubeconfig, context, manifest } = options;
  const named = [cluster, kubeconfig ?? context, manifest].filter((value) => value !== undefined);
  if (named.length > 1) {
    throw new CommandFailure(`more than one cluster is specified; keep one of ${ways}`);
  }
  const [stray] = Object.keys(set({ region, profile, "role-arn": roleArn }));
  if (stray !== undefined && cluster === undefined) {
    throw new CommandFailure(`--${stray} requires --cluster NAME`);
  }
  if (cluster !== undefined || manifest !== undefined) {
    return set({ name: cluster, region, profile, roleArn, manifest });
  }
  const fromEnv = {
    kubeconfig: env["AWS_AUTH_KUBECONFIG"] || undefined,
    context: env["AWS_AUTH_CONTEXT"] || undefined,
  };
  const chosen = set({ kubeconfig: kubeconfig ?? fromEnv.kubeconfig, context: context ?? fromEnv.context });
  if (Object.keys(chosen).length === 0) {
    throw new CommandFailure(`no cluster is specified; give ${ways}`);
  }
  return chosen;
}

function set(fields: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The settings other than the cluster. Options take precedence over the environment. */
export function settingsFor(options: ClusterOptions, env: NodeJS.ProcessEnv, cwd: string): Settings {
  const { profile, roleArn, kubeconfig, context } = options;
  const overruled = {
    AWS_AUTH_PROFILE: profile,
    AWS_AUTH_ROLE_ARN: roleArn,
    AWS_AUTH_KUBECONFIG: kubeconfig,
    AWS_AUTH_CONTEXT: context,
  };
  return { config: () => undefined, env: { ...env, ...set(overruled) }, cwd };
}

/**
 * Resolves the cluster in the options.
 *
 * @throws CommandFailure or AwsAuthError.
 */
export async function resolveNamed(options: ClusterOptions) {
  const named = namedCluster(options, process.env);
  const settings = settingsFor(options, process.env, process.cwd());
  const { resolveClusterRef } = await import("../provider/cluster/resolveClusterRef.js");
  return { named, ref: await resolveClusterRef(named, settings), settings };
}

/** The live map, and the cluster's access including access entries. */
export interface LiveCluster extends ReadMap {
  readonly access: ClusterAccess;
}

/**
 * Reads the access to the cluster in the options, and prints notes on unknown parts to stderr.
 *
 * @param arn the identity whose access entries are needed; undefined for all identities.
 * @throws CommandFailure or AwsAuthError.
 */
export async function readLiveCluster(options: ClusterOptions, terminal: Terminal, arn?: string): Promise<LiveCluster> {
  const { ref, settings } = await resolveNamed(options);
  const { openAccess, readAccess } = await import("../provider/reports/readCluster.js");
  const open = await openAccess(ref, settings);
  const { map, access, notes } = await readAccess(open, (entries) =>
    arn === undefined ? entries.all() : entries.find(arn),
  );
  tell("note", notes, terminal);
  return { ...map, access };
}

/** Reads the cluster for a question about access, and also prints which keys could not be read, since the answer may depend on them. */
export async function readForAnswer(options: ClusterOptions, terminal: Terminal, arn?: string): Promise<LiveCluster> {
  const live = await readLiveCluster(options, terminal, arn);
  tell("note", [...(live.access.refusedKeys?.values() ?? [])], terminal);
  return live;
}

/** The message of an error for the command line, without remedies that apply only to programs. */
export function describeError({ code, message }: AwsAuthError): string {
  // The options name the cluster, so only the region can be missing.
  return code === "clusterNotNamed"
    ? message.replace(/: give .*/s, ": give --region, or set AWS_REGION or a region in the AWS profile")
    : withoutConfigHint(message);
}
