import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A command of a step failed, or printed something else than expected. The message contains its whole output. */
export class StepError extends Error {
  override readonly name = "StepError";
}

/** Runs a step, and prints its name and time. An error names the step. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  try {
    const result = await work();
    console.log(`${`${((Date.now() - started) / 1000).toFixed(1)} s`.padStart(8)}  ${name}`);
    return result;
  } catch (error) {
    const text = error instanceof StepError ? error.message : String(error instanceof Error ? error.stack : error);
    throw new StepError(`${name}:\n${text}`);
  }
}

/** Waits for all work before it fails, so that nothing of this rehearsal runs after its end. */
export async function together<T>(...running: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(running);
  return Promise.all(running);
}

interface Failed {
  readonly code?: number | string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/**
 * Runs lines of bash until one fails, and returns both outputs.
 *
 * @param expected strings that the output must contain.
 * @param code the exit code that is expected.
 */
export async function bash(
  script: string,
  options: { readonly cwd: string; readonly env: Environment },
  { expected = [], code = 0 }: { readonly expected?: readonly string[]; readonly code?: number } = {},
): Promise<string> {
  const running = promisify(execFile)("/bin/bash", ["-ec", script], { ...options, maxBuffer: 2 ** 26 });
  running.child.stdin?.end();
  const ended: Failed = await running.catch((error: Failed) => error);
  const output = `${ended.stdout ?? ""}${ended.stderr ?? ""}`;
  const missing = expected.filter((text) => !output.includes(text));
  if ((ended.code ?? 0) !== code || missing.length > 0) {
    const problem = [
      ...((ended.code ?? 0) === code ? [] : [`exit code ${ended.code ?? 0} instead of ${code}`]),
      ...missing.map((text) => `no ${JSON.stringify(text)} in the output`),
    ];
    throw new StepError(`${problem.join("; ")}\n$ ${script.trim()}\n${output.trim()}`);
  }
  return output;
}

/** The environment of a new user: only the settings for the network of this machine. */
export function newUser(home: string, path: readonly string[]): Environment {
  const ofNetwork =
    /^(?:(?:https?|no|all)_proxy|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|GO(?:PROXY|SUMDB|NOSUMDB|FLAGS)|PIP_.*)$/i;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => ofNetwork.test(name))),
    HOME: home,
    // Pulumi finds the user's home directory without HOME.
    PULUMI_HOME: join(home, ".pulumi"),
    PATH: path.join(":"),
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_SKIP_CONFIRMATIONS: "true",
    PULUMI_CONFIG_PASSPHRASE: "",
  };
}
