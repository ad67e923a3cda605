import type { CommandLine, ExitCode } from "./commandLine";
import {
  type GetOptions,
  getOptions,
  type ImportOptions,
  importOptions,
  type LintOptions,
  lintOptions,
  type Options,
  type OutputOptions,
  outputOptions,
} from "./options";
import type { Terminal } from "./terminal";

/** A command and its help. */
export interface Command {
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** Its required argument, if any. */
  readonly argument?: { readonly name: string; readonly help: string };
  /** Its options, without those that select a cluster. */
  readonly options: Options;
  /** The meanings of exit codes 0 and 1. */
  readonly exits: readonly [done: string, found: string];
  /** Runs it. Loads its modules only when called. */
  run(options: CommandLine["values"], terminal: Terminal, argument: string): Promise<ExitCode>;
}

/** The commands, in the order of the help. */
export const commands: readonly Command[] = [
  {
    name: "get",
    summary: "Print the mappings as eksctl does.",
    options: getOptions,
    exits: ["nothing is wrong", "--arn found no mapping, or a key of the map cannot be read"],
    run: async (options: GetOptions, terminal) => (await import("./get.js")).runGet(options, terminal),
  },
  {
    name: "explain",
    summary: "Show which Kubernetes user an IAM identity becomes, and why.",
    argument: { name: "arn", help: 'role, user, or what "aws sts get-caller-identity" shows' },
    options: outputOptions,
    exits: ["the identity is mapped", "it is not mapped, so the cluster rejects it"],
    run: async (options: OutputOptions, terminal, arn) =>
      (await import("./explain.js")).runExplain(arn, options, terminal),
  },
  {
    name: "lint",
    summary: "Report ineffective entries and common mistakes.",
    options: lintOptions,
    exits: ["no error was found", "errors were found (with --strict: or warnings)"],
    run: async (options: LintOptions, terminal) => (await import("./lint.js")).runLint(options, terminal),
  },
  {
    name: "import",
    summary: "Print a Pulumi program that takes over every mapping as it is.",
    options: importOptions,
    exits: ["the program is printed", "a key of the map cannot be read"],
    run: async (options: ImportOptions, terminal) => (await import("./import/import.js")).runImport(options, terminal),
  },
];
