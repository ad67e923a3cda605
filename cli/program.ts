import { createRequire } from "node:module";
import { Argument, Command, Option } from "commander";
import { addClusterOptions, type ClusterOptions } from "./clusterOptions";
import type { ExitCode } from "./exitCode";
import type { Terminal } from "./terminal";

/** How a command prints its answer. */
export type OutputFormat = "table" | "json" | "yaml";

/** The options of a command that prints data. */
export interface OutputOptions extends ClusterOptions {
  readonly output: OutputFormat;
}

/** The options of `get`. */
export interface GetOptions extends OutputOptions {
  readonly arn?: string;
  /** By the cells of the table, as eksctl does, or by the place in the map. */
  readonly sort: "arn" | "position";
  /** Whether to name the owners of each entry, which eksctl does not know. */
  readonly wide?: boolean;
}

/**
 * The command line.
 *
 * @param end is told how a command ended, once it has run.
 */
export function createProgram(terminal: Terminal, end: (code: ExitCode) => void): Command {
  const program = new Command("pulumi-aws-auth")
    .description(
      "Reads the identity mappings of an EKS cluster (ConfigMap kube-system/aws-auth).\nNothing is ever written.",
    )
    .version(packageVersion(), "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .showSuggestionAfterError()
    .hook("preAction", (_program, command) => {
      if (command.opts()["pager"] === false) terminal.disablePager();
    });

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
      const { runGet } = await import("./commands/get.js");
      end(await runGet(options, terminal));
    });

  withOutput(subcommand(program, "explain", "Tell who the cluster takes an IAM identity for, and why."))
    .addArgument(new Argument("<arn>", 'role, user, or what "aws sts get-caller-identity" shows'))
    .addHelpText("after", exits("the identity is mapped", "it is not, so that the cluster refuses it"))
    .action(async (arn: string, options: OutputOptions) => {
      const { runExplain } = await import("./commands/explain.js");
      end(await runExplain(arn, options, terminal));
    });

  withOutput(subcommand(program, "lint", "Find what does not do what it says, and what is a trap."))
    .option("--strict", "exit with 1 for warnings as well")
    .addHelpText("after", exits("no error was found", "errors were found (with --strict: or warnings)"))
    .action(async (options: OutputOptions & { readonly strict?: boolean }) => {
      const { runLint } = await import("./commands/lint.js");
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
      const { runImport } = await import("./commands/import.js");
      end(await runImport(options, terminal));
    });

  return program;
}

function subcommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .helpOption("-h, --help", "print this help")
    .option("--no-pager", "print what is longer than the screen at once; else it\ngoes through $PAGER, or less");
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
