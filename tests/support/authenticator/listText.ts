/** A range of a string. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The items of a block list, each from its dash's line to the end of its last line that is neither blank nor a comment. It looks at
 * nothing but lines, so that it owes nothing to the code under test.
 */
export function itemsIn(text: string): Range[] {
  const content = text.slice(0, contentEnd(text));
  const margin = /^([ \t]*)-(?=\s|$)/m.exec(content)?.[1];
  if (margin === undefined) {
    return [];
  }
  const items: { start: number; end: number }[] = [];
  for (const { index, 0: line } of content.matchAll(/[^\n]*(?:\n|$)/g)) {
    const last = items.at(-1);
    const isDash = line.startsWith(`${margin}-`) && /^\s*-(?:\s|$)/.test(line);
    if (isDash) {
      items.push({ start: index, end: index + line.length });
    } else if (last !== undefined && !/^\s*(?:#|$)/.test(line)) {
      last.end = index + line.length;
    }
  }
  return items;
}

/** Where the first document ends, so that what comes behind is not looked at: a `...` or `---` that does not begin it. */
export function contentEnd(text: string): number {
  const head = /^(?:[ \t]*(?:#.*|%.*)?\r?\n)*(?:---(?=\s|$))?/.exec(text)?.[0].length ?? 0;
  const marker = /^(?:\.\.\.|---)(?=\s|$)/m.exec(text.slice(head));
  return marker === null ? text.length : head + marker.index;
}

/** A list in brackets: what comes before and behind it, its items, and the comments between them. */
export interface FlowList {
  readonly head: string;
  readonly items: readonly Range[];
  readonly comments: readonly string[];
  readonly tail: string;
}

/**
 * The list in brackets that a string holds. It counts brackets and quotes and nothing else, so that it owes nothing to the code
 * under test.
 */
export function flowListIn(text: string): FlowList | undefined {
  const open = /^\ufeff?(?:(?:[ \t]*(?:#.*|%.*)?|---)\r?\n)*(?:--- +)?[ \t]*\[/.exec(text)?.[0].length;
  if (open === undefined) {
    return undefined;
  }
  const items: Range[] = [];
  const comments: string[] = [];
  let depth = 1;
  let item: { start: number; end: number } | undefined;
  for (let at = open; at < text.length; ) {
    const token = flowToken(text.slice(at), /[\s,:[{]/.test(text[at - 1] ?? ""));
    const isEnd = token === "]" && depth === 1;
    if (depth === 1 && (token === "," || isEnd) && item !== undefined) {
      items.push(item);
      item = undefined;
    }
    if (isEnd) {
      return { head: text.slice(0, open - 1), items, comments, tail: text.slice(at + 1) };
    }
    if (token.startsWith("#")) {
      if (item === undefined || depth === 1) {
        comments.push(token.trimEnd());
      }
    } else if (/\S/.test(token) && !(depth === 1 && token === ",")) {
      item ??= { start: at, end: at };
      item.end = at + token.length;
    }
    depth += /^[[{]$/.test(token) ? 1 : /^[\]}]$/.test(token) ? -1 : 0;
    at += token.length;
  }
  return undefined;
}

/** The next comment, quoted text, mark or character of a list in brackets. */
function flowToken(rest: string, isFirst: boolean): string {
  const comment = isFirst ? /^#[^\n]*/ : undefined;
  const quoted = isFirst ? /^(?:"(?:[^"\\]|\\[\s\S])*"|'(?:[^']|'')*')/ : undefined;
  return (comment?.exec(rest) ?? quoted?.exec(rest) ?? /^[\s\S]/.exec(rest))?.[0] ?? "";
}

/** Whether a list is in flow style, and not empty: `[{...}]`. */
export function isFlowList(text: string): boolean {
  return (flowListIn(text)?.items.length ?? 0) > 0;
}

/** The items of a list in either style. */
export function entriesIn(text: string): readonly Range[] {
  return isFlowList(text) ? (flowListIn(text)?.items ?? []) : itemsIn(text);
}

/** The lines of a string without items, except the empty list. */
export function remarksIn(text: string): string[] {
  const flow = flowListIn(text);
  const outside = flow === undefined ? text : [flow.head, ...flow.comments, flow.tail].join("\n");
  const lines = outside
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:\[\s*\]|""|''|``|~|null)(?=\s|$)/, "").trim());
  return lines.filter((line) => line !== "");
}
