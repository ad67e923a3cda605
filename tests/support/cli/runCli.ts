import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { ExitCode } from "../../../cli/output.ts";
import { runCli as runCommand } from "../../../cli/program.ts";
import { repository } from "../engine/testProject.ts";

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Working directory; default: this repository. */
  readonly cwd?: string;
  /** Environment variables in addition to PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program; default: the built one of this repository. */
  readonly file?: string;
}

export const cliFile = join(repository, "dist", "cli", "main.js");

/** Runs the built command line without the machine's AWS and Kubernetes settings. */
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

/** Runs a command in this process, which is faster than the built program. */
export async function runHere(...args: readonly string[]): Promise<{ code: ExitCode; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const print = (stream: "out" | "err") => (text: string) => {
    printed[stream] += text;
  };
  return { code: await runCommand(args, { out: print("out"), err: print("err") }), ...printed };
}

/** A temporary directory of a suite that contains these files. */
export function cliDirectory(files: Readonly<Record<string, string>> = {}) {
  let directory = "";
  const write = (more: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(more)) {
      writeFileSync(join(directory, name), text);
    }
  };
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "aws-auth-cli-"));
    write(files);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const relative = (text: string) => text.replaceAll(`${directory}/`, "");
  return {
    write,
    file: (name: string) => join(directory, name),
    /** Runs a command in this process: `@name` is the path of a file, which the output shows as its name. */
    here: async (...args: readonly string[]) => {
      const { code, out, err } = await runHere(...args.map((arg) => arg.replace(/^@/, `${directory}/`)));
      return { code, out: relative(out), err: relative(err) };
    },
    run: (args: readonly string[], env: NonNullable<CliOptions["env"]> = {}) => runCli(args, { cwd: directory, env }),
  };
}
