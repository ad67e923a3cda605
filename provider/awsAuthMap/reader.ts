import { OtherScalar, scalarKind, type Value } from "./scalar";

/** Why a text is refused, and where. */
export class Refusal extends Error {
  /** Offset in the text. */
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** The line break of the first line of a text. */
export function lineBreakOf(text: string): "\r\n" | "\n" {
  const index = text.indexOf("\n");
  return index > 0 && text[index - 1] === "\r" ? "\r\n" : "\n";
}

/** A line that is neither blank nor a comment. */
interface Line {
  readonly start: number;
  /** The offset of its first character that is not a space. */
  readonly first: number;
  readonly column: number;
}

const notOnOneLine = "a value has several lines: write it on one line";
const unfitIndentation = "the indentation does not fit the lines above it";
const maxDepth = 20;

/**
 * Reads the forms of YAML that people and tools write aws-auth in, as yaml.v2, the authenticator's YAML library, reads them: block
 * lists and maps, JSON and other lists and maps in brackets, and strings on one line. Refuses any other form with a {@link Refusal}.
 */
export class Reader {
  /** Ends with a line break. */
  readonly text: string;
  /** The offset after the line of the last value. */
  end = 0;
  /** The offsets of the comments that were passed. */
  comments: number[] = [];
  /** The offset to read on from. */
  #at = 0;
  #depth = 0;
  readonly #isOpen: boolean;

  constructor(source: string) {
    this.#isOpen = !source.endsWith("\n");
    this.text = this.#isOpen ? source + lineBreakOf(source) : source;
    const odd = oddCharacter.exec(source);
    if (odd !== null) {
      const code = (odd[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      throw new Refusal(odd.index, `the character U+${code} is not allowed: remove it`);
    }
  }

  /** The next line, after blank lines and comments; undefined at the end. */
  line(): Line | undefined {
    while (this.#at < this.text.length) {
      const start = this.#at;
      const first = this.#skip(start);
      const character = this.text[first];
      if (character === "\t") {
        throw new Refusal(first, "a tab is used for indentation, where only spaces are allowed");
      }
      if (character === "#") {
        this.comments.push(first);
      } else if (character !== "\n" && character !== "\r") {
        return { start, first, column: first - start };
      }
      this.#at = this.#lineEnd(first);
    }
    return undefined;
  }

  /** Whether a dash that begins an item is at an offset. */
  isDash(offset: number): boolean {
    return /^-[ \r\n]/.test(this.text.slice(offset, offset + 2));
  }

  /** Reads the `---` of a document's start, if it is in this line. */
  skipStart({ column, first }: Line): boolean {
    const isStart = column === 0 && /^---[ \r\n]/.test(this.text.slice(first, first + 4));
    if (isStart) {
      this.#endLine(first + 3);
    }
    return isStart;
  }

  /** Reads an item of a block list. */
  item(dash: number, column: number): Value {
    const at = this.#skip(dash + 1);
    if (this.isDash(at)) {
      throw new Refusal(at, "a list is in a list: write its items as entries");
    }
    return isKey(this.text, at) ? this.#map(at, column + at - dash) : this.#value(at, column, column + 1);
  }

  /**
   * Reads a list in brackets, and the rest of its last line.
   *
   * @param onItem called with the range of each item.
   */
  brackets(opening: number, onItem: (start: number, end: number) => void): readonly Value[] {
    this.#at = opening;
    const items = this.#flowList(onItem);
    this.#endLine(this.#at);
    return items;
  }

  /** Reads the rest of the line of an empty list, which has to be the last one. */
  skipEmpty(end: number): void {
    this.#endLine(end);
    this.assertEnd();
  }

  /** Refuses text after the value of the key. */
  assertEnd(): void {
    const line = this.line();
    if (line !== undefined) {
      const isDocument = line.column === 0 && /^(?:---|\.\.\.)/.test(this.text.slice(line.first, line.first + 3));
      throw new Refusal(
        line.first,
        isDocument ? "it has more than one document: keep one, without --- or ... below it" : unfitIndentation,
      );
    }
  }

  /** Reads a block list whose dashes are in a column. */
  #list(column: number): Value[] {
    const items: Value[] = [];
    for (let line = this.line(); line !== undefined && line.column >= column; line = this.line()) {
      if (line.column > column) {
        throw new Refusal(line.first, unfitIndentation);
      }
      if (!this.isDash(line.first)) {
        break;
      }
      items.push(this.item(line.first, column));
    }
    return items;
  }

  /** Reads a block map whose keys are in a column. */
  #map(first: number, column: number): Map<string, Value> {
    const fields = new Map<string, Value>();
    const names = new Set<string>();
    for (let at = first; ; ) {
      const key = this.#key(at, keyInBlock, names);
      fields.set(key, this.#value(this.#skip(this.#at), column, column));
      const line = this.line();
      if (line === undefined || line.column < column) {
        return fields;
      }
      if (line.column > column) {
        throw new Refusal(line.first, unfitIndentation);
      }
      at = line.first;
    }
  }

  /** Reads a key and its colon. Keys that differ only in letter case are one field to the authenticator. */
  #key(at: number, pattern: RegExp, names: Set<string>): string {
    pattern.lastIndex = at;
    const [source, quote, name = ""] = pattern.exec(this.text) ?? [];
    if (source === undefined || (quote === "" && scalarKind(name) !== "string")) {
      throw new Refusal(at, this.#formAt(at) ?? "this is not a field: write its name, a colon and a value on one line");
    }
    const folded = name.toLowerCase();
    if (names.has(folded)) {
      throw new Refusal(at, `the field ${name} is repeated: keep one of them`);
    }
    names.add(folded);
    this.#at = at + source.length;
    return name;
  }

  /**
   * Reads a value of a block map or list.
   *
   * @param column the column of the key or dash.
   * @param dashes the least column of a list below it.
   */
  #value(at: number, column: number, dashes: number): Value {
    const character = this.text[at];
    if (character === "#" || character === "\n" || character === "\r") {
      this.#endLine(at);
      return this.#below(column, dashes);
    }
    if (character === "|" || character === ">") {
      return this.#blockScalar(at, column);
    }
    this.#at = at;
    const value = this.#inLine(false);
    this.#endLine(this.#at);
    return value;
  }

  /** Reads a list or map below its key, or below its dash; null if there is none. */
  #below(column: number, dashes: number): Value {
    const line = this.line();
    const isList = line !== undefined && line.column >= dashes && this.isDash(line.first);
    if (line === undefined || (!isList && line.column <= column)) {
      return null;
    }
    this.#enter(line.first);
    const value = isList ? this.#list(line.column) : this.#map(line.first, line.column);
    this.#depth--;
    return value;
  }

  /** Reads a string in quotes or without, or a list or map in brackets. */
  #inLine(isFlow: boolean): Value {
    const at = this.#at;
    switch (this.text[at]) {
      case "[":
        return this.#flowList();
      case "{":
        return this.#flowMap();
      case '"':
        return this.#doubleQuoted(at);
      case "'":
        return this.#match(singleQuoted, at, unclosedQuote).slice(1, -1).replaceAll("''", "'");
    }
    const source = isFlow ? this.#plainInFlow(at) : this.#plain(at);
    switch (scalarKind(source)) {
      case "string":
        return source;
      case "null":
        return null;
      case "other":
        return new OtherScalar(source);
      case "refused":
        throw new Refusal(at, "this is read as a number or merge key: put it in quotes");
    }
  }

  #plain(at: number): string {
    const end = this.#lineEnd(at);
    const line = this.text.slice(at, end).replace(/\r?\n$/, "");
    const comment = line.indexOf(" #");
    const source = comment === -1 ? line : line.slice(0, comment);
    const odd = source.search(/\t|:(?: |$)/);
    if (odd !== -1 || !plainStart.test(source)) {
      const what = odd === -1 ? "a reserved character" : source[odd] === "\t" ? "a tab" : "a colon";
      throw new Refusal(at, this.#formAt(at) ?? `a value without quotes has ${what}: put it in quotes`);
    }
    const text = withoutFinalSpaces(source);
    this.#at = at + text.length;
    return text;
  }

  #plainInFlow(at: number): string {
    const source = withoutFinalSpaces(
      this.#match(plainInFlow, at, this.#formAt(at) ?? "a value is missing or not in quotes"),
    );
    const colon = source.search(/:(?: |$)/);
    if (colon !== -1 || source.startsWith("...")) {
      throw new Refusal(at + Math.max(colon, 0), "a value in brackets needs quotes");
    }
    this.#at = at + source.length;
    return source;
  }

  #doubleQuoted(at: number): string {
    const source = this.#match(doubleQuoted, at, unclosedQuote);
    if (source.replace(jsonEscape, "").includes("\\")) {
      throw new Refusal(at, "a backslash in double quotes begins no JSON escape: double it, or use single quotes");
    }
    return String(JSON.parse(source.replaceAll("\t", "\\t")));
  }

  #blockScalar(at: number, column: number): string {
    const header = this.#match(blockHeader, at, "there is text after | or >: write the value on the line of its key");
    const start = this.#lineEnd(at);
    const first = this.#skip(start);
    const next = this.#lineEnd(first);
    const content = this.text.slice(first, next).replace(/\r?\n$/, "");
    if (this.#isOpen && next === this.text.length && !header.includes("-")) {
      throw new Refusal(at, "the text ends without a line break: add one");
    }
    if (first - start <= column || content === "" || content.startsWith("\t")) {
      throw new Refusal(first, notOnOneLine);
    }
    blockEnd.lastIndex = next;
    const [blanks = "", spaces = ""] = blockEnd.exec(this.text) ?? [];
    const isMore = spaces.length >= first - start || /[\r\n]/.test(this.text[next + blanks.length] ?? "");
    if (isMore && next + blanks.length < this.text.length) {
      throw new Refusal(next + blanks.length, notOnOneLine);
    }
    this.#at = this.end = next;
    return header.includes("-") ? content : `${content}\n`;
  }

  #flowList(onItem?: (start: number, end: number) => void): Value[] {
    const items: Value[] = [];
    this.#inBrackets("]", () => {
      const start = this.#at;
      items.push(this.#inLine(true));
      onItem?.(start, this.#at);
    });
    return items;
  }

  #flowMap(): Map<string, Value> {
    const fields = new Map<string, Value>();
    const names = new Set<string>();
    this.#inBrackets("}", () => {
      const key = this.#key(this.#at, keyInBrackets, names);
      this.#gap();
      fields.set(key, this.#inLine(true));
    });
    return fields;
  }

  #inBrackets(closing: string, readItem: () => void): void {
    this.#enter(this.#at);
    this.#at++;
    this.#gap();
    for (let isFirst = true; !isFirst || this.text[this.#at] !== closing; isFirst = false) {
      readItem();
      this.#gap();
      if (this.text[this.#at] === closing) {
        break;
      }
      if (this.text[this.#at] !== ",") {
        throw new Refusal(this.#at, `a comma or ${closing} is missing: add it, or put the value before it in quotes`);
      }
      this.#at++;
      this.#gap();
    }
    this.#at++;
    this.#depth--;
  }

  /** Skips the space between the parts of a list or map in brackets. */
  #gap(): void {
    this.#match(gap, this.#at, "");
    this.#at = gap.lastIndex;
    if (this.text[this.#at] === "#") {
      throw new Refusal(this.#at, "a comment is in brackets: move it above the list");
    }
  }

  #enter(offset: number): void {
    if (++this.#depth > maxDepth) {
      throw new Refusal(offset, "lists or maps are nested too deeply");
    }
  }

  /** Reads a pattern, and moves behind it. */
  #match(pattern: RegExp, at: number, reason: string): string {
    pattern.lastIndex = at;
    const found = pattern.exec(this.text);
    if (found === null) {
      throw new Refusal(at, reason);
    }
    this.#at = pattern.lastIndex;
    return found[0];
  }

  /** Reads the rest of a line, which may only be a comment. */
  #endLine(at: number): void {
    const rest = this.#skip(at);
    const character = this.text[rest];
    if (character === "#" && this.text[rest - 1] === " ") {
      this.comments.push(rest);
    } else if (character !== "\n" && character !== "\r") {
      throw new Refusal(
        rest,
        "there is unexpected text after the end of a value: remove it, or put the value in quotes",
      );
    }
    this.#at = this.end = this.#lineEnd(rest);
  }

  /** A form that YAML knows and aws-auth is not read in. */
  #formAt(at: number): string | undefined {
    return forms.find(([pattern]) => pattern.test(this.text.slice(at, at + 3)))?.[1];
  }

  #skip(at: number): number {
    let offset = at;
    while (this.text[offset] === " ") {
      offset++;
    }
    return offset;
  }

  #lineEnd(at: number): number {
    return this.text.indexOf("\n", at) + 1 || this.text.length;
  }
}

function isKey(text: string, at: number): boolean {
  keyInBlock.lastIndex = at;
  return keyInBlock.test(text);
}

/** The text without the spaces at its end. Not with a regular expression, which would try every space in the text. */
function withoutFinalSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === " ") {
    end--;
  }
  return text.slice(0, end);
}

const unclosedQuote = "a quote is not closed on its line: close it there";
const forms: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^[&*]/, "an anchor or alias is refused: write the value itself, or put it in quotes"],
  [/^!/, "a tag is refused: remove it, or put the value in quotes"],
  [/^<</, "a merge key is refused: write the fields themselves"],
  [/^\? /, "an explicit key is refused: write `name: value`"],
  [/^%/, "a directive is refused: remove it, or put the value in quotes"],
  [/^- /, "a list begins on the line of its key: move it to the next line"],
];

// YAML 1.1 takes U+0085, U+2028, U+2029 and a lone carriage return for line breaks.
const oddCharacter =
  /[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]|\r(?!\n)/u;
// A name in letters, in quotes or not, and its colon, after which a space may be missing only behind quotes in brackets.
const keyInBlock = /(["']?)([A-Za-z_][\w.-]{0,99})\1 {0,99}:(?=[ \r\n])/y;
const keyInBrackets = /(["']?)([A-Za-z_][\w.-]{0,99})\1 {0,99}:(?:(?=[ \t\r\n])|(?<=["'] {0,99}:))/y;
const plainStart = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-[^\s])/;
const plainInFlow = /(?:[\p{L}\p{N}_./$+(~]|-[\p{L}\p{N}._])[\p{L}\p{N}_./$+()=@:;%&*!^~|<> -]*/uy;
const singleQuoted = /'[^'\r\n]*(?:''[^'\r\n]*)*'/y;
const doubleQuoted = /"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"/y;
const jsonEscape = /\\(?:["\\bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})/g;
const blockHeader = /[|>]-?(?=\r?\n)/y;
// The blank lines after a block scalar, and the spaces before the next text.
const blockEnd = /(?:\r?\n)*( *)/y;
const gap = /[ \t\r\n]*/y;
