import type { Terminal } from "../terminal";

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
export function wrap(text: string, width: number | undefined, indent: string): string {
  if (width === undefined) return text;
  const [margin = ""] = /^ */.exec(text) ?? [];
  const [first = "", ...words] = text.slice(margin.length).split(" ");
  const lines: string[] = [];
  let line = margin + first;
  for (const word of words) {
    if (line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}
