import { printable, printableLines } from "../provider/text/text";
import { exitCode } from "./commandLine";

/** The output of a command. */
export interface Terminal {
  /** Writes results to stdout. */
  out(text: string): void;
  /** Writes errors and warnings to stderr. */
  err(text: string): void;
  /** Shows progress on stderr, in a line that the next one replaces; undefined if stderr is not a terminal. */
  readonly status?: ((text: string) => void) | undefined;
  /** The width of help, in columns. */
  readonly width: number;
  /** Whether stdout shows colours. */
  readonly hasColour: boolean;
}

/** The process's own streams. If a reader such as `head` closes the pipe, the process exits silently; if a disk is full, it says so. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") {
        // Without a reader of its errors, a command still has its answer; without one of its answer, none that is good.
        return stream === process.stderr ? undefined : process.exit(process.exitCode ?? exitCode.failed);
      }
      if (stream === process.stdout) {
        process.stderr.write(
          `error: the output cannot be written (${error.code}); free some space on its disk, or name another file\n`,
        );
      }
      process.exit(exitCode.failed);
    });
  }
  const { isTTY, columns } = process.stdout;
  const { NO_COLOR: noColour, TERM: term } = process.env;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    status: process.stderr.isTTY ? (text) => void process.stderr.write(`\r\u001b[K${text}`) : undefined,
    width: isTTY ? columns || 80 : 80,
    hasColour: isTTY === true && !noColour && term !== "dumb",
  };
}

/** JSON as eksctl prints it: indented by four spaces, with Go's escapes. Also escapes characters that could control a terminal. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 4).replace(htmlCharacters, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `${printableLines(text)}\n`;
}

/** Data as eksctl prints it: JSON, or YAML with sorted keys. */
export async function renderData(value: unknown, output: "json" | "yaml"): Promise<string> {
  return output === "json"
    ? renderJson(value)
    : (await import("./yamlText.js")).yamlText(value, { sortMapEntries: true });
}

// encoding/json keeps its output safe for HTML.
const htmlCharacters = /[<>&]/g;

const tabStop = 8;

/**
 * A table as eksctl prints it, with Go's text/tabwriter and tab stops of 8: columns are padded with tabs, and rows are sorted by
 * their cells if `isSorted` is set.
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  isSorted: boolean,
): string {
  const cells = rows.map((row) => row.map(printable));
  const shown = isSorted ? cells.toSorted(compareRows) : cells;
  const lines = [header, ...shown];
  const widths = header.map((_, column) => {
    const widest = lines.reduce((width, line) => Math.max(width, lengthOf(line[column] ?? "")), 0);
    return Math.ceil((widest + 1) / tabStop) * tabStop;
  });
  return lines.map((line) => `${renderLine(line, widths)}\n`).join("");
}

function renderLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => {
      const isLast = column === cells.length - 1;
      return isLast ? cell : cell + "\t".repeat(Math.ceil(((widths[column] ?? 0) - lengthOf(cell)) / tabStop));
    })
    .join("");
}

/** Go compares strings by their bytes. */
function compareRows(a: readonly string[], b: readonly string[]): number {
  for (const [column, cell] of a.entries()) {
    const order = Buffer.compare(Buffer.from(cell), Buffer.from(b[column] ?? ""));
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

function lengthOf(text: string): number {
  return [...text].length;
}

/** A style of text in a terminal with colours. */
export type Emphasis = "bold" | "dim" | "red" | "yellow" | "green";

const codes: Readonly<Record<Emphasis, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
};

/** Applies a style to text, if the terminal shows colours. */
export function emphasise(terminal: Pick<Terminal, "hasColour">, emphasis: Emphasis, text: string): string {
  const [on, off] = codes[emphasis];
  return terminal.hasColour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}

/** A sentence of a list. */
export function bullet(item: string): string {
  return `  - ${printable(item)}`;
}

/** A title and a list of sentences, as one block; none without items. */
export function section(title: string, items: readonly string[], terminal: Terminal): string[] {
  const lines = items.map((item) => bullet(item));
  return lines.length === 0 ? [] : [[emphasise(terminal, "bold", title), ...lines].join("\n")];
}

/** Says sentences on stderr, each with the word that tells what they are. */
export function tell(word: "warning" | "note", sentences: readonly string[], terminal: Terminal): void {
  for (const sentence of sentences) {
    terminal.err(`${word}: ${printable(sentence)}\n`);
  }
}
