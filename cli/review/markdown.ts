import type { MigrationReport } from "../../provider/migration/model";
import type { AccessReview, ReviewedCluster, ReviewFinding } from "../../provider/review/model";
import { printable } from "../../provider/text/text";
import {
  changeItems,
  changeWord,
  countChanges,
  entryText,
  type ReviewRow,
  rightTexts,
  rowsOf,
  summaryText,
} from "./rows";

/** A review as Markdown with tables, for an issue or a page of a wiki. */
export function renderMarkdown(review: AccessReview): string {
  const { createdAt, summary, clusters, unread } = review;
  const blocks = [
    "# Access review",
    `${createdAt}: ${summaryText(summary)}.`,
    ...changeBlocks(review),
    ...clusters.flatMap((cluster) => clusterBlocks(cluster, review)),
    ...unreadBlocks(unread),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** The clusters that could not be read, if there are any. */
export function unreadBlocks(unread: MigrationReport["unread"]): string[] {
  const items = unread.map(({ name, message }) => `${code(name)}: ${text(message)}`);
  return items.length === 0 ? [] : ["## Not read", list(items)];
}

function changeBlocks(review: AccessReview): string[] {
  const { changes } = review;
  if (changes === undefined) {
    return [];
  }
  const items = [...changeItems(review, text, code), ...changes.notes.map(text)];
  const title = `## Changes since ${text(changes.since)}`;
  return [title, ...(countChanges(changes) === 0 ? ["None."] : []), ...(items.length === 0 ? [] : [list(items)])];
}

function clusterBlocks(cluster: ReviewedCluster, { changes }: AccessReview): string[] {
  const rows = rowsOf(cluster, changes);
  return [
    `## ${text(cluster.name)}`,
    ...(cluster.notes.length === 0 ? [] : [list(cluster.notes.map(text))]),
    rows.length === 0 ? "Nobody is mapped." : table(header, rows.map(cellsOf)),
  ];
}

const header = ["Identity", "Entry", "Username", "Groups", "Rights", "Findings", "Owners"];

/** A table of cells that are Markdown already. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cellsOf(row: ReviewRow): readonly string[] {
  const { identity, entry, isFirst } = row;
  const word = changeWord(row);
  const mark = isFirst && word !== undefined ? ` (${word})` : "";
  return [
    `${code(identity.identity)}${mark}`,
    entryText(entry),
    entry.username === "" ? "" : code(entry.username),
    entry.groups.map(code).join(", "),
    rightTexts(entry).map(text).join("<br>"),
    isFirst ? identity.findings.map(finding).join("<br>") : "",
    entry.owners.map(text).join(", "),
  ];
}

function finding({ severity, message }: ReviewFinding): string {
  return `**${severity}** ${text(message)}`;
}

/** A list of items that are Markdown already. */
export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

/** A name as code: nothing in it is taken for Markdown, a link or the name of somebody to notify. */
export function code(name: string): string {
  const shown = printable(name);
  // A backslash before a bar ends the cell, and a backtick the code.
  const isPlain = shown !== "" && !/[`|\\]/.test(shown);
  return isPlain ? `\`${shown}\`` : `<code>${text(shown)}</code>`;
}

/** Text of which nothing is taken for Markdown or HTML, for a link, or for the name of somebody to notify. */
export function text(said: string): string {
  return printable(said)
    .replace(/[\\`*_{}[\]<>()#+!|~&$^]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/:(?=\/\/)|\.(?=\w)(?<=\bwww\.)/gi, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/@/g, "@<!-- -->");
}
