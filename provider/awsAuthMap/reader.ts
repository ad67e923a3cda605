import { RefusedText } from "../text/text";
import { Cursor, type Line } from "./cursor";
import { OtherScalar, scalarKind, type Value } from "./scalar";

const unfitIndentation = "the indentation does not match the lines above it";
const strayDash =
  'a list item follows a field that already has a value: align its dash with the other items, or add the missing field, such as "groups:", above it';
const notOnOneLine = "a value has several lines: write it on one line";
const secondDocument = "it has more than one document: keep one, with no --- or ... after it";
const unclosedQuote = "a quote is not closed on its line: close it there";
const maxEntryDepth = 20;

/**
 * Reads the YAML forms in which users and tools write aws-auth, as the authenticator's YAML library yaml.v2 does: block lists and maps,
 * flow lists and maps (including JSON), and strings on one line. Refuses any other form with a {@link RefusedText}.
 */
export class Reader extends Cursor {
  #depth = 0;

  isDash(offset: number): boolean {
    return this.text[offset] === "-" && (this.text[offset + 1] === " " || this.isLineBreak(offset + 1));
  }

  /** Reads the `---` of a document start, if this line has one. */
  skipStart({ column, first }: Line): boolean {
    const isStart = column === 0 && /^---[ \r\n]/.test(this.text.slice(first, first + 4));
    if (isStart) {
      this.at = first + 3;
      this.endLine();
    }
    return isStart;
  }

  assertEnd(): void {
    const line = this.line();
    if (line !== undefined) {
      const isDocument = line.column === 0 && /^(?:---|\.\.\.)/.test(this.text.slice(line.first, line.first + 3));
      throw new RefusedText(line.first, isDocument ? secondDocument : unfitIndentation);
    }
  }

  item(dash: number, column: number): Value {
    this.at = this.skipSpaces(dash + 1);
    if (this.isDash(this.at)) {
      throw new RefusedText(this.at, "a list is nested: write its items as entries");
    }
    keyInBlock.lastIndex = this.at;
    return keyInBlock.test(this.text) ? this.#map(column + this.at - dash) : this.#value(column, column + 1);
  }

  /** Reads a flow list, with the range of each item. */
  brackets(): { readonly value: Value; readonly start: number; readonly end: number }[] {
    const items: ReturnType<Reader["brackets"]> = [];
    this.#inBrackets("]", () => {
      const start = this.at;
      items.push({ start, value: this.#inLine(true), end: this.at });
    });
    return items;
  }

  #list(column: number): Value[] {
    const items: Value[] = [];
    for (let line = this.line(); line !== undefined && line.column >= column; line = this.line()) {
      if (line.column > column) {
        throw new RefusedText(line.first, unfitIndentation);
      }
      if (!this.isDash(line.first)) {
        break;
      }
      items.push(this.item(line.first, column));
    }
    return items;
  }

  #map(column: number): Map<string, Value> {
    const fields = new Map<string, Value>();
    const names = new Set<string>();
    for (;;) {
      const key = this.#key(keyInBlock, names);
      this.at = this.skipSpaces(this.at);
      fields.set(key, this.#value(column, column));
      const line = this.line();
      if (line === undefined || line.column < column) {
        return fields;
      }
      if (line.column > column || this.isDash(line.first)) {
        throw new RefusedText(line.first, this.isDash(line.first) ? strayDash : unfitIndentation);
      }
      this.at = line.first;
    }
  }

  /** Reads a key and its colon. The authenticator treats keys that differ only in letter case as one field. */
  #key(pattern: RegExp, names: Set<string>): string {
    pattern.lastIndex = this.at;
    const [source, quote, name = ""] = pattern.exec(this.text) ?? [];
    if (source === undefined || (quote === "" && scalarKind(name) !== "string")) {
      throw this.#refusal("this is not a field: write NAME: VALUE on one line, and quote values in braces");
    }
    const folded = name.toLowerCase();
    if (names.has(folded)) {
      throw this.#refusal(`the field ${name} is repeated: keep one of them`);
    }
    names.add(folded);
    this.at += source.length;
    return name;
  }

  /**
   * Reads a value of a block map or list.
   *
   * @param column the column of the key or dash.
   * @param dashes the minimum column of a list below it.
   */
  #value(column: number, dashes: number): Value {
    const character = this.text[this.at];
    if (character === "#" || this.isLineBreak(this.at)) {
      this.endLine();
      return this.#below(column, dashes);
    }
    if (character === "|" || character === ">") {
      return this.#blockScalar(column);
    }
    const value = this.#inLine(false);
    this.endLine();
    return value;
  }

  /** Reads a list or map below its key or dash; null if there is none. */
  #below(column: number, dashes: number): Value {
    const line = this.line();
    const isList = line !== undefined && line.column >= dashes && this.isDash(line.first);
    if (line === undefined || (!isList && line.column <= column)) {
      return null;
    }
    this.at = line.first;
    return this.#nested(() => {
      if (isList) {
        this.at = line.start;
        return this.#list(line.column);
      }
      return this.#map(line.column);
    });
  }

  /** Reads a string with or without quotes, or a flow list or map. */
  #inLine(isInBrackets: boolean): Value {
    switch (this.text[this.at]) {
      case "[":
        return this.brackets().map(({ value }) => value);
      case "{":
        return this.#braces();
      case '"':
        return this.#doubleQuoted();
      case "'":
        return this.read(inSingleQuotes, unclosedQuote).slice(1, -1).replaceAll("''", "'");
    }
    const text = isInBrackets ? this.#plainInBrackets() : this.#plain();
    const kind = scalarKind(text);
    if (kind === "refused") {
      throw new RefusedText(this.at - text.length, "this is read as a number or merge key: put it in quotes");
    }
    return kind === "string" ? text : kind === "null" ? null : new OtherScalar(text);
  }

  #plain(): string {
    const line = this.text.slice(this.at, this.lineEnd(this.at)).replace(/\r?\n$/, "");
    const comment = line.indexOf(" #");
    const source = comment === -1 ? line : line.slice(0, comment);
    const odd = source.search(/\t|:(?: |$)/);
    if (odd !== -1 || !plainStart.test(source)) {
      const what = odd === -1 ? "a reserved character" : source[odd] === "\t" ? "a tab" : "a colon";
      throw this.#refusal(`an unquoted value has ${what}: put it in quotes`);
    }
    const text = withoutFinalSpaces(source);
    this.at += text.length;
    return text;
  }

  #plainInBrackets(): string {
    const start = this.at;
    const text = withoutFinalSpaces(this.read(plainInBrackets, "a value is missing or not in quotes"));
    if (/:(?: |$)|^\.\.\./.test(text)) {
      throw new RefusedText(start, "a value in brackets needs quotes");
    }
    this.at = start + text.length;
    return text;
  }

  #doubleQuoted(): string {
    const start = this.at;
    const source = this.read(inDoubleQuotes, unclosedQuote);
    if (source.replace(jsonEscape, "").includes("\\")) {
      throw new RefusedText(
        start,
        "a backslash in double quotes is not a JSON escape: double it, or use single quotes",
      );
    }
    return String(JSON.parse(source.replaceAll("\t", "\\t")));
  }

  /** Reads a one-line string below `|` or `>`, where some tools write long strings. */
  #blockScalar(column: number): string {
    const header = this.read(blockHeader, "there is text after | or >: write the value on the line of its key");
    const start = this.lineEnd(this.at);
    const first = this.skipSpaces(start);
    const next = this.lineEnd(first);
    const content = this.text.slice(first, next).replace(/\r?\n$/, "");
    if (first - start <= column || content === "" || content.startsWith("\t")) {
      throw new RefusedText(first, notOnOneLine);
    }
    if (this.isOpen && next === this.text.length && !header.includes("-")) {
      throw new RefusedText(first, "the text ends without a line break: add one");
    }
    this.at = this.end = next;
    const spaces = this.read(blankLines, "").split("\n").at(-1)?.length ?? 0;
    if (this.at < this.text.length && (spaces >= first - start || this.isLineBreak(this.at))) {
      throw new RefusedText(this.at, notOnOneLine);
    }
    this.at = next;
    return header.includes("-") ? content : `${content}\n`;
  }

  #braces(): Map<string, Value> {
    const fields = new Map<string, Value>();
    const names = new Set<string>();
    this.#inBrackets("}", () => {
      const key = this.#key(keyInBrackets, names);
      this.skipGap();
      fields.set(key, this.#inLine(true));
    });
    return fields;
  }

  #inBrackets(closing: string, readItem: () => void): void {
    this.#nested(() => {
      this.at++;
      this.skipGap();
      for (let isFirst = true; !isFirst || this.text[this.at] !== closing; isFirst = false) {
        readItem();
        this.skipGap();
        if (this.text[this.at] === closing) {
          break;
        }
        this.read(comma, `a comma or ${closing} is missing: add it, or put the value before it in quotes`);
        this.skipGap();
      }
      this.at++;
    });
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > maxEntryDepth) {
      throw new RefusedText(this.at, "lists or maps are nested too deeply");
    }
    const value = read();
    this.#depth--;
    return value;
  }

  /** The refusal at the current offset, with a special text for valid YAML forms that this reader does not support. */
  #refusal(reason: string): RefusedText {
    const isOddForm = oddForm.test(this.text.slice(this.at, this.at + 2));
    return new RefusedText(
      this.at,
      isOddForm
        ? "anchors, aliases, merge keys, tags and other special forms of YAML are not supported: write plain fields, or put the value in quotes"
        : reason,
    );
  }
}

/** Removes spaces at the end of a text. A regular expression would try every space in the text. */
function withoutFinalSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === " ") {
    end--;
  }
  return text.slice(0, end);
}

const oddForm = /^(?:[&*!%]|<<|[?-] )/;
// A name in letters, with or without quotes, and its colon. Only after a quoted name in a flow map may the space be missing.
const keyInBlock = /(["']?)([A-Za-z_][\w.-]{0,99})\1 {0,99}:(?=[ \r\n])/y;
const keyInBrackets = /(["']?)([A-Za-z_][\w.-]{0,99})\1 {0,99}:(?:(?=[ \t\r\n])|(?<=["'] {0,99}:))/y;
const plainStart = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-[^\s])/;
const plainInBrackets = /(?:[\p{L}\p{N}_./$+(~]|-[\p{L}\p{N}._])[\p{L}\p{N}_./$+()=@:;%&*!^~|<> -]*/uy;
const inSingleQuotes = /'[^'\r\n]*(?:''[^'\r\n]*)*'/y;
const inDoubleQuotes = /"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"/y;
const jsonEscape = /\\(?:["\\bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})/g;
const blockHeader = /[|>]-?(?=\r?\n)/y;
const blankLines = /(?:\r?\n)* */y;
const comma = /,/y;
