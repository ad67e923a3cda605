import { Command, CommanderError, Option } from "commander";
import { packageJson } from "../provider/pulumi/versions";
import { printable, printableLines } from "../provider/text/text";
import { CommandFailure, type ExitCode, exitCode, type Terminal } from "./output";

/**
 * Runs one command.
 *
 * @param args the arguments on the command line.
 * @returns the exit code. Prints a CommandFailure or AwsAuthError of a command as one sentence on stderr, without a stack trace.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    let code: ExitCode = exitCode.failed;
    const program = programFor(terminal, (ended) => {
      code = ended;
    });
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return explainFailure(error, terminal);
  }
}

async function explainFailure(error: unknown, terminal: Terminal): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    // Commander has already printed help, the version and usage errors.
    return error.exitCode === 0 ? exitCode.done : exitCode.failed;
  }
  if (error instanceof CommandFailure) {
    terminal.err(`error: ${printable(error.message)}\n`);
    return error.exitCode;
  }
  const { AwsAuthError } = await import("../provider/errors.js");
  if (error instanceof AwsAuthError) {
    const { describeError } = await import("./cluster.js");
    // The problems of a user's file may take several lines.
    const escaped = error.code === "invalidInput" ? printableLines : printable;
    terminal.err(`error: ${escaped(describeError(error))}\n`);
    return error.code === "unreadableKey" ? exitCode.found : exitCode.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(`error: internal error; please report this as a bug: ${printableLines(text)}\n`);
  return exitCode.failed;
}

/**
 * The program, with its commands in the order of the help. A command loads its modules only when it runs.
 *
 * @param ended called with the exit code of the command.
 */
function programFor(terminal: Terminal, ended: (code: ExitCode) => void): Command {
  const program = new Command("pulumi-aws-auth")
    .description(
      `Reads which identities have access to an EKS cluster, through kube-system/aws-auth and access entries.
Nothing is ever written.`,
    )
    .version(packageJson().version, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .configureHelp({ helpWidth: 80 })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(printableLines(text.replace(/\n\((Did you mean .*)\)/, ". $1"))),
    });
  const command = (name: string, summary: string, done: string, found: string, failed?: string) =>
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
  const run =
    <Args extends readonly unknown[]>(load: () => Promise<(terminal: Terminal, ...args: Args) => Promise<ExitCode>>) =>
    async (...args: Args) =>
      ended(await (await load())(terminal, ...args));

  const noMapping = "--arn found no mapping, or a key of the map cannot be read";
  ofCluster(command("get", "Print the mappings as eksctl does.", "nothing is wrong", noMapping))
    .addOption(output("table", "json", "yaml"))
    .option("--arn <arn>", "only those of this role or user, in any letter case, with or without a path")
    .option("--wide", "also print the owners of each entry, and the EKS access entries")
    .action(run(async () => (await import("./get.js")).runGet));

  const explain = "Show which Kubernetes user an IAM identity becomes, why, and its rights.";
  ofCluster(command("explain", explain, "the identity is mapped", "the cluster rejects it", "unknown"))
    .argument("<arn>", arnHelp)
    .addOption(output("table", "json"))
    .action(run(async () => (await import("./explain.js")).runExplain));

  const canI = "Check whether an IAM identity is allowed to do something, and which binding allows it.";
  ofQuestion(ofCluster(command("can-i", canI, "yes", "no", "unknown")).argument("<arn>", arnHelp)).action(
    run(async () => (await import("./question.js")).runCanI),
  );

  const whoCan = "List the IAM identities that are allowed to do something, and the bindings that allow it.";
  ofQuestion(ofCluster(command("who-can", whoCan, "some identity can", "none can", "unknown"))).action(
    run(async () => (await import("./question.js")).runWhoCan),
  );

  const lint = "Report entries without effect and other mistakes about access.";
  ofClusters(command("lint", lint, "no error was found", "errors were found (with --strict: or warnings)"))
    .addOption(output("table", "json"))
    .option("--strict", "exit with 1 for warnings as well")
    .option("--verbose", "also print when each entry or its list was last changed, and by which program")
    .action(run(async () => (await import("./lint.js")).runLint));

  const reviewing = "Review who has access to one or many clusters, and what has changed.";
  const unreadData = "a cluster, a key, access entries or rights cannot be read";
  const isChanged = "--fail-on change, and an identity has changed";
  ofClusters(command("review", reviewing, "the review is printed", isChanged, unreadData))
    .addOption(output("table", "json", "html"))
    .option("--since <file>", 'compare with an earlier review, which "-o json" printed')
    .addOption(
      new Option("--fail-on <what>", "exit with 1 for any change since the earlier review").choices(["change"]),
    )
    .option("--unused <days>", "find roles without a request to AWS for so many days", "90")
    .action(run(async () => (await import("./review.js")).runReview));

  const migrate =
    "Show which entries can move to EKS access entries, and whether each cluster is ready for its next mode.";
  ofClusters(command("migrate", migrate, "each cluster is ready for its next authentication mode", "one is not"), true)
    .addOption(output("table", "json"))
    .action(run(async () => (await import("./migrate.js")).runMigrate));

  const importing = "Print a Pulumi program that takes over every mapping as it is.";
  const unreadable = "a key of the map cannot be read";
  ofCluster(command("import", importing, "the program is printed", unreadable, "cannot express it"))
    .addOption(output("typescript", "yaml", "hcl", "pulumi-import"))
    .addOption(
      new Option("--from <file>", "read an eksctl ClusterConfig instead of a cluster").conflicts(
        clusterOptions.map(([flags]) => new Option(flags).attributeName()),
      ),
    )
    .action(run(async () => (await import("./import.js")).runImport));

  return program;
}

const arnHelp = 'role, user, or what "aws sts get-caller-identity" shows';

const clusterOptions = [
  ["--cluster <name>", "EKS cluster, by its name or ARN"],
  ["--region <region>", "  its region; else AWS_REGION or the profile's"],
  ["--profile <profile>", "  AWS profile; else AWS_AUTH_PROFILE"],
  ["--role-arn <arn>", "  role to assume; else AWS_AUTH_ROLE_ARN"],
  ["--kubeconfig <path>", "kubeconfig; else AWS_AUTH_KUBECONFIG or kubectl's"],
  ["--context <name>", "  context in it; else AWS_AUTH_CONTEXT or the current"],
  ["--manifest <file>", "ConfigMap manifest on disk"],
] as const;

function ofCluster(command: Command): Command {
  command.optionsGroup("The cluster, named in one of these ways:");
  for (const [flags, help] of clusterOptions) {
    command.option(flags, help);
  }
  return command.optionsGroup("Options:");
}

/** Adds the options that name one or many clusters; if the command needs the API of EKS, only those for such clusters. */
function ofClusters(command: Command, needsEks = false): Command {
  command.optionsGroup("The clusters:");
  for (const [flags, help] of needsEks ? clusterOptions.slice(0, 4) : clusterOptions) {
    const isRepeated = /cluster|context|manifest/.test(flags);
    const option = new Option(flags, isRepeated ? `${help}; may be repeated` : help);
    const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value];
    command.addOption(isRepeated ? option.argParser<readonly string[] | undefined>(collect) : option);
  }
  return command
    .option("--clusters <file>", "YAML or JSON list of clusters, each as a program names it")
    .optionsGroup("Options:");
}

function ofQuestion(command: Command): Command {
  return command
    .argument("<verb>", 'such as get, list, create, delete; "*" for all')
    .argument("<type>", "TYPE[.GROUP], TYPE/NAME, or a URL path such as /healthz")
    .addOption(output("table", "json"))
    .option("-n, --namespace <name>", 'namespace; else that of the kubeconfig\'s context, or "default"')
    .addOption(new Option("-A, --all-namespaces", "in all namespaces").conflicts("namespace"))
    .option("--subresource <name>", 'such as "log", "exec" or "scale"');
}

/** The formats of a command; the first one is the default. */
function output(...formats: readonly string[]): Option {
  return new Option("-o, --output <format>", "how to print").choices(formats).default(formats[0]);
}
