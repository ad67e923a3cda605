import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { closestOf } from "../provider/text/text";
import type { Option, Options } from "./options";

/**
 * The exit codes of the commands.
 *
 * - `done`: the command found what was requested, and no problems
 * - `found`: a negative answer: nothing found, not mapped, problems found, an unreadable key, or what `--fail-on` names
 * - `failed`: no answer: a usage error, an unreachable cluster, or a question that cannot be decided
 */
export const exitCode = { done: 0, found: 1, failed: 2 } as const;

/** One of the exit codes. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends a command with one sentence on stderr. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** The process's exit code. */
  readonly exitCode: ExitCode;
  /** A suggestion, printed on its own line. */
  readonly meant: string | undefined;

  constructor(code: ExitCode, message: string, meant?: string) {
    super(message);
    this.exitCode = code;
    this.meant = meant;
  }
}

/** A usage error. */
export function usageFailure(message: string, meant?: string): CommandFailure {
  return new CommandFailure(exitCode.failed, message, meant);
}

/** The value of an option: a list for one that may be repeated. */
type Value = string | readonly string[] | boolean | undefined;

/** A parsed command line. */
export interface CommandLine {
  /** The value of each option, or its default. */
  readonly values: Readonly<Record<string, Value>>;
  /** The arguments that are not options, in their order. */
  readonly operands: readonly string[];
  /** The first unknown option: an error, unless help is requested. */
  readonly unknownOption: CommandFailure | undefined;
}

/**
 * Parses the arguments of a command, or of the program if no command is given.
 *
 * @throws CommandFailure for an option without its value, or with a value that is not allowed.
 */
export function readCommandLine(args: readonly string[], options: Options): CommandLine {
  const types = Object.entries(options).map(([name, { short, value }]) => {
    return [name, { type: value === undefined ? "boolean" : "string", ...(short !== undefined && { short }) }] as const;
  });
  // Not strict, since strict mode has its own error messages and accepts no value that begins with a dash.
  const { tokens } = parseArgs({ args: [...args], options: Object.fromEntries(types), strict: false, tokens: true });
  const given: Record<string, string | true> = {};
  const repeated: Record<string, string[]> = {};
  const operands: string[] = [];
  let unknownOption: CommandFailure | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      operands.push(token.value);
    }
    if (token.kind !== "option") {
      continue;
    }
    const { name, value } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option?.isRepeated) {
      repeated[name] = [...(repeated[name] ?? []), checkedValue(name, option, value)];
    } else if (option?.value !== undefined) {
      given[name] = checkedValue(name, option, value);
    } else if (option !== undefined && value === undefined) {
      given[name] = true;
    } else {
      const meant = token.rawName.startsWith("--") ? closestOf(name, Object.keys(options)) : undefined;
      unknownOption ??= usageFailure(`unknown option '${args[token.index]}'`, meant && `--${meant}`);
    }
  }
  return { values: { ...defaultsOf(options), ...given, ...repeated }, operands, unknownOption };
}

/** The flags of an option, for example `-o, --output <format>`. */
export function flagsOf(name: string, { short, value }: Option): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` <${value}>`}`;
}

function checkedValue(name: string, option: Option, value: string | undefined): string {
  const flags = flagsOf(name, option);
  if (value === undefined) {
    throw usageFailure(`option '${flags}' argument missing`);
  }
  const { choices } = option;
  if (choices === undefined || choices.includes(value)) {
    return value;
  }
  throw usageFailure(`option '${flags}' argument '${value}' is invalid. Allowed choices are ${choices.join(", ")}.`);
}

function defaultsOf(options: Options): Record<string, Value> {
  const defaults = Object.entries(options).map(([name, { value, choices, isRepeated }]) => {
    return [name, isRepeated ? [] : value === undefined ? false : choices?.[0]] as const;
  });
  return Object.fromEntries(defaults);
}

/** The version of this package, as its package.json says. */
export function packageVersion(): string {
  const manifest: { readonly version: string } = createRequire(__filename)("pulumi-aws-auth/package.json");
  return manifest.version;
}
