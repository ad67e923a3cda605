import type { CST } from "yaml";

/** The offset behind the last character of a token that is neither white space nor comment; 0 when there is none. */
export function tokenEnd(token: CST.Token | CST.CollectionItem | null | undefined): number {
  if (token === null || token === undefined) return 0;
  if (!("type" in token))
    return Math.max(lastOf(token.start), tokenEnd(token.key), lastOf(token.sep ?? []), tokenEnd(token.value));
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

/** The comments inside a token, those behind its end excepted. */
export function commentsIn(token: CST.Token | CST.CollectionItem | null | undefined): string[] {
  if (token === null || token === undefined) return [];
  if (!("type" in token)) {
    const behindKey = token.key && "end" in token.key ? (token.key.end ?? []) : [];
    return [...token.start, token.key, ...behindKey, ...(token.sep ?? []), token.value].flatMap(commentsIn);
  }
  if (token.type === "comment") return [token.source];
  if (token.type !== "flow-collection") return "items" in token ? token.items.flatMap(commentsIn) : [];
  const close = token.end.findIndex(({ type }) => type.endsWith("-end"));
  const behindItems = token.items.flatMap(({ value }) => (value && "end" in value ? (value.end ?? []) : []));
  return [...token.items, ...behindItems, ...token.end.slice(0, close)].flatMap(commentsIn);
}

/** The offset at which the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** The offset behind the line break that ends the line of the character before an offset; the text's end if there is none. */
export function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === "\n") return offset;
  const index = text.indexOf("\n", offset);
  return index === -1 ? text.length : index + 1;
}

function lastOf(tokens: readonly CST.SourceToken[]): number {
  // One by one: a million blank lines are as many tokens, and no call takes so many arguments.
  return tokens.reduce((end, token) => Math.max(end, tokenEnd(token)), 0);
}
