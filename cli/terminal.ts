import { styleText } from "node:util";
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
  const { isTTY } = process.stdout;
  const { NO_COLOR: noColour, TERM: term } = process.env;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    status: process.stderr.isTTY ? (text) => void process.stderr.write(`\r\u001b[K${text}`) : undefined,
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

/** A style of text in a terminal with colours. */
export type Emphasis = "bold" | "dim" | "red" | "yellow" | "green";

/** Applies a style to text, if the terminal shows colours. */
export function emphasise(terminal: Pick<Terminal, "hasColour">, emphasis: Emphasis, text: string): string {
  return terminal.hasColour ? styleText(emphasis, text, { validateStream: false }) : text;
}

/** A sentence of a list. */
export function bullet(item: string): string {
  return `  - ${printable(item)}`;
}

/** A title and a list of sentences, as one block; none without items. */
export function section(title: string, items: readonly string[], terminal: Pick<Terminal, "hasColour">): string[] {
  const lines = items.map((item) => bullet(item));
  return lines.length === 0 ? [] : [[emphasise(terminal, "bold", title), ...lines].join("\n")];
}

/** Says sentences on stderr, each with the word that tells what they are. */
export function tell(word: "warning" | "note", sentences: readonly string[], terminal: Terminal): void {
  for (const sentence of sentences) {
    terminal.err(`${word}: ${printable(sentence)}\n`);
  }
}
