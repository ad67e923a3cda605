import { Command, Option } from "commander";
import type { ExitCode } from "./commandLine";
import type {
  GetOptions,
  ImportOptions,
  LintOptions,
  MigrateOptions,
  OutputOptions,
  QuestionOptions,
  ReviewOptions,
} from "./options";
import type { Terminal } from "./terminal";

/**
 * The program, with its commands in the order of the help. A command loads its modules only when it runs.
 *
 * @param ended is told how the command ended.
 */
export function commandsOf(terminal: Terminal, ended: (code: ExitCode) => void): Command {
  const program = new Command("pulumi-aws-auth")
    .description(description)
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureHelp({ helpWidth: 80 })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      // The program prints every error.
      outputError: () => undefined,
    });
  const command = (name: string, summary: string, ...[done, found, failed]: Exits) =>
    program
      .command(name)
      .description(summary)
      .addHelpText(
        "after",
        `
Exit codes:
  0  ${done}
  1  ${found}
  2  ${failed === undefined ? "" : `${failed}, `}wrong usage, or the cluster cannot be reached`,
      );

  ofCluster(command("get", "Print the mappings as eksctl does.", "nothing is wrong", noMapping))
    .addOption(output("table", "json", "yaml"))
    .option("--arn <arn>", "only those of this role or user, in any letter case, with or without a path")
    .option("--wide", "also print who claims each entry, and the EKS access entries")
    .action(async (options: GetOptions) => ended(await (await import("./get.js")).runGet(options, terminal)));

  const explain = "Show which Kubernetes user an IAM identity becomes, why, and its rights.";
  ofCluster(command("explain", explain, "the identity is mapped", "the cluster rejects it", "unknown"))
    .argument("<arn>", arnHelp)
    .addOption(output("table", "json", "yaml"))
    .action(async (arn: string, options: OutputOptions) =>
      ended(await (await import("./explain.js")).runExplain(arn, options, terminal)),
    );

  const canI = "Tell whether an IAM identity may do something, and by which binding.";
  ofQuestion(ofCluster(command("can-i", canI, "yes", "no", "unknown")).argument("<arn>", arnHelp)).action(
    async (arn: string, verb: string, type: string, options: QuestionOptions) =>
      ended(await (await import("./canI.js")).runCanI(arn, verb, type, options, terminal)),
  );

  const whoCan = "List the IAM identities that may do something, and by what.";
  ofQuestion(ofCluster(command("who-can", whoCan, "some identity can", "none can", "unknown"))).action(
    async (verb: string, type: string, options: QuestionOptions) =>
      ended(await (await import("./whoCan.js")).runWhoCan(verb, type, options, terminal)),
  );

  const errors = "errors were found (with --strict: or warnings)";
  ofCluster(
    command("lint", "Report entries without effect and other mistakes about access.", "no error was found", errors),
  )
    .addOption(output("table", "json"))
    .option("--strict", "exit with 1 for warnings as well")
    .action(async (options: LintOptions) => ended(await (await import("./lint.js")).runLint(options, terminal)));

  ofClusters(
    command(
      "review",
      "Review who has access to one or many clusters, and what has changed.",
      "the review is printed",
      "--fail-on change, and an identity has changed",
      "a cluster, a key, access entries or rights cannot be read",
    ),
    ["--cluster <name>", "--context <name>", "--manifest <file>"],
  )
    .addOption(output("table", "json", "html"))
    .option("--since <file>", 'compare with an earlier review, which "-o json" printed')
    .addOption(new Option("--fail-on <what>", failOnHelp).choices(["change"]))
    .action(async (options: ReviewOptions) => ended(await (await import("./review.js")).runReview(options, terminal)));

  const migrate = "Tell which entries can become EKS access entries, and whether the cluster can go to its next mode.";
  ofCluster(command("migrate", migrate, "the cluster can go to its next authentication mode", "it cannot"))
    .addOption(output("table", "json"))
    .action(async (options: MigrateOptions) =>
      ended(await (await import("./migrate.js")).runMigrate(options, terminal)),
    );

  const importing = "Print a Pulumi program that takes over every mapping as it is.";
  ofCluster(
    command("import", importing, "the program is printed", "a key of the map cannot be read", "cannot express it"),
  )
    .addOption(output("typescript", "yaml", "pulumi-import"))
    .option("--from <file>", "read an eksctl ClusterConfig instead of a cluster")
    .action(async (options: ImportOptions) => ended(await (await import("./import.js")).runImport(options, terminal)));

  return program;
}

const description = `Reads who gets into an EKS cluster: by kube-system/aws-auth, and by access entries.
Nothing is ever written.`;

/** The meanings of exit codes 0 and 1, and one of 2 in addition to those for every command. */
type Exits = readonly [done: string, found: string, failed?: string];

const noMapping = "--arn found no mapping, or a key of the map cannot be read";
const arnHelp = 'role, user, or what "aws sts get-caller-identity" shows';
const failOnHelp = "exit with 1 for any change since the earlier review";

const clusterOptions = [
  ["--cluster <name>", "EKS cluster, by its name or ARN"],
  ["--region <region>", "  its region; else AWS_REGION or the profile's"],
  ["--profile <profile>", "  AWS profile; else AWS_AUTH_PROFILE"],
  ["--role-arn <arn>", "  role to assume; else AWS_AUTH_ROLE_ARN"],
  ["--kubeconfig <path>", "kubeconfig; else AWS_AUTH_KUBECONFIG"],
  ["--context <name>", "  context in it; else AWS_AUTH_CONTEXT"],
  ["--manifest <file>", "ConfigMap manifest on disk"],
] as const;

function ofCluster(command: Command): Command {
  command.optionsGroup("The cluster, named in one of these ways:");
  for (const [flags, help] of clusterOptions) {
    command.option(flags, help);
  }
  return command.optionsGroup("Options:");
}

/** The same for a command of many clusters. */
function ofClusters(command: Command, several: readonly string[]): Command {
  command.optionsGroup("The clusters:");
  for (const [flags, help] of clusterOptions) {
    const option = several.includes(flags) ? repeated(flags, help) : new Option(flags, help);
    command.addOption(option);
  }
  return command
    .option("--clusters <file>", "YAML or JSON list of clusters, each as a program names it")
    .optionsGroup("Options:");
}

/** What `can-i` and `who-can` ask. */
function ofQuestion(command: Command): Command {
  return command
    .argument("<verb>", 'such as get, list, create, delete; "*" for all')
    .argument("<type>", "TYPE[.GROUP], TYPE/NAME, or a URL path such as /healthz")
    .addOption(output("table", "json", "yaml"))
    .option("-n, --namespace <name>", 'namespace; else that of the kubeconfig\'s context, or "default"')
    .option("-A, --all-namespaces", "in all namespaces")
    .option("--subresource <name>", 'such as "log", "exec" or "scale"');
}

function output(...formats: readonly string[]): Option {
  return choice("-o, --output <format>", "how to print", ...formats);
}

/** An option with a list of values, of which the first is the default. */
function choice(flags: string, help: string, ...values: readonly string[]): Option {
  return new Option(flags, help).choices(values).default(values[0]);
}

/** An option that may be given several times, each with a value of its own. */
function repeated(flags: string, help: string): Option {
  return new Option(flags, `${help}; may be repeated`).argParser<readonly string[] | undefined>(
    (value, earlier = []) => [...earlier, value],
  );
}
