import { isSeq, type YAMLSeq } from "yaml";
import { separatorAfter, withoutComments } from "../yaml/flowGaps";
import { type EntryNode, fieldOf } from "./entryNode";
import { tokenEnd } from "./tokens";

/** What stands beside the items of brackets or braces. */
export interface Gaps {
  readonly open: string;
  readonly separator: string;
  readonly close: string;
}

/** How an entry in braces is laid out. */
export interface FlowStyle extends Gaps {
  /** What stands between a key and its value. */
  readonly colon: string;
  readonly groups: Gaps;
}

/** The layout of most people: `{a: b, c: [d, e]}`. */
export const spacedFlow: FlowStyle = gapsWith("", ": ", { open: "", separator: ", ", close: "" });

/** The layout of an entry in braces, without its comments. */
export function flowStyleOf(entry: EntryNode): FlowStyle {
  const { open, close, separators } = gapsOf(entry);
  const colon = colonOf(entry) ?? spacedFlow.colon;
  const isTight = colon.endsWith(":");
  const separator = separators[0] ?? separatorAfter(open, isTight);
  return gapsWith(open, colon, groupGapsOf(entry, isTight, separator), separator, close);
}

/** The places of the gaps of an entry in braces, one more than it has fields. */
export function fieldGaps({ fields = [], node }: EntryNode): readonly (readonly [start: number, end: number])[] {
  const starts = [...fields.map(({ key }) => key.range[0]), node.range[1] - 1];
  const ends = [node.range[0] + 1, ...fields.map(({ token }) => tokenEnd(token))];
  return ends.map((end, index) => [end, starts[index] ?? end]);
}

function gapsWith(open: string, colon: string, groups: Gaps, separator = ", ", close = ""): FlowStyle {
  return { open, separator, close, colon, groups };
}

function gapsOf(entry: EntryNode): Pick<Gaps, "open" | "close"> & { readonly separators: readonly string[] } {
  const gaps = fieldGaps(entry).map(([start, end]) => withoutComments(entry.text.slice(start, end)));
  return { open: gaps[0] ?? "", separators: gaps.slice(1, -1), close: gaps.at(-1) ?? "" };
}

function colonOf({ fields = [], text }: EntryNode): string | undefined {
  const between = fields.map(({ key, value }) => text.slice(key.range[1], value?.range[0] ?? key.range[1]));
  return between.find((gap) => /^[ \t]*:[ \t]*$/.test(gap));
}

function groupGapsOf(entry: EntryNode, isTight: boolean, fieldSeparator: string): Gaps {
  const inLine = fieldSeparator.includes("\n") ? separatorAfter("", isTight) : fieldSeparator;
  const groups = fieldOf(entry, "groups")?.value;
  const items = isSeq(groups) && groups.srcToken?.type === "flow-collection" ? (groups as YAMLSeq.Parsed).items : [];
  const [first, second] = items;
  const last = items.at(-1);
  if (!groups || first === undefined || last === undefined) return { open: "", separator: inLine, close: "" };
  const gap = (start: number, end: number) => withoutComments(entry.text.slice(start, end));
  const open = gap(groups.range[0] + 1, first.range[0]);
  const alone = open.includes("\n") ? separatorAfter(open, isTight) : inLine;
  const separator = second === undefined ? alone : gap(first.range[1], second.range[0]);
  return { open, separator, close: gap(last.range[1], groups.range[1] - 1) };
}
