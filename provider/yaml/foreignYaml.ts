import {
  Composer,
  type Document,
  type DocumentOptions,
  LineCounter,
  type ParseOptions,
  type SchemaOptions,
} from "yaml";
import { boundedTokens, TooDeep } from "./boundedTokens";
import { maxTextBytes } from "./limits";
import { nodeFaults, type OffsetFault } from "./nodeFaults";

/** A fault in a YAML text, at a 1-based line of it. */
export interface YamlFault {
  readonly line: number;
  readonly reason: string;
  /** Whether the reason is the library's, which may quote what stands there. */
  readonly quotesText: boolean;
}

/** A YAML text that somebody else wrote. */
export interface ForeignYaml {
  /** Its documents: at least one, if an empty one. Only where there are no faults may they be turned into values, by {@link plainValue}. */
  readonly documents: readonly Document.Parsed[];
  readonly faults: readonly YamlFault[];
  /** The 1-based line of an offset. */
  lineOf(offset: number): number;
}

/**
 * Reads a YAML text in bounded time and memory, whatever it holds. What the library leaves to chance (lists nested without end,
 * aliases that multiply a text or refer to themselves) is a fault, and of a map with many keys the time grows with their number, not
 * with its square.
 */
export function readForeignYaml(text: string, options: Pick<DocumentOptions, "version"> = {}): ForeignYaml {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const unread = (line: number, reason: string): ForeignYaml => {
    return { documents: [], faults: [{ line, reason, quotesText: false }], lineOf };
  };
  if (text.length > maxTextBytes) {
    return unread(1, `it is longer than ${maxTextBytes} characters`);
  }
  try {
    const tokens = boundedTokens(text, lines.addNewLine);
    const documents: Document.Parsed[] = [
      ...new Composer({ ...composerOptions, ...options }).compose(tokens, true, text.length),
    ];
    const own = ({ offset, reason }: OffsetFault): YamlFault => ({ line: lineOf(offset), reason, quotesText: false });
    const faults = documents.flatMap((document) => [
      ...document.errors.map(({ pos, message }) => ({ line: lineOf(pos[0]), reason: message, quotesText: true })),
      ...(document.errors.length === 0 ? nodeFaults(document.contents).map(own) : []),
    ]);
    return { documents, faults, lineOf };
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return unread(lineOf(error.offset), error.message);
  }
}

/** What a document without faults says. */
export function plainValue(document: Document.Parsed): unknown {
  // The library counts aliases alone; what they multiply a text to has been measured already.
  return document.toJS({ maxAliasCount: -1 });
}

const composerOptions = {
  uniqueKeys: false,
  logLevel: "silent",
} as const satisfies ParseOptions & DocumentOptions & SchemaOptions;
