import { Composer, type CST, type Document, type ErrorCode, isScalar, Lexer, LineCounter, Parser, visit } from "yaml";
import { RefusedText } from "./text/text";
import { maxTextBytes } from "./textFile";

interface ForeignYaml {
  /** The documents, at least one, which may be empty; none if there is a problem. */
  readonly documents: readonly { readonly document: Document.Parsed; readonly value: unknown }[];
  /** Why the file is refused, as a clause that quotes no text of it, with line and column, from 1. */
  readonly problem: { readonly line: number; readonly column: number; readonly reason: string } | undefined;
  lineOf(offset: number): number;
}

/** The maximum nesting of lists and maps: deeper than real files, but shallow enough not to overflow a parser's stack. */
const maxParserDepth = 200;
/** The maximum number of aliases, since the library searches all of them for each alias. */
const maxAliases = 10_000;
/** The maximum size of the values with all aliases expanded, in characters. */
const maxExpanded = 10_000_000;

/** Parses a YAML file in bounded time and memory, whatever its content. The version of YAML determines how values are read. */
export function readForeignYaml(text: string, version: "1.1" | "1.2" = "1.2"): ForeignYaml {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  try {
    if (text.length > maxTextBytes) {
      throw new RefusedText(0, `it is longer than ${maxTextBytes} characters`);
    }
    const tokens = tokensOf(text, lines);
    // The library compares each key of a map with all others, so duplicates are found by this module instead.
    const composer = new Composer({ version, uniqueKeys: false, logLevel: "silent" });
    const documents = [...composer.compose(tokens, true, text.length)];
    return { documents: documents.map(readDocument), problem: undefined, lineOf };
  } catch (error) {
    if (!(error instanceof RefusedText)) {
      throw error;
    }
    const { line, col } = lines.linePos(error.offset);
    return { documents: [], problem: { line: line || 1, column: col || 1, reason: error.message }, lineOf };
  }
}

/** The library's own messages may quote the file. */
const reasons: Partial<Record<ErrorCode, string>> & { readonly UNEXPECTED_TOKEN: string } = {
  BAD_DQ_ESCAPE: "a backslash in double quotes is not a YAML escape: double it, or use single quotes",
  BAD_INDENT: "the indentation does not match the lines above it, or a bracket is not closed",
  BAD_SCALAR_START: "a value starts with a reserved character: put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "the indentation does not match the lines above it, or a value with a colon needs quotes",
  MISSING_CHAR: "a colon, comma, space or closing quote is missing",
  MULTILINE_IMPLICIT_KEY: "this line is not a field: write NAME: VALUE",
  TAB_AS_INDENT: "a tab is used for indentation: use spaces",
  UNEXPECTED_TOKEN: "there is unexpected text: remove it, or put the value in quotes",
};

function tokensOf(text: string, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      // The first error is sufficient: each takes time and memory, and there may be a million.
      if (token.type === "error") {
        throw new RefusedText(token.offset, reasons.UNEXPECTED_TOKEN);
      }
      tokens.push(token);
    }
    if (parser.stack.length > maxParserDepth) {
      throw new RefusedText(parser.offset - lexeme.length, "lists or maps are nested too deeply");
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

function readDocument(document: Document.Parsed) {
  const [error] = document.errors;
  if (error !== undefined) {
    throw new RefusedText(
      error.pos[0],
      reasons[error.code] ?? "this form of YAML is not supported: write plain fields and values",
    );
  }
  let aliases = 0;
  visit(document, {
    Alias: (_, { range }) => {
      if (++aliases > maxAliases) {
        throw new RefusedText(range?.[0] ?? 0, `it has more than ${maxAliases} aliases`);
      }
    },
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (isScalar(key) && key.value !== "<<") {
          if (seen.has(key.value)) {
            throw new RefusedText(key.range?.[0] ?? 0, "a key is repeated in a map: keep one of them");
          }
          seen.add(key.value);
        }
      }
    },
  });
  return { document, value: plainValue(document) };
}

/** The value of a document whose aliases neither expand too far nor contain themselves. */
function plainValue(document: Document.Parsed): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    if (sizeOf(value, new Map()) <= maxExpanded) {
      return value;
    }
  } catch {
    // The library throws various errors for aliases and merge keys, whose messages may quote the file.
  }
  throw new RefusedText(document.contents?.range[0] ?? 0, "an alias or merge key has no target, or expands too far");
}

function sizeOf(value: unknown, known: Map<object, number>): number {
  if (typeof value !== "object" || value === null) {
    return 1 + String(value).length;
  }
  const seen = known.get(value);
  if (seen !== undefined) {
    return seen;
  }
  const size = Object.entries(value).reduce((sum, [key, part]) => sum + key.length + sizeOf(part, known), 1);
  known.set(value, size);
  return size;
}
