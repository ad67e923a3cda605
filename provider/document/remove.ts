import { closingGap, hasComment, joinedClosing, joinedGap } from "../yaml/tokens";
import { type Item, type KeyText, lineBreakOf } from "./keyText";
import { verifyEdit } from "./verify";

/** Takes out an item's own lines, or the item alone in brackets; comments around it stay. */
export function removeFromList(text: KeyText, index: number): KeyText {
  const removed = text.items[index];
  if (removed === undefined) throw new RangeError(`no item ${index}`);
  const isFlow = text.layout === "flow";
  if (text.items.length === 1) {
    return verifyEdit(isFlow ? emptiedBrackets(text, removed) : emptied(text, removed), 0, undefined);
  }
  if (isFlow) return verifyEdit(removeFromBrackets(text, index, removed), index, undefined);
  const items = text.items.toSpliced(index, 1);
  const next = items[index];
  if (next !== undefined) {
    items[index] = { ...next, lead: removed.lead + next.lead };
    return verifyEdit({ ...text, items }, index, undefined);
  }
  if (removed.text.endsWith("\n"))
    return verifyEdit({ ...text, items, tail: removed.lead + text.tail }, index, undefined);
  // The text ended without a line break, and goes on doing so.
  const last = items[index - 1];
  if (removed.lead !== "" || last === undefined) {
    return verifyEdit({ ...text, items, tail: withoutLineBreak(removed.lead) + text.tail }, index, undefined);
  }
  items[index - 1] = { ...last, text: withoutLineBreak(last.text) };
  return verifyEdit({ ...text, items }, index, undefined);
}

function emptied(text: KeyText, removed: Item): KeyText {
  const lineBreak = removed.text.endsWith("\n") ? lineBreakOf(removed.text) : "";
  return {
    ...text,
    layout: "empty",
    head: text.head + removed.lead,
    filler: "[]",
    items: [],
    tail: lineBreak + text.tail,
  };
}

function emptiedBrackets(text: KeyText, { lead }: Item): KeyText {
  const closing = closingGap(text.tail);
  const gap = joinedClosing(lead, closing);
  return {
    ...text,
    layout: "empty",
    head: text.head.slice(0, -1),
    filler: hasComment(gap) ? `[${gap}]` : "[]",
    items: [],
    tail: text.tail.slice(closing.length + 1),
  };
}

function removeFromBrackets(text: KeyText, index: number, { lead }: Item): KeyText {
  const items = text.items.toSpliced(index, 1);
  const next = items[index];
  if (next !== undefined) {
    items[index] = { ...next, lead: joinedGap(lead, next.lead) };
    return { ...text, items };
  }
  const closing = closingGap(text.tail);
  return { ...text, items, tail: joinedClosing(lead, closing) + text.tail.slice(closing.length) };
}

function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, "");
}
