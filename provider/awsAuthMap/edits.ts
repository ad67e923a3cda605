import { isDeepStrictEqual } from "node:util";
import { AwsAuthError, RefusedContentError } from "../errors";
import type { Mapping } from "../mapping";
import { lineBreakOf } from "./cursor";
import { arnField, type DataKey } from "./entry";
import { type KeyText, type ListItem, parsedItem, parseKeyText, renderKeyText } from "./keyText";
import { doubleQuoted, renderScalar, type Value } from "./scalar";

/** Adds an entry, or an item that was removed from the same list, after the last one and after the comments that follow it. */
export function appendItem(keyText: KeyText, mapping: Mapping, moved?: ListItem): KeyText {
  const { key, items, tail } = keyText;
  const last = items.at(-1);
  if (keyText.layout === "flow") {
    const [first, second] = items;
    const separator = second === undefined ? `,${first?.lead ?? ""}` : (last?.lead ?? "");
    const text = renderInBrackets(key, mapping, last);
    const added = moved ? { ...moved, lead: separator } : newItem(key, mapping, last, separator, text);
    return { ...keyText, items: items.toSpliced(items.length, 0, added) };
  }
  const lineBreak = lineBreakOf(last?.text ?? keyText.head + tail);
  const text = renderInLines(key, mapping, layoutOf(items.slice(-lookBack)), lineBreak);
  if (keyText.layout === "list") {
    const added = moved ? { ...moved, lead: tail } : newItem(key, mapping, last, tail, text);
    return { ...keyText, items: items.toSpliced(items.length, 0, added), tail: "" };
  }
  // A comment on the line of an empty list moves above the entry.
  const [rest = ""] = keyText.filler === "" ? [] : (/^[^\n]*\n?/.exec(tail) ?? []);
  const margin = /[ \t]*$/.exec(keyText.head.slice(-maxMargin))?.[0] ?? "";
  const opening = keyText.head.slice(0, keyText.head.length - margin.length);
  const head = opening + (rest.trim() === "" ? "" : rest.trim() + lineBreak);
  const added = newItem(key, mapping, undefined, "", text);
  return { ...keyText, layout: "list", filler: "", head, items: [added], tail: tail.slice(rest.length) };
}

/** Replaces a whole entry. Refuses to lose a comment, or a field without an equivalent in mappings. */
export function replaceItem(keyText: KeyText, item: ListItem, mapping: Mapping): KeyText {
  const { key, items, layout } = keyText;
  const index = items.indexOf(item);
  const foreign = foreignField(key, item.value);
  if (item.comment !== undefined || foreign !== undefined) {
    const tail = item.lead + item.text.slice(0, item.comment ?? 0);
    const line = renderKeyText({ ...keyText, items: items.slice(0, index), tail, isOpen: false }).split("\n").length;
    const what = foreign === undefined ? "a comment" : `the field ${JSON.stringify(foreign)}`;
    throw new AwsAuthError(
      "unsupportedEntry",
      `${key} entry ${index + 1} in kube-system/aws-auth (line ${line} of the key) has ${what} that would be lost if the entry were replaced; move or remove it manually, then run again`,
    );
  }
  const text =
    layout === "flow"
      ? renderInBrackets(key, mapping, item)
      : renderInLines(key, mapping, layoutOf([item]), lineBreakOf(item.text));
  return { ...keyText, items: items.with(index, newItem(key, mapping, item, item.lead, text)) };
}

export function removeItem(keyText: KeyText, item: ListItem): KeyText {
  const { head, layout, tail } = keyText;
  const { lead, text } = item;
  const index = keyText.items.indexOf(item);
  const items = keyText.items.toSpliced(index, 1);
  const next = items[index];
  if (items.length === 0) {
    const rest =
      layout === "flow"
        ? { head: head.slice(0, -1), tail: tail.trimStart().slice(1) }
        : { head: head + lead, tail: lineBreakOf(text) + tail };
    return { ...keyText, layout: "empty", filler: "[]", items, ...rest };
  }
  if (layout === "flow") {
    return { ...keyText, items: index === 0 && next !== undefined ? items.with(0, { ...next, lead }) : items };
  }
  return next === undefined
    ? { ...keyText, items, tail: lead + tail }
    : { ...keyText, items: items.with(index, { ...next, lead: lead + next.lead }) };
}

/** Parses an edited text to verify that it contains exactly the intended entries. */
export function assertReadBack(keyText: KeyText): void {
  const { items, refusal } = parseKeyText(keyText.key, renderKeyText(keyText));
  const [found, intended] = [items, keyText.items].map((list) => list.map(({ value }) => value));
  if (refusal !== undefined || !isDeepStrictEqual(found, intended)) {
    throw new RefusedContentError(
      "unsupportedEntry",
      `${keyText.key} in kube-system/aws-auth would not be parsed correctly after the change, so nothing was written; rewrite its entries as plain "key: value" lines, then run again`,
    );
  }
}

function foreignField(key: DataKey, value: Value): string | undefined {
  const own = [arnField(key), "username", "groups"];
  const names = value instanceof Map ? [...value.keys()] : [];
  return names.find((name) => !own.includes(name.toLowerCase()));
}

/** @param like the item whose field order the text follows, as do items added after it. */
function newItem(key: DataKey, mapping: Mapping, like: ListItem | undefined, lead: string, text: string): ListItem {
  const value: Value =
    mapping.kind === "account" ? mapping.arn : new Map(orderedFields(key, mapping, fieldNames(like)));
  return { lead, text, ...parsedItem(key, value, 0) };
}

/** The fields of a mapping with their names in the map: first the given names, then the others in eksctl's order. */
function orderedFields(key: DataKey, mapping: Mapping, order: readonly string[]) {
  const values = new Map<string, string | readonly string[]>([
    ["groups", mapping.groups],
    [arnField(key), mapping.arn],
    ["username", mapping.username],
  ]);
  return [...new Set([...order, ...values.keys()])].flatMap((name) => {
    const value = values.get(name) ?? "";
    return value.length === 0 ? [] : [[name, value] as const];
  });
}

/** The indentation of an entry in lines, and the order of its fields. */
interface EntryLayout {
  readonly margin: string;
  /** The spaces between the dash and the first field. */
  readonly gap: string;
  /** The spaces before the dash of a group. */
  readonly groupMargin: string;
  readonly order: readonly string[];
}

// How many entries to search for one with groups; enough for most maps.
const lookBack = 4;
const maxMargin = 100;

/** The layout of the last item, with the group indentation of the last item that has groups in lines. */
function layoutOf(items: readonly ListItem[]): EntryLayout {
  const last = items.at(-1);
  const [, margin = "", gap = " "] = /^( *)-( +)?/.exec(last?.text ?? "") ?? [];
  const fields = margin.length + 1 + gap.length;
  const shifts = items.flatMap(({ text }) => {
    const [, before = "", dash = ""] = /^([ -]*)["']?groups["']? *: *(?:#[^\r\n]*)?\r?\n( *)- /im.exec(text) ?? [];
    return before === "" ? [] : [dash.length - before.length];
  });
  return {
    margin,
    gap,
    groupMargin: " ".repeat(Math.max(fields + (shifts.at(-1) ?? 0), margin.length + 1)),
    order: fieldNames(last),
  };
}

function renderInLines(key: DataKey, mapping: Mapping, layout: EntryLayout, lineBreak: string): string {
  const { margin, gap, groupMargin, order } = layout;
  const lines = orderedFields(key, mapping, order).map(([name, value]) =>
    typeof value === "string"
      ? `${name}: ${renderScalar(value)}`
      : [`${name}:`, ...value.map((group) => `${groupMargin}- ${renderScalar(group)}`)].join(lineBreak),
  );
  // Always quoted, since other YAML readers parse the digits as a number.
  const content = mapping.kind === "account" ? [doubleQuoted(mapping.arn)] : lines;
  return `${margin}-${gap}${content.join(lineBreak + " ".repeat(margin.length + 1 + gap.length))}${lineBreak}`;
}

/** Writes an entry as JSON, with the spacing and field order of another one. */
function renderInBrackets(key: DataKey, mapping: Mapping, like: ListItem | undefined): string {
  if (mapping.kind === "account") {
    return doubleQuoted(mapping.arn);
  }
  const source = like?.text ?? "";
  const [, open = ""] = /^\{(\s*)/.exec(source) ?? [];
  const [, close = ""] = /(\s*)\}$/.exec(source.slice(-maxMargin)) ?? [];
  const space = /["\w] *: /.test(source) ? " " : "";
  const separator = `,${open.includes("\n") ? open : space}`;
  const fields = orderedFields(key, mapping, fieldNames(like)).map(([name, value]) => {
    const text = typeof value === "string" ? doubleQuoted(value) : `[${value.map(doubleQuoted).join(`,${space}`)}]`;
    return `${doubleQuoted(name)}:${space}${text}`;
  });
  return `{${open}${fields.join(separator)}${close}}`;
}

function fieldNames(item: ListItem | undefined): string[] {
  return item?.value instanceof Map ? [...item.value.keys()].map((name) => name.toLowerCase()) : [];
}
