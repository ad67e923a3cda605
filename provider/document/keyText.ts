import { type CST, isCollection, isScalar, isSeq, type ParsedNode, type YAMLSeq } from "yaml";
import { lineEnd, lineStart, tokenEnd } from "../yaml/tokens";
import { type PlacedProblem, positionAt } from "../yaml/yamlErrors";
import { Evaluator } from "../yamlv2/evaluator";
import { type Value, ValueProblem } from "../yamlv2/scalar";
import { readYaml, type YamlText } from "../yamlv2/yamlText";
import { type DataKey, type Entry, readAccountEntry, readMappingEntry } from "./entry";

/** One item of a key's list: a slice of the text, and its content. */
export interface Item {
  /** The text between the previous item and this one: blank lines and comments; in brackets also the comma. */
  readonly lead: string;
  /** The item's own lines, from the indentation of its dash to the line break after its last value; in brackets only the value. */
  readonly text: string;
  /** All of its content, including fields that the authenticator ignores. */
  readonly value: Value;
  readonly entry: Entry;
}

export type ItemContent = Pick<Item, "value" | "entry">;

/**
 * The layout of a key's text.
 *
 * - `list`: a block list, one slice for each item
 * - `flow`: a list in brackets, one slice for each item; `head` ends with the opening bracket, and `tail` starts with the closing
 *   one
 * - `empty`: no item; `filler`, such as `[]`, represents the list
 * - `whole`: a list whose layout cannot be sliced; `head` is the whole text
 * - `unreadable`: the authenticator drops the key, or it is not a list; `head` is the whole text
 */
type Layout = "list" | "flow" | "empty" | "whole" | "unreadable";

/** The text of one key, in slices whose concatenation is exactly the text. */
export interface KeyText {
  readonly key: DataKey;
  readonly layout: Layout;
  readonly head: string;
  /** The representation of an empty list; the empty string in other layouts. */
  readonly filler: string;
  readonly items: readonly Item[];
  readonly tail: string;
  /** Whether items contain anchors or aliases, or there are directives, so that an edit must be verified against the whole text. */
  readonly isLinked: boolean;
  readonly problem?: PlacedProblem;
}

export function renderKeyText({ head, filler, items, tail }: KeyText): string {
  return head + filler + items.map(({ lead, text }) => lead + text).join("") + tail;
}

export function lineBreakOf(text: string): "\r\n" | "\n" {
  const index = text.indexOf("\n");
  return index > 0 && text[index - 1] === "\r" ? "\r\n" : "\n";
}

/** The line break for new lines: that of the item if it contains one, else that of the text. */
export function lineBreakFor(keyText: KeyText, item: Item | undefined): "\r\n" | "\n" {
  return lineBreakOf(item?.text.includes("\n") ? item.text : renderKeyText(keyText));
}

export function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, "");
}

/** Parses a key's text. Never throws: text that the authenticator would drop gets the layout `unreadable`. */
export function parseKeyText(key: DataKey, text: string): KeyText {
  if (skippable.has(text.trim())) {
    return empty(key, "", text, "");
  }
  if (text.startsWith("\ufeff")) {
    // The parser counts a byte order mark as a column, which would misalign the first line.
    const rest = parseKeyText(key, text.slice(1));
    return { ...rest, head: `\ufeff${rest.head}` };
  }
  const yaml = readYaml(text);
  if (yaml.problem !== undefined) {
    return { ...wholeText(key, text, []), layout: "unreadable", problem: yaml.problem };
  }
  try {
    return parseList(key, text, yaml);
  } catch (error) {
    if (!(error instanceof ValueProblem)) {
      throw error;
    }
    const problem = { ...positionAt(yaml.text, error.offset), reason: error.message };
    return { ...wholeText(key, text, []), layout: "unreadable", problem };
  }
}

// isSkippable in the authenticator's pkg/mapper/configmap/configmap.go.
const skippable: ReadonlySet<string> = new Set(["", "``", '""', "''"]);
/** The marks at the end of a document and at the start of the next one. */
export const documentEnd = /^(?:\.\.\.|---)(?=\s|$)/m;

function parseList(key: DataKey, text: string, yaml: YamlText): KeyText {
  const { root } = yaml;
  const evaluator = new Evaluator(root, yaml.isLinked);
  if (root === null || (isScalar(root) && root.range[0] === root.range[1])) {
    return withoutContent(key, text);
  }
  if (!isCollection(root) && evaluator.valueOf(root) === null) {
    return withFiller(key, text, root);
  }
  if (!isSeq(root)) {
    throw new ValueProblem(root.range[0], "it is not a list: begin each entry with a dash");
  }
  const list = root as YAMLSeq.Parsed;
  const contents = list.items.map((node) => readItem(key, node, evaluator));
  if (contents.length === 0) {
    return withFiller(key, text, root);
  }
  const sliced = slicesOf(text, list);
  if (sliced?.slices.length !== list.items.length) {
    const items = contents.map((content) => ({ lead: "", text: "", ...content }));
    return { ...wholeText(key, text, items), isLinked: yaml.isLinked };
  }
  const { layout, start, slices } = sliced;
  return {
    key,
    layout,
    head: text.slice(0, start),
    filler: "",
    items: contents.map((content, index) => ({ ...sliceOf(text, sliced, index), ...content })),
    tail: text.slice(slices.at(-1)?.end),
    isLinked: yaml.isLinked,
  };
}

function readItem(key: DataKey, node: ParsedNode, evaluator: Evaluator): ItemContent {
  if (key === "mapAccounts") {
    return readAccountEntry(node, evaluator);
  }
  const value = evaluator.valueOf(node);
  return { value, entry: readMappingEntry(key, value) };
}

interface Slice {
  readonly start: number;
  readonly end: number;
}

interface SlicedList {
  readonly layout: "list" | "flow";
  /** Where the first item begins; in brackets, where the text before it begins. */
  readonly start: number;
  readonly slices: readonly Slice[];
}

function slicesOf(text: string, { srcToken }: YAMLSeq.Parsed): SlicedList | undefined {
  if (srcToken?.type === "flow-collection") {
    return { layout: "flow", start: srcToken.start.offset + 1, slices: sliceFlow(srcToken) };
  }
  const slices = srcToken?.type === "block-seq" ? sliceLines(text, srcToken) : undefined;
  return slices && { layout: "list", start: slices[0]?.start ?? 0, slices };
}

/** Each item of a list in brackets, with its tag and anchor. */
function sliceFlow({ items }: CST.FlowCollection): Slice[] {
  return items.flatMap((item) => {
    const first = [...item.start, item.key, ...(item.sep ?? []), item.value].find(
      (token) => token && !gapTokens.has(token.type),
    );
    return first ? [{ start: first.offset, end: tokenEnd(item) }] : [];
  });
}

const gapTokens: ReadonlySet<string> = new Set(["comma", "space", "newline", "comment"]);

/** The lines of each item; undefined if a dash is not the first character of its line. */
function sliceLines(text: string, token: CST.BlockSequence): Slice[] | undefined {
  const slices: Slice[] = [];
  for (const item of token.items) {
    const dash = item.start.find((part) => part.type === "seq-item-ind");
    if (dash === undefined) {
      // The parser attaches comments after the last item to an item without a dash.
      continue;
    }
    const start = lineStart(text, dash.offset);
    if (text.slice(start, dash.offset).trim() !== "" || start < (slices.at(-1)?.end ?? 0)) {
      return undefined;
    }
    slices.push({ start, end: lineEnd(text, Math.max(dash.offset + 1, tokenEnd(item))) });
  }
  return slices;
}

function sliceOf(text: string, { start, slices }: SlicedList, index: number): Pick<Item, "lead" | "text"> {
  const slice = slices[index] ?? { start: 0, end: 0 };
  return {
    lead: text.slice(slices[index - 1]?.end ?? start, slice.start),
    text: text.slice(slice.start, slice.end),
  };
}

function wholeText(key: DataKey, text: string, items: readonly Item[]): KeyText {
  return { key, layout: "whole", head: text, filler: "", items, tail: "", isLinked: false };
}

function empty(key: DataKey, head: string, filler: string, tail: string): KeyText {
  return { key, layout: "empty", head, filler, items: [], tail, isLinked: false };
}

/** A text of only comments, which YAML reads as null. A list can start after them. */
function withoutContent(key: DataKey, text: string): KeyText {
  const opening = /^---(?=\s|$)[^\n]*\n?/m.exec(text);
  const from = opening === null ? 0 : opening.index + opening[0].length;
  const end = documentEnd.exec(text.slice(from));
  const at = end === null ? text.length : from + end.index;
  return empty(key, text.slice(0, at), "", text.slice(at));
}

function withFiller(key: DataKey, text: string, root: ParsedNode): KeyText {
  const [start, end] = root.range;
  return empty(key, text.slice(0, start), text.slice(start, end), text.slice(end));
}
