import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AwsAuthError } from "../../errors";
import { fieldsOf, jsonFields, textOf } from "../../text/fields";
import { errorCode, quoted, redact } from "../../text/text";
import type { ExecPlugin } from "./kubeconfig";

/** The output of a credential plugin, all of it secret. */
export interface ExecCredential {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** The expiry in milliseconds since the epoch; undefined if it is valid for the whole run. */
  readonly expires: number | undefined;
}

/** Limits for the plugin and for reading its output after it exits, in milliseconds, and for the output in bytes. */
const limits = { time: 15_000, drain: 500, output: 1024 * 1024 };

/** The variables that `aws eks update-kubeconfig` sets. With any other variable, the plugin may print a secret that it contains. */
export const harmlessVariables: readonly string[] = [
  "AWS_PROFILE",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_STS_REGIONAL_ENDPOINTS",
];

/** Runs a kubeconfig's credential plugin, such as `aws eks get-token`, as kubectl does, but without a terminal. */
export async function runExecPlugin(plugin: ExecPlugin, label: string, time = limits.time): Promise<ExecCredential> {
  const subject = `credential plugin ${quoted(plugin.command)} of ${label}`;
  const credential = parseCredential(await runCommand(plugin, subject, time));
  if (credential === undefined) {
    throw new AwsAuthError(
      "credentials",
      `${subject} did not print an ExecCredential with a token, or with a certificate and its key; run it manually`,
    );
  }
  return credential;
}

async function runCommand(plugin: ExecPlugin, subject: string, time: number): Promise<string> {
  const info = { kind: "ExecCredential", apiVersion: plugin.apiVersion, spec: { interactive: false } };
  const options = {
    env: { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    timeout: time,
    maxBuffer: limits.output,
    killSignal: "SIGKILL",
    windowsHide: true,
  } as const;
  try {
    const running = promisify(execFile)(plugin.command, plugin.args, options);
    const { child } = running;
    child.stdin?.end();
    // A child of the plugin may keep the pipes open, which must not block the run.
    child.once("exit", () => {
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, limits.drain).unref();
    });
    return (await running).stdout;
  } catch (error) {
    throw pluginError(plugin, subject, error);
  }
}

/** Drops the cause, since Node's error contains the arguments. */
function pluginError(plugin: ExecPlugin, subject: string, error: unknown): AwsAuthError {
  const code = errorCode(error);
  const isHarmless = Object.keys(plugin.env).every((name) => harmlessVariables.includes(name));
  const { killed, stderr } = fieldsOf(error);
  const said = isHarmless ? redact(textOf(stderr), "end") : "";
  const reason = killed === true ? "timed out" : code === undefined ? said : (failureReasons[code] ?? code);
  return new AwsAuthError(
    "credentials",
    `${subject} failed${reason && ` (${reason})`}; run it manually, or log in again, for example with aws sso login`,
  );
}

const failureReasons: Readonly<Record<string, string>> = {
  ENOENT: "not found on PATH",
  ERR_CHILD_PROCESS_STDIO_MAXBUFFER: `more than ${limits.output} bytes of output`,
};

function parseCredential(output: string): ExecCredential | undefined {
  const status = fieldsOf(jsonFields(output)?.["status"]);
  const [token, cert, key] = ["token", "clientCertificateData", "clientKeyData"].map(
    (name) => textOf(status[name]) || undefined,
  );
  const expires = Date.parse(textOf(status["expirationTimestamp"])) || undefined;
  return (token ?? cert) === undefined || (cert === undefined) !== (key === undefined)
    ? undefined
    : { token, cert, key, expires };
}
