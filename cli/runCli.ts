import { CommanderError } from "commander";
import { recordedConfigHint } from "../provider/cluster/settings";
import { AwsAuthError } from "../provider/errors";
import { printable, printableLines } from "../provider/printable";
import { CommandFailure, type ExitCode, exitCode } from "./exitCode";
import { createProgram } from "./program";
import type { Terminal } from "./terminal";

/**
 * Runs one command.
 *
 * @param args what stands behind the program's name on the command line.
 * @returns what the process exits with; a fault of the user's is one sentence on stderr, never a stack.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = createProgram(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return explainFailure(error, terminal);
  }
}

function explainFailure(error: unknown, terminal: Terminal): ExitCode {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.failed;
  if (error instanceof CommandFailure || error instanceof AwsAuthError) {
    // The hint is about runs of Pulumi.
    const message = error.message.replace(` (${recordedConfigHint})`, "");
    terminal.err(`error: ${printable(message)}\n`);
    if (error instanceof CommandFailure) return error.exitCode;
    return error.code === "unreadableKey" ? exitCode.found : exitCode.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(`error: this is a bug in pulumi-aws-auth, please report it: ${printableLines(text)}\n`);
  return exitCode.failed;
}
