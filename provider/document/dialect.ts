import type { CST } from "yaml";
import { lineStart, tokenEnd } from "./tokens";

/** Something that the authenticator's YAML 1.1 reader takes otherwise than the YAML 1.2 parser used here. */
export interface DialectFault {
  /** Offset in the text. */
  readonly offset: number;
  readonly reason: string;
}

/**
 * Finds the first thing in a document that yaml.v2, which the authenticator reads with, refuses or understands differently. Found by
 * comparing both readers on generated texts.
 *
 * @param source the text before its line breaks were made alike.
 */
export function findDialectFault(source: string, document: CST.Document): DialectFault | undefined {
  return new DialectWalk(source).inTokens([...document.start, document.value, ...(document.end ?? [])], false);
}

class DialectWalk {
  private readonly source: string;
  /** The token before, which tells whether a tab may follow. */
  private previous = "newline";

  constructor(source: string) {
    this.source = source;
  }

  inTokens(
    tokens: readonly (CST.Token | CST.CollectionItem | null | undefined)[],
    inFlow: boolean,
  ): DialectFault | undefined {
    for (const token of tokens) {
      const fault = token && ("type" in token ? this.inToken(token, inFlow) : this.inPair(token, inFlow));
      if (fault) return fault;
    }
    return undefined;
  }

  private inPair(pair: CST.CollectionItem, inFlow: boolean): DialectFault | undefined {
    const reason = this.layoutOf(pair, inFlow);
    if (reason !== undefined) {
      const [part] = [...(pair.sep ?? []), pair.key, ...pair.start, pair.value].filter((token) => token != null);
      return { offset: part?.offset ?? 0, reason };
    }
    return this.inTokens([...pair.start, pair.key, ...(pair.sep ?? []), pair.value], inFlow);
  }

  /** What is wrong with where the parts of a `key: value` or `- value` stand. */
  private layoutOf({ start, key, sep, value }: CST.CollectionItem, inFlow: boolean): string | undefined {
    const colon = sep?.find(({ type }) => type === "map-value-ind");
    const mark = start.find(({ type }) => type === "explicit-key-ind");
    if (colon === undefined) return key && value ? "there is no colon between a key and its value" : undefined;
    if (mark !== undefined) {
      const isAligned = inFlow || this.columnOf(mark.offset) === this.columnOf(colon.offset);
      return isAligned ? undefined : "a colon does not stand under its question mark";
    }
    if (!key) return "there is no key before a colon";
    if (anyBreak.test(this.source.slice(key.offset, colon.offset)))
      return "a key and its colon stand on different lines";
    const isGlued = inFlow && key.type === "scalar" && /[,[\]{}]/.test(this.source[colon.offset + 1] ?? "");
    return isGlued ? "a colon in braces or brackets needs a blank behind it" : undefined;
  }

  /** Every pair or item of a block collection but the first one begins a line. */
  private inBlock({ items }: CST.BlockMap | CST.BlockSequence): DialectFault | undefined {
    for (const [index, item] of items.entries()) {
      const first = [...item.start, item.key].find((token) => token && !blanks.has(token.type));
      if (index > 0 && first && this.source.slice(lineStart(this.source, first.offset), first.offset).trim() !== "") {
        return { offset: first.offset, reason: "something stands behind a value on its line" };
      }
      const fault = this.inPair(item, false);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  private columnOf(offset: number): number {
    return offset - lineStart(this.source, offset);
  }

  private inToken(token: CST.Token, inFlow: boolean): DialectFault | undefined {
    const fault = this.inText(token, inFlow);
    if (fault !== undefined) return fault;
    if (token.type === "flow-collection") {
      if (this.previous === "tag") return { offset: token.offset, reason: "a tag needs a blank behind it" };
      this.previous = token.start.type;
      return this.inTokens(token.items, true) ?? this.inTokens(token.end, inFlow);
    }
    if (token.type === "block-map" || token.type === "block-seq") return this.inBlock(token);
    this.previous = token.type === "space" && tabFree.has(this.previous) ? this.previous : token.type;
    if (token.type === "block-scalar") {
      this.previous = "newline";
      return this.inTokens(token.props, false);
    }
    return "end" in token && token.end !== undefined ? this.inTokens(token.end, inFlow) : undefined;
  }

  private inText(token: CST.Token, inFlow: boolean): DialectFault | undefined {
    if (!("source" in token)) return undefined;
    const { offset, source, type } = token;
    if (this.previous === "tag" && !blanks.has(type)) return { offset, reason: "a tag needs a blank behind it" };
    if (type === "space" && !inFlow && source.includes("\t") && tabFree.has(this.previous)) {
      return { offset, reason: "a tab stands where only spaces may indent" };
    }
    const rule = rules.find(
      (candidate) => candidate.types.has(type) && (inFlow || !candidate.inFlow) && candidate.pattern.test(source),
    );
    if (rule !== undefined) return { offset, reason: rule.reason };
    const start = token.type === "block-scalar" ? tokenEnd(token) - source.length : offset;
    if (scalars.has(type) && this.source.slice(start, start + source.length) !== source) {
      return { offset, reason: "a value holds a line break that only YAML 1.1 knows" };
    }
    return undefined;
  }
}

const anyBreak = /[\n\r\u0085\u2028\u2029]/;
const blanks: ReadonlySet<string> = new Set(["space", "newline", "comment"]);
const tabFree: ReadonlySet<string> = new Set(["newline", "seq-item-ind", "explicit-key-ind"]);
const scalars: ReadonlySet<string> = new Set([
  "scalar",
  "single-quoted-scalar",
  "double-quoted-scalar",
  "block-scalar",
]);

/** What a token's own text must not hold. */
interface Rule {
  readonly types: ReadonlySet<string>;
  /** Whether it only counts in braces and brackets. */
  readonly inFlow?: boolean;
  readonly pattern: RegExp;
  readonly reason: string;
}

const rules: readonly Rule[] = [
  {
    types: new Set(["double-quoted-scalar"]),
    pattern: /(?:^|[^\\])(?:\\\\)*\\\//,
    reason: String.raw`the escape \/ is unknown to YAML 1.1`,
  },
  {
    types: new Set(["double-quoted-scalar"]),
    pattern: /\\\r?\n[ \t]*\r?\n/,
    reason: "an escaped line break stands before an empty line",
  },
  {
    types: new Set(["block-scalar"]),
    pattern: /^ *\t/m,
    reason: "a tab stands where only spaces may indent",
  },
  {
    types: new Set(["scalar"]),
    inFlow: true,
    pattern: /^:|\?/,
    reason: "a question mark or leading colon in braces or brackets needs quotes around its text",
  },
  {
    types: new Set(["anchor", "alias"]),
    pattern: /^[&*][\w-]*[^\w-]/,
    reason: "the name of an anchor has other characters than letters, digits, - and _",
  },
];
