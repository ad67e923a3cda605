import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { AwsAuthError } from "../../errors";
import { fieldsOf } from "../../fields";
import { errorCode, quoted, redact } from "../../text";
import { describeCause } from "../network";
import type { ExecPlugin, KubeCluster } from "./kubeconfig";

/** What Node's `spawn` is called with. */
interface SpawnedCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Whether the arguments are a Windows command line as they are. */
  readonly windowsVerbatimArguments: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How to run a program as a Windows shell finds it. Windows itself finds only `.exe` files, so that a command such as `aws` or
 * `gcloud` that is a `.cmd` or `.bat` file is looked up here, and Node runs those by cmd.exe alone. On other systems nothing is
 * changed.
 *
 * @param env the environment that the program gets.
 * @throws TypeError for an argument that cmd.exe cannot be given.
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
    // Extensions are what the escape of % needs; delayed expansion would give ! a meaning; /d runs no user's AutoRun.
    args: ["/e:on", "/v:off", "/d", "/c", `"${line}"`],
    windowsVerbatimArguments: true,
  };
}

/**
 * An argument that arrives as it is, although cmd.exe reads the line once and the batch file, which passes it on, once more: in
 * quotes nothing has a meaning but quotes, which are doubled, and %, which is followed by a part of no length of a variable that is
 * always there.
 */
function batchArgument(argument: string): string {
  if (/[\0\r\n]/.test(argument)) {
    throw new TypeError("one of its arguments has a line break, which no batch file can be given");
  }
  // The program behind the batch file takes a backslash for an escape only before a quote.
  const text = argument
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/\\+$/, "$&$&")
    .replaceAll("%", "%%cd:~,%");
  return `"${text}"`;
}

/** The file that a command stands for; undefined: there is none. Unlike cmd.exe, it does not look into the current directory. */
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

/** Windows knows its variables in any letter case. */
function variable(env: Environment, name: string): string | undefined {
  return Object.entries(env).find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1];
}

/** What a credential plugin gave. All of it is secret. */
export interface ExecCredential {
  readonly token: string | undefined;
  /** PEM. */
  readonly cert: string | undefined;
  /** PEM. */
  readonly key: string | undefined;
  /** When it ends, in milliseconds since 1970; undefined: it is good for the whole run. */
  readonly expires: number | undefined;
}

/**
 * Runs a kubeconfig's credential plugin, such as `aws eks get-token`, as kubectl does; without a terminal, since there is none
 * inside of Pulumi.
 *
 * @param label names the kubeconfig's user in messages
 * @param cluster told to plugins that ask for it
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
      `${label} gets its credentials from ${quoted(plugin.command)}, which asks questions on a terminal (interactiveMode: Always), and Pulumi has none; name a context whose user needs none`,
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
    // Node throws at once where no system could run it, as with a null byte in the command.
    throw error instanceof TypeError ? cannotRun(plugin, label, error) : error;
  });
}

/** What a program prints, up to far more than any credential takes; the rest is thrown away, so that the program can go on. */
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

/** A plugin that fails may print what it was given. */
function secretsGivenTo(plugin: ExecPlugin, cluster: KubeCluster): readonly (string | undefined)[] {
  const { AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: token, AWS_AUTH_KUBECONFIG: kubeconfig } = process.env;
  const given = Object.entries(plugin.env).filter(([name]) => !harmlessVariables.includes(name));
  return [...given.map(([, value]) => value), key, token, kubeconfig, cluster.caData];
}

/** What `aws eks update-kubeconfig` gives its plugin, without which its errors say nothing. */
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
    `${subject}, which cannot be run: ${errorCode(error) === "ENOENT" ? "there is no such program on PATH" : describeCause(error)}; install it${hint}, or name a context that does without`,
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
