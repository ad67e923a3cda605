import { contentEnd, type FlowList, flowListIn, itemsIn, type Range, remarksIn } from "./listText.ts";

/** What an edit was to do to a key's text. */
export type EditKind = "append" | "update" | "remove" | "adopt";

/**
 * The unwanted effect of an edit on a key's text, in one word; undefined if there is none. What is not ours has to be there in its order, byte
 * for byte. It compares texts, by the product's promises and with none of its code.
 *
 * @param names recognises the entries of the principal that is edited.
 */
export function damage(kind: EditKind, before: string, after: string, names: RegExp): string | undefined {
  if (before === after) {
    return undefined;
  }
  const flow = flowListIn(before);
  if (flow !== undefined && flow.items.length > 0) {
    return damageOfFlow(kind, { text: before, ...flow }, after, names);
  }
  const items = itemsIn(before);
  const own = items.filter(({ start, end }) => names.test(before.slice(start, end)));
  switch (kind) {
    case "append":
      if (items.length === 0) {
        return damageOfEmpty(before, after, names);
      }
      return hasInserted(before, after) ? undefined : "not just an insertion";
    case "update":
      return own.some((item) => hasChanged(before, after, item)) ? undefined : "not just its own entry changed";
    case "remove":
      return damageOfRemoval(before, after, items, own);
    case "adopt":
      if (holdsInOrder(without(before, own), after)) {
        return undefined;
      }
      // Where the last entry went, the line before it is the one without a line break.
      if (isOpen(before) && isOpen(after) && holdsInOrder(without(before, own), after + lineBreakOf(before))) {
        return undefined;
      }
      // What names the principal in another field than the entry's own is no entry of it.
      return damage("append", before, after, names);
  }
}

/** In brackets the other items and the comments stay in their order, and all around them; the comma goes with its item. */
function damageOfFlow(
  kind: EditKind,
  before: FlowList & { readonly text: string },
  text: string,
  names: RegExp,
): string | undefined {
  const after = flowListIn(text);
  if (after === undefined) {
    return "no list in brackets any more";
  }
  const textsOf = (source: string, items: readonly Range[]) => items.map(({ start, end }) => source.slice(start, end));
  const [then, now] = [textsOf(before.text, before.items), textsOf(text, after.items)];
  const isOutsideKept = before.head === after.head && before.tail === after.tail;
  if (!isOutsideKept || before.comments.join("\n") !== after.comments.join("\n")) {
    return "not just the list changed";
  }
  const isOneOff = (longer: readonly string[], shorter: readonly string[]) =>
    longer.some((item, index) => names.test(item) && sameTexts(longer.toSpliced(index, 1), shorter));
  const others = (items: readonly string[]) => items.filter((item) => !names.test(item));
  const [lastItem] = before.items.slice(-1);
  switch (kind) {
    case "append":
      if (!text.startsWith(before.text.slice(0, lastItem?.end))) {
        return "something before the end changed";
      }
      return names.test(now.at(-1) ?? "") && isOneOff(now, then) ? undefined : "not just an insertion";
    case "update":
      return before.items.some(
        (item) => names.test(before.text.slice(item.start, item.end)) && hasChanged(before.text, text, item),
      )
        ? undefined
        : "not just its own entry changed";
    case "remove":
      return isOneOff(then, now) ? undefined : "not just its own entry went";
    case "adopt":
      return sameTexts(others(then), others(now)) ? undefined : "something else changed";
  }
}

function sameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, index) => text === others[index]);
}

/** For a string without items: its content has to be there along with the new entry, in the same order. */
function damageOfEmpty(before: string, after: string, names: RegExp): string | undefined {
  const own = itemsIn(after).findLast(({ start, end }) => names.test(after.slice(start, end)));
  if (own === undefined) {
    return "no new entry";
  }
  const rest = after.slice(0, own.start) + after.slice(own.end);
  return remarksIn(before).join("\n") === remarksIn(rest).join("\n") ? undefined : "something is lost";
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
      if (isLast) {
        return /^\[\]/m.test(after) && remarksIn(rest).join("\n") === remarksIn(after).join("\n");
      }
      return after === (isOpen(before) ? rest.replace(/\r?\n$/, "") : rest);
    });
  });
  return isRemoved ? undefined : "not just its own entry went";
}

function isOpen(text: string): boolean {
  return !text.endsWith("\n");
}

function lineBreakOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function surrounds(head: string, tail: string, text: string): boolean {
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}

/** The pieces of a string outside some ranges. */
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
    if (found === -1) {
      return false;
    }
    at = found + piece.length;
  }
  return text.startsWith(head) && text.endsWith(tail) && at + tail.length <= text.length;
}
