import { AwsAuthError, attempt } from "../../errors";
import { serverFingerprint } from "../ref/clusterRef";
import { connectionSources, type Found, fromConfig, fromEnv, type Settings } from "../settings";
import { quoted } from "../text";
import type { Kubeconfig, KubeTarget } from "./kubeconfig";
import { loadKubeconfig } from "./loadKubeconfig";

/** What a resource itself names of the way to a cluster. */
export interface OwnKubeconfig {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

interface Way {
  readonly kubeconfig: Found | undefined;
  readonly context: Found | undefined;
}

/**
 * Where a program's `{ kubeconfig?, context? }` leads. The environment says how to get there, never where to: it may not lead to
 * another API server than what the program or the stack names, as long as that leads anywhere on this machine.
 *
 * @throws AwsAuthError `invalidKubeconfig`.
 */
export async function locateNamed(own: OwnKubeconfig, settings: Settings): Promise<KubeTarget> {
  const env = envWay(settings);
  const named = namedWay(own, settings);
  const way = { kubeconfig: env.kubeconfig ?? named.kubeconfig, context: env.context ?? named.context };
  const target = select(await loadKubeconfig(way.kubeconfig, settings), way.context);
  if ((env.kubeconfig ?? env.context) !== undefined && (named.kubeconfig ?? named.context) !== undefined) {
    // What is named may well not be on this machine: that is what the environment variables are for.
    const without = await attempt(async () => select(await loadKubeconfig(named.kubeconfig, settings), named.context));
    if (without !== undefined && !sameServer(without, target)) {
      const variables = [env.kubeconfig, env.context].flatMap((found) => found?.source ?? []).join(" and ");
      throw new AwsAuthError(
        "invalidKubeconfig",
        `context ${quoted(target.context)} of ${target.kubeconfig}, from ${variables}, leads to another API server than context ${quoted(without.context)} of ${without.kubeconfig}, which is named for this mapping; unset ${variables}, or name the other cluster in the program or the stack`,
      );
    }
  }
  return target;
}

/**
 * The way to the API server that a mapping was made on: the context that the environment, the resource or the stack names where it
 * still leads there, else any context of the kubeconfig that does.
 *
 * @throws AwsAuthError `invalidKubeconfig`, or `clusterChanged` when no context leads there.
 */
export async function locateServer(server: string, own: OwnKubeconfig, settings: Settings): Promise<KubeTarget> {
  const env = envWay(settings);
  const named = namedWay(own, settings);
  const kubeconfig = await loadKubeconfig(env.kubeconfig ?? named.kubeconfig, settings);
  const preferred = [
    env.context?.value,
    named.context?.value,
    kubeconfig.currentContext,
    ...kubeconfig.contexts.keys(),
  ];
  for (const context of preferred) {
    const target = context === undefined ? undefined : targetOf(kubeconfig, context);
    if (target !== undefined && serverFingerprint(target.cluster.server) === server) {
      return target;
    }
  }
  throw new AwsAuthError(
    "clusterChanged",
    `${kubeconfig.label} no longer leads to the cluster that this mapping was made on: none of its ${kubeconfig.contexts.size} contexts has that API server; set AWS_AUTH_KUBECONFIG, and AWS_AUTH_CONTEXT where several lead there, to reach it, or set aws-auth:deleteUnreachable to true to let a destroy go on without it`,
  );
}

function envWay(settings: Settings): Way {
  return {
    kubeconfig: fromEnv(settings, connectionSources.kubeconfig.env),
    context: fromEnv(settings, connectionSources.context.env),
  };
}

/** The stack's context belongs to the stack's kubeconfig, so a resource with a kubeconfig of its own does not take it. */
function namedWay(own: OwnKubeconfig, settings: Settings): Way {
  const ownWay = (value: string | undefined): Found | undefined =>
    value === undefined ? undefined : { value, source: "the resource" };
  return {
    kubeconfig: ownWay(own.kubeconfig) ?? fromConfig(settings, ...connectionSources.kubeconfig.config),
    context:
      ownWay(own.context) ??
      (own.kubeconfig === undefined ? fromConfig(settings, ...connectionSources.context.config) : undefined),
  };
}

function select(kubeconfig: Kubeconfig, named: Found | undefined): KubeTarget {
  const context = named?.value ?? kubeconfig.currentContext;
  if (context === undefined) {
    throw new AwsAuthError(
      "invalidKubeconfig",
      `${kubeconfig.label} has no current-context; name one of its contexts: ${listOf(kubeconfig.contexts.keys())}`,
    );
  }
  const target = targetOf(kubeconfig, context);
  if (target === undefined) {
    const { cluster } = kubeconfig.contexts.get(context) ?? {};
    const from = named === undefined ? "its current-context" : `named by ${named.source}`;
    throw new AwsAuthError(
      "invalidKubeconfig",
      cluster === undefined
        ? `context ${quoted(context)} (${from}) is not in ${kubeconfig.label}; it has: ${listOf(kubeconfig.contexts.keys())}`
        : `context ${quoted(context)} (${from}) of ${kubeconfig.label} names cluster ${quoted(cluster)}, which has no server there; it has: ${listOf(kubeconfig.clusters.keys())}`,
    );
  }
  return target;
}

function targetOf(kubeconfig: Kubeconfig, name: string): KubeTarget | undefined {
  const context = kubeconfig.contexts.get(name);
  const cluster = context === undefined ? undefined : kubeconfig.clusters.get(context.cluster);
  if (context === undefined || cluster === undefined) {
    return undefined;
  }
  const user = context.user === undefined ? undefined : kubeconfig.users.get(context.user);
  return { kubeconfig: kubeconfig.label, context: name, cluster, user };
}

function sameServer(a: KubeTarget, b: KubeTarget): boolean {
  return serverFingerprint(a.cluster.server) === serverFingerprint(b.cluster.server);
}

function listOf(names: Iterable<string>): string {
  return [...names].map(quoted).join(", ") || "none";
}
