import { isFields } from "../../text/fields";
import { quoted } from "../../text/text";
import { readForeignYaml } from "../../yaml";
import { parseProxy, proxyRule } from "../agent";
import { KubeconfigItem } from "./item";

export interface Kubeconfig {
  readonly root: KubeconfigItem;
  readonly clusters: ReadonlyMap<string, KubeconfigItem>;
  readonly users: ReadonlyMap<string, KubeconfigItem>;
  readonly contexts: ReadonlyMap<string, KubeconfigItem>;
}

/** The cluster of a context: how to reach an API server. */
export type KubeCluster = ReturnType<typeof readServer>;

/** The credentials for an API server. Everything but the label is secret. */
type KubeUser = ReturnType<typeof readUser>;

export type ExecPlugin = ReturnType<typeof readExec>;

export interface KubeTarget {
  /** The kubeconfig's name in messages, for example `kubeconfig "/home/me/.kube/config"`. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: KubeCluster;
  readonly user: KubeUser | undefined;
  readonly namespace: string | undefined;
}

/** Parses one kubeconfig. Its text is secret and never appears in messages. Without a directory, it does not come from a file. */
export function parseKubeconfig(text: string, label: string, directory: string | undefined): Kubeconfig {
  const { documents, problem } = readForeignYaml(text, "1.1");
  const value = documents[0]?.value ?? {};
  const root = new KubeconfigItem(label, isFields(value) ? value : {}, directory);
  if (problem !== undefined) {
    throw root.refusal(`is not valid YAML (line ${problem.line}, column ${problem.column})`, "correct it");
  }
  if (!isFields(value) || (root.text("kind") ?? "Config") !== "Config" || (root.text("apiVersion") ?? "v1") !== "v1") {
    throw root.refusal("is not a kubeconfig", "it must contain apiVersion: v1 and kind: Config");
  }
  const kubeconfig = {
    root,
    clusters: byName(root, "clusters", "cluster"),
    users: byName(root, "users", "user"),
    contexts: byName(root, "contexts", "context"),
  };
  root.assertRead(["current-context", "preferences", "extensions"]);
  return kubeconfig;
}

/** Resolves a context, or the only one. Never uses `current-context`, since users switch it for unrelated work. */
export function resolveContext(
  { root, clusters, contexts, users }: Kubeconfig,
  context: string | undefined,
): KubeTarget {
  const names = [...contexts.keys()];
  const name = context ?? (names.length === 1 ? names[0] : undefined);
  const found = name === undefined ? undefined : contexts.get(name);
  if (name === undefined || found === undefined) {
    const fault = name === undefined ? `has ${names.length || "no"} contexts` : `has no context ${quoted(name)}`;
    const choice = `set aws-auth:context, cluster.context or --context to one of its contexts: ${names.map(quoted).join(", ")}`;
    throw root.refusal(fault, names.length === 0 ? "specify a kubeconfig that has a context" : choice);
  }
  const [cluster, user, namespace] = [found.text("cluster"), found.text("user"), found.text("namespace")];
  found.assertRead(["extensions"]);
  const [itsCluster, itsUser] = [clusters.get(cluster ?? ""), users.get(user ?? "")];
  if (itsCluster === undefined || (user !== undefined && itsUser === undefined)) {
    const missing = itsCluster === undefined ? `cluster ${quoted(cluster)}` : `user ${quoted(user)}`;
    throw found.refusal(`refers to ${missing}, which does not exist`, "correct it");
  }
  return {
    kubeconfig: root.label,
    context: name,
    cluster: readServer(itsCluster),
    user: itsUser && readUser(itsUser),
    namespace,
  };
}

function byName(root: KubeconfigItem, list: string, key: string): Map<string, KubeconfigItem> {
  const found = new Map<string, KubeconfigItem>();
  for (const item of root.list(list)) {
    const [name, fields] = isFields(item) ? [item["name"], item[key] ?? {}] : [];
    if (typeof name !== "string" || !isFields(fields)) {
      throw root.refusal(`has an item in ${list} without a name or ${key}`, "correct it");
    }
    if (found.has(name)) {
      throw root.refusal(`has ${key} ${quoted(name)} twice`, "rename or remove one of them");
    }
    found.set(name, new KubeconfigItem(`${key} ${quoted(name)} of ${root.label}`, fields, root.directory));
  }
  return found;
}

function readServer(item: KubeconfigItem) {
  const [server, proxyUrl] = [item.text("server") ?? "", item.text("proxy-url")];
  const cluster = {
    server,
    ca: item.content("certificate-authority-data", "certificate-authority"),
    tlsServerName: item.text("tls-server-name"),
    proxyUrl,
  };
  if (item.flag("insecure-skip-tls-verify")) {
    throw item.refusal("has insecure-skip-tls-verify", "remove it, and set certificate-authority-data");
  }
  item.assertRead(["disable-compression", "extensions"]);
  if (!URL.canParse(server) || new URL(server).protocol !== "https:") {
    throw item.refusal("has a server that is not an https URL", "correct it");
  }
  if (proxyUrl !== undefined && parseProxy(proxyUrl) === undefined) {
    throw item.refusal(`has a proxy-url that ${proxyRule.fault}`, proxyRule.remedy);
  }
  return cluster;
}

function readUser(item: KubeconfigItem) {
  const exec = item.inner("exec");
  const user = {
    label: item.label,
    cert: item.content("client-certificate-data", "client-certificate"),
    key: item.content("client-key-data", "client-key"),
    token: item.text("token"),
    tokenFile: item.path("tokenFile"),
    exec: exec && readExec(exec),
  };
  item.assertRead(["extensions"]);
  const credentials = [user.token ?? user.tokenFile, user.cert, user.exec];
  if (credentials.filter((given) => given !== undefined).length > 1) {
    throw item.refusal("has more than one credential (token, client certificate, exec)", "keep one of them");
  }
  if (user.cert !== undefined && user.key === undefined) {
    throw item.refusal("has a client certificate without its key", "add client-key-data or client-key");
  }
  return user;
}

function readExec(item: KubeconfigItem) {
  const [command = "", apiVersion = ""] = [item.text("command"), item.text("apiVersion")];
  if (command === "" || !/^client\.authentication\.k8s\.io\/v1(?:beta1)?$/.test(apiVersion)) {
    throw item.refusal("needs a command and apiVersion client.authentication.k8s.io/v1 or v1beta1", "correct it");
  }
  if (item.flag("provideClusterInfo") || item.text("interactiveMode") === "Always") {
    throw item.refusal(
      "sets provideClusterInfo or interactiveMode Always, which are not supported",
      "use a context with another user",
    );
  }
  const plugin = {
    apiVersion,
    // As in kubectl, a bare name is looked up on PATH, and a relative path starts in the kubeconfig's directory.
    command: /[/\\]/.test(command) ? (item.path("command") ?? command) : command,
    args: item.list("args").map((arg) => textOr(arg, () => item.wrongType("args", "a list of strings, in quotes"))),
    env: envOf(item),
  };
  item.assertRead(["installHint"]);
  return plugin;
}

function envOf(item: KubeconfigItem): Readonly<Record<string, string>> {
  const wrong = () => item.wrongType("env", "a list of names and values");
  const variables = item.list("env").map((one) => (isFields(one) ? [one["name"], one["value"]] : []));
  return Object.fromEntries(variables.map(([name, value]) => [textOr(name, wrong), textOr(value, wrong)]));
}

function textOr(value: unknown, problem: () => Error): string {
  if (typeof value !== "string") {
    throw problem();
  }
  return value;
}
