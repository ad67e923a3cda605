import { contentEnd, isFlowList, itemsIn, type Range, remarksIn, wordsIn } from "./listText.ts";

/** What an edit was to do to a key's text. */
export type EditKind = "append" | "update" | "remove" | "adopt";

/**
 * What an edit did to a key's text besides, in one word; undefined if nothing. What is not ours has to be there in its order, byte for
 * byte. It compares texts, by the product's promises and with none of its code.
 *
 * @param names recognises the entries of the principal that is edited.
 */
export function damage(kind: EditKind, before: string, after: string, names: RegExp): string | undefined {
  if (before === after) return undefined;
  // A list in flow style is written anew when it is first edited: the bytes change, what it says does not.
  if (isFlowList(before)) return kind === "append" ? damageOfRewrite(before, after, names, wordsIn) : undefined;
  const items = itemsIn(before);
  const own = items.filter(({ start, end }) => names.test(before.slice(start, end)));
  switch (kind) {
    case "append":
      if (items.length === 0) return damageOfRewrite(before, after, names, remarksIn);
      return hasInserted(before, after) ? undefined : "not just an insertion";
    case "update":
      return own.some((item) => hasChanged(before, after, item)) ? undefined : "not just its own entry changed";
    case "remove":
      return damageOfRemoval(before, after, items, own);
    case "adopt":
      if (holdsInOrder(without(before, own), after)) return undefined;
      // What names the principal in another field than the entry's own is no entry of it.
      return damage("append", before, after, names);
  }
}

/** Of a text that is no block list, whatever counts of it has to be there beside the new entry, in its order. */
function damageOfRewrite(
  before: string,
  after: string,
  names: RegExp,
  essenceOf: (text: string) => string[],
): string | undefined {
  const own = itemsIn(after).findLast(({ start, end }) => names.test(after.slice(start, end)));
  if (own === undefined) return "no new entry";
  const rest = after.slice(0, own.start) + after.slice(own.end);
  return essenceOf(before).join("\n") === essenceOf(rest).join("\n") ? undefined : "something is lost";
}

/** An entry comes behind everything, or in front of the end of the document. */
function hasInserted(before: string, after: string): boolean {
  const end = contentEnd(before);
  return after.length > before.length && surrounds(before.slice(0, end), before.slice(end), after);
}

/** A last line without a line break has got none after the edit either. */
function hasChanged(before: string, after: string, { start, end }: Range): boolean {
  return surrounds(before.slice(0, start), before.slice(end), after) && isOpen(before) === isOpen(after);
}

function damageOfRemoval(
  before: string,
  after: string,
  items: readonly Range[],
  own: readonly Range[],
): string | undefined {
  const isLast = items.length === 1;
  const isRemoved = own.some(({ start, end }) => {
    const head = before.slice(0, start);
    // Blank lines behind a block scalar belong to it.
    const isBlock = /[|>][-+]?\s*\n/.test(before.slice(start, end));
    const tails = [before.slice(end), ...(isBlock ? [before.slice(end).replace(/^(?:[ \t]*\r?\n)+/, "")] : [])];
    return tails.some((tail) => {
      const rest = head + tail;
      if (isLast) return /^\[\]/m.test(after) && remarksIn(rest).join("\n") === remarksIn(after).join("\n");
      return after === (isOpen(before) ? rest.replace(/\r?\n$/, "") : rest);
    });
  });
  return isRemoved ? undefined : "not just its own entry went";
}

function isOpen(text: string): boolean {
  return !text.endsWith("\n");
}

function surrounds(head: string, tail: string, text: string): boolean {
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}

/** The pieces of a text beside some ranges of it. */
function without(text: string, ranges: readonly Range[]): string[] {
  const starts = [0, ...ranges.map(({ end }) => end)];
  return starts.map((start, index) => text.slice(start, ranges[index]?.start ?? text.length));
}

function holdsInOrder(pieces: readonly string[], text: string): boolean {
  const [head = "", ...middle] = pieces;
  const tail = middle.pop() ?? "";
  let at = head.length;
  for (const piece of middle) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.startsWith(head) && text.endsWith(tail) && at + tail.length <= text.length;
}
