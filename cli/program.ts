import { nodeProblem } from "../provider/engine/nodeVersion";
import { layOut } from "../provider/text/layout";
import { closestOf, printable, printableLines } from "../provider/text/text";
import {
  CommandFailure,
  type CommandLine,
  type ExitCode,
  exitCode,
  packageVersion,
  readCommandLine,
  usageFailure,
} from "./commandLine";
import { type Command, commands } from "./commands";
import { clusterOptions, programOptions } from "./options";
import type { Terminal } from "./terminal";

const programName = "pulumi-aws-auth";

/**
 * Runs one command.
 *
 * @param args the arguments on the command line.
 * @returns the exit code. Prints an error that the user can fix as one sentence on stderr, without a stack.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await run(args, terminal);
  } catch (error) {
    return explainFailure(error, terminal);
  }
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const problem = nodeProblem();
  if (problem !== undefined) {
    throw new CommandFailure(exitCode.failed, problem);
  }
  const [name, ...rest] = args;
  const command = commands.find((known) => known.name === name);
  const line =
    command === undefined
      ? readCommandLine(args, programOptions)
      : readCommandLine(rest, { ...(command.clusters ?? clusterOptions), ...command.options, ...programOptions });
  if (line.values["version"] === true) {
    terminal.out(`${packageVersion()}\n`);
    return exitCode.done;
  }
  if (line.values["help"] === true) {
    terminal.out(await helpOf(command, terminal));
    return exitCode.done;
  }
  if (command !== undefined) {
    return command.run(line.values, terminal, argumentsOf(command, line));
  }
  if (args.every((arg) => arg === "--")) {
    terminal.err(await helpOf(undefined, terminal));
    return exitCode.failed;
  }
  throw withoutCommand(args, line);
}

async function helpOf(command: Command | undefined, { width }: Terminal): Promise<string> {
  const { renderHelp } = await import("./help.js");
  return renderHelp(programName, command, width);
}

/** The command's arguments, as many as it needs. */
function argumentsOf(
  { name, arguments: needed = [] }: Command,
  { operands, unknownOption }: CommandLine,
): readonly string[] {
  if (unknownOption !== undefined) {
    throw unknownOption;
  }
  const missing = needed[operands.length];
  if (missing !== undefined) {
    throw usageFailure(`missing required argument '${missing.name}'`);
  }
  if (operands.length > needed.length) {
    const nouns = needed.length === 1 ? "argument" : "arguments";
    throw usageFailure(
      `too many arguments for '${name}'. Expected ${needed.length} ${nouns} but got ${operands.length}.`,
    );
  }
  return operands;
}

/** Reports the first problem on the command line: an unknown option or an unknown command. */
function withoutCommand([first]: readonly string[], { operands: [name = ""], unknownOption }: CommandLine) {
  if (unknownOption !== undefined && first !== name) {
    return unknownOption;
  }
  const names = commands.map((command) => command.name);
  return usageFailure(`unknown command '${name}'`, closestOf(name, names));
}

async function explainFailure(error: unknown, terminal: Terminal): Promise<ExitCode> {
  if (error instanceof CommandFailure) {
    const meant = error.meant === undefined ? "" : `(Did you mean ${error.meant}?)\n`;
    terminal.err(`${layOut(`error: ${printable(error.message)}`)}\n${meant}`);
    return error.exitCode;
  }
  const { AwsAuthError } = await import("../provider/errors.js");
  if (error instanceof AwsAuthError) {
    const { withoutConfigHint } = await import("../provider/cluster/settings.js");
    terminal.err(`${layOut(`error: ${printable(withoutConfigHint(error.message))}`)}\n`);
    return error.code === "unreadableKey" ? exitCode.found : exitCode.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(`error: this is a bug in pulumi-aws-auth, please report it: ${printableLines(text)}\n`);
  return exitCode.failed;
}
