import { spawn } from "node:child_process";
import { join } from "node:path";
import { repository } from "../engine/testProject.ts";

/** How a run of the command line ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run, other than its arguments. */
export interface CliOptions {
  /** Working directory; by default this repository. */
  readonly cwd?: string;
  /** Environment variables besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program; by default the built one of this repository. */
  readonly file?: string;
}

/** The built program. */
export const cliFile = join(repository, "dist", "cli", "main.js");

/** Runs the built command line as a user's shell does, with nothing of the machine's AWS or Kubernetes settings. */
export function runCli(
  args: readonly string[],
  { cwd = repository, env = {}, file = cliFile }: CliOptions = {},
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: cwd, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
