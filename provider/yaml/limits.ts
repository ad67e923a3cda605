import { type CST, Lexer, Parser } from "yaml";

/**
 * How large a text may be that is read as a whole, in bytes: a manifest, a kubeconfig, a ClusterConfig. A ConfigMap holds 1 MiB, and
 * a kubeconfig of a thousand clusters is no larger; a reader of YAML takes up to a thousand times as much memory as its text.
 */
export const maxTextBytes = 4 * 1024 * 1024;

/** Lists and maps nest deeper than {@link maxDepth}. */
export class TooDeep extends Error {
  override readonly name = "TooDeep";
  /** Offset in the text. */
  readonly offset: number;

  constructor(offset: number) {
    super(tooDeep);
    this.offset = offset;
  }
}

/** How deep lists and maps may nest: deeper than anybody writes them, and less than what takes a parser's stack. */
export const maxDepth = 200;

/** For every text that does. */
export const tooDeep = "lists or maps are nested too deeply";

/**
 * The tokens of a YAML text. The library's own parser goes on for as long as a text opens lists, at a kilobyte of memory for each; this
 * stops at the first one that is too deep.
 *
 * @param onNewLine is told where each line begins
 * @throws TooDeep.
 */
export function boundedTokens(text: string, onNewLine: (offset: number) => void): CST.Token[] {
  const parser = new Parser(onNewLine);
  const tokens: CST.Token[] = [];
  onNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > maxDepth) throw new TooDeep(parser.offset - lexeme.length);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}
