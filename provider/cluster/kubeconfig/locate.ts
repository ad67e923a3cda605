import { hash } from "node:crypto";
import { delimiter, dirname, join } from "node:path";
import { AwsAuthError } from "../../errors";
import { isKubeconfigContent } from "../../text/kubeconfigContent";
import { errorCode, quoted } from "../../text/text";
import { describeReadFailure, readSmallFileSync } from "../../yaml/textFile";
import { endpointOf } from "../clusterRef";
import { absolutePath, type BySource, bySource, type Found, fromEnv, homeDirectory, type Settings } from "../settings";
import { type KubeCluster, type Kubeconfig, type KubeTarget, merge, parseKubeconfig, targetOf } from "./kubeconfig";

/** A target, and what the state stores of its API server. */
export interface LocatedTarget {
  readonly target: KubeTarget;
  readonly fingerprint: string;
}

/** What a program or a state specifies of a kubeconfig. */
interface OwnKubeconfig {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/**
 * The cluster that a program or the stack names.
 *
 * @throws AwsAuthError `invalidKubeconfig`, also if AWS_AUTH_KUBECONFIG or AWS_AUTH_CONTEXT is set beside a name in the program or the stack
 * that leads to another cluster: they specify how to reach a cluster, not which one.
 */
export async function locateNamed(own: OwnKubeconfig, settings: Settings): Promise<LocatedTarget> {
  const [files, contexts] = [bySource("kubeconfig", own.kubeconfig, settings), contextBySource(own, settings)];
  // The command line gives an option both ways.
  const isSame = ({ env, own, stack }: BySource) => (own ?? stack ?? env)?.value === env?.value;
  const [file, context] = [files.own ?? files.stack, contexts.own ?? contexts.stack];
  const byEnv = files.env ?? contexts.env;
  if (byEnv === undefined) {
    return located(targetOf(await load(file, settings), context?.value));
  }
  if (isSame(files) && isSame(contexts)) {
    return located(targetOf(await load(files.env, settings), contexts.env?.value));
  }
  throw new AwsAuthError(
    "invalidKubeconfig",
    `${byEnv.source} is set, and ${(file ?? context)?.source} names a kubeconfig or context for a new mapping as well; unset ${byEnv.source}`,
  );
}

/**
 * The cluster of a mapping in the state.
 *
 * @param stored what the state stores of its API server.
 * @throws AwsAuthError `clusterChanged` if the context leads to another API server now, or `invalidKubeconfig`.
 */
export async function locateStored(stored: string, own: OwnKubeconfig, settings: Settings): Promise<LocatedTarget> {
  const files = bySource("kubeconfig", own.kubeconfig, settings);
  const contexts = bySource("context", own.context, settings);
  const context = (contexts.env ?? contexts.own ?? contexts.stack)?.value;
  const found = await located(targetOf(await load(files.env ?? files.own ?? files.stack, settings), context));
  if (found.fingerprint !== stored) {
    const { target } = found;
    throw new AwsAuthError(
      "clusterChanged",
      `context ${quoted(target.context)} of ${target.kubeconfig} leads to ${endpointOf(target.cluster.server)}, which is not the cluster of this mapping; set AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT to a context that leads there`,
    );
  }
  return found;
}

/** The stack's context belongs to the stack's kubeconfig, so a resource with its own kubeconfig or context does not use it. */
function contextBySource(own: OwnKubeconfig, settings: Settings) {
  const found = bySource("context", own.context, settings);
  return { ...found, stack: (own.kubeconfig ?? own.context) === undefined ? found.stack : undefined };
}

async function located(target: KubeTarget): Promise<LocatedTarget> {
  return { target, fingerprint: fingerprintOf(target.cluster) };
}

/**
 * Identifies an API server without revealing its endpoint, which must not appear in the state: by URL and certificate authority, and by the
 * proxy and TLS server name, behind which the same URL is another server.
 */
function fingerprintOf({ server, caData, caFile, proxyUrl, tlsServerName }: KubeCluster): string {
  const ca = (caData ?? (caFile === undefined ? undefined : readCa(caFile)))?.toString("utf8").trim();
  const parts = [endpointOf(server), ca, proxyUrl && endpointOf(proxyUrl), tlsServerName?.toLowerCase()];
  return hash("sha256", JSON.stringify(parts)).slice(0, 16);
}

function readCa(path: string): Buffer {
  try {
    return readSmallFileSync(path);
  } catch (error) {
    const reason = describeReadFailure(errorCode(error)) ?? errorCode(error);
    throw new AwsAuthError(
      "invalidKubeconfig",
      `certificate-authority ${quoted(path)} cannot be read (${reason}); correct the path`,
    );
  }
}

/**
 * Loads the given kubeconfig or, if none is given, the one that kubectl would use: KUBECONFIG, then `.kube/config` in the home directory.
 */
async function load(named: Found | undefined, settings: Settings): Promise<Kubeconfig> {
  const found = named ?? fromEnv(settings, "KUBECONFIG");
  if (found !== undefined && isKubeconfigContent(found.value)) {
    return parse(found.value, `the kubeconfig content in ${found.source}`, undefined);
  }
  const isOfEnv = found !== undefined && /^[A-Z_]+$/.test(found.source);
  const home = join(homeDirectory(settings), ".kube", "config");
  // Only environment variables can contain lists: a path in a program may contain the separator.
  const paths = found === undefined ? [home] : isOfEnv ? found.value.split(delimiter).filter(Boolean) : [found.value];
  const cwd = isOfEnv ? (settings.envCwd ?? settings.cwd) : settings.cwd;
  const loaded: Kubeconfig[] = [];
  for (const file of paths.map((path) => absolutePath(path, { ...settings, cwd }))) {
    const text = readIfThere(file);
    if (text !== undefined) {
      loaded.push(await parse(text, `kubeconfig ${quoted(file)}`, dirname(file)));
    }
  }
  const [first, ...rest] = loaded;
  if (first === undefined) {
    const source = found === undefined ? "the default" : `named by ${found.source}`;
    throw new AwsAuthError(
      "invalidKubeconfig",
      `kubeconfig ${paths.map(quoted).join(", ")} (${source}) does not exist; correct the path, or set AWS_AUTH_KUBECONFIG`,
    );
  }
  return rest.reduce(merge, first);
}

/** The last kubeconfigs by label and content, since all resources of a program use the same few, and to parse one takes milliseconds. */
const parsed = new Map<string, Promise<Kubeconfig>>();
const maxKept = 16;

function parse(text: string, label: string, directory: string | undefined): Promise<Kubeconfig> {
  const key = JSON.stringify([label, directory, text]);
  const known = parsed.get(key) ?? parseKubeconfig(text, label, directory);
  if (parsed.size >= maxKept) {
    parsed.clear();
  }
  parsed.set(key, known);
  return known;
}

/** As in kubectl, a list may name files that do not exist. */
function readIfThere(file: string): string | undefined {
  try {
    return readSmallFileSync(file).toString("utf8");
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") {
      return undefined;
    }
    const reason = describeReadFailure(code) ?? code;
    throw new AwsAuthError(
      "invalidKubeconfig",
      `kubeconfig ${quoted(file)} cannot be read (${reason}); correct the path`,
    );
  }
}
