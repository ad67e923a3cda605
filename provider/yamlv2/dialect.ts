import type { CST } from "yaml";
import { lineStart, tokenEnd } from "../yaml/tokens";
import { strayTab } from "../yaml/yamlErrors";

/** A pattern that must not match the text of a token. */
interface TokenRule {
  readonly types: ReadonlySet<string>;
  /** Whether it applies only in braces and brackets. */
  readonly inFlow?: boolean;
  readonly pattern: RegExp;
  readonly reason: string;
}

const unclosed = "a quote is not closed: close it, or indent its continuation lines";

/** Content that yaml.v2 refuses in a token, or reads differently. */
const tokenRules: readonly TokenRule[] = [
  {
    types: new Set(["double-quoted-scalar"]),
    pattern: /(?:^|[^\\])(?:\\\\)*\\\//,
    reason: String.raw`the escape \/ is unknown to YAML 1.1: write / alone`,
  },
  {
    types: new Set(["double-quoted-scalar"]),
    pattern: /\\\r?\n[ \t]*\r?\n/,
    reason: "an escaped line break is before an empty line: remove either",
  },
  {
    types: new Set(["double-quoted-scalar"]),
    pattern: /^(?!"(?:[^"\\]|\\[\s\S])*"$)/,
    reason: unclosed,
  },
  {
    types: new Set(["single-quoted-scalar"]),
    pattern: /^(?!'(?:[^']|'')*'$)/,
    reason: unclosed,
  },
  {
    types: new Set(["double-quoted-scalar", "single-quoted-scalar"]),
    pattern: /\n(?:---|\.\.\.)(?:\s|$)/,
    reason: "a string in quotes has a line that ends the document: write it on one line",
  },
  {
    types: new Set(["block-scalar"]),
    pattern: /^ *\t/m,
    reason: strayTab,
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
    reason: "the name of an anchor contains characters other than letters, digits, - and _: rename it",
  },
];

const rulesByType: ReadonlyMap<string, readonly TokenRule[]> = new Map(
  tokenRules
    .flatMap(({ types }) => [...types])
    .map((type) => [type, tokenRules.filter(({ types }) => types.has(type))]),
);

/** A construct that the authenticator's YAML 1.1 reader treats differently from the YAML 1.2 parser used here. */
interface DialectProblem {
  /** Offset in the text. */
  readonly offset: number;
  readonly reason: string;
}

/** Properties of a document that follow from its tokens. */
interface Dialect {
  readonly problem: DialectProblem | undefined;
  /** Whether there are anchors, aliases or directives, so that a part of the text may have another meaning by itself. */
  readonly isLinked: boolean;
}

/**
 * Finds the first construct in a document that yaml.v2, the authenticator's YAML library, refuses or reads differently. The rules
 * come from comparing both readers on generated texts.
 *
 * @param source the text before its line breaks were normalized.
 * @param text the normalized text, of the same length.
 * @param tokens its tokens.
 */
export function inspectDialect(source: string, text: string, tokens: readonly CST.Token[]): Dialect {
  const walk = new DialectWalk(source, text);
  const problem = inStream(tokens, walk);
  return { problem, isLinked: walk.isLinked || tokens.some(({ type }) => type === "directive") };
}

function inStream(tokens: readonly CST.Token[], walk: DialectWalk): DialectProblem | undefined {
  for (const token of tokens) {
    if (token.type === "directive" && !/^%(?:YAML 1\.1|TAG \S+ \S+)\s*(?:#|$)/.test(token.source)) {
      return { offset: token.offset, reason: "a directive other than %YAML 1.1 or %TAG: remove it" };
    }
    if (token.type === "space" && token.source.includes("\t")) {
      return { offset: token.offset, reason: strayTab };
    }
    if (token.type === "doc-end") {
      return { offset: token.offset, reason: "the document ends before it begins: remove the line" };
    }
    if (token.type === "document" && !isAbsent(token)) {
      return walk.inTokens([...token.start, token.value, ...(token.end ?? [])], false);
    }
  }
  return undefined;
}

/** Whether a document is empty, without even a start mark. */
function isAbsent(document: CST.Document): boolean {
  return document.value === undefined && !document.start.some(({ type }) => type === "doc-start");
}

class DialectWalk {
  /** Whether an anchor or alias was seen. */
  isLinked = false;
  private readonly source: string;
  private readonly text: string;
  /** The type of the previous token, which determines whether a tab may follow. */
  private previous = "newline";

  constructor(source: string, text: string) {
    this.source = source;
    this.text = text;
  }

  inTokens(
    tokens: readonly (CST.Token | CST.CollectionItem | null | undefined)[],
    inFlow: boolean,
  ): DialectProblem | undefined {
    for (const token of tokens) {
      const problem = token && ("type" in token ? this.inToken(token, inFlow) : this.inPair(token, inFlow));
      if (problem) {
        return problem;
      }
    }
    return undefined;
  }

  private inPair(pair: CST.CollectionItem, inFlow: boolean): DialectProblem | undefined {
    const reason = this.layoutOf(pair, inFlow);
    if (reason !== undefined) {
      const colon = pair.sep?.find(({ type }) => type === "map-value-ind");
      const [part] = [colon, pair.key, ...pair.start, pair.value].filter((token) => token != null);
      return { offset: part?.offset ?? 0, reason };
    }
    return (
      this.inTokens(pair.start, inFlow) ??
      this.inValue(pair.key, inFlow) ??
      (pair.sep && this.inTokens(pair.sep, inFlow)) ??
      this.inValue(pair.value, inFlow)
    );
  }

  private inValue(token: CST.Token | null | undefined, inFlow: boolean): DialectProblem | undefined {
    return token ? this.inToken(token, inFlow) : undefined;
  }

  /** Describes a problem with the positions of the parts of a `key: value` or `- value`. */
  private layoutOf({ start, key, sep, value }: CST.CollectionItem, inFlow: boolean): string | undefined {
    const colon = sep?.find(({ type }) => type === "map-value-ind");
    const mark = start.find(({ type }) => type === "explicit-key-ind");
    if (colon === undefined) {
      return (key && value) || (mark && inFlow) ? "there is no colon between a key and its value: add one" : undefined;
    }
    if (mark !== undefined) {
      const isAligned = inFlow || this.columnOf(mark.offset) === this.columnOf(colon.offset);
      if (!isAligned) {
        return "a colon does not stand under its question mark: align them";
      }
      return !inFlow && /^ *\t/.test(this.text.slice(colon.offset + 1)) ? strayTab : undefined;
    }
    if (!key) {
      return "there is no key before a colon: add one, or put the colon in quotes";
    }
    const lineBreak = this.text.indexOf("\n", key.offset);
    if (lineBreak !== -1 && lineBreak < colon.offset) {
      return "a key and its colon stand on different lines: write them on one";
    }
    const isGlued = inFlow && key.type === "scalar" && /[,[\]{}]/.test(this.text[colon.offset + 1] ?? "");
    return isGlued ? "a colon in brackets or braces has no space after it: add one" : undefined;
  }

  /** Every pair or item of a block collection except the first must begin a line. */
  private inBlock({ items }: CST.BlockMap | CST.BlockSequence): DialectProblem | undefined {
    for (const [index, item] of items.entries()) {
      const first = [...item.start, item.key].find((token) => token && !trivia.has(token.type));
      if (index > 0 && first && this.text.slice(lineStart(this.text, first.offset), first.offset).trim() !== "") {
        return {
          offset: first.offset,
          reason: "there is text after a value on its line: move it to the next line",
        };
      }
      const problem = this.inPair(item, false);
      if (problem !== undefined) {
        return problem;
      }
    }
    return undefined;
  }

  private columnOf(offset: number): number {
    return offset - lineStart(this.text, offset);
  }

  private inToken(token: CST.Token, inFlow: boolean): DialectProblem | undefined {
    const problem = this.inText(token, inFlow);
    if (problem !== undefined) {
      return problem;
    }
    if (token.type === "flow-collection") {
      this.previous = token.start.type;
      return this.inTokens(token.items, true) ?? this.inTokens(token.end, inFlow);
    }
    if (token.type === "block-map" || token.type === "block-seq") {
      return this.inBlock(token);
    }
    this.previous = token.type === "space" && tabFree.has(this.previous) ? this.previous : token.type;
    if (token.type === "block-scalar") {
      this.previous = "newline";
      return this.inTokens(token.props, false) ?? this.inBlankEnd(token);
    }
    return "end" in token && token.end !== undefined ? this.inTokens(token.end, inFlow) : undefined;
  }

  /** With an explicit indentation, or without text, the parser and yaml.v2 disagree on whether lines of spaces at the end are text. */
  private inBlankEnd(token: CST.BlockScalar): DialectProblem | undefined {
    const { props, source } = token;
    const content = source.slice(0, endOfText(source));
    const isExplicit = props.some((prop) => prop.type === "block-scalar-header" && /[1-9]/.test(prop.source));
    if (content !== "" && !isExplicit) {
      return undefined;
    }
    const end = tokenEnd(token) - source.length + content.length;
    const before = /^(?:(?<!\n)[ \t]*\r?\n)?(?:\r?\n)*(?= +(?:\r?\n|$))/.exec(this.text.slice(end));
    return before === null
      ? undefined
      : { offset: end + before[0].length, reason: "a block of text ends with a line of spaces: remove the line" };
  }

  private inText(token: CST.Token, inFlow: boolean): DialectProblem | undefined {
    if (properties.has(this.previous) && !trivia.has(token.type)) {
      return { offset: token.offset, reason: "a tag or an anchor has no space after it: add one" };
    }
    if (!("source" in token)) {
      return undefined;
    }
    const { offset, source, type } = token;
    if (type === "anchor" || type === "alias") {
      this.isLinked = true;
    }
    if (type === "space" && !inFlow && source.includes("\t") && tabFree.has(this.previous)) {
      return { offset, reason: strayTab };
    }
    const rule = rulesByType
      .get(type)
      ?.find((candidate) => (inFlow || !candidate.inFlow) && candidate.pattern.test(source));
    if (rule !== undefined) {
      return { offset, reason: rule.reason };
    }
    const start = token.type === "block-scalar" ? tokenEnd(token) - source.length : offset;
    if (this.source !== this.text && scalars.has(type) && !this.source.startsWith(source, start)) {
      return { offset, reason: "a value has a line break that only YAML 1.1 knows: remove it" };
    }
    return undefined;
  }
}

/** Where blanks and line breaks at the end begin. Not with a regular expression, which would try every blank in the text. */
function endOfText(source: string): number {
  let end = source.length;
  while (end > 0 && " \t\r\n".includes(source.charAt(end - 1))) {
    end--;
  }
  return end;
}

const trivia: ReadonlySet<string> = new Set(["space", "newline", "comment"]);
const properties: ReadonlySet<string> = new Set(["tag", "anchor"]);
const tabFree: ReadonlySet<string> = new Set(["newline", "seq-item-ind", "explicit-key-ind"]);
const scalars: ReadonlySet<string> = new Set([
  "scalar",
  "single-quoted-scalar",
  "double-quoted-scalar",
  "block-scalar",
]);
