import type { Scalar } from "yaml";
import { type ArnMapping, type Mapping, sameGroups } from "../mapping/mapping";
import { saysMapping } from "./append";
import { arnField, type DataKey, type Entry } from "./entry";
import {
  type EntryNode,
  type FieldName,
  fieldOf,
  parseEntryNode,
  quoteOf,
  type Splice,
  spliceEntry,
} from "./entryNode";
import { insertField, removeField, replaceScalar, replaceText } from "./fieldSplices";
import { replaceGroups } from "./groupSplices";
import { type Item, type KeyText, lineBreakFor } from "./keyText";
import { parseKeyText } from "./parseKeyText";
import { namesField } from "./readEntry";
import { sameValue, type Value } from "./value";
import { unsupported, verifyEdit } from "./verify";

/** Changes an item in its place so that it says the mapping; everything that differs in nothing keeps its bytes. */
export function updateInList(text: KeyText, index: number, mapping: Mapping): KeyText {
  const item = text.items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  const closed = closeLine(text, item);
  const edited = editItem(text, closed, mapping);
  if (edited === undefined) throw unsupported(text, index);
  const placed = placeItem(text, index, edited, closed === item);
  return verifyEdit(placed, index, (content) => {
    return saysMapping(content.entry, mapping) && sameValue(others(text.key, content), others(text.key, item));
  });
}

/** The item with a final line break, so that each of its lines ends alike. */
function closeLine(text: KeyText, item: Item): Item {
  const isClosed = text.layout === "flow" || item.text.endsWith("\n");
  return isClosed ? item : { ...item, text: item.text + lineBreakFor(text, item) };
}

/** The item's text after the changes, one after the other; undefined where it is too odd for one of them. */
function editItem(text: KeyText, item: Item, mapping: Mapping): string | undefined {
  if (mapping.kind === "account") return editAccount(text, item, mapping.account);
  let edited = item;
  for (const name of differing(item.entry, mapping)) {
    const node = parseEntryNode(text, edited);
    const splice = node?.fields && spliceFor(text.key, node, name, mapping);
    if (node === undefined || splice === undefined) return undefined;
    edited = { ...edited, text: spliceEntry(node, splice) };
  }
  return edited.text;
}

function editAccount(text: KeyText, item: Item, account: string): string | undefined {
  const node = parseEntryNode(text, item);
  const quote = quoteOf(node?.node);
  if (node === undefined || quote === undefined) return undefined;
  const splice = replaceScalar(node.node as Scalar.Parsed, account, quote === "plain" ? "double" : quote, "block");
  return spliceEntry(node, splice);
}

/** Comments and blank lines that stood before a last field that went are the item's no more, and stand behind it. */
function placeItem(text: KeyText, index: number, edited: string, isClosed: boolean): KeyText {
  const { own, rest } = /\n[ \t]*(?:#[^\n]*)?\r?\n$/.test(edited)
    ? splitRemarks(text.key, edited)
    : { own: edited, rest: "" };
  // A text without a final line break gets none.
  const [ownText, remarks] = isClosed
    ? [own, rest]
    : rest.trim() === ""
      ? [own.replace(/\r?\n$/, ""), ""]
      : [own, rest.trimEnd()];
  const items = [...text.items];
  const [item, next] = items.slice(index);
  if (item !== undefined) items[index] = { ...item, text: ownText };
  if (next === undefined) return { ...text, items, tail: remarks + text.tail };
  items[index + 1] = { ...next, lead: remarks + next.lead };
  return { ...text, items };
}

function splitRemarks(key: DataKey, edited: string): { readonly own: string; readonly rest: string } {
  const { items, tail } = parseKeyText(key, edited);
  const own = edited.slice(0, edited.length - tail.length);
  return items.length === 1 ? { own, rest: tail } : { own: edited, rest: "" };
}

function differing(entry: Entry, mapping: ArnMapping): FieldName[] {
  const fields: FieldName[] = [];
  if (entry.arn !== mapping.arn) fields.push("arn");
  if (entry.username !== (mapping.username ?? "")) fields.push("username");
  if (!sameGroups(entry.groups, mapping.groups)) fields.push("groups");
  return fields;
}

function spliceFor(key: DataKey, node: EntryNode, name: FieldName, mapping: ArnMapping): Splice | undefined {
  const field = fieldOf(node, name);
  const value = mapping[name] ?? "";
  if (field === undefined) {
    const isRepeated = node.fields?.some((other) => other.name === name);
    return isRepeated ? undefined : insertField(key, node, name, value);
  }
  if (value.length === 0) return removeField(node, field);
  return typeof value === "string" ? replaceText(node, field, value) : replaceGroups(node, field, value);
}

/** Everything in an item but the fields that a mapping speaks of. */
function others(key: DataKey, { value }: { readonly value: Value }): Value {
  if (!(value instanceof Map)) return null;
  const own = [arnField(key), "username", "groups"];
  return new Map([...value].filter(([name]) => !own.some((field) => namesField(name, field))));
}
