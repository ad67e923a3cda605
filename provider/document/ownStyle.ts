import type { ArnMapping } from "../mapping/mapping";
import type { Value } from "../yamlv2/scalar";
import { hasYaml11Break } from "../yamlv2/yamlText";
import { arnField, type DataKey, readMappingEntry } from "./entry";
import { type Item, type KeyText, parseKeyText } from "./keyText";
import { defaultStyle, renderEntry } from "./style";
import type { ItemContent } from "./verify";

/** An item in the style that new ones have where nothing gives another, if no value of it needs quotes. */
const ownStyle = /^- (?:groups:\n((?: {2}- .+\n)+) {2})?(?:role|user)arn: (.+)\n(?: {2}username: (.+)\n)?$/;

/** The content of an item that is written as a new one would be: by the text that its content has. */
function ownItem(key: DataKey, text: string): ItemContent | undefined {
  const [, listed = "", arn, username] = ownStyle.exec(text) ?? [];
  if (arn === undefined) {
    return undefined;
  }
  const groups = Array.from(listed.matchAll(/^ {2}- (.+)$/gm), ([, group = ""]) => group);
  const mapping: ArnMapping = {
    kind: key === "mapUsers" ? "user" : "role",
    arn,
    ...(username !== undefined && { username }),
    groups,
  };
  if (renderEntry(key, mapping, defaultStyle) !== text) {
    return undefined;
  }
  const value = new Map<string, Value>([
    ...(groups.length > 0 ? [["groups", groups] as const] : []),
    [arnField(key), arn],
    ...(username === undefined ? [] : [["username", username] as const]),
  ]);
  return { value, entry: readMappingEntry(key, value) };
}

/** Items without their leads, and the text after them. */
interface Parsed {
  readonly items: readonly Omit<Item, "lead">[];
  readonly tail: string;
}

/** How many of the items may be others, which are parsed one by one. */
const mostOthers = 32;

/**
 * Parses a list of which most items are written as this package writes new ones, and the others by themselves. A slice has the same
 * meaning by itself as in the whole text. A process that parses one large map has to do so with code that V8 has not compiled yet, which
 * takes five times as long.
 *
 * @returns the same as {@link parseKeyText}; undefined for any other text.
 */
export function parseOwnStyle(key: DataKey, text: string): KeyText | undefined {
  if (key === "mapAccounts" || !text.startsWith("- ") || hasYaml11Break(text)) {
    return undefined;
  }
  const slices = text.split(/(?<=\n)(?=- )/).map((slice) => ({ slice, content: ownItem(key, slice) }));
  const others = slices.filter(({ content }) => content === undefined).length;
  if (others > mostOthers || others === slices.length) {
    return undefined;
  }
  const items: Item[] = [];
  let lead = "";
  for (const { slice, content } of slices) {
    const { items: read, tail }: Parsed =
      content === undefined ? parseOther(key, slice) : { items: [{ text: slice, ...content }], tail: "" };
    const [item] = read;
    if (item === undefined) {
      return undefined;
    }
    items.push({ ...item, lead });
    lead = tail;
  }
  return { key, layout: "list", head: "", filler: "", items, tail: lead, isLinked: false };
}

/** Without items if it is no item by itself, or could give the next ones another meaning. */
function parseOther(key: DataKey, slice: string): Parsed {
  const read = parseKeyText(key, slice);
  const isWhole = read.layout === "list" && read.items.length === 1 && read.head === "" && !read.isLinked;
  return isWhole && /^(?:[ \t]*(?:#[^\n]*|\r)?\n)*$/.test(read.tail) ? read : { items: [], tail: "" };
}
