import { type CST, isMap, isScalar, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { Quote } from "../yamlv2/scalar";
import { readYaml } from "../yamlv2/yamlText";
import { arnField, type DataKey, namesField } from "./entry";
import type { Item, KeyText } from "./keyText";

export type FieldName = "arn" | "username" | "groups";

/** One `key: value` pair of an entry, with its tokens. */
export interface FieldNode {
  /** The field that the key names; undefined for any other. */
  readonly name: FieldName | undefined;
  readonly key: Scalar.Parsed;
  readonly value: ParsedNode | null;
  readonly token: CST.CollectionItem;
}

/** One item of a key's list, parsed by itself. Offsets refer to `text`. */
export interface EntryNode {
  /** The item's text; wrapped in brackets if the list is in brackets. */
  readonly text: string;
  readonly node: ParsedNode;
  /** Offset of the dash, or of the opening bracket. */
  readonly dash: number;
  /** The fields in their order; undefined if the item is not a map, or has a layout that cannot be edited. */
  readonly fields: readonly FieldNode[] | undefined;
  readonly isFlow: boolean;
}

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Parses an item's text; undefined if it cannot be parsed by itself. */
export function parseEntryNode({ key, layout }: KeyText, item: Item): EntryNode | undefined {
  const text = layout === "flow" ? `[${item.text}]` : item.text;
  const { root, isLinked } = readYaml(text);
  const list = root as YAMLSeq.Parsed | null;
  const [node, ...more] = list?.items ?? [];
  const { srcToken } = list ?? {};
  const isList = srcToken?.type === (layout === "flow" ? "flow-collection" : "block-seq");
  if (!isList || node === undefined || more.length > 0 || isLinked) {
    return undefined;
  }
  return {
    text,
    node,
    dash: srcToken.offset,
    fields: fieldNodes(key, node),
    isFlow: node.srcToken?.type === "flow-collection",
  };
}

/** The item's text after a replacement. */
export function spliceEntry({ text, dash }: EntryNode, { start, end, text: replacement }: Splice): string {
  const result = text.slice(0, start) + replacement + text.slice(end);
  return text[dash] === "[" ? result.slice(1, -1) : result;
}

/** The field with a name; undefined if there is none, or more than one. */
export function fieldOf(entry: EntryNode, name: FieldName): FieldNode | undefined {
  const found = entry.fields?.filter((field) => field.name === name) ?? [];
  return found.length === 1 ? found[0] : undefined;
}

/** How a scalar is quoted; undefined for block scalars and other nodes. */
export function quoteOf(node: ParsedNode | null | undefined): Quote | undefined {
  if (!isScalar(node)) {
    return undefined;
  }
  switch (node.type) {
    case "PLAIN":
      return "plain";
    case "QUOTE_SINGLE":
      return "single";
    case "QUOTE_DOUBLE":
      return "double";
    default:
      return undefined;
  }
}

function fieldNodes(key: DataKey, node: ParsedNode): FieldNode[] | undefined {
  if (!isMap(node)) {
    return undefined;
  }
  const token = node.srcToken;
  if (token?.type !== "block-map" && token?.type !== "flow-collection") {
    return undefined;
  }
  const fields: FieldNode[] = [];
  const tokens = token.items.filter((item) => item.key !== undefined || item.value !== undefined);
  for (const [index, pair] of (node as YAMLMap.Parsed).items.entries()) {
    const pairToken = tokens[index];
    const isOdd =
      pairToken === undefined || pairToken.key == null || pairToken.start.some(({ type }) => oddTokens.has(type));
    if (isOdd || !isScalar(pair.key)) {
      return undefined;
    }
    fields.push({
      name: fieldName(key, pair.key),
      key: pair.key as Scalar.Parsed,
      value: pair.value,
      token: pairToken,
    });
  }
  // A merge key adds fields that are not visible here.
  return fields.some((field) => field.key.value === "<<") ? undefined : fields;
}

const oddTokens: ReadonlySet<string> = new Set(["explicit-key-ind", "tag", "anchor"]);

function fieldName(key: DataKey, node: Scalar): FieldName | undefined {
  const text = typeof node.value === "string" ? node.value : "";
  if (namesField(text, arnField(key))) {
    return "arn";
  }
  return namesField(text, "username") ? "username" : namesField(text, "groups") ? "groups" : undefined;
}
