import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { AwsAuthError } from "../../errors";
import { fieldsOf } from "../../text/fields";
import { errorCode, quoted, redact } from "../../text/text";
import { describeCause } from "../network";
import type { ExecPlugin, KubeCluster } from "./kubeconfig";

/** What Node's `spawn` is called with. */
interface SpawnedCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Whether to pass the arguments to Windows without quoting them. */
  readonly windowsVerbatimArguments: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Resolves a command the way a Windows shell does. Windows itself finds only `.exe` files, so commands such as `aws` or `gcloud`,
 * which can be `.cmd` or `.bat` files, are looked up here and run through cmd.exe. On other systems this changes nothing.
 *
 * @param env the program's environment.
 * @throws TypeError for an argument that cannot be passed to cmd.exe.
 * @see https://nodejs.org/api/child_process.html#spawning-bat-and-cmd-files-on-windows
 */
export function spawnable(
  command: string,
  args: readonly string[],
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): SpawnedCommand {
  const file = platform === "win32" ? findProgram(command, env) : undefined;
  if (file === undefined || !/\.(?:cmd|bat)$/i.test(file)) {
    return { command: file ?? command, args, windowsVerbatimArguments: false };
  }
  const line = [`"${file}"`, ...args.map(batchArgument)].join(" ");
  return {
    command: variable(env, "ComSpec") ?? "cmd.exe",
    // /e:on: the escaping of % needs command extensions. /v:off: with delayed expansion, ! would be special. /d: no AutoRun
    // commands.
    args: ["/e:on", "/v:off", "/d", "/c", `"${line}"`],
    windowsVerbatimArguments: true,
  };
}

/**
 * Quotes an argument so that it arrives unchanged, although both cmd.exe and the batch file parse it. Inside quotes only two
 * characters are special: quotes, which are doubled, and %, which is followed by an empty substring of a variable that always
 * exists.
 */
function batchArgument(argument: string): string {
  if (/[\0\r\n]/.test(argument)) {
    throw new TypeError("one of its arguments has a line break, which cannot be passed to a batch file");
  }
  // The program that the batch file runs treats a backslash as an escape only before a quote.
  const text = argument
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/\\+$/, "$&$&")
    .replaceAll("%", "%%cd:~,%");
  return `"${text}"`;
}

/** The file of a command; undefined if there is none. Unlike cmd.exe, this does not search the current directory. */
function findProgram(command: string, env: Environment): string | undefined {
  const extensions = (variable(env, "PATHEXT") ?? ".COM;.EXE;.BAT;.CMD")
    .split(";")
    .filter((extension) => extension !== "");
  const names = /\.[^.\\/]+$/.test(command)
    ? [command, ...extensions.map((extension) => command + extension)]
    : extensions.map((extension) => command + extension);
  const directories = /[\\/:]/.test(command) ? [""] : directoryPrefixes(variable(env, "PATH") ?? "");
  for (const directory of directories) {
    const found = names.map((name) => directory + name).find((path) => existsSync(path));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function directoryPrefixes(path: string): string[] {
  return path
    .split(";")
    .map((directory) => directory.replace(/^"(.*)"$/, "$1"))
    .filter((directory) => directory !== "")
    .map((directory) => (/[\\/]$/.test(directory) ? directory : `${directory}\\`));
}

/** Environment variables are case-insensitive on Windows. */
function variable(env: Environment, name: string): string | undefined {
  return Object.entries(env).find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1];
}

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
  if (plugin.interactiveMode === "Always") {
    throw new AwsAuthError(
      "invalidKubeconfig",
      `${label} gets its credentials from ${quoted(plugin.command)}, which needs a terminal (interactiveMode: Always), and Pulumi has none; name a context whose user does not need one`,
    );
  }
  const output = await run(plugin, label, cluster, signal);
  const credential = parseCredential(output);
  if (credential === undefined) {
    throw new AwsAuthError(
      "credentials",
      `${label} gets its credentials from ${quoted(plugin.command)}, which did not print an ExecCredential with a token or a certificate; run it by hand to see why`,
    );
  }
  return credential;
}

function run(plugin: ExecPlugin, label: string, cluster: KubeCluster, signal: AbortSignal): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const stdout = new BoundedOutput();
    const stderr = new BoundedOutput();
    const env = { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin, cluster) };
    const { command, args, windowsVerbatimArguments } = spawnable(plugin.command, plugin.args, env);
    const child = spawn(command, args, {
      env,
      windowsVerbatimArguments,
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    child.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
    child.on("error", (error) => reject(cannotRun(plugin, label, error)));
    child.on("close", (code, killedBy) => {
      if (code === 0) {
        resolve(stdout.text());
        return;
      }
      const end = code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`;
      const said = redact(stderr.text(), secretsGivenTo(plugin, cluster));
      reject(
        new AwsAuthError(
          "credentials",
          `${label} gets its credentials from ${quoted(plugin.command)}, which ${end}${said === "" ? "" : ` (${said})`}; log in again, for example with aws sso login, or set AWS_AUTH_KUBECONFIG to a kubeconfig that works`,
        ),
      );
    });
  }).catch((error: unknown) => {
    // Node throws synchronously if the command can never run, for example because of a null byte.
    throw error instanceof TypeError ? cannotRun(plugin, label, error) : error;
  });
}

/**
 * Collects a program's output up to a limit far above the size of any credential, and discards the rest so that the program is not
 * blocked.
 */
class BoundedOutput {
  readonly #chunks: Buffer[] = [];
  #left = maxOutput;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk.subarray(0, this.#left));
    this.#left -= Math.min(chunk.length, this.#left);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

/** In bytes. */
const maxOutput = 1024 * 1024;

/** A plugin that fails may print the secrets it was given. */
function secretsGivenTo(plugin: ExecPlugin, cluster: KubeCluster): readonly (string | undefined)[] {
  const { AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: token, AWS_AUTH_KUBECONFIG: kubeconfig } = process.env;
  const given = Object.entries(plugin.env).filter(([name]) => !harmlessVariables.includes(name));
  return [...given.map(([, value]) => value), key, token, kubeconfig, cluster.caData];
}

/**
 * The variables that `aws eks update-kubeconfig` sets for the plugin. They are not secret, and its errors are useless without them.
 */
const harmlessVariables = ["AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_STS_REGIONAL_ENDPOINTS"];

function cannotRun(plugin: ExecPlugin, label: string, error: Error): AwsAuthError {
  const subject = `${label} gets its credentials from ${quoted(plugin.command)}`;
  if (errorCode(error) === "ABORT_ERR") {
    return new AwsAuthError(
      "clusterUnreachable",
      `${subject}, which did not respond in time; run it by hand to see why`,
      {
        cause: error,
      },
    );
  }
  const hint = plugin.installHint === undefined ? "" : ` (${redact(plugin.installHint)})`;
  return new AwsAuthError(
    "invalidKubeconfig",
    `${subject}, which cannot be run: ${errorCode(error) === "ENOENT" ? "there is no such program on PATH" : describeCause(error)}; install it${hint}, or name a context that does not need it`,
    { cause: error },
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
  };
  return JSON.stringify({
    kind: "ExecCredential",
    apiVersion: plugin.apiVersion,
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster: about } : {}) },
  });
}

function parseCredential(output: string): ExecCredential | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(output);
  } catch {
    return undefined;
  }
  const status = fieldsOf(fieldsOf(parsed)["status"]);
  const credential = {
    token: textOf(status["token"]),
    cert: textOf(status["clientCertificateData"]),
    key: textOf(status["clientKeyData"]),
    expires: Date.parse(textOf(status["expirationTimestamp"]) ?? "") || undefined,
  };
  return credential.token === undefined && credential.cert === undefined ? undefined : credential;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
