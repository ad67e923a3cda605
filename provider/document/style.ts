import { isScalar, isSeq, type ParsedNode, type YAMLSeq } from "yaml";
import type { Mapping } from "../mapping/mapping";
import { columnOf, lineStart, separatorAfter, tokenEnd, withoutComments } from "../yaml/tokens";
import { type Quote, renderScalar } from "../yamlv2/scalar";
import { arnField, type DataKey } from "./entry";
import { type EntryNode, type FieldName, fieldOf, parseEntryNode, quoteOf } from "./entryNode";
import { type Item, type KeyText, lineBreakFor } from "./keyText";

/** The text around the items in brackets or braces. */
interface Gaps {
  readonly open: string;
  readonly separator: string;
  readonly close: string;
}

/** The layout of an entry in braces. */
interface FlowStyle extends Gaps {
  /** The text between a key and its value. */
  readonly colon: string;
  readonly groups: Gaps;
}

/** The most common layout: `{a: b, c: [d, e]}`. */
export const spacedFlow: FlowStyle = gapsWith("", ": ", { open: "", separator: ", ", close: "" });

/** The layout of an entry in braces, without its comments. */
export function flowStyleOf(entry: EntryNode): FlowStyle {
  const { open, close, separators } = gapsOf(entry);
  const colon = colonOf(entry) ?? spacedFlow.colon;
  const isTight = colon.endsWith(":");
  const separator = separators[0] ?? separatorAfter(open, isTight);
  return gapsWith(open, colon, groupGapsOf(entry, isTight, separator), separator, close);
}

/** The positions of the gaps of an entry in braces, of which there is one more than fields. */
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
  if (!groups || first === undefined || last === undefined) {
    return { open: "", separator: inLine, close: "" };
  }
  const gap = (start: number, end: number) => withoutComments(entry.text.slice(start, end));
  const open = gap(groups.range[0] + 1, first.range[0]);
  const alone = open.includes("\n") ? separatorAfter(open, isTight) : inLine;
  const separator = second === undefined ? alone : gap(first.range[1], second.range[0]);
  return { open, separator, close: gap(last.range[1], groups.range[1] - 1) };
}

/** The layout of a key's entries. */
export interface EntryStyle {
  /** The start of an entry's first line: indentation, dash, spaces. */
  readonly dash: string;
  /** The start of the lines of all other fields. */
  readonly indent: string;
  /** Undefined if each field has its own line. */
  readonly flow: FlowStyle | undefined;
  readonly order: readonly FieldName[];
  readonly keyQuote: Quote;
  readonly quotes: Readonly<Record<FieldName, Quote>>;
  /** The start of a group's line; undefined if groups are in brackets. */
  readonly groupDash: string | undefined;
  readonly lineBreak: string;
}

/** The style for a new entry: that of the last entries, with each trait taken from the nearest entry that has it, else eksctl's. */
export function styleFor(keyText: KeyText): EntryStyle {
  const last = keyText.items.at(-1);
  // In brackets the gaps contain the line breaks, and finding them in the text would render all of it.
  const lineBreak = keyText.layout === "flow" ? "\n" : lineBreakFor(keyText, last);
  const neighbours: Traits[] = [];
  for (const item of keyText.items.slice(-lookBack).reverse()) {
    neighbours.push(...traitsOf(parseEntryNode(keyText, item)));
    if (neighbours.at(-1)?.hasGroups) {
      break;
    }
  }
  const nearest = neighbours[0];
  if (nearest === undefined) {
    const flow = keyText.layout === "flow" ? spacedFlow : undefined;
    return { ...defaultStyle, ...dashOf(last), ...quotesOfScalar(keyText, last), flow, lineBreak };
  }
  const { groupDash, flow } = neighbours.find(({ hasGroups }) => hasGroups) ?? nearest;
  const { dash, order, keyQuote, quotes } = nearest;
  return {
    dash,
    indent: " ".repeat(dash.length),
    flow: nearest.flow && { ...nearest.flow, ...(flow && { groups: flow.groups }) },
    order,
    keyQuote,
    quotes,
    // Relative to the fields, since the other entry may have another indentation.
    groupDash: groupDash && `${" ".repeat(Math.max(dash.length + groupDash.margin, 0))}-${groupDash.gap}`,
    lineBreak,
  };
}

/** What an entry shows of the style of a new one. */
interface Traits extends Pick<EntryStyle, "dash" | "flow" | "order" | "keyQuote" | "quotes"> {
  readonly hasGroups: boolean;
  /** The start of a group's line: columns to the right of the fields, and the text after the dash. */
  readonly groupDash: { readonly margin: number; readonly gap: string } | undefined;
}

/** eksctl's own layout. */
export const defaultStyle: EntryStyle = {
  dash: "- ",
  indent: "  ",
  flow: undefined,
  order: ["groups", "arn", "username"],
  keyQuote: "plain",
  quotes: { arn: "plain", username: "plain", groups: "plain" },
  groupDash: "  - ",
  lineBreak: "\n",
};

// How many entries to look at: enough to find one with groups in most maps, and few enough to cost nothing.
const lookBack = 4;

/** Empty for an entry whose fields cannot be told apart. */
function traitsOf(entry: EntryNode | undefined): Traits[] {
  if (entry?.fields === undefined || entry.fields.length === 0) {
    return [];
  }
  const dash = entry.text.slice(lineStart(entry.text, entry.dash), entry.node.range[0]);
  return [
    {
      dash: /^ *- +$/.test(dash) ? dash : `${" ".repeat(Math.max(dash.indexOf("-"), 0))}- `,
      flow: entry.isFlow ? flowStyleOf(entry) : undefined,
      order: orderOf(entry),
      keyQuote: keyQuoteOf(entry),
      quotes: quotesOf(entry),
      hasGroups: isSeq(fieldOf(entry, "groups")?.value),
      groupDash: groupDashOf(entry),
    },
  ];
}

/** The dash must align with the list, even if nothing else of the last entry can be copied. */
function dashOf(last: Item | undefined): Pick<EntryStyle, "dash" | "indent" | "groupDash"> | undefined {
  if (last === undefined) {
    return undefined;
  }
  const margin = /^ */.exec(last.text)?.[0] ?? "";
  return { dash: `${margin}- `, indent: `${margin}  `, groupDash: `${margin}  - ` };
}

function orderOf(node: EntryNode): FieldName[] {
  const known = node.fields?.flatMap(({ name }) => name ?? []) ?? [];
  return [...new Set([...known, ...defaultStyle.order])];
}

function keyQuoteOf(node: EntryNode): Quote {
  return quoteOf(node.fields?.[0]?.key) ?? "plain";
}

function quotesOf(node: EntryNode): EntryStyle["quotes"] {
  const arn = preferredQuote(fieldOf(node, "arn")?.value) ?? (node.isFlow ? keyQuoteOf(node) : "plain");
  const groups = fieldOf(node, "groups")?.value;
  const group = isSeq(groups) ? (groups as YAMLSeq.Parsed).items[0] : undefined;
  return {
    arn,
    username: preferredQuote(fieldOf(node, "username")?.value) ?? arn,
    groups: preferredQuote(group) ?? arn,
  };
}

/** Quotes show a preference only if they are not necessary. */
function preferredQuote(node: ParsedNode | null | undefined): Quote | undefined {
  const quote = quoteOf(node);
  const text = isScalar(node) && typeof node.value === "string" ? node.value : "";
  return quote === "plain" || renderScalar(text, "plain") === text ? quote : undefined;
}

/** The quotes of an item that is a scalar, such as an account. */
function quotesOfScalar(keyText: KeyText, last: Item | undefined): Pick<EntryStyle, "quotes"> | undefined {
  const quote = last && quoteOf(parseEntryNode(keyText, last)?.node);
  return quote && { quotes: { arn: quote, username: quote, groups: quote } };
}

function groupDashOf(node: EntryNode): Traits["groupDash"] {
  const groups = fieldOf(node, "groups")?.value;
  const token = groups?.srcToken;
  if (token?.type === "flow-collection") {
    return undefined;
  }
  const first = isSeq(groups) ? (groups as YAMLSeq.Parsed).items[0] : undefined;
  if (token?.type !== "block-seq" || first === undefined) {
    return { margin: 0, gap: " " };
  }
  const [dash, field] = [columnOf(node.text, token.offset), columnOf(node.text, node.node.range[0])];
  const gap = node.text.slice(token.offset + 1, first.range[0]);
  return { margin: dash - field, gap: /^ +$/.test(gap) ? gap : " " };
}

/** Writes the lines of a new entry in a style, including the last line break. */
export function renderEntry(key: DataKey, mapping: Mapping, style: EntryStyle): string {
  return `${style.dash}${renderValue(key, mapping, style)}${style.lineBreak}`;
}

/** Writes a new entry in a style, without its dash and final line break. */
export function renderValue(key: DataKey, mapping: Mapping, style: EntryStyle): string {
  if (mapping.kind === "account") {
    // Always in quotes, since other YAML readers take the digits for a number.
    return renderScalar(mapping.account, style.quotes.arn === "single" ? "single" : "double");
  }
  const values: Record<FieldName, string | readonly string[] | undefined> = {
    arn: mapping.arn,
    username: mapping.username || undefined,
    groups: mapping.groups.length > 0 ? mapping.groups : undefined,
  };
  const fields = style.order.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [renderField(key, name, value, style)];
  });
  const { flow } = style;
  if (flow !== undefined) {
    return `{${flow.open}${fields.join(flow.separator)}${flow.close}}`;
  }
  return fields.join(`${style.lineBreak}${style.indent}`);
}

/** Writes one field without indentation and final line break. The lines of groups in a block list have their indentation. */
export function renderField(
  key: DataKey,
  name: FieldName,
  value: string | readonly string[],
  style: Omit<EntryStyle, "dash" | "indent" | "order">,
): string {
  const { flow, groupDash } = style;
  const context = flow === undefined ? "block" : "flow";
  const { colon, groups } = flow ?? spacedFlow;
  const label = renderScalar(name === "arn" ? arnField(key) : name, style.keyQuote, context);
  if (typeof value === "string") {
    return `${label}${colon}${renderScalar(value, style.quotes[name], context)}`;
  }
  if (flow !== undefined || groupDash === undefined) {
    const items = value.map((group) => renderScalar(group, style.quotes.groups, "flow"));
    return `${label}${colon}[${groups.open}${items.join(groups.separator)}${groups.close}]`;
  }
  const lines = value.map((group) => `${style.lineBreak}${groupDash}${renderScalar(group, style.quotes.groups)}`);
  return `${label}:${lines.join("")}`;
}
