import type { AccessReview, IdentityChange, ReviewedCluster } from "../../provider/review/model";
import { printable } from "../../provider/text/text";
import { changeTexts, clusterNames, moveText, placeText, type ReviewRow, rightTexts, rowsOf } from "./report";

const header = [
  ...(["cluster_id", "cluster", "identity", "kind", "administrator", "entry", "effect", "username"] as const),
  ...(["groups", "rights", "severity", "findings", "owners", "change", "source"] as const),
];

/** A row by its columns; those that are left out are empty. */
type Row = Partial<Readonly<Record<(typeof header)[number], string>>>;

/** A review as CSV (RFC 4180): one row for each entry, each identity that is gone, and each cluster that could not be read. */
export function renderCsv(review: AccessReview): string {
  const names = clusterNames(review);
  const gone = (review.changes?.identities ?? []).filter(({ change }) => change === "gone");
  const rows: Row[] = [
    ...review.clusters.flatMap((cluster) => rowsOf(cluster, review.changes).map((row) => entryRow(cluster, row))),
    ...gone.map((change) => goneRow(change, names)),
    ...review.unread.map(({ id = "", name, message }) => {
      return { cluster_id: id, cluster: name, findings: `the cluster could not be read: ${message}` };
    }),
  ];
  const lines = [header, ...rows.map((row) => header.map((column) => row[column] ?? ""))];
  return lines.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

function entryRow({ id, name }: ReviewedCluster, { identity, entry, isFirst, change, move }: ReviewRow): Row {
  const { findings } = identity;
  return {
    cluster_id: id,
    cluster: name,
    identity: identity.identity,
    kind: identity.kind,
    administrator: identity.isAdministrator ? "yes" : "no",
    entry: placeText(entry),
    effect: entry.effect,
    username: entry.username,
    groups: entry.groups.join("; "),
    rights: rightTexts(entry).join("; "),
    ...(isFirst && {
      severity: findings[0]?.severity ?? "",
      findings: findings.map(({ severity, message }) => `${severity}: ${message}`).join("; "),
    }),
    owners: entry.owners.join("; "),
    change: change !== undefined ? changeText(change) : move !== undefined ? `moved; ${moveText(move)}` : "",
    source: entry.source,
  };
}

function goneRow(change: IdentityChange, names: ReadonlyMap<string, string>): Row {
  const { cluster, identity } = change;
  return { cluster_id: cluster, cluster: names.get(cluster) ?? "", identity, change: changeText(change) };
}

function changeText(change: IdentityChange): string {
  return [change.change, ...changeTexts(change)].join("; ");
}

/**
 * A cell that no spreadsheet takes for a formula, also where it splits cells at semicolons or bars.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function cell(text: string): string {
  const inert = printable(text).replace(formula, "$1'");
  return `"${inert.replaceAll('"', '""')}"`;
}

// The beginning of a cell, however it is split, before a character that begins a formula; some have a wide form.
const formula = /((?:^|[,;|"])[\s'"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
