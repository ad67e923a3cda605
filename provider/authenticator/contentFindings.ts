import { isScalar, isSeq, type ParsedNode, type YAMLSeq } from "yaml";
import { type AwsAuthDocument, describeLine, fileLineOf } from "../document";
import { arnField } from "../document/entry";
import { type EntryNode, type FieldName, parseEntryNode, quoteOf } from "../document/entryNode";
import { type ContentRule, contentProblems } from "../mapping";
import type { ContentProblem } from "../mapping/content";
import type { PlacedEntry } from "./placedEntry";

/** A likely mistake in what an entry grants. `swallowed-list`: list items that YAML reads as part of the string above them. */
export type ContentFinding = Pick<ContentProblem, "isRefused" | "reason"> & {
  readonly rule: ContentRule | "swallowed-list";
};

/**
 * Finds likely mistakes in the username and groups of an entry.
 *
 * @param bound groups that the cluster's bindings name.
 */
export function contentFindings(
  document: AwsAuthDocument,
  placed: PlacedEntry,
  bound?: ReadonlySet<string>,
): ContentFinding[] {
  const { arn, username, groups, key } = placed.entry;
  if (key === "mapAccounts") {
    return [];
  }
  const swallowed = swallowedLists(document, placed);
  const isWhole = (text: string) => !swallowed.some(({ value }) => value === text);
  // A string that swallowed a list is reported once, and not for its whitespace as well.
  const own = { arn, username: isWhole(username) ? username : undefined, groups: groups.filter(isWhole) };
  return [
    ...swallowed.map(({ reason }) => ({ rule: "swallowed-list", isRefused: false, reason }) as const),
    ...contentProblems(own, bound),
  ];
}

/** Finds strings of an entry that swallowed the list items below them, and says why. */
export function swallowedLists(document: AwsAuthDocument, placed: PlacedEntry) {
  const { key, position, value } = placed;
  const keyText = document[key];
  const item = keyText.items[position - 1];
  const isSuspect = value instanceof Map && [...value.values()].flat().some(isListLike);
  const node = item && isSuspect ? parseEntryNode(keyText, item) : undefined;
  if (node === undefined) {
    return [];
  }
  return (node.fields ?? []).flatMap(({ name, value: field }) => {
    if (name === undefined) {
      return [];
    }
    const nodes = isSeq(field) ? (field as YAMLSeq.Parsed).items : [field];
    return nodes.flatMap((string) => swallowedBy(document, placed, node, name, string, isSeq(field)));
  });
}

function isListLike(value: unknown): boolean {
  return typeof value === "string" && /\s-(?:\s|$)/.test(value);
}

function swallowedBy(
  document: AwsAuthDocument,
  { key, line }: PlacedEntry,
  { text }: EntryNode,
  name: FieldName,
  node: ParsedNode | null,
  isItem: boolean,
) {
  if (!isScalar(node) || quoteOf(node) !== "plain") {
    return [];
  }
  const [start, end] = node.range;
  const [first = "", ...below] = text.slice(start, end).split("\n");
  const items = below.filter((next) => /^\s*-(?:\s|$)/.test(next));
  if (items.length === 0) {
    return [];
  }
  const before = text.slice(0, start + first.length).split("\n").length;
  const at = line === undefined ? undefined : line + before + below.indexOf(items[0] ?? "");
  const place = at === undefined ? "" : ` (from ${describeLine(at, fileLineOf(document.origin, key, at))})`;
  const value = String(node.value);
  const subject = name === "arn" ? arnField(key) : isItem ? "group" : name;
  const remedy = isItem
    ? "give every item of the list the same indentation"
    : name === "groups"
      ? "begin the list on a line of its own"
      : 'put "groups:" on a line of its own before them';
  const count = items.length === 1 ? "the list item" : `the ${items.length} list items`;
  const reason = `${subject} ${JSON.stringify(value)} swallowed ${count} below it${place}, since YAML reads more deeply indented lines as the rest of an unquoted string; ${remedy}`;
  return [{ value, reason }];
}
