import { RefusedText } from "../text/text";

/** The first line of a text that is neither blank nor a comment. */
export interface Line {
  readonly start: number;
  readonly first: number;
  readonly column: number;
}

/** The line break of the first line of a text. */
export function lineBreakOf(text: string): "\r\n" | "\n" {
  const index = text.indexOf("\n");
  return index > 0 && text[index - 1] === "\r" ? "\r\n" : "\n";
}

export class Cursor {
  /** Ends with a line break. */
  readonly text: string;
  /** Whether the source lacks a line break at its end. */
  readonly isOpen: boolean;
  at = 0;
  /** The offset after the line of the last value. */
  end = 0;
  /** The offsets of the comments before the current offset. */
  comments: number[] = [];

  constructor(source: string) {
    this.isOpen = !source.endsWith("\n");
    this.text = this.isOpen ? source + lineBreakOf(source) : source;
    const odd = oddCharacter.exec(source);
    if (odd !== null) {
      const code = (odd[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      throw new RefusedText(odd.index, `the character U+${code} is not allowed: remove it`);
    }
  }

  /** Moves to the next line after blank lines and comments; undefined at the end. */
  line(): Line | undefined {
    while (this.at < this.text.length) {
      const start = this.at;
      const first = this.skipSpaces(start);
      const character = this.text[first];
      if (character === "\t") {
        throw new RefusedText(first, "a tab is used for indentation: use spaces");
      }
      if (character === "#") {
        this.comments.push(first);
      } else if (!this.isLineBreak(first)) {
        return { start, first, column: first - start };
      }
      this.at = this.lineEnd(first);
    }
    return undefined;
  }

  /** Reads the rest of a line, which must be empty or a comment. */
  endLine(): void {
    const rest = this.skipSpaces(this.at);
    if (this.text[rest] === "#" && this.text[rest - 1] === " ") {
      this.comments.push(rest);
    } else if (!this.isLineBreak(rest)) {
      throw new RefusedText(
        rest,
        "there is unexpected text after the end of a value: remove it, or put the value in quotes",
      );
    }
    this.at = this.end = this.lineEnd(rest);
  }

  read(pattern: RegExp, reason: string): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) {
      throw new RefusedText(this.at, reason);
    }
    this.at = pattern.lastIndex;
    return found[0];
  }

  /** Skips the space between the parts of a list or map in brackets. */
  skipGap(): void {
    this.read(gap, "");
    if (this.text[this.at] === "#") {
      throw new RefusedText(this.at, "a comment is in brackets: move it above the list");
    }
  }

  skipSpaces(at: number): number {
    let offset = at;
    while (this.text[offset] === " ") {
      offset++;
    }
    return offset;
  }

  lineEnd(at: number): number {
    return this.text.indexOf("\n", at) + 1 || this.text.length;
  }

  isLineBreak(at: number): boolean {
    return this.text[at] === "\n" || this.text[at] === "\r";
  }
}

// YAML 1.1 treats U+0085, U+2028, U+2029 and a lone carriage return as line breaks.
const oddCharacter =
  /[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]|\r(?!\n)/u;
const gap = /[ \t\r\n]*/y;
