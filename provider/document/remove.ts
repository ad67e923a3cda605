import type { Item, KeyText } from "./keyText";
import { lineBreakOf } from "./keyText";
import { verifyEdit } from "./verify";

/** Takes out an item's own lines; comments around it stay. */
export function removeFromList(text: KeyText, index: number): KeyText {
  const removed = text.items[index];
  if (removed === undefined) throw new RangeError(`no item ${index}`);
  if (text.items.length === 1) return verifyEdit(emptied(text, removed), 0, undefined);
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

function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, "");
}
