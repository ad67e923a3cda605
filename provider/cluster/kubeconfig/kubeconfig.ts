import { isFields } from "../../text/fields";
import { quoted } from "../../text/text";
import {
  assertKnown,
  base64In,
  flagIn,
  isText,
  pathIn,
  refusal,
  textIn,
  textsIn,
  wrongType,
  type Part,
} from "./fields";

/** One kubeconfig, or several merged as kubectl merges them: the first that defines a name wins. */
export interface Kubeconfig {
  /** The name for messages, for example `kubeconfig "/home/me/.kube/config"`. */
  readonly label: string;
  readonly clusters: ReadonlyMap<string, Part>;
  readonly users: ReadonlyMap<string, Part>;
  readonly contexts: ReadonlyMap<string, Part>;
}

/** How to reach an API server. */
export type KubeCluster = ReturnType<typeof readCluster>;

/** The credentials for an API server. Everything but the label is secret. */
export type KubeUser = ReturnType<typeof readUser>;

/** A program that prints credentials, such as `aws eks get-token`. */
export type ExecPlugin = NonNullable<KubeUser["exec"]>;

/** A context with its cluster and its user. */
export interface KubeTarget {
  /** The kubeconfig's label. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: KubeCluster;
  readonly user: KubeUser | undefined;
  readonly namespace: string | undefined;
}

/**
 * Reads one kubeconfig.
 *
 * @param text its content, which is secret and never appears in messages.
 * @param label its name in messages.
 * @param directory the base of its relative paths; undefined for content that does not come from a file.
 * @throws AwsAuthError `invalidKubeconfig`.
 */
export async function parseKubeconfig(text: string, label: string, directory: string | undefined): Promise<Kubeconfig> {
  const { plainValue, readForeignYaml } = await import("../../yaml/plainYaml.js");
  const { documents, problems } = readForeignYaml(text, { version: "1.1" });
  const [document] = documents;
  if (problems[0] !== undefined) {
    const { line, column } = problems[0];
    throw refusal(label, `is not valid YAML (line ${line}, column ${column})`, "correct it");
  }
  const root = document === undefined ? {} : (plainValue(document) ?? {});
  if (!isFields(root) || (root["kind"] ?? "Config") !== "Config" || (root["apiVersion"] ?? "v1") !== "v1") {
    throw refusal(label, "is not a kubeconfig", "it must contain apiVersion: v1 and kind: Config");
  }
  const part = { fields: root, label, directory };
  assertKnown(part, [
    "apiVersion",
    "kind",
    "preferences",
    "clusters",
    "users",
    "contexts",
    "current-context",
    "extensions",
  ]);
  return {
    label,
    clusters: byName(part, "clusters", "cluster"),
    users: byName(part, "users", "user"),
    contexts: byName(part, "contexts", "context"),
  };
}

/** As in kubectl, the first file that defines a name wins. */
export function merge(first: Kubeconfig, second: Kubeconfig): Kubeconfig {
  return {
    label: `${first.label} and ${second.label.replace(/^kubeconfig /, "")}`,
    clusters: new Map([...second.clusters, ...first.clusters]),
    users: new Map([...second.users, ...first.users]),
    contexts: new Map([...second.contexts, ...first.contexts]),
  };
}

/**
 * The target of a context. `current-context` never decides: people change it for work of other kinds.
 *
 * @param context undefined: the only one.
 * @throws AwsAuthError `invalidKubeconfig`, which lists the contexts.
 */
export function targetOf(kubeconfig: Kubeconfig, context: string | undefined): KubeTarget {
  const names = [...kubeconfig.contexts.keys()];
  const name = context ?? (names.length === 1 ? names[0] : undefined);
  const found = name === undefined ? undefined : kubeconfig.contexts.get(name);
  if (name === undefined || found === undefined) {
    const fault = name === undefined ? "has several contexts, or none" : `has no context ${quoted(name)}`;
    const list = names.map(quoted).join(", ") || "none";
    throw refusal(kubeconfig.label, fault, `name one by aws-auth:context or cluster.context; it has: ${list}`);
  }
  assertKnown(found, ["cluster", "user", "namespace", "extensions"]);
  const [cluster, user] = [textIn(found, "cluster"), textIn(found, "user")];
  const itsCluster = kubeconfig.clusters.get(cluster ?? "");
  if (itsCluster === undefined) {
    throw refusal(found.label, `names cluster ${quoted(cluster)}, which is not there`, "correct it");
  }
  const itsUser = user === undefined ? undefined : kubeconfig.users.get(user);
  return {
    kubeconfig: kubeconfig.label,
    context: name,
    cluster: readCluster(itsCluster),
    user: itsUser && readUser(itsUser),
    namespace: textIn(found, "namespace"),
  };
}

function byName(root: Part, list: string, key: string): Map<string, Part> {
  const items = root.fields[list] ?? [];
  if (!Array.isArray(items)) {
    throw refusal(root.label, `has ${list} that are not a list`, "correct it");
  }
  const found = new Map<string, Part>();
  for (const item of items) {
    const [name, fields] = isFields(item) ? [item["name"], item[key] ?? {}] : [];
    if (typeof name !== "string" || !isFields(fields)) {
      throw refusal(root.label, `has an item of ${list} without a name or a ${key}`, "correct it");
    }
    if (found.has(name)) {
      throw refusal(root.label, `has ${key} ${quoted(name)} twice`, "rename or remove one of them");
    }
    found.set(name, { fields, label: `${key} ${quoted(name)} of ${root.label}`, directory: root.directory });
  }
  return found;
}

function readCluster(part: Part) {
  assertKnown(part, [
    "server",
    "certificate-authority-data",
    "certificate-authority",
    "insecure-skip-tls-verify",
    "tls-server-name",
    "proxy-url",
    "disable-compression",
    "extensions",
  ]);
  const cluster = {
    label: part.label,
    server: textIn(part, "server") ?? "",
    caData: base64In(part, "certificate-authority-data"),
    caFile: pathIn(part, "certificate-authority"),
    insecureSkipTlsVerify: flagIn(part, "insecure-skip-tls-verify"),
    tlsServerName: textIn(part, "tls-server-name"),
    proxyUrl: textIn(part, "proxy-url"),
    /** What an exec plugin is told about this cluster. */
    execConfig: execConfigIn(part),
  };
  const { caData, caFile, insecureSkipTlsVerify, proxyUrl } = cluster;
  if (!URL.canParse(cluster.server) || new URL(cluster.server).protocol !== "https:") {
    throw refusal(part.label, "has a server that is not an https URL", "correct it");
  }
  if (caData !== undefined && caFile !== undefined) {
    throw refusal(part.label, "has certificate-authority-data and certificate-authority", "remove one of them");
  }
  if (insecureSkipTlsVerify && (caData ?? caFile) !== undefined) {
    throw refusal(part.label, "has insecure-skip-tls-verify and a certificate authority", "remove one of them");
  }
  if (proxyUrl !== undefined && !/^(?:https?|socks5h?):\/\/[^/]/i.test(proxyUrl)) {
    throw refusal(part.label, "has a proxy-url that is not an http, https or socks5 URL", "correct it");
  }
  return cluster;
}

function execConfigIn(part: Part): unknown {
  const extensions = part.fields["extensions"];
  const own = (Array.isArray(extensions) ? extensions : []).find(
    (one: unknown) => isFields(one) && one["name"] === "client.authentication.k8s.io/exec",
  );
  return isFields(own) ? own["extension"] : undefined;
}

const refusedInUser = ["auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra"];

function readUser(part: Part) {
  const refused = refusedInUser.find((key) => part.fields[key] !== undefined);
  if (refused !== undefined) {
    throw refusal(
      part.label,
      `has ${refused}, which is not supported`,
      "use a token, a client certificate or an exec plugin",
    );
  }
  assertKnown(part, [
    "client-certificate-data",
    "client-certificate",
    "client-key-data",
    "client-key",
    "token",
    "tokenFile",
    "exec",
    "extensions",
  ]);
  const user = {
    label: part.label,
    certData: base64In(part, "client-certificate-data"),
    certFile: pathIn(part, "client-certificate"),
    keyData: base64In(part, "client-key-data"),
    keyFile: pathIn(part, "client-key"),
    token: textIn(part, "token"),
    tokenFile: pathIn(part, "tokenFile"),
    exec: part.fields["exec"] === undefined ? undefined : readExec(part),
  };
  const credentials = [user.token ?? user.tokenFile, user.certData ?? user.certFile, user.exec];
  if (credentials.filter((given) => given !== undefined).length > 1) {
    throw refusal(part.label, "has more than one of a token, a client certificate and exec", "keep one of them");
  }
  if ((user.certData ?? user.certFile) !== undefined && (user.keyData ?? user.keyFile) === undefined) {
    throw refusal(part.label, "has a client certificate without its key", "add client-key-data or client-key");
  }
  return user;
}

function readExec(user: Part) {
  const fields = user.fields["exec"];
  const part = { ...user, fields: isFields(fields) ? fields : {}, label: `exec of ${user.label}` };
  assertKnown(part, ["apiVersion", "command", "args", "env", "installHint", "provideClusterInfo", "interactiveMode"]);
  const command = textIn(part, "command") ?? "";
  const apiVersion = textIn(part, "apiVersion") ?? "";
  if (command === "" || !/^client\.authentication\.k8s\.io\/v1(?:beta1)?$/.test(apiVersion)) {
    throw refusal(
      part.label,
      "needs a command and apiVersion client.authentication.k8s.io/v1 or v1beta1",
      "correct it",
    );
  }
  if (textIn(part, "interactiveMode") === "Always") {
    throw refusal(
      part.label,
      "needs a terminal (interactiveMode: Always)",
      "name a context whose user does not need one",
    );
  }
  return {
    apiVersion,
    // As in kubectl, a bare name is looked up on PATH, and a relative path starts from the kubeconfig's directory.
    command: /[/\\]/.test(command) ? (pathIn(part, "command") ?? command) : command,
    args: textsIn(part, "args"),
    env: envIn(part),
    provideClusterInfo: flagIn(part, "provideClusterInfo"),
  };
}

function envIn(part: Part): Readonly<Record<string, string>> {
  const variables = part.fields["env"] ?? [];
  if (
    !Array.isArray(variables) ||
    !variables.every((one) => isFields(one) && isText(one["name"]) && isText(one["value"]))
  ) {
    throw wrongType(part, "env", "a list of names and values");
  }
  return Object.fromEntries(variables.map(({ name, value }) => [String(name), String(value)]));
}
