import { isScalar, isSeq, type ParsedNode, type Scalar } from "yaml";
import {
  columnOf,
  commentsIn,
  gapsOfLast,
  gapsOfMiddle,
  joinedClosing,
  joinedGap,
  lineEnd,
  lineStart,
  tokenEnd,
} from "../yaml/tokens";
import { type Context, type Quote, renderScalar, scalarKind } from "../yamlv2/scalar";
import type { DataKey } from "./entry";
import { type EntryNode, type FieldName, type FieldNode, fieldOf, quoteOf, type Splice } from "./entryNode";
import { lineBreakOf } from "./keyText";
import { fieldGaps, flowStyleOf, renderField } from "./style";

export function replaceScalar(node: Scalar.Parsed, text: string, quote: Quote, context: Context): Splice {
  const [start, end] = node.range;
  return { start, end, text: renderScalar(text, quote, context) };
}

/** Replaces a field's text, with the same quotes; undefined if the layout of the value is not supported. */
export function replaceText(entry: EntryNode, field: FieldNode, text: string): Splice | undefined {
  const context = entry.isFlow ? "flow" : "block";
  const { value } = field;
  if (hasProperties(field)) {
    return undefined;
  }
  const empty = emptyValueAt(field);
  if (empty !== undefined) {
    return { start: empty, end: empty, text: ` ${renderScalar(text, keyQuote(field), context)}` };
  }
  if (value === null || isBlockCollection(value)) {
    return undefined;
  }
  const quote = entry.isFlow ? quoteInFlow(field) : (quoteOf(value) ?? "plain");
  const token = value.srcToken;
  if (token?.type !== "block-scalar") {
    return replaceRange(value, renderScalar(text, quote, context));
  }
  // A comment after the | would be lost.
  if (token.props.some(({ type }) => type === "comment")) {
    return undefined;
  }
  return {
    start: token.offset,
    end: tokenEnd(token),
    text: renderScalar(text, quote, context) + lineBreakOf(entry.text),
  };
}

/** Inserts a missing field after the ARN or the username. */
export function insertField(
  key: DataKey,
  entry: EntryNode,
  name: FieldName,
  value: string | readonly string[],
): Splice | undefined {
  const after =
    (name === "groups" ? fieldOf(entry, "username") : undefined) ?? fieldOf(entry, "arn") ?? entry.fields?.at(-1);
  if (after === undefined) {
    return undefined;
  }
  const lineBreak = lineBreakOf(entry.text);
  const indent = " ".repeat(columnOf(entry.text, entry.node.range[0]));
  const arnQuote = quoteOf(fieldOf(entry, "arn")?.value) ?? "plain";
  const style = {
    flow: entry.isFlow ? flowStyleOf(entry) : undefined,
    keyQuote: keyQuote((entry.isFlow ? entry.fields?.[0] : undefined) ?? after),
    quotes: { arn: arnQuote, username: arnQuote, groups: arnQuote },
    groupDash: `${indent}- `,
    lineBreak,
  };
  const text = renderField(key, name, value, style);
  if (style.flow !== undefined) {
    return insertInBraces(entry, after, text, style.flow.separator);
  }
  const start = lineEnd(entry.text, tokenEnd(after.token));
  return { start, end: start, text: `${indent}${text}${lineBreak}` };
}

/** Removes a field with its lines; undefined if no field would be left. */
export function removeField(entry: EntryNode, field: FieldNode): Splice | undefined {
  const { fields = [], text } = entry;
  const index = fields.indexOf(field);
  const [previous, next] = [fields[index - 1], fields[index + 1]];
  const [start, end] = [field.key.range[0], tokenEnd(field.token)];
  if (entry.isFlow) {
    return removeFromBraces(entry, index);
  }
  const behind = lineEnd(text, end);
  if (previous !== undefined) {
    return { start: lineStart(text, start), end: behind, text: "" };
  }
  if (next === undefined) {
    return undefined;
  }
  const between = text.slice(behind, next.key.range[0]);
  if (between.trim() === "") {
    return { start, end: next.key.range[0], text: "" };
  }
  // Comments before the second field stay, below the dash.
  return { start: entry.dash + 1, end: behind - lineBreakOf(text).length, text: "" };
}

/** Whether a value has a tag or an anchor, which may not fit a new value. */
export function hasProperties({ token }: FieldNode): boolean {
  return token.sep?.some(({ type }) => type === "tag" || type === "anchor") ?? false;
}

/** The offset after the colon of a field without a value; undefined if it has one. */
export function emptyValueAt({ token }: FieldNode): number | undefined {
  if (token.value !== undefined && token.value !== null) {
    return undefined;
  }
  const colon = token.sep?.find(({ type }) => type === "map-value-ind");
  return colon && colon.offset + 1;
}

/** Replaces a whole value; undefined if a comment in it would be lost. */
export function replaceRange(value: ParsedNode, text: string): Splice | undefined {
  const [start, end] = value.range;
  return commentsIn(value.srcToken).length > 0 ? undefined : { start, end, text };
}

export function keyQuote(field: FieldNode): Quote {
  return quoteOf(field.key) ?? "plain";
}

/** The quotes for a new value in braces: those of the old value or, if that was JSON's null, those of the key. */
function quoteInFlow(field: FieldNode): Quote {
  const { value } = field;
  const isText = isScalar(value) && typeof value.value === "string" && scalarKind(value.value) === "string";
  return isText ? (quoteOf(value) ?? "plain") : keyQuote(field);
}

function insertInBraces(entry: EntryNode, after: FieldNode, text: string, separator: string): Splice | undefined {
  const { fields = [] } = entry;
  const index = fields.indexOf(after) + 1;
  const [start, end] = fieldGaps(entry)[index] ?? [0, 0];
  const around = index === fields.length ? gapsOfLast : gapsOfMiddle;
  const [before, behind] = around(entry.text.slice(start, end), separator);
  return { start, end, text: before + text + behind };
}

function removeFromBraces(entry: EntryNode, index: number): Splice | undefined {
  const { fields = [], text } = entry;
  const gaps = fieldGaps(entry);
  const [before, behind] = [gaps[index], gaps[index + 1]];
  if (before === undefined || behind === undefined || fields.length === 1) {
    return undefined;
  }
  const join = index + 1 === fields.length ? joinedClosing : joinedGap;
  return { start: before[0], end: behind[1], text: join(text.slice(...before), text.slice(...behind)) };
}

function isBlockCollection(value: ParsedNode): boolean {
  return value.srcToken?.type === "block-map" || (isSeq(value) && value.srcToken?.type === "block-seq");
}
