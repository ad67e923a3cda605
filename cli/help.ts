import { wrap } from "../provider/text/layout";
import { flagsOf } from "./commandLine";
import { type Command, commands } from "./commands";
import { clusterOptions, type Option, type Options, programOptions } from "./options";

/** A word of the command line, and its help. */
type Row = readonly [word: string, help: string];

/** The maximum width of the help, in columns. */
const maxHelpColumns = 80;

/** The help of a command, or of the program if no command is given. */
export function renderHelp(programName: string, command: Command | undefined, columns: number): string {
  const width = Math.min(columns, maxHelpColumns);
  return command === undefined ? programHelp(programName, width) : commandHelp(programName, command, width);
}

function programHelp(programName: string, width: number): string {
  return render(width, `${programName} [options] [command]`, description, {
    "Options:": rowsOf(programOptions),
    "Commands:": commands.map((command): Row => [signature(command), command.summary]),
  });
}

const description = `Reads the identity mappings of an EKS cluster (ConfigMap kube-system/aws-auth).
Nothing is ever written.`;

function commandHelp(programName: string, command: Command, width: number): string {
  const { arguments: args = [], clusters = clusterOptions, options, exits, summary } = command;
  const help = render(width, `${programName} ${signature(command)}`, summary, {
    ...(args.length > 0 && { "Arguments:": args.map(({ name, help }): Row => [name, help]) }),
    [`The cluster${clusters === clusterOptions ? ", named in one of these ways" : "s"}:`]: rowsOf(clusters),
    "Options:": rowsOf({ ...options, help: programOptions.help }),
  });
  return `${help}
Exit codes:
  0  ${exits[0]}
  1  ${exits[1]}
  2  ${exits[2] === undefined ? "" : `${exits[2]}, `}wrong usage, or the cluster cannot be reached
`;
}

function signature({ name, arguments: args = [] }: Command): string {
  return [name, "[options]", ...args.map((argument) => `<${argument.name}>`)].join(" ");
}

function rowsOf(options: Options): Row[] {
  const shown = Object.entries(options).filter(([, { isHidden }]) => isHidden !== true);
  return shown.map(([name, option]) => [flagsOf(name, option), describe(option)]);
}

function describe({ help, choices }: Option): string {
  if (choices === undefined) {
    return help;
  }
  const [first, ...others] = choices.map((choice) => JSON.stringify(choice));
  return `${help} (choices: ${[first, ...others].join(", ")}, default: ${first})`;
}

/** Usage, description, and one block of rows for each title, with the second columns of all blocks aligned. */
function render(width: number, usage: string, about: string, blocks: Readonly<Record<string, readonly Row[]>>): string {
  const first = Math.max(...Object.values(blocks).flatMap((rows) => rows.map(([word]) => word.length)));
  const indent = " ".repeat(first + 4);
  const sections = Object.entries(blocks).map(([title, rows]) => {
    const lines = rows.map(([word, help]) => wrap(`  ${word.padEnd(first)}  ${help}`, width, indent));
    return [title, ...lines].join("\n");
  });
  const lines = about.split("\n").map((line) => wrap(line, width, ""));
  return `${[`Usage: ${usage}`, lines.join("\n"), ...sections].join("\n\n")}\n`;
}
