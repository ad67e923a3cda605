import { resolveClusterRef } from "../provider/cluster/resolveClusterRef";
import { type Settings, withoutConfigHint } from "../provider/cluster/settings";
import type { AwsAuthError } from "../provider/errors";
import { assertPresent, type LiveCluster, readCluster, type WhatToRead } from "../provider/reports/readCluster";
import { withoutUnset } from "../provider/text/fields";
import { quoted } from "../provider/text/text";
import { CommandFailure, type Terminal, tell } from "./output";

type ClusterOption = "cluster" | "region" | "profile" | "roleArn" | "kubeconfig" | "context" | "manifest";

export type ClusterOptions = { readonly [name in ClusterOption]?: string | undefined };

export interface ReportOptions extends ClusterOptions {
  readonly output: "table" | "json";
}

/** A cluster in the form of a program's `cluster` input: an EKS cluster, a kubeconfig or a manifest. */
export type NamedCluster = {
  readonly [name in Exclude<ClusterOption, "cluster"> | "name" | "account"]?: string;
};

const namingOptions = "--cluster NAME, --kubeconfig PATH [--context NAME], or --manifest FILE";

/** Adds and prints the context that kubectl uses, if the options and the environment specify none. Only commands that read do this. */
export async function withCurrentContext(options: ClusterOptions, terminal: Terminal): Promise<ClusterOptions> {
  const { cluster, region, profile, roleArn, context, manifest } = options;
  const given = context ?? (process.env["AWS_AUTH_CONTEXT"] || undefined);
  if ([cluster, region, profile, roleArn, manifest, given].some((value) => value !== undefined)) {
    return options;
  }
  const { currentContext } = await import("../provider/cluster/kubeconfig/locate.js");
  const found = currentContext(settingsFor(options));
  if (found === undefined) {
    return options;
  }
  if (!found.isNamed) {
    tell("note", [`reading context ${quoted(found.context)} of ${found.label}`], terminal);
  }
  return { ...options, context: found.context };
}

/** The cluster in the options or, without any, in AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT. */
export function namedCluster(options: ClusterOptions): NamedCluster {
  const { cluster, region, profile, roleArn, kubeconfig, context, manifest } = options;
  const named = [cluster, kubeconfig ?? context, manifest].filter((value) => value !== undefined);
  if (named.length > 1) {
    throw new CommandFailure(`more than one cluster is specified; use only one of ${namingOptions}`);
  }
  const [stray] = Object.keys(withoutUnset({ region, profile, "role-arn": roleArn }));
  if (stray !== undefined && cluster === undefined) {
    throw new CommandFailure(`--${stray} requires --cluster NAME`);
  }
  if (cluster !== undefined || manifest !== undefined) {
    return withoutUnset({ name: cluster, region, profile, roleArn, manifest });
  }
  const { AWS_AUTH_KUBECONFIG, AWS_AUTH_CONTEXT } = process.env;
  const chosen = withoutUnset({
    kubeconfig: kubeconfig ?? (AWS_AUTH_KUBECONFIG || undefined),
    context: context ?? (AWS_AUTH_CONTEXT || undefined),
  });
  if (Object.keys(chosen).length === 0) {
    throw new CommandFailure(`no cluster is specified; use ${namingOptions}`);
  }
  return chosen;
}

/** The settings other than the cluster. Options take precedence over the environment. */
export function settingsFor(options: ClusterOptions, cwd = process.cwd()): Settings {
  const { profile, roleArn, kubeconfig, context } = options;
  const overruled = {
    AWS_AUTH_PROFILE: profile,
    AWS_AUTH_ROLE_ARN: roleArn,
    AWS_AUTH_KUBECONFIG: kubeconfig,
    AWS_AUTH_CONTEXT: context,
  };
  return { config: () => undefined, env: { ...process.env, ...withoutUnset(overruled) }, cwd };
}

/** The cluster in the options, or otherwise that of kubectl. */
export async function resolveNamed(options: ClusterOptions, terminal: Terminal) {
  const chosen = await withCurrentContext(options, terminal);
  const [named, settings] = [namedCluster(chosen), settingsFor(chosen)];
  const ref = await resolveClusterRef(named, settings);
  assertPresent(ref);
  return { ref, settings, named };
}

/** Prints notes on what is unknown, since the answer may depend on it. */
export async function readForAnswer(
  options: ClusterOptions,
  terminal: Terminal,
  what: WhatToRead,
): Promise<LiveCluster> {
  const { ref, settings } = await resolveNamed(options, terminal);
  const live = await readCluster(ref, settings, what);
  tell("note", [...live.notes, ...(live.access.refusedKeys?.values() ?? [])], terminal);
  return live;
}

/** The message of an error for the command line, without remedies that apply only to programs. */
export function describeError({ code, message }: AwsAuthError): string {
  // The options name the cluster, so only the region can be missing.
  return code === "clusterNotNamed"
    ? message.replace(/: set .*/s, ": use --region, or set AWS_REGION or a region in the AWS profile")
    : withoutConfigHint(message);
}
