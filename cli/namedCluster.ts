import type { Settings } from "../provider/cluster";
import { usageFailure } from "./commandLine";
import type { ClusterOptions } from "./options";

/** A cluster in the form of a program's `cluster` input. */
export type NamedCluster =
  | { readonly name: string; readonly region?: string; readonly profile?: string; readonly roleArn?: string }
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
  const { cluster, region, profile, "role-arn": roleArn, kubeconfig, context, manifest } = options;
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
    AWS_AUTH_ROLE_ARN: options["role-arn"],
    AWS_AUTH_KUBECONFIG: options.kubeconfig,
    AWS_AUTH_CONTEXT: options.context,
  };
  const set = Object.entries(overruled).filter(([, value]) => value !== undefined);
  return { config: () => undefined, env: { ...env, ...Object.fromEntries(set) }, cwd };
}
