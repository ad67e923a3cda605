import { createRequire } from "node:module";
import { Argument, Command, CommanderError, Option } from "commander";
import { recordedConfigHint } from "../provider/cluster/settings";
import { AwsAuthError } from "../provider/errors";
import { printable, printableLines } from "../provider/text";
import {
  addClusterOptions,
  type ClusterOptions,
  CommandFailure,
  type ExitCode,
  exitCode,
  type GetOptions,
  type OutputOptions,
} from "./clusterOptions";
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

/**
 * The command line.
 *
 * @param end is told how a command ended, once it has run.
 */
function createProgram(terminal: Terminal, end: (code: ExitCode) => void): Command {
  const program = new Command("pulumi-aws-auth")
    .description(
      "Reads the identity mappings of an EKS cluster (ConfigMap kube-system/aws-auth).\nNothing is ever written.",
    )
    .version(packageVersion(), "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .showSuggestionAfterError();

  withOutput(subcommand(program, "get", "Print the mappings as eksctl does."))
    .option("--arn <arn>", "only those of this role or user, in any letter case,\nwith or without a path")
    .addOption(
      new Option("--sort <order>", "order of the table: by ARN, or as in the map")
        .choices(["arn", "position"])
        .default("arn"),
    )
    .option("--wide", "name the owners of each entry as well: the stacks and\nresources that claim it")
    .addHelpText("after", exits("nothing is wrong", "--arn found no mapping, or a key of the map cannot be read"))
    .action(async (options: GetOptions) => {
      const { runGet } = await import("./get.js");
      end(await runGet(options, terminal));
    });

  withOutput(subcommand(program, "explain", "Tell who the cluster takes an IAM identity for, and why."))
    .addArgument(new Argument("<arn>", 'role, user, or what "aws sts get-caller-identity" shows'))
    .addHelpText("after", exits("the identity is mapped", "it is not, so that the cluster refuses it"))
    .action(async (arn: string, options: OutputOptions) => {
      const { runExplain } = await import("./explain.js");
      end(await runExplain(arn, options, terminal));
    });

  withOutput(subcommand(program, "lint", "Find what does not do what it says, and what is a trap."))
    .option("--strict", "exit with 1 for warnings as well")
    .addHelpText("after", exits("no error was found", "errors were found (with --strict: or warnings)"))
    .action(async (options: OutputOptions & { readonly strict?: boolean }) => {
      const { runLint } = await import("./lint.js");
      end(await runLint(options, terminal));
    });

  addClusterOptions(subcommand(program, "import", "Print a Pulumi program that takes every mapping over as it is."))
    .optionsGroup("Options:")
    .addOption(
      new Option("--format <format>", "a program, or a ClusterConfig")
        .choices(["program", "eksctl"])
        .default("program"),
    )
    .addHelpText("after", exits("the program is printed", "a key of the map cannot be read"))
    .action(async (options: ClusterOptions & { readonly format: "program" | "eksctl" }) => {
      const { runImport } = await import("./import/import.js");
      end(await runImport(options, terminal));
    });

  return program;
}

function subcommand(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).helpOption("-h, --help", "print this help");
}

function withOutput(command: Command): Command {
  return addClusterOptions(command)
    .optionsGroup("Options:")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["table", "json", "yaml"]).default("table"));
}

function exits(done: string, found: string): string {
  return `
Exit codes:
  0  ${done}
  1  ${found}
  2  wrong usage, or the cluster cannot be reached`;
}

function packageVersion(): string {
  const manifest: { readonly version: string } = createRequire(__filename)("pulumi-aws-auth/package.json");
  return manifest.version;
}
