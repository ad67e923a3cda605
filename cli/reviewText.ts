import { ownerTexts } from "../provider/identity/placedEntry";
import {
  type AccessReview,
  hasEffect,
  type ReviewedCluster,
  type ReviewedEntry,
  type ReviewedPrincipal,
  type ReviewRule,
} from "../provider/reports/accessReview";
import { describeTrusted } from "../provider/reports/trust";
import { cutShort, plural, printable } from "../provider/text/text";
import { asText } from "./clusters";
import { renderTable, section, styled } from "./output";

export function renderReview(review: AccessReview): string {
  const { clusters, unread, changes } = review;
  const names = new Map(clusters.map(({ id, name }) => [id, name]));
  const changed = changes?.identities.map(({ cluster, identity, change, gains, loses }) => {
    const clauses = [...said("gains", shorten(gains)), ...said("loses", shorten(loses))];
    return `${change}: ${identity} in ${names.get(cluster) ?? cluster}: ${clauses.join("; ")}`;
  });
  const title =
    changes && `${plural(changes.identities.length, "change")} since the review of ${printable(changes.since)}`;
  const blocks = [
    figuresOf(clusters).join(", "),
    ...(title === undefined ? [] : changed?.length === 0 ? [`${title}.`] : section(`${title}:`, changed ?? [])),
    ...section("Not compared:", changes?.unknown ?? []),
    ...clusters.map((cluster) => clusterText(cluster, review)),
  ];
  return asText(blocks, unread);
}

export function figuresOf(clusters: readonly ReviewedCluster[]): readonly string[] {
  const all = clusters.flatMap(({ identities }) => identities);
  const findings = all.flatMap((one) => one.findings);
  const count = (rule: ReviewRule) => findings.filter((finding) => finding.rule === rule).length;
  return [
    plural(clusters.length, "cluster"),
    plural(all.filter(({ entries }) => entries.some(hasEffect)).length, "identity", "identities"),
    plural(count("everything"), "administrator"),
    plural(findings.length, "finding"),
  ];
}

/** `gains group "ops", edit everywhere`; empty without items. */
export function said(verb: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${verb} ${items.join(", ")}`];
}

export function entryText({ place, effect }: ReviewedEntry): string {
  return effect === "counts"
    ? place
    : `${place}, ${{ mayCount: "may take effect", shadowed: "shadowed", dead: "grants no access" }[effect]}`;
}

export function noIdentity({ unknown }: ReviewedCluster): string {
  return unknown.length === 0 ? "No identity is mapped." : "No identity could be read.";
}

export function changesIn({ id }: ReviewedCluster, { changes }: Pick<AccessReview, "changes">) {
  return new Map(changes?.identities.filter(({ cluster }) => cluster === id).map((one) => [one.identity, one]));
}

function clusterText(cluster: ReviewedCluster, review: AccessReview): string {
  const { name, unknown, notes, identities } = cluster;
  const changed = changesIn(cluster, review);
  const rows = identities.flatMap(({ identity, iam, entries, findings }) =>
    entries.map((entry, index) => [
      changed.get(identity)?.change ?? "",
      identity,
      entryText(entry),
      entry.username,
      shorten(entry.groups).join(", "),
      shorten([...new Set(entry.rights.map(({ access }) => access))]).join(", "),
      index === 0 ? findings.map(({ rule }) => rule).join(", ") : "",
      ownerTexts(entry).join(", "),
      ...(index === 0 ? principalCells(iam) : ["", "", ""]),
    ]),
  );
  const used = columns.map((_, index) => index === 1 || rows.some((row) => row[index] !== ""));
  const [header = [], ...body] = [columns, ...rows].map((row) => row.filter((_, index) => used[index]));
  return [
    styled("bold", printable(name)),
    ...unknown.map((clause) => styled("yellow", `unknown: ${printable(clause)}`)),
    ...notes.map((note) => `note: ${printable(note)}`),
    rows.length === 0 ? noIdentity(cluster) : renderTable(header, body).trimEnd(),
  ].join("\n");
}

const columns = [
  ...["CHANGE", "IDENTITY", "ENTRY", "USERNAME", "GROUPS", "RIGHTS", "FINDINGS", "OWNERS"],
  ...["CREATED", "LAST USED", "ASSUMED BY"],
];

function principalCells({ createdAt = "", lastUsed, assumedBy = [] }: Partial<ReviewedPrincipal> = {}) {
  return [createdAt.slice(0, 10), lastUsed?.at.slice(0, 10) ?? "", cutShort(assumedBy.map(describeTrusted), 5)];
}

function shorten(items: readonly string[]): readonly string[] {
  return items.length <= 4 ? items : [...items.slice(0, 3), `${items.length - 3} more`];
}
