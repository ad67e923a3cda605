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
      `Shows who has access to EKS clusters through kube-system/aws-auth and access entries.
All commands are read-only.`,
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
  2  ${failed === undefined ? "" : `${failed}, `}the usage is invalid, or a cluster cannot be read`,
      );
  const run =
    <Args extends readonly unknown[]>(load: () => Promise<(terminal: Terminal, ...args: Args) => Promise<ExitCode>>) =>
    async (...args: Args) =>
      ended(await (await load())(terminal, ...args));

  const noMapping = "--arn matched no mapping, or a key of aws-auth cannot be read";
  ofCluster(command("get", "Print the mappings in the format of eksctl.", "the mappings were printed", noMapping))
    .addOption(output("table", "json", "yaml"))
    .option("--arn <arn>", "only mappings of this role or user (case-insensitive, path optional)")
    .option("--wide", "also print access entries, and the owners of each entry")
    .action(run(async () => (await import("./get.js")).runGet));

  const isUnknown = "the answer is unknown";
  const explain = "Show the Kubernetes user and rights of an IAM identity, and where they come from.";
  ofCluster(command("explain", explain, "the identity is mapped", "the identity is not mapped", isUnknown))
    .argument("<arn>", arnHelp)
    .addOption(output("table", "json"))
    .action(run(async () => (await import("./explain.js")).runExplain));

  const canI = "Check whether an IAM identity is allowed to do something, and through which binding.";
  ofQuestion(ofCluster(command("can-i", canI, "yes", "no", isUnknown)).argument("<arn>", arnHelp)).action(
    run(async () => (await import("./question.js")).runCanI),
  );

  const whoCan = "List the IAM identities that are allowed to do something, and their bindings.";
  ofQuestion(
    ofCluster(command("who-can", whoCan, "at least one identity is allowed", "no identity is allowed", isUnknown)),
  ).action(run(async () => (await import("./question.js")).runWhoCan));

  const lint = "Report ineffective entries and other access mistakes.";
  ofClusters(command("lint", lint, "no error was found", "errors were found (with --strict, also warnings)"))
    .addOption(output("table", "json"))
    .option("--strict", "also exit with 1 for warnings")
    .option("--verbose", "also print when each entry or list was last changed, and by which program")
    .action(run(async () => (await import("./lint.js")).runLint));

  const reviewing = "Report who has access to one or more clusters, and what has changed.";
  const unreadData = "a key of aws-auth, an access entry or a binding cannot be read";
  const isChanged = "with --fail-on change, access has changed";
  ofClusters(command("review", reviewing, "the review was printed", isChanged, unreadData))
    .addOption(output("table", "json", "html"))
    .option("--since <file>", 'compare with an earlier review, the output of "-o json"')
    .addOption(
      new Option("--fail-on <what>", "exit with 1 if access has changed since the earlier review").choices(["change"]),
    )
    .option("--unused <days>", "report roles with no request to AWS in this many days", "90")
    .action(run(async () => (await import("./review.js")).runReview));

  const migrate =
    "Show which entries can move to EKS access entries, and whether each cluster is ready for its next authentication mode.";
  ofClusters(
    command("migrate", migrate, "each cluster is ready for its next authentication mode", "a cluster is not ready"),
    true,
  )
    .addOption(output("table", "json"))
    .action(run(async () => (await import("./migrate.js")).runMigrate));

  const importing = "Print a Pulumi program that takes over the existing mappings.";
  const unreadable = "a key of aws-auth cannot be read";
  ofCluster(command("import", importing, "the program was printed", unreadable, "the format does not support an entry"))
    .addOption(output("typescript", "yaml", "pulumi-import"))
    .addOption(
      new Option("--from <file>", "read an eksctl ClusterConfig instead of a cluster").conflicts(
        clusterOptions.map(([flags]) => new Option(flags).attributeName()),
      ),
    )
    .action(run(async () => (await import("./import.js")).runImport));

  return program;
}

const arnHelp = 'ARN of a role, user or session (see "aws sts get-caller-identity")';

const clusterOptions = [
  ["--cluster <name>", "name or ARN of an EKS cluster"],
  ["--region <region>", "  its region (default: AWS_REGION, AWS_DEFAULT_REGION, then the profile)"],
  ["--profile <profile>", "  AWS profile (default: AWS_AUTH_PROFILE)"],
  ["--role-arn <arn>", "  role to assume (default: AWS_AUTH_ROLE_ARN)"],
  ["--kubeconfig <path>", "path to a kubeconfig (default: AWS_AUTH_KUBECONFIG, then kubectl's default)"],
  ["--context <name>", "  its context (default: AWS_AUTH_CONTEXT, then the current one)"],
  ["--manifest <file>", "path to a ConfigMap manifest"],
] as const;

function ofCluster(command: Command): Command {
  command.optionsGroup("Cluster (at most one; default: the cluster that kubectl uses):");
  for (const [flags, help] of clusterOptions) {
    command.option(flags, help);
  }
  return command.optionsGroup("Options:");
}

/** Adds the options that specify one or more clusters; if the command requires the EKS API, only those for EKS clusters. */
function ofClusters(command: Command, needsEks = false): Command {
  command.optionsGroup("Clusters:");
  for (const [flags, help] of needsEks ? clusterOptions.slice(0, 4) : clusterOptions) {
    const isRepeated = /cluster|context|manifest/.test(flags);
    const option = new Option(flags, isRepeated ? `${help}; may be repeated` : help);
    const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value];
    command.addOption(isRepeated ? option.argParser<readonly string[] | undefined>(collect) : option);
  }
  return command
    .option("--clusters <file>", 'file with a YAML or JSON list of clusters, in the form of the "cluster" input')
    .optionsGroup("Options:");
}

function ofQuestion(command: Command): Command {
  return command
    .argument("<verb>", 'such as get, list, create, delete; "*" for all')
    .argument("<type>", "TYPE[.GROUP], TYPE/NAME, or a URL path such as /healthz")
    .addOption(output("table", "json"))
    .option("-n, --namespace <name>", 'namespace (default: that of the context, then "default")')
    .addOption(new Option("-A, --all-namespaces", "check all namespaces").conflicts("namespace"))
    .option("--subresource <name>", 'such as "log", "exec" or "scale"');
}

/** The formats of a command; the first one is the default. */
function output(...formats: readonly string[]): Option {
  return new Option("-o, --output <format>", "output format").choices(formats).default(formats[0]);
}
