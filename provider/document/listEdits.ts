import type { Mapping } from "../mapping/mapping";
import {
  closingGap,
  gapsOfLast,
  hasComment,
  joinedClosing,
  joinedGap,
  separatorAfter,
  withoutComments,
  withoutFinalBlanks,
} from "../yaml/tokens";
import { arnField, type DataKey, isWrittenAs } from "./entry";
import { documentEnd, type Item, type ItemContent, type KeyText, lineBreakOf, withoutLineBreak } from "./keyText";
import { type EntryStyle, renderEntry, renderValue, styleFor } from "./style";
import { verifyEdit } from "./verify";

/** Adds an entry after the last one and after the comments that follow it. */
export function appendToList(keyText: KeyText, mapping: Mapping): KeyText {
  const placed = place(keyText, mapping, styleFor(keyText));
  const isIntended = (content: ItemContent) => saysExactly(keyText.key, content, mapping);
  return verifyEdit(placed, placed.items.length - 1, isIntended);
}

function saysExactly(key: DataKey, { value, entry }: ItemContent, mapping: Mapping): boolean {
  if (!isWrittenAs(entry, mapping)) {
    return false;
  }
  if (mapping.kind === "account") {
    return true;
  }
  const fields = [
    arnField(key),
    ...(mapping.username ? ["username"] : []),
    ...(mapping.groups.length > 0 ? ["groups"] : []),
  ];
  return value instanceof Map && value.size === fields.length && fields.every((field) => value.has(field));
}

function place(keyText: KeyText, mapping: Mapping, style: EntryStyle): KeyText {
  if (keyText.layout === "flow") {
    return placeInBrackets(keyText, renderValue(keyText.key, mapping, style), style);
  }
  const rendered = renderEntry(keyText.key, mapping, style);
  return keyText.layout === "empty" ? replaceFiller(keyText, rendered) : placeLast(keyText, rendered);
}

function placeInBrackets(keyText: KeyText, rendered: string, { flow }: EntryStyle): KeyText {
  const { lead = "" } = keyText.items.at(-1) ?? {};
  const isTight = flow !== undefined && !/\s/.test(flow.separator);
  const separator = keyText.items.length > 1 ? withoutComments(lead) : separatorAfter(lead, isTight);
  const closing = closingGap(keyText.tail);
  const [before, behind] = gapsOfLast(closing, separator);
  const added = { lead: before, text: rendered, ...pending(keyText.key) };
  return { ...keyText, items: [...keyText.items, added], tail: behind + keyText.tail.slice(closing.length) };
}

function placeLast(keyText: KeyText, rendered: string): KeyText {
  const end = documentEnd.exec(keyText.tail)?.index ?? keyText.tail.length;
  const lead = keyText.tail.slice(0, end);
  const last = keyText.items.at(-1);
  const isOpen = !(lead || last?.text || "\n").endsWith("\n");
  const lineBreak = lineBreakOf(rendered);
  // A text without a final line break stays without one, so that removing the entry restores it.
  const added = {
    lead: isOpen && lead !== "" ? lead + lineBreak : lead,
    text: isOpen ? withoutLineBreak(rendered) : rendered,
    ...pending(keyText.key),
  };
  const others =
    isOpen && lead === "" && last !== undefined
      ? keyText.items.with(-1, { ...last, text: last.text + lineBreak })
      : keyText.items;
  // In one step: an array that is copied and then extended is allocated twice, for each mapping of a map.
  const items = others.toSpliced(others.length, 0, added);
  return { ...keyText, items, tail: keyText.tail.slice(end) };
}

function replaceFiller(keyText: KeyText, rendered: string): KeyText {
  const lineBreak = lineBreakOf(rendered);
  const [rest = ""] = /^[^\n]*\n?/.exec(keyText.tail) ?? [];
  const tail = keyText.tail.slice(rest.length);
  // A list without a final line break stays without one. Blank text and empty quotes are not a list, and get one.
  const isClosed = rest.endsWith("\n") || (!keyText.filler.startsWith("[") && /(?:^|\n)$/.test(keyText.head));
  // A comment in or after the filler moves above the entry, where it still reads as a remark on the list.
  const remarks = [...(keyText.filler.match(/#[^\n\r]*/g) ?? []), ...(keyText.filler === "" ? [] : [rest.trim()])];
  const remark = remarks.map((line) => (line === "" ? "" : line + lineBreak)).join("");
  const kept = keyText.filler === "" ? keyText.tail : tail;
  const opening = withoutFinalBlanks(keyText.head);
  const head = /^\ufeff?$/.test(opening) || opening.endsWith("\n") ? opening : opening + lineBreak;
  const added = { lead: "", text: isClosed ? rendered : withoutLineBreak(rendered), ...pending(keyText.key) };
  return { ...keyText, layout: "list", filler: "", head: head + remark, items: [added], tail: kept };
}

/** A placeholder for the content of an item, which verification fills in. */
function pending(key: DataKey): ItemContent {
  return { value: null, entry: { key, username: "", groups: [] } };
}

/** Removes the lines of an item or, in brackets, only the item. Comments around it stay. */
export function removeFromList(keyText: KeyText, index: number): KeyText {
  const removed = keyText.items[index];
  if (removed === undefined) {
    throw new RangeError(`no item ${index}`);
  }
  const isFlow = keyText.layout === "flow";
  if (keyText.items.length === 1) {
    return verifyEdit(isFlow ? emptiedBrackets(keyText, removed) : emptied(keyText, removed), 0, undefined);
  }
  if (isFlow) {
    return verifyEdit(removeFromBrackets(keyText, index, removed), index, undefined);
  }
  const items = keyText.items.toSpliced(index, 1);
  const next = items[index];
  if (next !== undefined) {
    items[index] = { ...next, lead: removed.lead + next.lead };
    return verifyEdit({ ...keyText, items }, index, undefined);
  }
  if (removed.text.endsWith("\n")) {
    return verifyEdit({ ...keyText, items, tail: removed.lead + keyText.tail }, index, undefined);
  }
  // A text without a final line break stays without one.
  const last = items[index - 1];
  if (removed.lead !== "" || last === undefined) {
    return verifyEdit({ ...keyText, items, tail: withoutLineBreak(removed.lead) + keyText.tail }, index, undefined);
  }
  items[index - 1] = { ...last, text: withoutLineBreak(last.text) };
  return verifyEdit({ ...keyText, items }, index, undefined);
}

function emptied(keyText: KeyText, removed: Item): KeyText {
  const lineBreak = removed.text.endsWith("\n") ? lineBreakOf(removed.text) : "";
  return {
    ...keyText,
    layout: "empty",
    head: keyText.head + removed.lead,
    filler: "[]",
    items: [],
    tail: lineBreak + keyText.tail,
  };
}

function emptiedBrackets(keyText: KeyText, { lead }: Item): KeyText {
  const closing = closingGap(keyText.tail);
  const gap = joinedClosing(lead, closing);
  return {
    ...keyText,
    layout: "empty",
    head: keyText.head.slice(0, -1),
    filler: hasComment(gap) ? `[${gap}]` : "[]",
    items: [],
    tail: keyText.tail.slice(closing.length + 1),
  };
}

function removeFromBrackets(keyText: KeyText, index: number, { lead }: Item): KeyText {
  const items = keyText.items.toSpliced(index, 1);
  const next = items[index];
  if (next !== undefined) {
    items[index] = { ...next, lead: joinedGap(lead, next.lead) };
    return { ...keyText, items };
  }
  const closing = closingGap(keyText.tail);
  return { ...keyText, items, tail: joinedClosing(lead, closing) + keyText.tail.slice(closing.length) };
}
