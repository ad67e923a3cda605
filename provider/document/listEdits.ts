import type { Mapping } from "../mapping/mapping";
import {
  closingGap,
  gapsOfLast,
  hasComment,
  joinedClosing,
  joinedGap,
  separatorAfter,
  withoutComments,
} from "../yaml/tokens";
import { arnField, type DataKey, isWrittenAs } from "./entry";
import { documentEnd, type Item, type KeyText, lineBreakOf, withoutLineBreak } from "./keyText";
import { type EntryStyle, renderEntry, renderValue, styleFor } from "./style";
import { type ItemContent, verifyEdit } from "./verify";

/** The text without the spaces and tabs at its end. Not with a regular expression, which would try every space in the text. */
function withoutFinalBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === " " || text[end - 1] === "\t") {
    end--;
  }
  return text.slice(0, end);
}

/** Adds an entry after the last one and after the comments that follow it. */
export function appendToList(text: KeyText, mapping: Mapping): KeyText {
  const placed = place(text, mapping, styleFor(text));
  return verifyEdit(placed, placed.items.length - 1, (content) => saysExactly(text.key, content, mapping));
}

/** Whether an item has the content of the mapping and no other fields. */
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

function place(text: KeyText, mapping: Mapping, style: EntryStyle): KeyText {
  if (text.layout === "flow") {
    return placeInBrackets(text, renderValue(text.key, mapping, style), style);
  }
  const rendered = renderEntry(text.key, mapping, style);
  return text.layout === "empty" ? replaceFiller(text, rendered) : placeLast(text, rendered);
}

function placeInBrackets(text: KeyText, rendered: string, { flow }: EntryStyle): KeyText {
  const { lead = "" } = text.items.at(-1) ?? {};
  const isTight = flow !== undefined && !/\s/.test(flow.separator);
  const separator = text.items.length > 1 ? withoutComments(lead) : separatorAfter(lead, isTight);
  const closing = closingGap(text.tail);
  const [before, behind] = gapsOfLast(closing, separator);
  const own = { lead: before, text: rendered, ...pending(text.key) };
  return { ...text, items: [...text.items, own], tail: behind + text.tail.slice(closing.length) };
}

function placeLast(text: KeyText, rendered: string): KeyText {
  const end = documentEnd.exec(text.tail)?.index ?? text.tail.length;
  const lead = text.tail.slice(0, end);
  const last = text.items.at(-1);
  const isOpen = !(lead || last?.text || "\n").endsWith("\n");
  const lineBreak = lineBreakOf(rendered);
  // A text without a final line break stays without one, so that removing the entry restores it.
  const own = { text: isOpen ? withoutLineBreak(rendered) : rendered, ...pending(text.key) };
  const items = [...text.items];
  if (isOpen && lead === "" && last !== undefined) {
    items[items.length - 1] = { ...last, text: last.text + lineBreak };
  }
  items.push({ ...own, lead: isOpen && lead !== "" ? lead + lineBreak : lead });
  return { ...text, items, tail: text.tail.slice(end) };
}

function replaceFiller(text: KeyText, rendered: string): KeyText {
  const lineBreak = lineBreakOf(rendered);
  const [rest = ""] = /^[^\n]*\n?/.exec(text.tail) ?? [];
  const tail = text.tail.slice(rest.length);
  // A list without a final line break stays without one. Blank text and empty quotes are not a list, and get one.
  const isClosed = rest.endsWith("\n") || (!text.filler.startsWith("[") && /(?:^|\n)$/.test(text.head));
  // A comment in or after the filler moves above the entry, where it still reads as a remark on the list.
  const remarks = [...(text.filler.match(/#[^\n\r]*/g) ?? []), ...(text.filler === "" ? [] : [rest.trim()])];
  const remark = remarks.map((line) => (line === "" ? "" : line + lineBreak)).join("");
  const kept = text.filler === "" ? text.tail : tail;
  const opening = withoutFinalBlanks(text.head);
  const head = /^\ufeff?$/.test(opening) || opening.endsWith("\n") ? opening : opening + lineBreak;
  const own = { lead: "", text: isClosed ? rendered : withoutLineBreak(rendered), ...pending(text.key) };
  return { ...text, layout: "list", filler: "", head: head + remark, items: [own], tail: kept };
}

/** A placeholder for the content of an item, which verification fills in. */
function pending(key: DataKey): ItemContent {
  return { value: null, entry: { key, username: "", groups: [] } };
}

/** Removes the lines of an item or, in brackets, only the item. Comments around it stay. */
export function removeFromList(text: KeyText, index: number): KeyText {
  const removed = text.items[index];
  if (removed === undefined) {
    throw new RangeError(`no item ${index}`);
  }
  const isFlow = text.layout === "flow";
  if (text.items.length === 1) {
    return verifyEdit(isFlow ? emptiedBrackets(text, removed) : emptied(text, removed), 0, undefined);
  }
  if (isFlow) {
    return verifyEdit(removeFromBrackets(text, index, removed), index, undefined);
  }
  const items = text.items.toSpliced(index, 1);
  const next = items[index];
  if (next !== undefined) {
    items[index] = { ...next, lead: removed.lead + next.lead };
    return verifyEdit({ ...text, items }, index, undefined);
  }
  if (removed.text.endsWith("\n")) {
    return verifyEdit({ ...text, items, tail: removed.lead + text.tail }, index, undefined);
  }
  // A text without a final line break stays without one.
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
