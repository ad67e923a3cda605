import { parseArgs } from "node:util";
import { closestOf } from "../provider/text";
import type { Option, Options } from "./options";

/**
 * How the commands end, for scripts.
 *
 * - `done`: what was asked for was found, and nothing is wrong with it
 * - `found`: the answer is no: nothing found, not mapped, problems found, a key that cannot be read
 * - `failed`: no answer: wrong usage, or a cluster that cannot be reached
 */
export const exitCode = { done: 0, found: 1, failed: 2 } as const;

/** One of the ways in which a command ends. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends a command with one sentence on stderr. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** What the process exits with. */
  readonly exitCode: ExitCode;
  /** What was probably meant; printed on a line of its own. */
  readonly meant: string | undefined;

  constructor(code: ExitCode, message: string, meant?: string) {
    super(message);
    this.exitCode = code;
    this.meant = meant;
  }
}

/** Wrong usage. */
export function usageFailure(message: string, meant?: string): CommandFailure {
  return new CommandFailure(exitCode.failed, message, meant);
}

/** A command line, read. */
export interface CommandLine {
  /** What is given for each option, or its default. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** What is no option, in its order. */
  readonly operands: readonly string[];
  /** The first option that does not exist: an error, unless help is asked for. */
  readonly unknownOption: CommandFailure | undefined;
}

/**
 * Reads the arguments of a command, or those of a program called without one.
 *
 * @throws CommandFailure for an option without its value, or with one that is not among its choices.
 */
export function readCommandLine(args: readonly string[], options: Options): CommandLine {
  const types = Object.entries(options).map(([name, { short, value }]) => {
    return [name, { type: value === undefined ? "boolean" : "string", ...(short !== undefined && { short }) }] as const;
  });
  // Not strict: its errors have words of their own, and it accepts no value that begins with a dash.
  const { tokens } = parseArgs({ args: [...args], options: Object.fromEntries(types), strict: false, tokens: true });
  const given: Record<string, string | true> = {};
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
    if (option?.value !== undefined) {
      given[name] = checkedValue(name, option, value);
    } else if (option !== undefined && value === undefined) {
      given[name] = true;
    } else {
      const meant = token.rawName.startsWith("--") ? closestOf(name, Object.keys(options)) : undefined;
      unknownOption ??= usageFailure(`unknown option '${args[token.index]}'`, meant && `--${meant}`);
    }
  }
  return { values: { ...defaultsOf(options), ...given }, operands, unknownOption };
}

/** An option as it is typed, for example `-o, --output <format>`. */
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

function defaultsOf(options: Options): Record<string, string | boolean | undefined> {
  const defaults = Object.entries(options).map(([name, { value, choices }]) => {
    return [name, value === undefined ? false : choices?.[0]] as const;
  });
  return Object.fromEntries(defaults);
}
