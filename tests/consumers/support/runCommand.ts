import { spawn } from "node:child_process";

/** Working directory of a command, and environment in addition to that of the tests. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a command to its end, as somebody would in a shell of their own.
 *
 * @returns what it printed on standard output.
 * @throws Error with all that it printed, if it fails.
 */
export function runCommand(command: string, args: readonly string[], { cwd, env }: CommandOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...shellEnvironment(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    }
    child.on("error", reject).on("close", (code) => {
      if (code === 0) {
        resolve(texts.stdout);
      } else {
        const line = [command, ...args].join(" ");
        reject(new Error(`"${line}" ended with ${code}:\n${texts.stdout}${texts.stderr}`));
      }
    });
  });
}

/** Without the variables that `npm run` sets for a script: a package manager would take them for its own. */
function shellEnvironment(): NodeJS.ProcessEnv {
  const isOfScript =
    /^(npm_(package|lifecycle)_|npm_config_local_prefix$|npm_(command|execpath|node_execpath)$|INIT_CWD$|NODE_ENV$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOfScript.test(name)));
}
