import { AwsAuthError } from "../../errors";
import { quoted } from "../../text/text";
import { endpointOf, haveSameUrl, isOfUrlAlone } from "../clusterRef";
import { type BySource, connectionSources, type Found } from "../settings";
import type { Kubeconfig, KubeTarget } from "./kubeconfig";

/**
 * The context that leads to the API server on which a mapping was made:
 *
 * 1. that of AWS_AUTH_CONTEXT, which has to lead there
 * 2. that of the resource, which has to lead there if the kubeconfig has it: another machine may call it otherwise
 * 3. that of the stack's configuration if it leads there. It need not in a delete: a mapping on the cluster that the configuration named
 *    before is removed with the configuration that names the next one
 * 4. the current one if it leads there
 * 5. any other, if all that lead there verify the server in the same way, and log in as the same user
 *
 * Where one that is named is passed over, the target says so.
 *
 * @param server what the state holds of the API server.
 * @throws AwsAuthError `clusterChanged`, or `invalidKubeconfig` for one that cannot be used.
 */
export function contextFor(kubeconfig: Kubeconfig, server: string, named: BySource): KubeTarget {
  const { env, own, stack } = named;
  const meant = meantServer(kubeconfig, server, named);
  const leading = leadingTo(kubeconfig, meant);
  const required = env ?? (own !== undefined && kubeconfig.contexts.has(own.value) ? own : undefined);
  if (required !== undefined) {
    const target = select(kubeconfig, required);
    if (!leadsTo(meant)(target)) {
      throw changed(describeMisled(target, required, leading));
    }
    const missing = env === undefined ? undefined : (own ?? stack);
    return missing === undefined || kubeconfig.contexts.has(missing.value)
      ? target
      : { ...target, instead: describePassedOver(kubeconfig, missing, target) };
  }
  const inUse = [stack?.value, kubeconfig.currentContext];
  const target =
    inUse.flatMap((name) => leading.filter(({ context }) => context === name))[0] ?? onlyWay(kubeconfig, leading);
  const passedOver = own ?? stack;
  return passedOver === undefined || passedOver.value === target.context
    ? target
    : { ...target, instead: describePassedOver(kubeconfig, passedOver, target) };
}

/**
 * What the state of this version would hold of the API server. The URL alone, which an earlier one stored, means the server of a context
 * that is named, or else current, if it has this URL, or else the only one in the kubeconfig that has it.
 *
 * @throws AwsAuthError `clusterChanged` if it cannot be known.
 */
export function meantServer(kubeconfig: Kubeconfig, server: string, { env, own, stack }: BySource): string {
  if (!isOfUrlAlone(server)) {
    return server;
  }
  const targets = under(kubeconfig, server);
  const inUse = [env?.value, own?.value, stack?.value, kubeconfig.currentContext];
  const [first = targets[0]] = inUse.flatMap((name) => targets.filter(({ context }) => context === name));
  if (
    first !== undefined &&
    !inUse.includes(first.context) &&
    targets.some((other) => !leadsTo(first.cluster.fingerprint)(other))
  ) {
    throw changed(
      `the state of this mapping is of an earlier version, which stored nothing of its API server but the URL, and contexts of ${kubeconfig.label} lead to several clusters under this URL: ${describeTargets(targets)}; set AWS_AUTH_CONTEXT to the one of this mapping, or make it the current context`,
    );
  }
  return first?.cluster.fingerprint ?? server;
}

/**
 * The target of a context that is named, or else of the current one.
 *
 * @throws AwsAuthError `invalidKubeconfig`.
 */
export function select(kubeconfig: Kubeconfig, named: Found | undefined): KubeTarget {
  const context = named?.value ?? kubeconfig.currentContext;
  if (context === undefined) {
    throw new AwsAuthError(
      "invalidKubeconfig",
      `${kubeconfig.label} has no current-context; name one of its contexts: ${namesOf(kubeconfig.contexts.keys())}`,
    );
  }
  const target = targetOf(kubeconfig, context);
  if (target === undefined) {
    const { cluster } = kubeconfig.contexts.get(context) ?? {};
    const from = named === undefined ? "its current-context" : `named by ${named.source}`;
    throw new AwsAuthError(
      "invalidKubeconfig",
      cluster === undefined
        ? `context ${quoted(context)} (${from}) is not in ${kubeconfig.label}; it has: ${namesOf(kubeconfig.contexts.keys())}`
        : `context ${quoted(context)} (${from}) of ${kubeconfig.label} names cluster ${quoted(cluster)}, which has no server there; it has: ${namesOf(kubeconfig.clusters.keys())}`,
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
  return { kubeconfig: kubeconfig.label, context: name, cluster, user, namespace: context.namespace };
}

/** The targets of all contexts whose API server has this URL. */
function under(kubeconfig: Kubeconfig, server: string): KubeTarget[] {
  return [...kubeconfig.contexts.values()]
    .filter(({ cluster }) => haveSameUrl(kubeconfig.clusters.get(cluster)?.fingerprint ?? "", server))
    .flatMap(({ name }) => targetOf(kubeconfig, name) ?? []);
}

/** The targets of all contexts that lead to an API server. */
export function leadingTo(kubeconfig: Kubeconfig, server: string): KubeTarget[] {
  return under(kubeconfig, server).filter(leadsTo(server));
}

function leadsTo(server: string): (target: KubeTarget) => boolean {
  return ({ cluster }) => cluster.fingerprint === server;
}

/** Any of the contexts that lead to a server, of which none is named or current. */
function onlyWay({ label, contexts }: Kubeconfig, leading: readonly KubeTarget[]): KubeTarget {
  const [first] = leading;
  if (first === undefined) {
    throw changed(
      `${label} no longer leads to the cluster that this mapping was made on: none of its ${contexts.size} contexts has that API server; set AWS_AUTH_KUBECONFIG, and AWS_AUTH_CONTEXT if several contexts lead there, to reach it, ${orWithout}`,
    );
  }
  if (first.cluster.insecureSkipTlsVerify || leading.some((other) => trustOf(other) !== trustOf(first))) {
    throw changed(
      `contexts of ${label} that are neither named nor current lead to the cluster that this mapping was made on, but do not all verify the same server as the same user: ${describeTargets(leading)}; set AWS_AUTH_CONTEXT to the one to use`,
    );
  }
  return first;
}

const orWithout = 'or, if the cluster is gone, remove its mappings with "pulumi state delete"';

/** Whom a context trusts to be its API server, and as whom it logs in. */
function trustOf(target: KubeTarget): string {
  const { caData, caFile, insecureSkipTlsVerify } = target.cluster;
  return JSON.stringify([caData, caFile, insecureSkipTlsVerify, target.user?.name, loginOf(target)]);
}

/**
 * As whom a context logs in, whatever the names: behind a gateway, such as Teleport's, this alone says which cluster it is. May contain
 * credentials.
 */
export function loginOf({ cluster: { execConfig }, user }: Pick<KubeTarget, "cluster" | "user">): string {
  return JSON.stringify([{ ...user, name: "" }, user?.exec?.provideClusterInfo === true ? execConfig : undefined]);
}

function changed(message: string): AwsAuthError {
  return new AwsAuthError("clusterChanged", message);
}

function describeMisled(target: KubeTarget, { source }: Found, leading: readonly KubeTarget[]): string {
  const remedy =
    source === connectionSources.context.env
      ? `unset ${source}, or set it to a context that leads there`
      : "let it lead there again and give the other cluster a context of its own, or set AWS_AUTH_CONTEXT to one that leads there";
  const others = leading.length === 0 ? `, ${orWithout}` : `: ${describeTargets(leading)}`;
  return `context ${quoted(target.context)} of ${target.kubeconfig}, named by ${source}, leads to ${describeServer(target)}, and not to the cluster that this mapping was made on; ${remedy}${others}`;
}

function describePassedOver(kubeconfig: Kubeconfig, { value, source }: Found, target: KubeTarget): string {
  const named = targetOf(kubeconfig, value);
  const where = named === undefined ? "is not there" : `leads to ${describeServer(named)}`;
  return `context ${quoted(target.context)} of ${kubeconfig.label} is used for mappings that were made on its cluster, since context ${quoted(value)}, named by ${source}, ${where}`;
}

/** Where a context leads, without credentials. */
export function describeServer({ cluster: { server, proxyUrl, tlsServerName } }: KubeTarget): string {
  return [
    shownUrl(server),
    ...(proxyUrl === undefined ? [] : [`through the proxy ${shownUrl(proxyUrl)}`]),
    ...(tlsServerName === undefined ? [] : [`by the TLS server name ${quoted(tlsServerName)}`]),
  ].join(" ");
}

/** What is no URL may have credentials anywhere. */
function shownUrl(url: string): string {
  return URL.canParse(url) && new URL(url).host !== "" ? endpointOf(url) : "that is not a URL";
}

/** Contexts and where they lead, without credentials. */
export function describeTargets(targets: readonly KubeTarget[]): string {
  return targets
    .map((target) => {
      const doubt = target.cluster.insecureSkipTlsVerify ? ", with insecure-skip-tls-verify" : "";
      return `${quoted(target.context)} (${describeServer(target)}${doubt})`;
    })
    .join(", ");
}

function namesOf(names: Iterable<string>): string {
  return [...names].map(quoted).join(", ") || "none";
}
