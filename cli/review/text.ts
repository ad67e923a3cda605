import type { MigrationReport } from "../../provider/migration/model";
import type { AccessReview, ReviewedCluster } from "../../provider/review/model";
import { layOut } from "../../provider/text/layout";
import { plural, printable } from "../../provider/text/text";
import { emphasise, section, type Terminal } from "../terminal";
import {
  changeItems,
  changeWord,
  countChanges,
  entryText,
  type ReviewRow,
  rightTexts,
  rowsOf,
  shorten,
  shownRights,
  summaryText,
} from "./rows";

/** A review for a terminal: the figures, what changed, and a table for each cluster. */
export function renderText(review: AccessReview, terminal: Terminal): string {
  const blocks = [
    summaryText(review.summary),
    ...changes(review, terminal),
    ...review.clusters.map((cluster) => clusterBlock(cluster, review, terminal)),
    ...unreadSection(review.unread, terminal),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function changes(review: AccessReview, terminal: Terminal): string[] {
  const { changes } = review;
  if (changes === undefined) {
    return [];
  }
  const items = [...changeItems(review), ...changes.notes.map((note) => `note: ${note}`)];
  const title = `${plural(countChanges(changes), "change")} since the review of ${changes.since}${items.length === 0 ? "." : ":"}`;
  return items.length === 0 ? [title] : section(title, items, terminal);
}

function clusterBlock(cluster: ReviewedCluster, review: AccessReview, terminal: Terminal): string {
  const { name, notes } = cluster;
  const rows = rowsOf(cluster, review.changes);
  const hasChanges = review.changes !== undefined;
  const header = ["IDENTITY", "ENTRY", "USERNAME", "GROUPS", "RIGHTS", "FINDINGS", "OWNERS"];
  const lines = [
    [...(hasChanges ? ["CHANGE"] : []), ...header],
    ...rows.map((row) => [...(hasChanges ? [changeWord(row) ?? ""] : []), ...cellsOf(row)]),
  ];
  return [
    emphasise(terminal, "bold", printable(name)),
    ...notes.map((note) => layOut(`  note: ${printable(note)}`, terminal.width)),
    ...(rows.length === 0 ? ["  Nobody is mapped."] : alignColumns(lines)),
  ].join("\n");
}

/** The lines of a table; a column that has nothing but its title is left out. */
function alignColumns([header = [], ...rows]: readonly (readonly string[])[]): string[] {
  const used = header.flatMap((_, column) => (rows.some((row) => row[column] !== "") ? [column] : []));
  const lines = [header, ...rows].map((row) => used.map((column) => printable(row[column] ?? "")));
  const widths = used.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}

function cellsOf({ identity, entry, isFirst }: ReviewRow): readonly string[] {
  const findings = identity.findings.map(({ severity, rule }) => `${severity}:${rule}`);
  return [
    identity.identity,
    entryText(entry),
    entry.username,
    entry.groups.join(","),
    shorten(rightTexts(entry), shownRights).join(", "),
    isFirst ? [...new Set(findings)].join(",") : "",
    entry.owners.join(", "),
  ];
}

/** The clusters that could not be read, if there are any. */
export function unreadSection(unread: MigrationReport["unread"], terminal: Terminal): string[] {
  const items = unread.map(({ name, message }) => `${name}: ${message}`);
  return section("Not read:", items, terminal);
}
