import { type CST, isScalar, isSeq, type YAMLSeq } from "yaml";
import { separatorAfter } from "../yaml/flowGaps";
import { type EntryNode, type FieldNode, quoteOf, type Splice } from "./entryNode";
import { emptyValueAt, hasProperties, keyQuote, replaceRange } from "./fieldSplices";
import { flowStyleOf, spacedFlow } from "./flowStyle";
import { lineBreakOf } from "./keyText";
import { renderScalar } from "./quote";
import { scalarKind } from "./scalar";
import { lineEnd, lineStart, tokenEnd } from "./tokens";

/** Gives a field another list of groups, in the layout of the one before; undefined where that is too odd. */
export function replaceGroups(entry: EntryNode, field: FieldNode, groups: readonly string[]): Splice | undefined {
  if (hasProperties(field)) return undefined;
  const { value } = field;
  const { separator } = (entry.isFlow ? flowStyleOf(entry) : spacedFlow).groups;
  const quote = entry.isFlow ? keyQuote(field) : "plain";
  const fresh = `[${groups.map((group) => renderScalar(group, quote, "flow")).join(separator)}]`;
  const empty = emptyValueAt(field);
  if (empty !== undefined) return { start: empty, end: empty, text: ` ${fresh}` };
  if (!isSeq(value)) return isScalar(value) && quoteOf(value) !== undefined ? replaceRange(value, fresh) : undefined;
  const list = value as YAMLSeq.Parsed;
  const token = list.srcToken;
  if (token?.type === "block-seq") return replaceLines(entry.text, list, token, groups);
  return list.items.length === 0 ? replaceRange(list, fresh) : replaceBrackets(entry.text, list, groups, separator);
}

/** A line of a group stays as it is, with its comment, as long as the group does. */
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
  if (first === undefined || dashes.length !== list.items.length) return undefined;
  const lineBreak = lineBreakOf(text);
  const start = lineStart(text, first.offset);
  const prefix = /^ *- */.exec(text.slice(start))?.[0] ?? "";
  if (text.slice(start, first.offset).trim() !== "" || !prefix.endsWith(" ")) return undefined;

  const kept = new Map<string, string>();
  let remarks = "";
  let end = start;
  for (const [index, dash] of dashes.entries()) {
    const line = lineStart(text, dash.offset);
    if (line < end) return undefined;
    const lead = text.slice(end, line);
    end = lineEnd(text, dash.end);
    const group = groupText(list, index);
    if (group !== undefined && groups.includes(group) && !kept.has(group))
      kept.set(group, lead + text.slice(line, end));
    else remarks += lead;
  }
  const quote = quoteOf(list.items[0]) ?? "plain";
  const lines = groups.map((group) => kept.get(group) ?? `${prefix}${renderScalar(group, quote)}${lineBreak}`);
  return { start, end, text: remarks + lines.join("") };
}

/** The blanks and line breaks around the groups stay. */
function replaceBrackets(
  text: string,
  list: YAMLSeq.Parsed,
  groups: readonly string[],
  usual: string,
): Splice | undefined {
  const [first, second] = list.items;
  const last = list.items.at(-1);
  if (first === undefined || last === undefined) return undefined;
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

/** A group's text, where it is a string to the authenticator and can be kept as it stands. */
function groupText(list: YAMLSeq.Parsed, index: number): string | undefined {
  const item = list.items[index];
  if (!isScalar(item) || item.tag !== undefined || typeof item.value !== "string") return undefined;
  return quoteOf(item) === "plain" && scalarKind(item.value) !== "string" ? undefined : item.value;
}
