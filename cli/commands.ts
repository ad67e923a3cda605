import type { CommandLine, ExitCode } from "./commandLine";
import {
  type GetOptions,
  getOptions,
  type ImportOptions,
  importOptions,
  type LintOptions,
  lintOptions,
  type MigrateOptions,
  migratedClusters,
  migrateOptions,
  type Options,
  type OutputOptions,
  outputOptions,
  type QuestionOptions,
  questionOptions,
  type ReviewCommandOptions,
  reviewedClusters,
  reviewOptions,
} from "./options";
import type { Terminal } from "./terminal";

/** A command and its help. */
export interface Command {
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** Its required arguments, in their order. */
  readonly arguments?: readonly Argument[];
  /** The options that select its clusters, if they differ from those of the other commands. */
  readonly clusters?: Options;
  /** Its options, without those that select a cluster. */
  readonly options: Options;
  /** The meanings of exit codes 0 and 1, and one of 2 in addition to those for every command. */
  readonly exits: readonly [done: string, found: string, failed?: string];
  /** Runs it. Loads its modules only when called. */
  run(options: CommandLine["values"], terminal: Terminal, args: readonly string[]): Promise<ExitCode>;
}

/** An argument and its help. */
interface Argument {
  readonly name: string;
  readonly help: string;
}

const arnArgument: Argument = { name: "arn", help: 'role, user, or what "aws sts get-caller-identity" shows' };

const questionArguments: readonly Argument[] = [
  { name: "verb", help: 'such as get, list, create, delete; "*" for all' },
  { name: "type", help: "TYPE[.GROUP], TYPE.VERSION.GROUP, TYPE/NAME, or a URL path such as /healthz" },
];

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
    summary: "Show which Kubernetes user an IAM identity becomes, why, and its rights.",
    arguments: [arnArgument],
    options: outputOptions,
    exits: ["the identity is mapped", "it is not mapped, so the cluster rejects it"],
    run: async (options: OutputOptions, terminal, [arn = ""]) =>
      (await import("./explain.js")).runExplain(arn, options, terminal),
  },
  {
    name: "can-i",
    summary: "Tell whether an IAM identity may do something, and by which binding.",
    arguments: [arnArgument, ...questionArguments],
    options: questionOptions,
    exits: ["yes", "no", "cannot tell"],
    run: async (options: QuestionOptions, terminal, args) =>
      (await import("./canI.js")).runCanI(args, options, terminal),
  },
  {
    name: "who-can",
    summary: "List the IAM identities of the map that may do something.",
    arguments: questionArguments,
    options: questionOptions,
    exits: ["somebody can", "nobody can", "cannot tell"],
    run: async (options: QuestionOptions, terminal, args) =>
      (await import("./whoCan.js")).runWhoCan(args, options, terminal),
  },
  {
    name: "lint",
    summary: "Report ineffective entries and common mistakes.",
    options: lintOptions,
    exits: ["no error was found", "errors were found (with --strict: or warnings)"],
    run: async (options: LintOptions, terminal) => (await import("./lint.js")).runLint(options, terminal),
  },
  {
    name: "review",
    summary: "Review who has access to one or many clusters, and what has changed.",
    clusters: reviewedClusters,
    options: reviewOptions,
    exits: [
      "the review is printed",
      "--fail-on applies, or a key of a map cannot be read",
      "a cluster cannot be read, or --fail-on cannot be decided",
    ],
    run: async (options: ReviewCommandOptions, terminal) =>
      (await import("./review/review.js")).runReview(options, terminal),
  },
  {
    name: "migrate",
    summary: "Tell which entries can become EKS access entries, and whether all have.",
    clusters: migratedClusters,
    options: migrateOptions,
    exits: [
      "every cluster can go to the authentication mode API",
      "something is left to do, or cannot move",
      "cannot tell",
    ],
    run: async (options: MigrateOptions, terminal) =>
      (await import("./migrate/migrate.js")).runMigrate(options, terminal),
  },
  {
    name: "import",
    summary: "Print a Pulumi program that takes over every mapping as it is.",
    options: importOptions,
    exits: ["the program is printed", "a key of the map cannot be read"],
    run: async (options: ImportOptions, terminal) => (await import("./import.js")).runImport(options, terminal),
  },
];
