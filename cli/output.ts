import { styleText } from "node:util";
import type { SchemaOptions } from "yaml";
import { printable, printableLines } from "../provider/text/text";

/**
 * The exit codes of the commands.
 *
 * - `done`: the command found what was requested, and no problems
 * - `found`: a negative answer: nothing found, not mapped, problems found, an unreadable key, or a change with `--fail-on`
 * - `failed`: no answer: a usage error, an unreachable cluster, or a question that cannot be decided
 */
export const exitCode = { done: 0, found: 1, failed: 2 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export const answerColours = { yes: "green", no: "red", unknown: "yellow" } as const;
export const answerCodes = { yes: exitCode.done, no: exitCode.found, unknown: exitCode.failed } as const;

/** Ends a command with a one-sentence error on stderr. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exitCode: ExitCode;

  constructor(message: string, code: ExitCode = exitCode.failed) {
    super(message);
    this.exitCode = code;
  }
}

export interface Terminal {
  out(text: string): void;
  /** Writes errors and warnings to stderr. */
  err(text: string): void;
  /** Replaces the line about the progress of several reads on stderr, and erases it at the end. Absent if stderr is no terminal, and in CI. */
  readonly progress?: (count: number, total: number) => unknown;
}

/** The process's own streams. If a reader such as `head` closes the pipe, the process exits silently; if a disk is full, with an error. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") {
        // The answer is still valid if no one reads stderr, but not if no one reads stdout.
        return stream === process.stderr ? undefined : process.exit(process.exitCode ?? exitCode.failed);
      }
      if (stream === process.stdout) {
        process.stderr.write(
          `error: the output cannot be written (${error.code}); free disk space, or write to another file\n`,
        );
      }
      process.exit(exitCode.failed);
    });
  }
  const progress = (count: number, total: number) =>
    total > 1 && process.stderr.write(`\r\x1b[K${count === total ? "" : `read ${count} of ${total} clusters`}`);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    ...(process.stderr.isTTY && !process.env["CI"] && { progress }),
  };
}

/** Prints each sentence on stderr, as a warning or a note. */
export function tell(kind: "warning" | "note", sentences: readonly string[], terminal: Terminal): void {
  for (const sentence of sentences) {
    terminal.err(`${kind}: ${printable(sentence)}\n`);
  }
}

/** Applies a style to text, if stdout is a terminal with colours. */
export function styled(style: "bold" | "dim" | "red" | "yellow" | "green", text: string): string {
  return styleText(style, text);
}

export function bullet(item: string): string {
  return `  - ${printable(item)}`;
}

/** A title and a list of items, as one block; empty without items. */
export function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [[styled("bold", title), ...items.map(bullet)].join("\n")];
}

/** JSON as eksctl prints it: indented by four spaces, with Go's escapes. Also escapes characters that could control a terminal. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 4).replace(/[<>&]/g, (character) => {
    return `\\u00${character.charCodeAt(0).toString(16)}`;
  });
  return `${printableLines(text)}\n`;
}

/**
 * YAML as eksctl prints it: lists are not indented, and strings that YAML 1.1 would parse as another type are quoted.
 * Strings with characters that could control a terminal are double-quoted, since only that style has escapes.
 */
export function renderYaml(value: unknown, options: Pick<SchemaOptions, "sortMapEntries"> = {}): string {
  // Loaded on demand, since most commands print no YAML.
  const { Document, visit }: typeof import("yaml") = require("yaml");
  const document = new Document(value, { ...options, compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && printableLines(node.value) !== node.value) {
        node.type = "QUOTE_DOUBLE";
      }
    },
  });
  return printableLines(document.toString({ indentSeq: false, lineWidth: 0 }));
}

/**
 * A table as eksctl prints it, with Go's text/tabwriter and tab stops of 8: columns are padded with tabs, and rows are sorted by
 * the bytes of their cells if `isSorted` is set.
 */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[], isSorted = false): string {
  const cells = rows.map((row) => row.map(printable));
  const lines = [header, ...(isSorted ? cells.toSorted((a, b) => Buffer.compare(bytesOf(a), bytesOf(b))) : cells)];
  const widths = header.map((_, column) => lines.reduce((widest, line) => Math.max(widest, tabsIn(line[column])), 0));
  const padded = (cell: string, column: number) => cell + "\t".repeat((widths[column] ?? 0) - tabsIn(cell) + 1);
  return lines.map((line) => `${line.slice(0, -1).map(padded).join("")}${line.at(-1)}\n`).join("");
}

function bytesOf(row: readonly string[]): Buffer {
  return Buffer.from(row.join("\0"));
}

function tabsIn(text = ""): number {
  return Math.floor([...text].length / 8);
}
