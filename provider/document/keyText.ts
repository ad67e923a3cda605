import type { DataKey, Entry } from "./entry";
import type { Value } from "./value";
import type { TextFault } from "./yamlText";

/** One item of a key's list: a slice of the text, and what it says. */
export interface Item {
  /** What stands between the item before and this one: blank lines and comments, in brackets the comma as well. */
  readonly lead: string;
  /** The item's own lines, from the indentation of its dash to the line break behind its last value; in brackets the value alone. */
  readonly text: string;
  /** Everything in it, known to the authenticator or not. */
  readonly value: Value;
  readonly entry: Entry;
}

/**
 * How a key's text is built.
 *
 * - `list`: a block list, one slice an item
 * - `flow`: a list in brackets, one slice an item; `head` ends with the opening bracket, and `tail` holds the closing one
 * - `empty`: no item; `filler`, such as `[]`, stands for the list
 * - `whole`: a list that has no slices, since it is oddly laid out; all of the text is `head`
 * - `fault`: the authenticator drops the key, or it is no list; all of the text is `head`
 */
export type Layout = "list" | "flow" | "empty" | "whole" | "fault";

/** The text of one key, in slices that add up to it byte for byte. */
export interface KeyText {
  readonly key: DataKey;
  readonly layout: Layout;
  /** What comes before the first item. */
  readonly head: string;
  /** What stands for an empty list; empty in every other layout. */
  readonly filler: string;
  readonly items: readonly Item[];
  /** What comes behind the last item. */
  readonly tail: string;
  /** Whether items refer to each other, or to directives, so that an edit has to be checked in the whole text. */
  readonly isLinked: boolean;
  readonly fault?: TextFault;
}

/** The text of a key. */
export function renderKeyText(text: KeyText): string {
  const cached = rendered.get(text);
  if (cached !== undefined) return cached;
  const result = around(text, renderItems(text.items, latest.get(text.key)));
  rendered.set(text, result);
  latest.set(text.key, text);
  return result;
}

/** The same for a part of a text, which is rendered once. */
export function renderWindow(text: KeyText): string {
  return around(text, pieces(text.items));
}

function around({ head, filler, tail }: KeyText, items: string): string {
  return head + filler + items + tail;
}

/** @param base a text that has been rendered: one write after the other, all but one item is the same in both. */
function renderItems(items: readonly Item[], base: KeyText | undefined): string {
  const before = base && rendered.get(base);
  if (base === undefined || before === undefined) return pieces(items);
  const shorter = Math.min(items.length, base.items.length);
  let first = 0;
  let start = base.head.length + base.filler.length;
  for (; first < shorter && items[first] === base.items[first]; first++) start += lengthOf(items[first]);
  let last = 0;
  let end = before.length - base.tail.length;
  for (; last < shorter - first && items.at(-1 - last) === base.items.at(-1 - last); last++) {
    end -= lengthOf(items.at(-1 - last));
  }
  return (
    before.slice(base.head.length + base.filler.length, start) +
    pieces(items.slice(first, items.length - last)) +
    before.slice(end, before.length - base.tail.length)
  );
}

function pieces(items: readonly Item[]): string {
  return items.map(({ lead, text }) => lead + text).join("");
}

function lengthOf(item: Item | undefined): number {
  return item === undefined ? 0 : item.lead.length + item.text.length;
}

/** The line break that a text uses. */
export function lineBreakOf(text: string): "\r\n" | "\n" {
  const index = text.indexOf("\n");
  return index > 0 && text[index - 1] === "\r" ? "\r\n" : "\n";
}

/** The line break for more lines of an item, or of a text that has none yet: the item's own, where it shows one, else the text's. */
export function lineBreakFor(text: KeyText, item: Item | undefined): "\r\n" | "\n" {
  return lineBreakOf(item?.text.includes("\n") ? item.text : renderKeyText(text));
}

const rendered = new WeakMap<KeyText, string>();

/** The text of each key that was rendered last. */
const latest = new Map<DataKey, KeyText>();
