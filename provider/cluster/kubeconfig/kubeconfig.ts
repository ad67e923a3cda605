import { resolve } from "node:path";
import { AwsAuthError } from "../../errors";
import { isFields } from "../../text/fields";
import { quoted } from "../../text/text";
import { serverFingerprint } from "../clusterRef";
import { Section } from "./section";

/** How to reach an API server. */
export type KubeCluster = NonNullable<ReturnType<typeof readCluster>>;

/** The credentials for an API server. Everything but the name is secret. */
export type KubeUser = ReturnType<typeof readUser>;

/** A program that prints credentials, such as `aws eks get-token`. */
export type ExecPlugin = NonNullable<KubeUser["exec"]>;

/** One kubeconfig, or several merged as kubectl merges them. */
export interface Kubeconfig {
  /** The name for messages, for example `kubeconfig "/home/me/.kube/config"`. */
  readonly label: string;
  /** Undefined for a cluster without a server. */
  readonly clusters: ReadonlyMap<string, KubeCluster | undefined>;
  readonly users: ReadonlyMap<string, KubeUser>;
  readonly contexts: ReadonlyMap<string, ReturnType<typeof readContext>>;
  readonly currentContext: string | undefined;
}

/** The cluster and user of a context. */
export interface KubeTarget {
  /** The kubeconfig's label. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: KubeCluster;
  readonly user: KubeUser | undefined;
  readonly namespace: string | undefined;
  /** Why it is this context, if another one is named. One sentence. */
  readonly instead?: string;
}

/** Makes the paths of a kubeconfig absolute. */
type PathResolver = (path: string | undefined) => string | undefined;

/**
 * Reads one kubeconfig.
 *
 * @param text its content, which is secret and never appears in messages
 * @param label its name in messages
 * @param directory the base of its relative paths; undefined for content that does not come from a file
 * @throws AwsAuthError `invalidKubeconfig`.
 */
export async function parseKubeconfig(text: string, label: string, directory: string | undefined): Promise<Kubeconfig> {
  // Loaded on demand, since most runs on EKS clusters read no kubeconfig.
  const { readForeignYaml } = await import("../../yaml.js");
  const {
    documents: [document],
    problem,
    // As client-go reads it: with merge keys, and yes for true.
  } = readForeignYaml(text, "1.1");
  if (problem !== undefined) {
    // A shell or a CI variable can turn line breaks into a literal `\n`.
    const remedy =
      !text.includes("\n") && text.includes("\\n")
        ? "it has \\n instead of line breaks; give it with real line breaks, or give a path"
        : "correct it";
    throw new AwsAuthError(
      "invalidKubeconfig",
      `${label} is not valid YAML (line ${problem.line}, column ${problem.column}: ${problem.reason}); ${remedy}`,
    );
  }
  // An empty file is an empty kubeconfig.
  const root = document?.value ?? {};
  if (!isFields(root) || (root["kind"] ?? "Config") !== "Config" || (root["apiVersion"] ?? "v1") !== "v1") {
    throw new AwsAuthError(
      "invalidKubeconfig",
      `${label} is not a kubeconfig; it must contain apiVersion: v1 and kind: Config with clusters, contexts and users`,
    );
  }
  const absolute: PathResolver = (path) =>
    path === undefined || directory === undefined ? path : resolve(directory, path);
  const config = new Section(label, root);
  return {
    label,
    clusters: byName(config, "clusters", "cluster", (name, section) => readCluster(name, section, absolute)),
    users: byName(config, "users", "user", (name, section) => readUser(name, section, absolute)),
    contexts: byName(config, "contexts", "context", readContext),
    currentContext: config.text("current-context"),
  };
}

/** As in client-go, a name may occur once, also where no context uses it. */
function byName<T>(
  config: Section,
  list: string,
  key: string,
  read: (name: string, section: Section) => T,
): Map<string, T> {
  const items = new Map<string, T>();
  for (const item of config.sections(list, key)) {
    const name = item.text("name") ?? "";
    if (items.has(name)) {
      throw config.refusal(`has ${key} ${quoted(name)} twice`, "rename or remove one of them");
    }
    items.set(name, read(name, new Section(`${key} ${quoted(name)} of ${config.label}`, item.fields[key])));
  }
  return items;
}

function readCluster(name: string, section: Section, absolute: PathResolver) {
  const server = section.text("server");
  const extensions = section.sections("extensions", "extension");
  const execConfig = extensions.find((extension) => extension.text("name") === "client.authentication.k8s.io/exec");
  const cluster = {
    name,
    caData: section.base64("certificate-authority-data"),
    caFile: absolute(section.text("certificate-authority")),
    insecureSkipTlsVerify: section.flag("insecure-skip-tls-verify"),
    tlsServerName: section.text("tls-server-name"),
    proxyUrl: section.text("proxy-url"),
    disableCompression: section.flag("disable-compression"),
    /** What a credential plugin is told about this cluster. */
    execConfig: execConfig?.fields["extension"],
  };
  // The fingerprint is computed once, since every resource compares it.
  return server === undefined
    ? undefined
    : { ...cluster, server, fingerprint: serverFingerprint(server, cluster.proxyUrl, cluster.tlsServerName) };
}

function readContext(name: string, section: Section) {
  const cluster = section.text("cluster") ?? "";
  return { name, cluster, user: section.text("user"), namespace: section.text("namespace") };
}

function readUser(name: string, section: Section, absolute: PathResolver) {
  return {
    name,
    certData: section.base64("client-certificate-data"),
    certFile: absolute(section.text("client-certificate")),
    keyData: section.base64("client-key-data"),
    keyFile: absolute(section.text("client-key")),
    token: section.text("token"),
    tokenFile: absolute(section.text("tokenFile")),
    username: section.text("username"),
    password: section.text("password"),
    impersonate: readImpersonation(section),
    exec: readExec(section.section("exec"), absolute),
    /** The deprecated way to get credentials, which `@kubernetes/client-node` supports. */
    authProvider: isFields(section.fields["auth-provider"]) ? section.fields["auth-provider"] : undefined,
  };
}

function readImpersonation(section: Section) {
  const extra = section.section("as-user-extra");
  const impersonation = {
    user: section.text("as") ?? "",
    uid: section.text("as-uid"),
    groups: section.texts("as-groups"),
    extra: Object.keys(extra.fields).map((key) => ({ key, values: extra.texts(key) })),
  };
  const { user, uid, groups } = impersonation;
  const isNone = user === "" && uid === undefined && groups.length === 0 && impersonation.extra.length === 0;
  return isNone ? undefined : impersonation;
}

function readExec(section: Section, absolute: PathResolver) {
  if (!section.isThere) {
    return undefined;
  }
  const command = section.text("command") ?? "";
  const variables = section
    .sections("env", "variable")
    .map((variable) => [variable.text("name") ?? "", variable.text("value") ?? ""] as const);
  return {
    apiVersion: section.text("apiVersion") ?? "",
    // As in kubectl, a bare name is looked up on PATH, and a relative path starts from the kubeconfig's directory.
    command: /[/\\]/.test(command) ? (absolute(command) ?? command) : command,
    args: section.texts("args"),
    env: Object.fromEntries(variables),
    installHint: section.text("installHint"),
    provideClusterInfo: section.flag("provideClusterInfo"),
    interactiveMode: section.text("interactiveMode"),
  };
}
