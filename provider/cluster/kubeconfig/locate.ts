import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { AwsAuthError } from "../../errors";
import { quoted } from "../../text/text";
import { readRequiredFile } from "../../textFile";
import { isKubeconfigContent } from "../clusterInput";
import { authorityOf, isSameServer, type KubeconfigRef, reachByKubeconfig, type ServerIdentity } from "../clusterRef";
import { absolutePath, type BySource, bySource, fromEnv, lookUp, type Setting, type Settings } from "../settings";
import { type KubeCluster, type Kubeconfig, type KubeTarget, parseKubeconfig, resolveContext } from "./kubeconfig";

interface LocatedTarget extends ServerIdentity {
  readonly target: KubeTarget;
}

type OwnKubeconfig = Pick<KubeconfigRef, "kubeconfig" | "context">;

/** Resolves what a program or the stack specifies. The environment must not differ: it specifies how to reach a cluster, not which one. */
export function locateNamed(own: OwnKubeconfig, settings: Settings): LocatedTarget {
  const [files, contexts] = [bySource("kubeconfig", own.kubeconfig, settings), contextBySource(own, settings)];
  // The CLI passes --kubeconfig and --context as these variables too.
  const isSame = ({ env, own, stack }: BySource) => (own ?? stack ?? env)?.value === env?.value;
  const [file, context] = [files.own ?? files.stack, contexts.own ?? contexts.stack];
  const byEnv = files.env ?? contexts.env;
  if (byEnv === undefined || (isSame(files) && isSame(contexts))) {
    return locate(files.env ?? file, contexts.env ?? context, settings);
  }
  throw new AwsAuthError(
    "invalidKubeconfig",
    `${byEnv.source} is set, but ${(file ?? context)?.source} specifies the kubeconfig or context of new mappings; unset ${byEnv.source}`,
  );
}

/** @throws AwsAuthError `clusterChanged` if the context in the state now connects to a different API server. */
export function locateStored(stored: ServerIdentity & OwnKubeconfig, settings: Settings): LocatedTarget {
  const file = lookUp("kubeconfig", stored.kubeconfig, settings);
  const context = lookUp("context", stored.context, settings);
  const found = locate(file, context, settings, "correct the path, or set AWS_AUTH_KUBECONFIG to one file");
  if (!isSameServer(found, stored)) {
    const { target } = found;
    throw new AwsAuthError(
      "clusterChanged",
      `context ${quoted(target.context)} of ${target.kubeconfig} connects to ${endpointOf(target.cluster.server)}, not to the cluster of this mapping; ${reachByKubeconfig}`,
    );
  }
  return found;
}

/** The only context of a kubeconfig, or its current one. `isNamed`: a setting specifies the kubeconfig, and it has only this context. */
export function currentContext(settings: Settings) {
  const named = lookUp("kubeconfig", undefined, settings);
  const file = named ?? fromEnv(settings, "KUBECONFIG");
  if (file === undefined && !existsSync(absolutePath(defaultFile, settings))) {
    return undefined;
  }
  const { contexts, root } = loadKubeconfig(file, settings, "specify the path to one file");
  const [only, ...others] = contexts.keys();
  const context = others.length === 0 ? only : root.text("current-context");
  const isNamed = named !== undefined && others.length === 0;
  return context === undefined ? undefined : { context, label: root.label, isNamed };
}

/** The stack's context belongs to the stack's kubeconfig, so a resource with its own kubeconfig or context does not use it. */
export function contextBySource(own: OwnKubeconfig, settings: Settings): BySource {
  const found = bySource("context", own.context, settings);
  return { ...found, stack: (own.kubeconfig ?? own.context) === undefined ? found.stack : undefined };
}

/** @param remedy the remedy if a file that was named cannot be read. */
function locate(
  file: Setting | undefined,
  context: Setting | undefined,
  settings: Settings,
  remedy = "specify the path to one file",
): LocatedTarget {
  const kubeconfig = loadKubeconfig(file ?? fromEnv(settings, "KUBECONFIG"), settings, remedy);
  const target = resolveContext(kubeconfig, context?.value);
  const { ca } = target.cluster;
  return { target, server: fingerprintOf(target.cluster), authority: ca && authorityOf(ca.toString("utf8")) };
}

/**
 * Identifies an API server without storing its endpoint in the state: by URL and certificate authority, and by proxy
 * and TLS server name, since these may select a different server for the same URL.
 */
function fingerprintOf({ server, ca, proxyUrl, tlsServerName }: KubeCluster): string {
  const authority = ca?.toString("utf8").trim();
  const parts = [endpointOf(server), authority, proxyUrl && endpointOf(proxyUrl), tlsServerName?.toLowerCase()];
  return hash("sha256", JSON.stringify(parts)).slice(0, 16);
}

/** A URL without credentials, for comparisons: host case, a default port and a trailing slash do not matter. */
function endpointOf(text: string): string {
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}

/** The parsed kubeconfigs of this process by file and content, since parsing takes milliseconds and all resources use the same few. */
const parsed = new Map<string, Kubeconfig>();

const defaultFile = "~/.kube/config";

/** @param found if undefined, the kubeconfig in the home directory. */
function loadKubeconfig(found: Setting | undefined, settings: Settings, remedy: string): Kubeconfig {
  if (found !== undefined && isKubeconfigContent(found.value)) {
    return parse(found.value, `the kubeconfig content in ${found.source}`, undefined);
  }
  // Paths in environment variables are relative to the working directory of the command.
  const isOfEnv = found !== undefined && /^[A-Z_]+$/.test(found.source);
  const cwd = isOfEnv ? (settings.envCwd ?? settings.cwd) : settings.cwd;
  // As in kubectl, empty items of KUBECONFIG are ignored.
  const [path = defaultFile, ...others] =
    found?.source === "KUBECONFIG" ? found.value.split(delimiter).filter((item) => item !== "") : [found?.value];
  if (others.length > 0) {
    const fault = `KUBECONFIG lists ${others.length + 1} files, which this package does not merge`;
    throw new AwsAuthError("invalidKubeconfig", `${fault}; set KUBECONFIG to one file`);
  }
  const file = absolutePath(path, { ...settings, cwd });
  const label = `kubeconfig ${quoted(file)}`;
  const content = readRequiredFile(file, (reason) => {
    const [source, itsRemedy] =
      found === undefined || found.source === "KUBECONFIG"
        ? [found === undefined ? " (the default)" : " (from KUBECONFIG)", "set KUBECONFIG to one file"]
        : ["", remedy];
    return new AwsAuthError("invalidKubeconfig", `${label}${source} cannot be read (${reason}); ${itsRemedy}`);
  });
  return parse(content.toString("utf8"), label, dirname(file));
}

function parse(text: string, label: string, directory: string | undefined): Kubeconfig {
  const key = JSON.stringify([label, text]);
  const known = parsed.get(key) ?? parseKubeconfig(text, label, directory);
  parsed.set(key, known);
  return known;
}
