/** Where something stands in a text. */
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
  if (margin === undefined) return [];
  const items: { start: number; end: number }[] = [];
  for (const { index, 0: line } of content.matchAll(/[^\n]*(?:\n|$)/g)) {
    const last = items.at(-1);
    const isDash = line.startsWith(`${margin}-`) && /^\s*-(?:\s|$)/.test(line);
    if (isDash) items.push({ start: index, end: index + line.length });
    else if (last !== undefined && !/^\s*(?:#|$)/.test(line)) last.end = index + line.length;
  }
  return items;
}

/** Where the first document ends, so that what comes behind is not looked at: a `...` or `---` that does not begin it. */
export function contentEnd(text: string): number {
  const head = /^(?:[ \t]*(?:#.*|%.*)?\r?\n)*(?:---(?=\s|$))?/.exec(text)?.[0].length ?? 0;
  const marker = /^(?:\.\.\.|---)(?=\s|$)/m.exec(text.slice(head));
  return marker === null ? text.length : head + marker.index;
}

/** Whether a list is in flow style: `[{...}]`. */
export function isFlowList(text: string): boolean {
  return /^(?:\s*(?:#.*|---|%.*)?\n)*\s*\[\s*[^\s\]]/.test(text);
}

/** What a text says, without the punctuation of its style: its comments, and then its words. */
export function wordsIn(text: string): string[] {
  const comment = /(?<=^|\s)#.*/gm;
  const words = text.replace(comment, "").match(/[^\s,[\]{}]+/g) ?? [];
  return [...(text.match(comment) ?? []), ...words.filter((word) => word !== "-")];
}

/** The lines of a text that has no items, without what stands for the empty list. */
export function remarksIn(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^\s*(?:\[\s*\]|""|''|``|~|null)(?=\s|$)/, "").trim());
  return lines.filter((line) => line !== "");
}
