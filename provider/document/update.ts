import { type CST, isScalar, isSeq, type Scalar, type YAMLSeq } from "yaml";
import { type ArnMapping, type Mapping, sameGroups } from "../mapping/mapping";
import { lineEnd, lineStart, separatorAfter, tokenEnd } from "../yaml/tokens";
import { renderScalar, sameValue, scalarKind, type Value } from "../yamlv2/scalar";
import { arnField, type DataKey, type Entry, isWrittenAs, namesField } from "./entry";
import {
  type EntryNode,
  type FieldName,
  type FieldNode,
  fieldOf,
  parseEntryNode,
  quoteOf,
  type Splice,
  spliceEntry,
} from "./entryNode";
import {
  emptyValueAt,
  hasProperties,
  insertField,
  keyQuote,
  removeField,
  replaceRange,
  replaceScalar,
  replaceText,
} from "./fieldSplices";
import { type Item, type KeyText, lineBreakFor, lineBreakOf, parseKeyText, withoutLineBreak } from "./keyText";
import { flowStyleOf, spacedFlow } from "./style";
import { unsupported, verifyEdit } from "./verify";

/** Updates an item in place to the content of the mapping. Everything else keeps its bytes. */
export function updateInList(keyText: KeyText, index: number, mapping: Mapping): KeyText {
  const item = keyText.items[index];
  if (item === undefined) {
    throw new RangeError(`no item ${index}`);
  }
  const closed = closeLine(keyText, item);
  const edited = editItem(keyText, closed, mapping);
  if (edited === undefined) {
    throw unsupported(keyText, index);
  }
  const placed = placeItem(keyText, index, edited, closed === item);
  return verifyEdit(placed, index, (content) => {
    return (
      isWrittenAs(content.entry, mapping) &&
      sameValue(foreignFields(keyText.key, content), foreignFields(keyText.key, item))
    );
  });
}

/** Adds a final line break to the item, so that all of its lines end the same way. */
function closeLine(keyText: KeyText, item: Item): Item {
  const isClosed = keyText.layout === "flow" || item.text.endsWith("\n");
  return isClosed ? item : { ...item, text: item.text + lineBreakFor(keyText, item) };
}

/** Applies the changes to the item's text one by one; undefined if its layout does not allow one of them. */
function editItem(keyText: KeyText, item: Item, mapping: Mapping): string | undefined {
  if (mapping.kind === "account") {
    return editAccount(keyText, item, mapping.account);
  }
  let edited = item;
  for (const name of differing(item.entry, mapping)) {
    const node = parseEntryNode(keyText, edited);
    const splice = node?.fields && spliceFor(keyText.key, node, name, mapping);
    if (node === undefined || splice === undefined) {
      return undefined;
    }
    edited = { ...edited, text: spliceEntry(node, splice) };
  }
  return edited.text;
}

function editAccount(keyText: KeyText, item: Item, account: string): string | undefined {
  const node = parseEntryNode(keyText, item);
  const quote = quoteOf(node?.node);
  if (node === undefined || quote === undefined) {
    return undefined;
  }
  const splice = replaceScalar(node.node as Scalar.Parsed, account, quote === "plain" ? "double" : quote, "block");
  return spliceEntry(node, splice);
}

/** Comments and blank lines before a removed last field no longer belong to the item, and follow it. */
function placeItem(keyText: KeyText, index: number, edited: string, isClosed: boolean): KeyText {
  const { own, rest } = /\n[ \t]*(?:#[^\n]*)?\r?\n$/.test(edited)
    ? splitRemarks(keyText.key, edited)
    : { own: edited, rest: "" };
  // A text without a final line break stays without one.
  const [ownText, remarks] = isClosed
    ? [own, rest]
    : rest.trim() === ""
      ? [withoutLineBreak(own), ""]
      : [own, rest.trimEnd()];
  const items = [...keyText.items];
  const [item, next] = items.slice(index);
  if (item !== undefined) {
    items[index] = { ...item, text: ownText };
  }
  if (next === undefined) {
    return { ...keyText, items, tail: remarks + keyText.tail };
  }
  items[index + 1] = { ...next, lead: remarks + next.lead };
  return { ...keyText, items };
}

function splitRemarks(key: DataKey, edited: string): { readonly own: string; readonly rest: string } {
  const { items, tail } = parseKeyText(key, edited);
  const own = edited.slice(0, edited.length - tail.length);
  return items.length === 1 ? { own, rest: tail } : { own: edited, rest: "" };
}

function differing(entry: Entry, mapping: ArnMapping): FieldName[] {
  const fields: FieldName[] = [];
  if (entry.arn !== mapping.arn) {
    fields.push("arn");
  }
  if (entry.username !== (mapping.username ?? "")) {
    fields.push("username");
  }
  if (!sameGroups(entry.groups, mapping.groups)) {
    fields.push("groups");
  }
  return fields;
}

function spliceFor(key: DataKey, node: EntryNode, name: FieldName, mapping: ArnMapping): Splice | undefined {
  const field = fieldOf(node, name);
  const value = mapping[name] ?? "";
  if (field === undefined) {
    const isRepeated = node.fields?.some((other) => other.name === name);
    return isRepeated ? undefined : insertField(key, node, name, value);
  }
  if (value.length === 0) {
    return removeField(node, field);
  }
  return typeof value === "string" ? replaceText(node, field, value) : replaceGroups(node, field, value);
}

/** The content of an item without the fields that a mapping writes. */
function foreignFields(key: DataKey, { value }: { readonly value: Value }): Value {
  if (!(value instanceof Map)) {
    return null;
  }
  const written = [arnField(key), "username", "groups"];
  return new Map([...value].filter(([name]) => !written.some((field) => namesField(name, field))));
}

/** Replaces a field's list of groups, in the layout of the old one; undefined if that layout is not supported. */
function replaceGroups(entry: EntryNode, field: FieldNode, groups: readonly string[]): Splice | undefined {
  if (hasProperties(field)) {
    return undefined;
  }
  const { value } = field;
  const { separator } = (entry.isFlow ? flowStyleOf(entry) : spacedFlow).groups;
  const quote = entry.isFlow ? keyQuote(field) : "plain";
  const fresh = `[${groups.map((group) => renderScalar(group, quote, "flow")).join(separator)}]`;
  const empty = emptyValueAt(field);
  if (empty !== undefined) {
    return { start: empty, end: empty, text: ` ${fresh}` };
  }
  if (!isSeq(value)) {
    return isScalar(value) && quoteOf(value) !== undefined ? replaceRange(value, fresh) : undefined;
  }
  const list = value as YAMLSeq.Parsed;
  const token = list.srcToken;
  if (token?.type === "block-seq") {
    return replaceLines(entry.text, list, token, groups);
  }
  return list.items.length === 0 ? replaceRange(list, fresh) : replaceBrackets(entry.text, list, groups, separator);
}

/** The lines of unchanged groups stay as they are, with their comments. */
function replaceLines(
  text: string,
  list: YAMLSeq.Parsed,
  token: CST.BlockSequence,
  groups: readonly string[],
): Splice | undefined {
  const dashes = token.items.flatMap((item) => {
    const dash = item.start.find(({ type }) => type === "seq-item-ind");
    return dash === undefined ? [] : [{ offset: dash.offset, end: Math.max(dash.offset + 1, tokenEnd(item)) }];
  });
  const [first] = dashes;
  if (first === undefined || dashes.length !== list.items.length) {
    return undefined;
  }
  const lineBreak = lineBreakOf(text);
  const start = lineStart(text, first.offset);
  const prefix = /^ *- */.exec(text.slice(start))?.[0] ?? "";
  if (text.slice(start, first.offset).trim() !== "" || !prefix.endsWith(" ")) {
    return undefined;
  }

  const wanted = new Set(groups);
  const kept = new Map<string, string>();
  let remarks = "";
  let end = start;
  for (const [index, dash] of dashes.entries()) {
    const line = lineStart(text, dash.offset);
    if (line < end) {
      return undefined;
    }
    const lead = text.slice(end, line);
    end = lineEnd(text, dash.end);
    const group = groupText(list, index);
    if (group !== undefined && wanted.has(group) && !kept.has(group)) {
      kept.set(group, lead + text.slice(line, end));
    } else {
      remarks += lead;
    }
  }
  const quote = quoteOf(list.items[0]) ?? "plain";
  const lines = groups.map((group) => kept.get(group) ?? `${prefix}${renderScalar(group, quote)}${lineBreak}`);
  return { start, end, text: remarks + lines.join("") };
}

/** The whitespace around the groups stays. */
function replaceBrackets(
  text: string,
  list: YAMLSeq.Parsed,
  groups: readonly string[],
  usual: string,
): Splice | undefined {
  const [first, second] = list.items;
  const last = list.items.at(-1);
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const opening = text.slice(list.range[0], first.range[0]);
  const alone = opening.includes("\n") ? separatorAfter(opening, false) : usual;
  const separator = second === undefined ? alone : text.slice(first.range[1], second.range[0]);
  const closing = text.slice(last.range[1], list.range[1]);
  const quote = quoteOf(first) ?? "plain";
  const sources = new Map(
    list.items.map((item, index) => [groupText(list, index), text.slice(item.range[0], item.range[1])]),
  );
  const items = groups.map((group) => sources.get(group) ?? renderScalar(group, quote, "flow"));
  return replaceRange(list, `${opening}${items.join(separator)}${closing}`);
}

/** The source text of a group, if the authenticator reads it as a string and it can be kept. */
function groupText(list: YAMLSeq.Parsed, index: number): string | undefined {
  const item = list.items[index];
  if (!isScalar(item) || item.tag !== undefined || typeof item.value !== "string") {
    return undefined;
  }
  return quoteOf(item) === "plain" && scalarKind(item.value) !== "string" ? undefined : item.value;
}
