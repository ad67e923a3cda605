import { CommanderError } from "commander";
import { nodeProblem } from "../provider/engine/nodeVersion";
import { packageJson } from "../provider/engine/packageJson";
import { printable, printableLines } from "../provider/text/text";
import { CommandFailure, type ExitCode, exitCode } from "./commandLine";
import { commandsOf } from "./commands";
import type { Terminal } from "./terminal";

/**
 * Runs one command.
 *
 * @param args the arguments on the command line.
 * @returns the exit code. Prints an error that the user can fix as one sentence on stderr, without a stack.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    const problem = nodeProblem();
    if (problem !== undefined) {
      throw new CommandFailure(exitCode.failed, problem);
    }
    let code: ExitCode = exitCode.failed;
    const program = commandsOf(terminal, (ended) => {
      code = ended;
    });
    program.option("--version", "print the version").on("option:version", () => {
      terminal.out(`${packageJson().version}\n`);
      throw new CommanderError(exitCode.done, "commander.version", "");
    });
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return explainFailure(error, terminal);
  }
}

async function explainFailure(error: unknown, terminal: Terminal): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    // Help and the version are printed already.
    if (error.message.startsWith("error: ")) {
      terminal.err(`${printableLines(error.message)}\n`);
    }
    return error.exitCode === 0 ? exitCode.done : exitCode.failed;
  }
  if (error instanceof CommandFailure) {
    terminal.err(`error: ${printable(error.message)}\n`);
    return error.exitCode;
  }
  const { AwsAuthError } = await import("../provider/errors.js");
  if (error instanceof AwsAuthError) {
    const { withoutConfigHint } = await import("../provider/cluster/settings.js");
    terminal.err(`error: ${printable(withoutConfigHint(error.message))}\n`);
    return error.code === "unreadableKey" ? exitCode.found : exitCode.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(`error: this is a bug in pulumi-aws-auth, please report it: ${printableLines(text)}\n`);
  return exitCode.failed;
}
