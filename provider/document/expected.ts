import type { Mapping } from "../mapping/mapping";
import type { Value } from "../yamlv2/scalar";
import { hasYaml11Break } from "../yamlv2/yamlText";
import { arnField, type DataKey, keyOf, readMappingEntry } from "./entry";
import { type Item, type KeyText, parseKeyText } from "./keyText";
import { defaultStyle, renderEntry } from "./style";
import type { ItemContent } from "./verify";

/** The contents of items by their key and text. */
export type ExpectedItems = ReadonlyMap<string, ItemContent>;

/** How an item of a list is found among those that are expected. */
function nameOf(key: DataKey, text: string): string {
  return `${key} ${text}`;
}

/**
 * The items that a map has for mappings if nobody gave their list another style. A process that parses one large map has to do so with
 * code that V8 has not compiled yet, which takes five times as long.
 */
export function expectedItems(mappings: readonly Mapping[]): ExpectedItems {
  return new Map(mappings.flatMap((mapping) => (mapping.kind === "account" ? [] : [itemOf(mapping)])));
}

function itemOf(mapping: Exclude<Mapping, { kind: "account" }>): [name: string, content: ItemContent] {
  const key = keyOf(mapping);
  const { arn, username, groups } = mapping;
  const value = new Map<string, Value>([
    ...(groups.length > 0 ? [["groups", groups] as const] : []),
    [arnField(key), arn],
    ...(username ? [["username", username] as const] : []),
  ]);
  return [nameOf(key, renderEntry(key, mapping, defaultStyle)), { value, entry: readMappingEntry(key, value) }];
}

/** Items without their leads, and the text after them. */
interface Parsed {
  readonly items: readonly Omit<Item, "lead">[];
  readonly tail: string;
}

/** How many of the items may be others, which are parsed one by one. */
const mostOthers = 32;

/**
 * Parses a list of which most items are expected, and the others by themselves. A slice has the same meaning by itself as in the whole
 * text.
 *
 * @returns the same as {@link parseKeyText}; undefined for any other text.
 */
export function parseExpected(key: DataKey, text: string, expected: ExpectedItems): KeyText | undefined {
  if (!text.startsWith("- ") || hasYaml11Break(text)) {
    return undefined;
  }
  const slices = text.split(/(?<=\n)(?=- )/).map((slice) => ({ slice, content: expected.get(nameOf(key, slice)) }));
  if (slices.filter(({ content }) => content === undefined).length > mostOthers) {
    return undefined;
  }
  const items: Item[] = [];
  let lead = "";
  for (const { slice, content } of slices) {
    const { items: read, tail } = content === undefined ? parseOther(key, slice) : recognised(slice, content);
    const [item] = read;
    if (item === undefined) {
      return undefined;
    }
    items.push({ ...item, lead });
    lead = tail;
  }
  return { key, layout: "list", head: "", filler: "", items, tail: lead, isLinked: false };
}

/** Each occurrence is an entry of its own, since entries are told apart by identity. */
function recognised(text: string, { value, entry }: ItemContent): Parsed {
  return { items: [{ text, value, entry: { ...entry } }], tail: "" };
}

/** Without items if it is no item by itself, or could give the next ones another meaning. */
function parseOther(key: DataKey, slice: string): Parsed {
  const read = parseKeyText(key, slice);
  const isWhole = read.layout === "list" && read.items.length === 1 && read.head === "" && !read.isLinked;
  return isWhole && /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*$/.test(read.tail) ? read : { items: [], tail: "" };
}
