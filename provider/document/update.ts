import type { Scalar } from "yaml";
import { type ArnMapping, type Mapping, sameGroups } from "../mapping/mapping";
import { saysMapping } from "./append";
import { arnField, type DataKey, type Entry } from "./entry";
import { type EntryNode, type FieldName, fieldOf, parseEntryNode, quoteOf } from "./entryNode";
import { insertField, removeField, replaceScalar, replaceText } from "./fieldSplices";
import { replaceGroups } from "./groupSplices";
import { type Item, type KeyText, lineBreakFor } from "./keyText";
import { namesField } from "./readEntry";
import { applySplices, type Splice } from "./splice";
import { sameValue, type Value } from "./value";
import { unsupported, verifyEdit } from "./verify";

/** Changes an item in its place so that it says the mapping; everything that differs in nothing keeps its bytes. */
export function updateInList(text: KeyText, index: number, mapping: Mapping): KeyText {
  const item = text.items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  const closed = closeLine(text, item);
  const node = parseEntryNode(text.key, closed);
  const splices = node && splicesFor(text.key, node, item.entry, mapping);
  if (splices === undefined) throw unsupported(text, index);
  const edited = applySplices(closed.text, splices);
  const items = text.items.with(index, { ...item, text: closed === item ? edited : edited.replace(/\r?\n$/, "") });
  return verifyEdit({ ...text, items }, index, (content) => {
    return saysMapping(content.entry, mapping) && sameValue(others(text.key, content), others(text.key, item));
  });
}

/** The item with a final line break, so that each of its lines ends alike. */
function closeLine(text: KeyText, item: Item): Item {
  return item.text.endsWith("\n") ? item : { ...item, text: item.text + lineBreakFor(text, item) };
}

/** The changes to make; undefined where the entry is too odd for one of them. */
function splicesFor(key: DataKey, node: EntryNode, entry: Entry, mapping: Mapping): Splice[] | undefined {
  if (mapping.kind === "account") {
    const quote = quoteOf(node.node);
    return (
      quote && [
        replaceScalar(node.node as Scalar.Parsed, mapping.account, quote === "plain" ? "double" : quote, "block"),
      ]
    );
  }
  if (node.fields === undefined) return undefined;
  const splices = differing(entry, mapping).map((name) => spliceFor(key, node, name, mapping));
  return splices.includes(undefined) ? undefined : splices.filter((splice) => splice !== undefined);
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
