import { maxColumns } from "../provider/layout";
import { printableLines } from "../provider/text";

/** Where a command's output goes. */
export interface Terminal {
  /** Writes to stdout: the answer, and nothing else. */
  out(text: string): void;
  /** Writes to stderr: errors and warnings. */
  err(text: string): void;
  /** Columns that sentences take at most. */
  readonly width: number;
  /** Whether stdout shows colours. */
  readonly hasColour: boolean;
}

/** The process's own streams. A reader that stops reading, such as `head`, ends the process quietly. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") {
        process.exit();
      }
      throw error;
    });
  }
  const { isTTY, columns } = process.stdout;
  const { NO_COLOR: noColour, TERM: term } = process.env;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    width: isTTY ? Math.min(columns || 80, maxColumns) : maxColumns,
    hasColour: isTTY === true && !noColour && term !== "dumb",
  };
}

/** JSON as eksctl prints it: four spaces, and what Go escapes escaped, as is whatever a terminal must not get. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 4).replace(htmlCharacters, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `${printableLines(text)}\n`;
}

/** YAML as eksctl prints it, with sorted keys. */
export async function renderYaml(value: unknown): Promise<string> {
  const { yamlText } = await import("./yamlText.js");
  return yamlText(value, { sortMapEntries: true });
}

// encoding/json keeps its output safe for HTML.
const htmlCharacters = /[<>&]/g;

/** How a piece of text stands out in a terminal that shows colours. */
export type Emphasis = "bold" | "dim" | "red" | "yellow" | "green";

const codes: Readonly<Record<Emphasis, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
};

/** The text in colour, where the terminal shows colours. */
export function emphasise(terminal: Pick<Terminal, "hasColour">, emphasis: Emphasis, text: string): string {
  const [on, off] = codes[emphasis];
  return terminal.hasColour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}

/** Breaks a line into lines of at most `width` columns; those behind the first begin with `indent`. */
export function wrap(text: string, width: number, indent: string): string {
  const [margin = ""] = /^ */.exec(text) ?? [];
  const [first = "", ...words] = text.slice(margin.length).split(" ");
  const lines: string[] = [];
  let line = margin + first;
  for (const word of words) {
    if (line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line += ` ${word}`;
    }
  }
  return [...lines, line].join("\n");
}
