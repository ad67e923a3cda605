import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Outcome } from "../../tests/support/engine/testProject.ts";

/** Where a program runs, and its environment besides PATH and a home directory. */
export interface ProgramSettings {
  /** Working directory, and home. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program to its end. @throws when it fails, with what it printed on stderr. */
export async function runProgram(
  file: string,
  args: readonly string[],
  { directory, env }: ProgramSettings,
): Promise<Outcome> {
  const { stdout, stderr } = await promisify(execFile)(file, args, {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, ...env },
    // A review of a thousand is a few mebibytes.
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: 0, output: stdout + stderr, raw: stdout + stderr };
}
