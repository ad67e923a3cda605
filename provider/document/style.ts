import { isScalar, isSeq, type ParsedNode, type YAMLSeq } from "yaml";
import { type EntryNode, type FieldName, fieldOf, parseEntryNode, quoteOf } from "./entryNode";
import { type FlowStyle, flowStyleOf, spacedFlow } from "./flowStyle";
import { type Item, type KeyText, lineBreakFor } from "./keyText";
import { type Quote, renderScalar } from "./quote";
import { lineStart } from "./tokens";

/** How entries of a key are laid out. */
export interface EntryStyle {
  /** What an entry's first line begins with: indentation, dash, blanks. */
  readonly dash: string;
  /** What every further field's line begins with. */
  readonly indent: string;
  /** Undefined where fields stand on lines of their own. */
  readonly flow: FlowStyle | undefined;
  readonly order: readonly FieldName[];
  readonly keyQuote: Quote;
  readonly quotes: Readonly<Record<FieldName, Quote>>;
  /** What a group's line begins with; undefined where groups stand in brackets. */
  readonly groupDash: string | undefined;
  readonly lineBreak: string;
}

/** The style for a new entry: that of the last entries, each trait from the nearest one that shows it, else eksctl's. */
export function styleFor(text: KeyText): EntryStyle {
  const last = text.items.at(-1);
  // In brackets the gaps hold the line breaks, and to ask the text for them would render all of it.
  const lineBreak = text.layout === "flow" ? "\n" : lineBreakFor(text, last);
  const nodes = text.items
    .slice(-lookBack)
    .reverse()
    .flatMap((item) => parseNeighbour(text, item));
  const nearest = nodes[0];
  if (nearest === undefined) {
    const flow = text.layout === "flow" ? spacedFlow : undefined;
    return { ...defaultStyle, ...dashOf(last), ...quotesOfScalar(text, last), flow, lineBreak };
  }
  const withGroups = nodes.find((node) => isSeq(fieldOf(node, "groups")?.value)) ?? nearest;
  const dash = nearest.text.slice(lineStart(nearest.text, nearest.dash), nearest.node.range[0]);
  const isOwnLine = /^ *- +$/.test(dash);
  const ownDash = isOwnLine ? dash : `${" ".repeat(Math.max(dash.indexOf("-"), 0))}- `;
  const indent = " ".repeat(ownDash.length);
  const groups = withGroups.isFlow ? flowStyleOf(withGroups).groups : undefined;
  return {
    dash: ownDash,
    indent,
    flow: nearest.isFlow ? { ...flowStyleOf(nearest), ...(groups && { groups }) } : undefined,
    order: orderOf(nearest),
    keyQuote: keyQuoteOf(nearest),
    quotes: quotesOf(nearest),
    groupDash: groupDashOf(withGroups, indent),
    lineBreak,
  };
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

// Far enough to find an entry with groups in most maps, near enough to cost nothing.
const lookBack = 4;

function parseNeighbour(text: KeyText, item: Item): EntryNode[] {
  const node = parseEntryNode(text, item);
  return node?.fields === undefined || node.fields.length === 0 ? [] : [node];
}

/** The dash's place has to agree with the list's, even where nothing else of the last entry can be followed. */
function dashOf(last: Item | undefined): Pick<EntryStyle, "dash" | "indent" | "groupDash"> | undefined {
  if (last === undefined) return undefined;
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

/** Quotes tell of a wish only where they are not needed. */
function preferredQuote(node: ParsedNode | null | undefined): Quote | undefined {
  const quote = quoteOf(node);
  const text = isScalar(node) && typeof node.value === "string" ? node.value : "";
  return quote === "plain" || renderScalar(text, "plain") === text ? quote : undefined;
}

/** The quotes of an item that is a mere text, such as an account. */
function quotesOfScalar(text: KeyText, last: Item | undefined): Pick<EntryStyle, "quotes"> | undefined {
  const quote = last && quoteOf(parseEntryNode(text, last)?.node);
  return quote && { quotes: { arn: quote, username: quote, groups: quote } };
}

function groupDashOf(node: EntryNode, indent: string): string | undefined {
  const groups = fieldOf(node, "groups")?.value;
  const token = groups?.srcToken;
  if (token?.type === "flow-collection") return undefined;
  const first = isSeq(groups) ? (groups as YAMLSeq.Parsed).items[0] : undefined;
  if (token?.type !== "block-seq" || first === undefined) return `${indent}- `;
  const [dash, field] = [columnOf(node.text, token.offset), columnOf(node.text, node.node.range[0])];
  // Relative to the fields, since the entry that shows it may be indented otherwise.
  const margin = indent.length + dash - field;
  const gap = node.text.slice(token.offset + 1, first.range[0]);
  return `${" ".repeat(Math.max(margin, 0))}-${/^ +$/.test(gap) ? gap : " "}`;
}

function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}
