import { type CST, isCollection, isScalar, isSeq, type ParsedNode, type YAMLSeq } from "yaml";
import type { DataKey } from "./entry";
import { Evaluator } from "./evaluator";
import type { Item, KeyText } from "./keyText";
import { readAccountEntry, readMappingEntry } from "./readEntry";
import { lineEnd, lineStart, tokenEnd } from "./tokens";
import { ValueFault } from "./value";
import { lineAt, readYaml, type YamlText } from "./yamlText";

/** Takes a key's text apart. Never throws: a text that the authenticator would drop gives the layout `fault`. */
export function parseKeyText(key: DataKey, text: string): KeyText {
  if (skippable.has(text.trim())) return empty(key, "", text, "");
  if (text.startsWith("\ufeff")) {
    // The parser counts a byte order mark as a column, which puts the first line out of line.
    const rest = parseKeyText(key, text.slice(1));
    return { ...rest, head: `\ufeff${rest.head}` };
  }
  const yaml = readYaml(text);
  if (yaml.fault !== undefined) return { ...wholeText(key, text, []), layout: "fault", fault: yaml.fault };
  try {
    return parseList(key, text, yaml);
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error;
    const fault = { line: lineAt(yaml.text, error.offset), reason: error.message };
    return { ...wholeText(key, text, []), layout: "fault", fault };
  }
}

// isSkippable in the authenticator's pkg/mapper/configmap/configmap.go.
const skippable: ReadonlySet<string> = new Set(["", "``", '""', "''"]);
const documentEnd = /^(?:\.\.\.|---)(?=\s|$)/m;

function parseList(key: DataKey, text: string, yaml: YamlText): KeyText {
  const { root } = yaml;
  const evaluator = new Evaluator(root, yaml.isLinked);
  if (root === null || (isScalar(root) && root.range[0] === root.range[1])) return withoutContent(key, text);
  if (!isCollection(root) && evaluator.valueOf(root) === null) return withFiller(key, text, root);
  if (!isSeq(root)) throw new ValueFault(root.range[0], "it is not a list");
  const list = root as YAMLSeq.Parsed;
  const contents = list.items.map((node) => readItem(key, node, evaluator));
  if (contents.length === 0) return withFiller(key, text, root);
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

function readItem(key: DataKey, node: ParsedNode, evaluator: Evaluator): Pick<Item, "value" | "entry"> {
  if (key === "mapAccounts") return readAccountEntry(node, evaluator);
  const value = evaluator.valueOf(node);
  return { value, entry: readMappingEntry(key, value) };
}

interface Slice {
  readonly start: number;
  readonly end: number;
}

interface SlicedList {
  readonly layout: "list" | "flow";
  /** Where the first item begins, or what stands in front of it in its brackets. */
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

/** The lines of each item; undefined where a dash does not begin a line. */
function sliceLines(text: string, token: CST.BlockSequence): Slice[] | undefined {
  const slices: Slice[] = [];
  for (const item of token.items) {
    const dash = item.start.find((part) => part.type === "seq-item-ind");
    if (dash === undefined) {
      // Comments behind the last item hang on an item without a dash.
      continue;
    }
    const start = lineStart(text, dash.offset);
    if (text.slice(start, dash.offset).trim() !== "" || start < (slices.at(-1)?.end ?? 0)) return undefined;
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

/** Comments alone, which are null to YAML: a list can begin behind them. */
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
