import { delimiter, dirname, join } from "node:path";
import { report } from "../../engine/diagnostics";
import { AwsAuthError, ignoreUserErrors } from "../../errors";
import { isKubeconfigContent } from "../../text/kubeconfigContent";
import { errorCode, quoted } from "../../text/text";
import { describeFileRefusal, readSmallFileSync } from "../../textFile";
import { mayMean } from "../clusterRef";
import {
  absolutePath,
  type BySource,
  bySource,
  type Found,
  fromEnv,
  homeDirectory,
  lookUp,
  type Settings,
} from "../settings";
import { contextFor, describeServer, describeTargets, leadingTo, meantServer, select } from "./contextFor";
import { type Kubeconfig, type KubeTarget, parseKubeconfig } from "./kubeconfig";

/**
 * Loads the given kubeconfig or, if none is given, the one that kubectl would use: KUBECONFIG, then `.kube/config` in the home
 * directory. A kubeconfig is given as a path or as content. An environment variable can list several files, which are merged as in
 * kubectl.
 *
 * @throws AwsAuthError `invalidKubeconfig`.
 */
async function loadKubeconfig(named: Found | undefined, settings: Settings): Promise<Kubeconfig> {
  const found = named ?? fromEnv(settings, "KUBECONFIG");
  if (found !== undefined && isKubeconfigContent(found.value)) {
    return load(found.value, `the kubeconfig content in ${found.source}`, undefined);
  }
  const listed = found === undefined ? [join(homeDirectory(settings), ".kube", "config")] : pathsIn(found);
  const cwd = isOfEnvironment(found) ? (settings.envCwd ?? settings.cwd) : settings.cwd;
  const files = listed.map((path) => absolutePath(path, { ...settings, cwd }));
  const loaded: Kubeconfig[] = [];
  for (const file of files) {
    const text = readIfThere(file);
    // As in kubectl, a list may name files that do not exist.
    if (text !== undefined) {
      loaded.push(await load(text, `kubeconfig ${quoted(file)}`, dirname(file)));
    }
  }
  const [first, ...rest] = loaded;
  if (first === undefined) {
    const source = found === undefined ? "the default" : `named by ${found.source}`;
    throw new AwsAuthError(
      "invalidKubeconfig",
      `kubeconfig ${files.map(quoted).join(", ")} (${source}) does not exist; correct the path, or set AWS_AUTH_KUBECONFIG to a kubeconfig that reaches the cluster`,
    );
  }
  return rest.reduce(merge, first);
}

/** Parsed kubeconfigs by label, directory and content, since all resources of a program use the same few. */
const parsed = new Map<string, Promise<Kubeconfig>>();
const maxKept = 16;

function load(text: string, label: string, directory: string | undefined): Promise<Kubeconfig> {
  const key = JSON.stringify([label, directory, text]);
  const known = parsed.get(key);
  if (known !== undefined) {
    return known;
  }
  const fresh = parseKubeconfig(text, label, directory);
  // Only a few, since a program may write one kubeconfig after another.
  if (parsed.size >= maxKept) {
    parsed.clear();
  }
  parsed.set(key, fresh);
  return fresh;
}

/** Only environment variables can hold lists. A path in a program may contain the separator. */
function pathsIn(found: Found): string[] {
  return isOfEnvironment(found) ? found.value.split(delimiter).filter((path) => path !== "") : [found.value];
}

function isOfEnvironment(found: Found | undefined): boolean {
  return found !== undefined && /^[A-Z_]+$/.test(found.source);
}

/** As in kubectl, the first file that defines a name wins, and so does the first current context. */
function merge(first: Kubeconfig, second: Kubeconfig): Kubeconfig {
  return {
    label: `${first.label} and ${second.label.replace(/^kubeconfig /, "")}`,
    clusters: new Map([...second.clusters, ...first.clusters]),
    users: new Map([...second.users, ...first.users]),
    contexts: new Map([...second.contexts, ...first.contexts]),
    currentContext: first.currentContext ?? second.currentContext,
  };
}

/**
 * Reads a file each time, since a program may write it between two of its resources, and synchronously, which is ten times as fast, since
 * the next resource waits for it.
 */
function readIfThere(file: string): string | undefined {
  try {
    return readSmallFileSync(file).toString("utf8");
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") {
      return undefined;
    }
    throw new AwsAuthError(
      "invalidKubeconfig",
      `kubeconfig ${quoted(file)} cannot be read (${describeFileRefusal(code) ?? code}); it must be a file that you may read`,
      { cause: error },
    );
  }
}

/** The connection settings of the resource itself. */
interface OwnKubeconfig {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/**
 * The target of a program's `{ kubeconfig?, context? }`. The environment may change how to reach the API server, but not which one
 * it is: if the program's or the stack's own settings work on this machine, the environment must lead to the same API server, and
 * otherwise to that of the state.
 *
 * @param stored what the state of a resource holds of its API server.
 * @throws AwsAuthError `invalidKubeconfig` or `clusterChanged`.
 */
export async function locateNamed(own: OwnKubeconfig, settings: Settings, stored?: string): Promise<KubeTarget> {
  const kubeconfigs = bySource("kubeconfig", own.kubeconfig, settings);
  const contexts = contextBySource(own, settings);
  const named = { kubeconfig: kubeconfigs.own ?? kubeconfigs.stack, context: contexts.own ?? contexts.stack };
  const kubeconfig = await loadWay(own, settings);
  const target = select(kubeconfig, contexts.env ?? named.context);
  const byEnv = [kubeconfigs.env, contexts.env].flatMap((found) => found?.source ?? []);
  if (byEnv.length > 0 && (named.kubeconfig ?? named.context) !== undefined) {
    // The program's kubeconfig may not exist on this machine, which is what the environment variables are for.
    const without = await ignoreUserErrors(async () =>
      select(await loadKubeconfig(named.kubeconfig, settings), named.context),
    );
    const variables = byEnv.join(" and ");
    if (without === undefined && stored !== undefined && !mayMean(stored, target.cluster.fingerprint)) {
      throw new AwsAuthError(
        "clusterChanged",
        `context ${quoted(target.context)} of ${target.kubeconfig}, from ${variables}, leads to ${describeServer(target)}, and not to the cluster that this mapping was made on; set ${variables} to what leads there, or name the kubeconfig of the other cluster in the program or the stack`,
      );
    }
    if (without !== undefined && without.cluster.fingerprint !== target.cluster.fingerprint) {
      throw new AwsAuthError(
        "invalidKubeconfig",
        `context ${quoted(target.context)} of ${target.kubeconfig}, from ${variables}, leads to another API server than context ${quoted(without.context)} of ${without.kubeconfig}, which is named for this mapping; unset ${variables}, or name the other cluster in the program or the stack`,
      );
    }
  }
  const isCurrent = (contexts.env ?? named.context) === undefined;
  if (isCurrent && stored !== undefined && !isKubeconfigContent((kubeconfigs.env ?? named.kubeconfig)?.value ?? "")) {
    assertNotSwitched(target, leadingTo(kubeconfig, meantServer(kubeconfig, stored, contexts)));
  }
  // Another shell or machine may have a context of this name that leads elsewhere, and so may a cluster that was made again.
  if (stored !== undefined && named.kubeconfig === undefined && !mayMean(stored, target.cluster.fingerprint)) {
    await report(
      "warning",
      `context ${quoted(target.context)} of ${target.kubeconfig} leads to ${describeServer(target)}, and not to the cluster that mappings of it were made on, so that they move; if you did not name another context, let the environment name the kubeconfig that leads there`,
      undefined,
    );
  }
  return target;
}

/**
 * Refuses the current context of a file where another one leads to the mapping's cluster: people make another one current all the time, for
 * work of other kinds. Content says on purpose which is current.
 */
function assertNotSwitched(target: KubeTarget, leading: readonly KubeTarget[]): void {
  if (leading.length > 0 && !leading.some(({ context }) => context === target.context)) {
    throw new AwsAuthError(
      "clusterChanged",
      `context ${quoted(target.context)} of ${target.kubeconfig}, its current one, leads to ${describeServer(target)}, and not to the cluster that this mapping was made on, as others do: ${describeTargets(leading)}; name the one that you mean by aws-auth:context in the stack configuration, or context in cluster`,
    );
  }
}

/**
 * The way to the API server on which a mapping was made: see {@link contextFor}.
 *
 * @param server what its state holds of it.
 * @throws AwsAuthError `invalidKubeconfig` or `clusterChanged`.
 */
export async function locateServer(server: string, own: OwnKubeconfig, settings: Settings): Promise<KubeTarget> {
  return contextFor(await loadWay(own, settings), server, contextBySource(own, settings));
}

/**
 * Refuses a context of the stack's configuration that leads elsewhere, which only a delete may pass over: see {@link contextFor}.
 *
 * @param server what the state holds of the API server.
 * @throws AwsAuthError `invalidKubeconfig` or `clusterChanged`.
 */
export async function assertStackContext(server: string, own: OwnKubeconfig, settings: Settings): Promise<void> {
  const { env, stack } = contextBySource(own, settings);
  if (stack !== undefined) {
    contextFor(await loadWay(own, settings), server, { env, own: stack, stack: undefined });
  }
}

/**
 * What the state of this version would hold of the API server of a mapping: see {@link meantServer}.
 *
 * @param server what its state holds of it.
 * @throws AwsAuthError `invalidKubeconfig`, or `clusterChanged` if it cannot be known.
 */
export async function knownServer(server: string, own: OwnKubeconfig, settings: Settings): Promise<string> {
  return meantServer(await loadWay(own, settings), server, contextBySource(own, settings));
}

/**
 * Whether a context of the kubeconfig that the settings name leads to an API server.
 *
 * @throws AwsAuthError `invalidKubeconfig`.
 */
export async function isWithinReach(server: string, settings: Settings): Promise<boolean> {
  return leadingTo(await loadWay({ kubeconfig: undefined, context: undefined }, settings), server).length > 0;
}

function loadWay(own: OwnKubeconfig, settings: Settings): Promise<Kubeconfig> {
  return loadKubeconfig(lookUp("kubeconfig", own.kubeconfig, settings), settings);
}

/** The stack's context belongs to the stack's kubeconfig, so a resource with its own kubeconfig or context does not use it. */
function contextBySource({ kubeconfig, context }: OwnKubeconfig, settings: Settings): BySource {
  const found = bySource("context", context, settings);
  return { ...found, stack: (kubeconfig ?? context) === undefined ? found.stack : undefined };
}
