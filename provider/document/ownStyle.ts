import { scalarKind, type Value } from "../yamlv2/scalar";
import { hasYaml11Break } from "../yamlv2/yamlText";
import { arnField, type DataKey, readMappingEntry } from "./entry";
import { type Item, type ItemContent, type KeyText, parseKeyText } from "./keyText";

/**
 * A value that is one plain scalar to every YAML reader: a letter or digit, and nothing that could begin a comment, a key or the next
 * value.
 */
const plain = String.raw`[\p{L}\p{N}](?:[\p{L}\p{N}_+=,.@/{}-]|:(?=[^ \n])| +(?=[^ #\n]))*`;

/** An item in the style that new ones have where nothing gives another, if all of its values are of that kind. */
const ownStyle = new RegExp(
  `^- (?:groups:\\n((?: {2}- ${plain}\\n)+) {2})?(rolearn|userarn): (${plain})\\n(?: {2}username: (${plain})\\n)?$`,
  "u",
);

/** The values of an item in that style. */
interface OwnItem {
  readonly groups: readonly string[];
  readonly arn: string;
  readonly username: string | undefined;
}

/** Undefined for any other item. Does not look at how items are written, so that it can verify what is. */
function ownItem(key: DataKey, text: string): OwnItem | undefined {
  const [, listed = "", field, arn, username] = ownStyle.exec(text) ?? [];
  if (arn === undefined || field !== arnField(key)) {
    return undefined;
  }
  const groups = Array.from(listed.matchAll(/- (.+)\n/g), ([, group = ""]) => group);
  const values = username === undefined ? [arn, ...groups] : [arn, username, ...groups];
  return values.every((value) => scalarKind(value) === "string") ? { groups, arn, username } : undefined;
}

/** Whether an item is recognised as one in the style that new ones have where nothing gives another. */
export function isOwnStyle(key: DataKey, text: string): boolean {
  return ownItem(key, text) !== undefined;
}

function ownContent(key: DataKey, text: string): ItemContent | undefined {
  const own = ownItem(key, text);
  if (own === undefined) {
    return undefined;
  }
  const { groups, arn, username } = own;
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

/** Parses a key's text as {@link parseKeyText} does, with less work if most of it is in this package's own style. */
export function readKeyText(key: DataKey, text: string): KeyText {
  return parseOwnStyle(key, text) ?? parseKeyText(key, text);
}

/**
 * Parses a list of which most items are written as this package writes new ones, and the others by themselves. A slice has the same
 * meaning by itself as in the whole text. A process that parses one large map has to do so with code that V8 has not compiled yet, which
 * takes five times as long; and the YAML parser takes 60 KB of memory for an entry.
 *
 * @returns the same as {@link parseKeyText}; undefined for any other text.
 */
export function parseOwnStyle(key: DataKey, text: string): KeyText | undefined {
  if (key === "mapAccounts" || !text.startsWith("- ") || hasYaml11Break(text)) {
    return undefined;
  }
  const slices = text.split(/(?<=\n)(?=- )/).map((slice) => ({ slice, content: ownContent(key, slice) }));
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
