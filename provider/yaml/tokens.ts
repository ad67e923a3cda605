import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  Lexer,
  type ParseOptions,
  Parser,
  type SchemaOptions,
} from "yaml";

/**
 * The maximum size of a file that is read as a whole, in bytes: a manifest, a kubeconfig, a ClusterConfig. A ConfigMap is limited
 * to 1 MiB, and a kubeconfig of a thousand clusters is not larger. A YAML parser takes up to a thousand times as much memory as its
 * source.
 */
export const maxTextBytes = 4 * 1024 * 1024;

export class TooDeep extends Error {
  override readonly name = "TooDeep";
  readonly offset: number;

  constructor(offset: number) {
    super(tooDeep);
    this.offset = offset;
  }
}

/** The maximum nesting of lists and maps: deeper than people write, and not deep enough to overflow a parser's stack. */
export const maxDepth = 200;

export const tooDeep = "lists or maps are nested too deeply";

/** The library's lexer, with what its types keep private. */
interface OpenLexer {
  /** How far a line has to be indented to belong to the current value. */
  indentNext: number;
  /** A character after the current position. */
  charAt(offset: number): string | undefined;
  lex(source: string): Generator<string>;
  /** @returns the name of the next state. */
  parseLineStart(): Generator<string, unknown>;
}

const OpenLexer = Lexer as unknown as new () => OpenLexer;

/**
 * The library's lexer takes the indentation of a comment like `#old`, or of an empty line before a line at the margin, for that of the
 * list or map around it, so that a plain value after it takes in the next item: `- a:`, `#old`, `    x`, `- b` would be one item with
 * `x - b`.
 */
class RemarkLexer extends OpenLexer {
  override *parseLineStart(): Generator<string, unknown> {
    const indent = this.indentNext;
    let column = 0;
    while (this.charAt(column) === " ") {
      column++;
    }
    const isRemark = this.charAt(column) === "#" || this.charAt(column) === "\n";
    const state = yield* super.parseLineStart();
    if (isRemark) {
      this.indentNext = indent;
    }
    return state;
  }
}

/**
 * The tokens of a YAML source. The library's parser has no limit for nested lists, and takes a kilobyte of memory for each. This
 * stops at the first one that is too deep.
 *
 * @param onNewLine called with the offset of each line
 * @throws TooDeep.
 */
export function boundedTokens(text: string, onNewLine: (offset: number) => void): CST.Token[] {
  const parser = new Parser(onNewLine);
  const tokens: CST.Token[] = [];
  onNewLine(0);
  for (const lexeme of new RemarkLexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
    }
    if (parser.stack.length > maxDepth) {
      throw new TooDeep(parser.offset - lexeme.length);
    }
  }
  for (const token of parser.end()) {
    tokens.push(token);
  }
  return tokens;
}

/** The library's composer, with what its types keep private. */
interface OpenComposer {
  /** Notes an error or, with `isWarning`, a warning. */
  onError(at: unknown, code: string, message: string, isWarning?: boolean): void;
  compose(tokens: Iterable<CST.Token>, forceDocument: boolean, end: number): Generator<Document.Parsed>;
}

const OpenComposer = Composer as unknown as new (
  options: ParseOptions & DocumentOptions & SchemaOptions,
) => OpenComposer;

/** The maximum number of errors of a source, since each takes time and memory, and few are told. */
const maxErrors = 1_000;

/** The documents of a source, with the first errors of many. */
export function composed(
  tokens: readonly CST.Token[],
  options: ParseOptions & DocumentOptions & SchemaOptions,
  length: number,
): Document.Parsed[] {
  const composer = new OpenComposer(options);
  const { onError } = composer;
  let [ofTokens, ofNodes] = [0, 0];
  composer.onError = (...error) => {
    if (ofNodes++ < maxErrors) {
      onError(...error);
    }
  };
  const told = tokens.filter(({ type }) => type !== "error" || ofTokens++ < maxErrors);
  // To the end: the composer keeps the document of a walk that stops early, for as long as V8 keeps the composer's closure.
  return [...composer.compose(told, true, length)];
}

/** The offset after a token's last character that is neither whitespace nor comment; 0 if there is none. */
export function tokenEnd(token: CST.Token | CST.CollectionItem | null | undefined): number {
  if (token === null || token === undefined) {
    return 0;
  }
  if (!("type" in token)) {
    return Math.max(lastOf(token.start), tokenEnd(token.key), lastOf(token.sep ?? []), tokenEnd(token.value));
  }
  switch (token.type) {
    case "block-map":
    case "block-seq":
      return Math.max(token.offset, ...token.items.slice(-2).map(tokenEnd));
    case "flow-collection":
      return Math.max(token.start.offset + 1, ...token.items.slice(-1).map(tokenEnd), lastOf(token.end));
    case "block-scalar":
      return (
        token.offset +
        token.props.reduce((sum, prop) => sum + ("source" in prop ? prop.source.length : 0), 0) +
        token.source.length
      );
    case "space":
    case "comment":
    case "newline":
      return 0;
    default:
      return "source" in token ? token.offset + token.source.length : token.offset;
  }
}

/** The comments inside a token, without those after its end. */
export function commentsIn(token: CST.Token | CST.CollectionItem | null | undefined): string[] {
  if (token === null || token === undefined) {
    return [];
  }
  if (!("type" in token)) {
    const behindKey = token.key && "end" in token.key ? (token.key.end ?? []) : [];
    return [...token.start, token.key, ...behindKey, ...(token.sep ?? []), token.value].flatMap(commentsIn);
  }
  if (token.type === "comment") {
    return [token.source];
  }
  if (token.type !== "flow-collection") {
    return "items" in token ? token.items.flatMap(commentsIn) : [];
  }
  const close = token.end.findIndex(({ type }) => type.endsWith("-end"));
  const behindItems = token.items.flatMap(({ value }) => (value && "end" in value ? (value.end ?? []) : []));
  return [...token.items, ...behindItems, ...token.end.slice(0, close)].flatMap(commentsIn);
}

/** The offset of the start of a line, given an offset in it. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** The offset after the line break that ends the line of the character before an offset; the end of the text if there is none. */
export function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === "\n") {
    return offset;
  }
  const index = text.indexOf("\n", offset);
  return index === -1 ? text.length : index + 1;
}

function lastOf(tokens: readonly CST.SourceToken[]): number {
  // Not Math.max(...tokens): a million blank lines are as many tokens, too many for the arguments of one call.
  return tokens.reduce((end, token) => Math.max(end, tokenEnd(token)), 0);
}

/**
 * A gap is the text between the items in brackets or braces: whitespace, at most one comma, and comments. A `#` in it always begins
 * a comment. These functions apply to the gaps of lists and maps alike.
 */

export function hasComment(gap: string): boolean {
  return gap.includes("#");
}

/** A gap in the same style for another item: without comments, and without lines that contained only a comment. */
export function withoutComments(gap: string): string {
  return hasComment(gap)
    ? gap.replace(/(?<![ \t])[ \t]*#[^\n\r]*/g, "").replace(/(?:\r?\n[ \t]*)+(?=\r?\n)/g, "")
    : gap;
}

/** The text between the last item and the bracket, given the text after that item. */
export function closingGap(text: string): string {
  return /^(?:[\s,]+|#[^\n]*)*/.exec(text)?.[0] ?? "";
}

/** The text without the spaces and tabs at its end. Not with a regular expression, which would try every space in the text. */
export function withoutFinalBlanks(text: string, blanks = " \t"): string {
  let end = text.length;
  while (end > 0 && blanks.includes(text.charAt(end - 1))) {
    end--;
  }
  return text.slice(0, end);
}

/** The gap between the first and a second item, derived from the gap before the first. */
export function separatorAfter(opening: string, isTight: boolean): string {
  const line = /\r?\n[ \t]*$/.exec(withoutComments(opening))?.[0];
  return `,${line ?? (isTight ? "" : " ")}`;
}

/**
 * The gaps on both sides of a new last item.
 *
 * @param closing the gap after the old last item; a comment in it stays on its line.
 */
export function gapsOfLast(closing: string, separator: string): readonly [before: string, behind: string] {
  if (!hasComment(closing)) {
    return [separator, closing];
  }
  const lineBreak = /\r?\n[^\n]*$/.exec(closing)?.index ?? closing.length;
  const next = closing.indexOf("\n", lineBreak) + 1;
  const margin = separator.slice(withoutFinalBlanks(separator).length);
  const comma = hasComma(closing) ? "," : "";
  return [`${comma === "" ? "," : ""}${closing.slice(0, next)}${margin}`, comma + closing.slice(lineBreak)];
}

/** The gaps on both sides of a new item between two others. */
export function gapsOfMiddle(gap: string, separator: string): readonly [before: string, behind: string] {
  return hasComment(gap) ? [gap, separator] : [separator, gap];
}

/** Joins two gaps after the item between them is removed, keeping their comments. */
export function joinedGap(before: string, behind: string): string {
  if (!hasComment(behind)) {
    return before;
  }
  const rest = withoutComma(behind);
  return before + (/\s$/.test(before) ? rest.trimStart() : rest);
}

/** The same for the last item. Keeps the trailing comma, or its absence. */
export function joinedClosing(before: string, behind: string): string {
  const kept = hasComma(behind) ? before : withoutComma(before);
  if (hasComment(behind)) {
    return joinedGap(kept, behind);
  }
  if (!hasComment(before)) {
    return behind;
  }
  const rest = withoutComma(behind);
  return (rest.includes("\n") ? kept.replace(/\r?\n[ \t]*$/, "") : withoutFinalBlanks(kept)) + rest;
}

function hasComma(gap: string): boolean {
  return withoutComments(gap).includes(",");
}

export function withoutComma(gap: string): string {
  return gap.replace(/#[^\n]*|,/g, (found) => (found === "," ? "" : found));
}
