import { AwsAuthError } from "../../errors";
import { fieldsOf, jsonFields } from "../../text/fields";
import { secretsInArguments, secretsNamedIn, secretVariables, withoutWords } from "../../text/namedSecrets";
import { errorCode, quoted, redact } from "../../text/text";
import { decoded, describeCause } from "../network";
import type { ExecPlugin, KubeCluster } from "./kubeconfig";
import { maxOutput, runProgram, TooMuchOutput } from "./runProgram";

/** The output of a credential plugin. All of it is secret. */
export interface ExecCredential {
  readonly token: string | undefined;
  /** PEM. */
  readonly cert: string | undefined;
  /** PEM. */
  readonly key: string | undefined;
  /** When it expires, in milliseconds since the epoch; undefined: it is valid for the whole run. */
  readonly expires: number | undefined;
}

/**
 * Runs a kubeconfig's credential plugin, such as `aws eks get-token`, as kubectl does, but without a terminal, since Pulumi
 * provides none.
 *
 * @param label names the kubeconfig's user in messages
 * @param cluster passed to plugins that request it
 * @throws AwsAuthError `credentials` when the plugin fails, `invalidKubeconfig` when it cannot be run at all.
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  label: string,
  cluster: KubeCluster,
  signal: AbortSignal,
): Promise<ExecCredential> {
  const subject = `${label} gets its credentials from ${quoted(plugin.command)}`;
  if (plugin.interactiveMode === "Always") {
    throw new AwsAuthError(
      "invalidKubeconfig",
      `${subject}, which needs a terminal (interactiveMode: Always), and Pulumi has none; name a context whose user does not need one`,
    );
  }
  const credential = parseCredential(await run(plugin, subject, cluster, signal));
  if (credential === undefined) {
    throw new AwsAuthError(
      "credentials",
      `${subject}, which did not print an ExecCredential with a token, or a certificate and its key; run it by hand to see why`,
    );
  }
  return credential;
}

async function run(plugin: ExecPlugin, subject: string, cluster: KubeCluster, signal: AbortSignal): Promise<string> {
  const env = { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin, cluster) };
  const { code, killedBy, stdout, stderr } = await runProgram(plugin.command, plugin.args, env, signal).catch(
    (error: unknown) => {
      throw error instanceof Error ? cannotRun(plugin, subject, error) : error;
    },
  );
  if (code === 0) {
    return stdout;
  }
  const end = code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`;
  const { named, others } = secretsGivenTo(plugin, cluster);
  const said = redact(withoutWords(stderr, named), [...named, ...others], "end");
  throw new AwsAuthError(
    "credentials",
    `${subject}, which ${end}${said === "" ? "" : ` (${said})`}; log in again, for example with aws sso login, or set AWS_AUTH_KUBECONFIG to a kubeconfig that works`,
  );
}

/**
 * A plugin that fails may print the secrets it was given: values that the kubeconfig calls secret by their names, and others that may be
 * secret, or ordinary words if they are short.
 */
function secretsGivenTo(plugin: ExecPlugin, { server, execConfig, caData, proxyUrl = "" }: KubeCluster) {
  const variables = Object.entries(plugin.env).filter(([name]) => !harmlessVariables.includes(name));
  const proxies = Object.entries(process.env).filter(([name]) => /^(?:https?|all)_proxy$/i.test(name));
  const urls = [server, proxyUrl, ...proxies.map(([, url = ""]) => url)].flatMap((url) =>
    URL.canParse(url) ? [new URL(url)] : [],
  );
  const named = [
    ...[...variables, ["", execConfig] as const].flatMap(secretsNamedIn),
    ...secretsInArguments(plugin.args),
    ...urls.flatMap(({ password }) => [password, decoded(password) ?? ""]),
  ];
  const given = variables.map(([, value]) => value);
  const queries = urls.flatMap(({ searchParams }) => [...searchParams.values()]);
  return {
    named,
    others: [...given, ...secretVariables(process.env), ...queries, process.env["AWS_AUTH_KUBECONFIG"], caData],
  };
}

/**
 * The variables that `aws eks update-kubeconfig` sets for the plugin. They are not secret, and its errors are useless without them.
 */
const harmlessVariables = ["AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_STS_REGIONAL_ENDPOINTS"];

function cannotRun(plugin: ExecPlugin, subject: string, error: Error): AwsAuthError {
  if (error instanceof TooMuchOutput) {
    return new AwsAuthError(
      "credentials",
      `${subject}, which printed more than ${maxOutput} bytes, and a credential is shorter; run it by hand to see why`,
    );
  }
  if (errorCode(error) === "ABORT_ERR") {
    const problem = `${subject}, which did not respond in time; run it by hand to see why`;
    return new AwsAuthError("clusterUnreachable", problem, { cause: error });
  }
  if (errorCode(error) === "ERR_INVALID_ARG_VALUE") {
    // Node's error repeats the argument.
    return new AwsAuthError(
      "invalidKubeconfig",
      `${subject}, which cannot be run: its path, an argument or a variable has a null byte; remove it`,
    );
  }
  const hint = plugin.installHint === undefined ? "" : ` (${redact(plugin.installHint)})`;
  const reason = errorCode(error) === "ENOENT" ? "there is no such program on PATH" : describeCause(error);
  return new AwsAuthError(
    "invalidKubeconfig",
    // Node's error has the arguments, and Pulumi prints the cause of an error.
    `${subject}, which cannot be run: ${reason}; install it${hint}, or name a context that does not need it`,
  );
}

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
function execInfo(plugin: ExecPlugin, cluster: KubeCluster): string {
  const about = {
    server: cluster.server,
    "tls-server-name": cluster.tlsServerName,
    "insecure-skip-tls-verify": cluster.insecureSkipTlsVerify || undefined,
    "certificate-authority-data": cluster.caData,
    "proxy-url": cluster.proxyUrl,
    "disable-compression": cluster.disableCompression || undefined,
    config: cluster.execConfig ?? null,
  };
  return JSON.stringify({
    kind: "ExecCredential",
    apiVersion: plugin.apiVersion,
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster: about } : {}) },
  });
}

function parseCredential(output: string): ExecCredential | undefined {
  const status = fieldsOf(jsonFields(output)?.["status"]);
  const credential = {
    token: textOf(status["token"]),
    cert: textOf(status["clientCertificateData"]),
    key: textOf(status["clientKeyData"]),
    expires: Date.parse(textOf(status["expirationTimestamp"]) ?? "") || undefined,
  };
  const { token, cert, key } = credential;
  return (token ?? cert) === undefined || (cert === undefined) !== (key === undefined) ? undefined : credential;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
