/** For every fault of a tab. */
export const strayTab = "a tab stands where only spaces may indent";

/** A pattern that must not occur in the text of a token. */
export interface TokenRule {
  readonly types: ReadonlySet<string>;
  /** Whether it only counts in braces and brackets. */
  readonly inFlow?: boolean;
  readonly pattern: RegExp;
  readonly reason: string;
}

/** What a token's own text must not hold: yaml.v2 refuses it, or reads something else. */
export const tokenRules: readonly TokenRule[] = [
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
    types: new Set(["double-quoted-scalar"]),
    pattern: /^(?!"(?:[^"\\]|\\[\s\S])*"$)/,
    reason: "a quoted text is not closed, or goes on in a line that is not indented",
  },
  {
    types: new Set(["single-quoted-scalar"]),
    pattern: /^(?!'(?:[^']|'')*'$)/,
    reason: "a quoted text is not closed, or goes on in a line that is not indented",
  },
  {
    types: new Set(["double-quoted-scalar", "single-quoted-scalar"]),
    pattern: /\n(?:---|\.\.\.)(?:\s|$)/,
    reason: "a quoted text holds a line that ends the document",
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
    reason: "the name of an anchor has other characters than letters, digits, - and _",
  },
];
