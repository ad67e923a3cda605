import { resolve } from "node:path";
import { AwsAuthError } from "../../errors";
import { type Fields, fieldsOf, isFields } from "../../text/fields";
import { serverFingerprint } from "../clusterRef";

/** A cluster of a kubeconfig: how to reach its API server. */
export interface KubeCluster {
  readonly name: string;
  readonly server: string;
  /** The {@link serverFingerprint} of its API server, computed once, since every resource compares it. */
  readonly fingerprint: string;
  /** Base64 of PEM certificates. */
  readonly caData: string | undefined;
  /** Absolute path of PEM certificates. */
  readonly caFile: string | undefined;
  readonly insecureSkipTlsVerify: boolean;
  readonly tlsServerName: string | undefined;
  readonly proxyUrl: string | undefined;
}

/** A user of a kubeconfig: the credentials for the API server. Everything but the name is secret. */
export interface KubeUser {
  readonly name: string;
  readonly certData: string | undefined;
  readonly certFile: string | undefined;
  readonly keyData: string | undefined;
  readonly keyFile: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly impersonate: Impersonation | undefined;
  readonly exec: ExecPlugin | undefined;
  /** The deprecated way to get credentials, which `@kubernetes/client-node` supports. */
  readonly authProvider: Readonly<Record<string, unknown>> | undefined;
}

/** The user to impersonate. */
export interface Impersonation {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** A program that prints credentials, such as `aws eks get-token`. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: string | undefined;
}

/** A context of a kubeconfig: a cluster together with a user. */
interface KubeContext {
  readonly name: string;
  readonly cluster: string;
  readonly user: string | undefined;
  readonly namespace: string | undefined;
}

/** One kubeconfig, or several merged as kubectl merges them. */
export interface Kubeconfig {
  /** The name for messages, for example `kubeconfig "/home/me/.kube/config"`. */
  readonly label: string;
  readonly clusters: ReadonlyMap<string, KubeCluster>;
  readonly users: ReadonlyMap<string, KubeUser>;
  readonly contexts: ReadonlyMap<string, KubeContext>;
  readonly currentContext: string | undefined;
}

/** The cluster and user of a context. */
export interface KubeTarget {
  /** The kubeconfig's label. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: KubeCluster;
  readonly user: KubeUser | undefined;
  /** The namespace of the context. */
  readonly namespace: string | undefined;
  /** What a state holds of its API server. */
  readonly stored: string;
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
  const { plainValue, readForeignYaml } = await import("../../yaml/plainYaml.js");
  const {
    documents: [document],
    problems: [problem],
  } = readForeignYaml(text);
  if (problem !== undefined) {
    // A shell or a CI variable can turn line breaks into a literal `\n`.
    const remedy =
      !text.includes("\n") && text.includes("\\n")
        ? "it has \\n instead of line breaks; give it with real line breaks, or give a path"
        : "correct it";
    // Even a key may be a token.
    const reason = problem.reason.replace(/ under \S+$/, " under its key");
    throw new AwsAuthError(
      "invalidKubeconfig",
      `${label} is not valid YAML (line ${problem.line}, column ${problem.column}: ${reason}); ${remedy}`,
    );
  }
  const root = document === undefined ? undefined : plainValue(document);
  if (!isFields(root) || (root["kind"] !== undefined && root["kind"] !== "Config")) {
    throw new AwsAuthError(
      "invalidKubeconfig",
      `${label} is not a kubeconfig; it must contain kind: Config with clusters, contexts and users`,
    );
  }
  const absolute: PathResolver = (path) =>
    path === undefined || directory === undefined ? path : resolve(directory, path);
  return {
    label,
    clusters: byName(root["clusters"], "cluster", (name, fields) => readCluster(name, fields, absolute)),
    users: byName(root["users"], "user", (name, fields) => readUser(name, fields, absolute)),
    contexts: byName(root["contexts"], "context", readKubeContext),
    currentContext: textOf(root["current-context"]),
  };
}

/** Skips items without a name or without required fields, which no context can use. */
function byName<T>(list: unknown, key: string, read: (name: string, fields: Fields) => T | undefined): Map<string, T> {
  const items = new Map<string, T>();
  for (const item of Array.isArray(list) ? list : []) {
    const fields = fieldsOf(item);
    const name = textOf(fields["name"]);
    const value = name === undefined ? undefined : read(name, fieldsOf(fields[key]));
    if (name !== undefined && value !== undefined && !items.has(name)) {
      items.set(name, value);
    }
  }
  return items;
}

function readCluster(name: string, fields: Fields, absolute: PathResolver): KubeCluster | undefined {
  const server = textOf(fields["server"]);
  return server === undefined
    ? undefined
    : {
        name,
        server,
        fingerprint: serverFingerprint(server, textOf(fields["proxy-url"]), textOf(fields["tls-server-name"])),
        caData: textOf(fields["certificate-authority-data"]),
        caFile: absolute(textOf(fields["certificate-authority"])),
        insecureSkipTlsVerify: fields["insecure-skip-tls-verify"] === true,
        tlsServerName: textOf(fields["tls-server-name"]),
        proxyUrl: textOf(fields["proxy-url"]),
      };
}

function readKubeContext(name: string, fields: Fields): KubeContext | undefined {
  const cluster = textOf(fields["cluster"]);
  return cluster === undefined
    ? undefined
    : { name, cluster, user: textOf(fields["user"]), namespace: textOf(fields["namespace"]) };
}

function readUser(name: string, fields: Fields, absolute: PathResolver): KubeUser {
  return {
    name,
    certData: textOf(fields["client-certificate-data"]),
    certFile: absolute(textOf(fields["client-certificate"])),
    keyData: textOf(fields["client-key-data"]),
    keyFile: absolute(textOf(fields["client-key"])),
    token: textOf(fields["token"]),
    tokenFile: absolute(textOf(fields["tokenFile"])),
    username: textOf(fields["username"]),
    password: textOf(fields["password"]),
    impersonate: readImpersonation(fields),
    exec: readExec(fields["exec"], absolute),
    authProvider: isFields(fields["auth-provider"]) ? fields["auth-provider"] : undefined,
  };
}

function readImpersonation(fields: Fields): Impersonation | undefined {
  const user = textOf(fields["as"]);
  if (user === undefined) {
    return undefined;
  }
  return {
    user,
    uid: textOf(fields["as-uid"]),
    groups: textsOf(fields["as-groups"]),
    extra: Object.fromEntries(
      Object.entries(fieldsOf(fields["as-user-extra"])).map(([key, values]) => [key, textsOf(values)]),
    ),
  };
}

function readExec(value: unknown, absolute: PathResolver): ExecPlugin | undefined {
  const fields = fieldsOf(value);
  const command = textOf(fields["command"]);
  if (command === undefined) {
    return undefined;
  }
  const variables = Array.isArray(fields["env"]) ? fields["env"].filter(isFields) : [];
  return {
    apiVersion: textOf(fields["apiVersion"]) ?? "client.authentication.k8s.io/v1",
    // As in kubectl, a bare name is looked up on PATH, and a relative path starts from the kubeconfig's directory.
    command: /[/\\]/.test(command) ? (absolute(command) ?? command) : command,
    args: textsOf(fields["args"]),
    env: Object.fromEntries(variables.map((variable) => [String(variable["name"]), String(variable["value"] ?? "")])),
    installHint: textOf(fields["installHint"]),
    provideClusterInfo: fields["provideClusterInfo"] === true,
    interactiveMode: textOf(fields["interactiveMode"]),
  };
}

/** An empty string counts as absent, as in kubectl. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
