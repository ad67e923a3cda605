import { RefusedText } from "../text/text";
import { type DataKey, entryOf, type MapEntry } from "./entry";
import { Reader } from "./reader";
import type { Value } from "./scalar";

/** A position in a text: line and column, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One item of a key's list: a slice of the text, and its content. */
export interface ListItem {
  /** The text between the previous item and this one: blank lines and comments; in a flow list the comma. */
  readonly lead: string;
  /** The item's own lines, from the indentation of its dash to the line break after its last value; in a flow list only the value. */
  readonly text: string;
  /** The complete content, including fields that the authenticator ignores. */
  readonly value: Value;
  readonly entry: MapEntry;
  readonly comment?: number | undefined;
}

/**
 * The layout of a key's text.
 *
 * - `list`: a block list, one slice for each item
 * - `flow`: a list in brackets; `head` ends with the opening bracket, and `tail` starts with the space before the closing one
 * - `empty`: no item; `filler`, such as `[]`, represents the list
 * - `unreadable`: the text is refused, and `head` is the whole text
 */
type Layout = "list" | "flow" | "empty" | "unreadable";

/** The text of one key in slices, which concatenate to the text with a final line break. */
export interface KeyText {
  readonly key: DataKey;
  readonly layout: Layout;
  readonly head: string;
  /** The representation of an empty list; empty in other layouts. */
  readonly filler: string;
  readonly items: readonly ListItem[];
  readonly tail: string;
  /** Whether the text lacks a final line break, which edits keep so. */
  readonly isOpen: boolean;
  /** Why the text is refused, as a clause with the remedy, and the position. */
  readonly refusal?: Position & { readonly reason: string };
}

export function renderKeyText({ head, filler, items, tail, isOpen }: KeyText): string {
  const text = head + filler + items.map((item) => item.lead + item.text).join("") + tail;
  return isOpen ? text.replace(/\r?\n$/, "") : text;
}

/** Parses a key's text. Never throws: text in an unknown form gets the layout `unreadable`. */
export function parseKeyText(key: DataKey, source: string): KeyText {
  const filler = source.trim();
  if (skippable.has(filler) && !notSkipped.test(source)) {
    const start = filler === "" ? source.length : source.indexOf(filler);
    return emptied(key, source.slice(0, start), filler, source.slice(start + filler.length));
  }
  try {
    return parseList(key, new Reader(source));
  } catch (error) {
    if (!(error instanceof RefusedText)) {
      throw error;
    }
    const refusal = { ...positionAt(source, error.offset), reason: error.message };
    return { ...emptied(key, source, "", ""), layout: "unreadable", refusal };
  }
}

// isSkippable in the authenticator's pkg/mapper/configmap/configmap.go.
const skippable: ReadonlySet<string> = new Set(["", "``", '""', "''"]);
// JavaScript trims more characters than the authenticator does.
const noItem = /(?:\[[ \t\r\n]*\]|~|null)(?= *(?:$|\r| #))/my;
const notSkipped = /[^ \t\r\n`"']/;

function parseList(key: DataKey, reader: Reader): KeyText {
  const { text, isOpen } = reader;
  let line = reader.line();
  if (line !== undefined && reader.skipStart(line)) {
    line = reader.line();
  }
  if (line === undefined) {
    return emptied(key, text, "", "", isOpen);
  }
  noItem.lastIndex = line.first;
  const [none] = noItem.exec(text) ?? [];
  if (none !== undefined) {
    const end = line.first + none.length;
    reader.at = end;
    reader.endLine();
    reader.assertEnd();
    return emptied(key, text.slice(0, line.first), none, text.slice(end), isOpen);
  }
  const isFlow = text[line.first] === "[";
  if (!isFlow && !reader.isDash(line.first)) {
    throw new RefusedText(line.first, "it is not a list: start each entry with a dash");
  }
  const items = isFlow ? itemsInBrackets(key, reader, line.first) : itemsInLines(key, reader, line.column);
  const start = isFlow ? line.first + 1 : line.start;
  const length = items.reduce((sum, item) => sum + item.lead.length + item.text.length, 0);
  return {
    key,
    layout: isFlow ? "flow" : "list",
    head: text.slice(0, start),
    filler: "",
    items,
    tail: text.slice(start + length),
    isOpen,
  };
}

function itemsInLines(key: DataKey, reader: Reader, column: number): ListItem[] {
  const items: ListItem[] = [];
  const { text } = reader;
  let before: number | undefined;
  for (let line = reader.line(); line?.column === column && reader.isDash(line.first); line = reader.line()) {
    const { start, first } = line;
    reader.comments = [];
    const value = reader.item(first, column);
    const comment = reader.comments.find((offset) => offset < reader.end);
    items.push({
      lead: text.slice(before ?? start, start),
      text: text.slice(start, reader.end),
      ...parsedItem(key, value, first),
      comment: comment && comment - start,
    });
    before = reader.end;
  }
  reader.assertEnd();
  return items;
}

function itemsInBrackets(key: DataKey, reader: Reader, opening: number): ListItem[] {
  const { text } = reader;
  reader.at = opening;
  const found = reader.brackets();
  reader.endLine();
  reader.assertEnd();
  return found.map(({ value, start, end }, index) => ({
    lead: text.slice(found[index - 1]?.end ?? opening + 1, start),
    text: text.slice(start, end),
    ...parsedItem(key, value, start),
  }));
}

export function parsedItem(key: DataKey, value: Value, offset: number): Pick<ListItem, "value" | "entry"> {
  const entry = entryOf(key, value);
  if (entry === undefined) {
    const what = key === "mapAccounts" ? "an account ID" : "a map of fields";
    throw new RefusedText(offset, `an entry is not ${what}: correct or remove it`);
  }
  return { value, entry };
}

function emptied(key: DataKey, head: string, filler: string, tail: string, isOpen = false): KeyText {
  return { key, layout: "empty", head, filler, items: [], tail, isOpen };
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
