import type {
  AccessReview,
  EntryEffect,
  EntrySource,
  IdentityChange,
  IdentityMove,
  ReviewChanges,
  ReviewedCluster,
  ReviewedEntry,
  ReviewedIdentity,
  ReviewedKind,
  ReviewFinding,
  ReviewSeverity,
  ReviewSummary,
} from "../../provider/review/model";
import { summarise } from "../../provider/review/reviewClusters";
import { plural } from "../../provider/text/text";
import type { Page } from "../report/page";
import { type Figure, type List, type Report, type Row, type Section, type Tag, unreadList } from "../report/report";
import { shorten } from "../report/text";

/** The report of a review. */
export function reviewReport(review: AccessReview): Report {
  const { createdAt, summary, clusters, unread, changes } = review;
  const dropped = clusters.flatMap(({ droppedKeys }) => droppedKeys).length;
  return {
    title: "Access review",
    createdAt,
    figures: [
      figure(summary.clusters, "cluster"),
      ...(summary.unread === 0 ? [] : [{ count: summary.unread, noun: "more not read" }]),
      ...figuresOf(summary, clusters),
      ...(dropped === 0 ? [] : [{ ...figure(dropped, "key"), more: "dropped by the authenticator" }]),
    ],
    ...(changes !== undefined && { changes: changeList(changes, clusterNames(review)) }),
    sections: clusters.map((cluster) => sectionOf(cluster, changes)),
    ...unreadList(unread),
  };
}

/** An identity counts if it gets in. */
function figuresOf(
  { identities, administrators, findings: { high, medium, low } }: ReviewSummary,
  clusters: readonly ReviewedCluster[],
): readonly Figure[] {
  const all = clusters.flatMap((cluster) => cluster.identities);
  const others = all.length - identities;
  // No row shows these, and without a word the findings would not add up.
  const unowned = all.flatMap(({ findings }) => findings.filter(isUnowned)).length;
  const ofLow = unowned === 0 ? "" : `, ${unowned} of them unowned`;
  return [
    { ...figure(identities, "identity", "identities"), ...(others > 0 && { more: `${others} more without effect` }) },
    figure(administrators, "administrator"),
    { ...figure(high + medium + low, "finding"), more: `${high} high, ${medium} medium, ${low} low${ofLow}` },
  ];
}

function figure(count: number, noun: string, nouns = `${noun}s`): Figure {
  return { count, noun: count === 1 ? noun : nouns };
}

function changeList(
  { clusters, identities, moved, notes, since }: ReviewChanges,
  names: ReadonlyMap<string, string>,
): List {
  const whose = ({ cluster, identity }: IdentityChange | IdentityMove) => ({
    code: identity,
    text: `in ${names.get(cluster) ?? cluster}`,
  });
  return {
    title: `${plural(clusters.length + identities.length, "change")} since the review of ${since}`,
    items: [
      ...clusters.map(({ name, change }) => ({ tag: changeTag(change), text: name })),
      ...identities.map((one) => {
        const tag = one.isNewAdministrator ? ({ text: one.change, tone: "bad" } as const) : changeTag(one.change);
        return { tag, ...whose(one), clauses: changeTexts(one) };
      }),
      ...moved.map((one) => ({ tag: changeTag("moved"), ...whose(one), clauses: [moveText(one)] })),
      ...notes.map((text) => ({ tag: { text: "note", tone: "quiet" } as const, text })),
    ],
  };
}

function changeTag(change: string): Tag {
  return { text: change, tone: change === "gone" ? "quiet" : "good" };
}

/** What became of an identity, one clause each. */
export function changeTexts({ gains, loses, details, isNewAdministrator }: IdentityChange): readonly string[] {
  return [
    ...(isNewAdministrator ? ["new administrator"] : []),
    ...details,
    ...(gains.length === 0 ? [] : [`gains ${shorten(gains).join(", ")}`]),
    ...(loses.length === 0 ? [] : [`loses ${shorten(loses).join(", ")}`]),
  ];
}

/** The names of clusters by their IDs, also of those that are only in the changes. */
export function clusterNames({ clusters, changes }: AccessReview): ReadonlyMap<string, string> {
  return new Map([...(changes?.clusters ?? []), ...clusters].map(({ id, name }) => [id, name]));
}

/** An entry of an identity, as one row of a table. */
export interface ReviewRow {
  readonly identity: ReviewedIdentity;
  readonly entry: ReviewedEntry;
  /** Whether it is the first row of its identity, which has what is said of the identity once. */
  readonly isFirst: boolean;
  /** What changed since the earlier review; undefined where nothing has. */
  readonly change: IdentityChange | undefined;
  /** That the same access comes from something else now; undefined where it does not. */
  readonly move: IdentityMove | undefined;
}

/** The rows of a cluster. */
export function rowsOf({ id, identities }: ReviewedCluster, changes: ReviewChanges | undefined): readonly ReviewRow[] {
  const here = <Change extends IdentityChange | IdentityMove>(all: readonly Change[] = []) =>
    new Map(all.filter(({ cluster }) => cluster === id).map((change) => [change.identity, change]));
  const [changed, moved] = [here(changes?.identities), here(changes?.moved)];
  return identities.flatMap((identity) =>
    identity.entries.map((entry, index): ReviewRow => {
      const name = identity.identity;
      return { identity, entry, isFirst: index === 0, change: changed.get(name), move: moved.get(name) };
    }),
  );
}

function sectionOf(cluster: ReviewedCluster, changes: ReviewChanges | undefined): Section {
  const { name, notes } = cluster;
  return {
    title: name,
    figures: figuresOf(summarise([cluster], []), [cluster]),
    notes: [...notes, ...unownedNote(cluster)],
    table: {
      ...(changes !== undefined && { tagTitle: "Change" }),
      columns: [
        { title: "Identity" },
        { title: "Entry" },
        { title: "Username" },
        { title: "Groups", separator: "," },
        { title: "Rights", hasSentences: true },
        { title: "Findings", separator: ",", hasSentences: true },
        { title: "Owners" },
      ],
      rows: rowsOf(cluster, changes).map(tableRow),
      empty: "Nobody is mapped.",
    },
  };
}

/** Said once, so that the many do not hide what is riskier. */
function unownedNote({ identities }: ReviewedCluster): readonly string[] {
  const count = identities.filter(({ findings }) => findings.some(isUnowned)).length;
  return count === 0
    ? []
    : [`no stack claims the entries of ${plural(count, "identity", "identities")}: they have no owner below`];
}

function isUnowned({ rule }: ReviewFinding): boolean {
  return rule === "unowned";
}

function tableRow({ identity, entry, isFirst, change, move }: ReviewRow): Row {
  const { findings, isAdministrator, kind } = identity;
  const word = change?.change ?? (move && "moved");
  return {
    tag: word === undefined ? undefined : changeTag(word),
    cells: [
      [
        {
          text: identity.identity,
          isCode: true,
          detail: kindWords[kind],
          ...(isAdministrator && { badge: { text: "administrator", tone: "bad" } }),
        },
      ],
      [{ text: entryText(entry), ...(entry.line !== undefined && { detail: `line ${entry.line}` }) }],
      entry.username === "" ? [] : [{ text: entry.username, isCode: true }],
      entry.groups.map((text) => ({ text, isCode: true })),
      rightCells(entry),
      isFirst ? findingCells(identity) : [],
      entry.owners.map((text) => ({ text })),
    ],
    marks: [
      ...findings.slice(0, 1).map(({ severity }) => ["Highest severity", severity] as const),
      ...findings.map(({ rule }) => ["Finding", rule] as const),
      ...(word === undefined ? [] : [["Change", word] as const]),
    ],
  };
}

function findingCells({ findings }: ReviewedIdentity): Row["cells"][number] {
  return findings
    .filter((finding) => !isUnowned(finding))
    .map(({ severity, rule, message }) => ({
      text: message,
      tag: severityTags[severity],
      short: `${severity}:${rule}`,
    }));
}

function rightCells({ rights, isNode }: ReviewedEntry): Row["cells"][number] {
  return [
    ...rights.map(({ access, by }) => ({ text: access, detail: by })),
    ...(isNode ? [{ text: "what a node needs", detail: "given by the API server" }] : []),
  ];
}

/** What an entry gives, one item for each right; a node has what it needs besides. */
export function rightTexts(entry: ReviewedEntry): readonly string[] {
  return [...new Set(rightCells(entry).map(({ text }) => text))];
}

const severityTags: Readonly<Record<ReviewSeverity, Tag>> = {
  high: { text: "high", tone: "bad" },
  medium: { text: "medium", tone: "warn" },
  low: { text: "low", tone: "quiet" },
};

/**
 * What the page of a review says besides.
 *
 * @param version the version of this package.
 */
export function reviewPage({ clusters, unread, createdAt }: AccessReview, version: string): Page {
  const read = clusters.map(({ name, authenticationMode: mode }) =>
    mode === undefined ? name : `${name}, mode ${mode}`,
  );
  return {
    about: "Who gets into EKS clusters by aws-auth and by access entries, and what they may do.",
    legend: [
      { tag: severityTags.high, text: "A way to the whole cluster, or to its secrets." },
      {
        tag: severityTags.medium,
        text: "A way to more rights in a namespace, credentials that do not expire, somebody of another account, or an entry that misleads.",
      },
      { tag: severityTags.low, text: "Worth knowing." },
    ],
    footnotes: [
      "Rights are those that bindings in the cluster and access policies of EKS give, except those of every authenticated user. Not shown are a cluster's creator in mode CONFIG_MAP, and the access entries of clusters that are read through a kubeconfig or a manifest.",
      `Made by pulumi-aws-auth ${version}, ${createdAt}. Read: ${read.join("; ") || "nothing"}.${
        unread.length === 0 ? "" : ` Not read: ${unread.map(({ name }) => name).join("; ")}.`
      }`,
    ],
  };
}

const kindWords: Readonly<Record<ReviewedKind, string>> = {
  role: "IAM role",
  user: "IAM user",
  root: "root user of an account",
  federatedUser: "federated user",
  permissionSet: "roles of a permission set",
  account: "everybody else in an AWS account",
  none: "nobody has this ARN",
};

/** Where an entry stands, and what it does if that is not all that an entry should: `mapRoles 3, shadowed`. */
function entryText(entry: ReviewedEntry): string {
  const word = effectWords[entry.effect];
  return `${placeText(entry)}${word === undefined ? "" : `, ${word}`}`;
}

/** Where an entry is: `mapRoles 3`, or `access entry`, with its type if it is not that of people. */
export function placeText({ source, key, position, accessEntry }: ReviewedEntry): string {
  const type = accessEntry === undefined || accessEntry.type === "STANDARD" ? "" : ` ${accessEntry.type}`;
  return source === "access-entry" ? `access entry${type}` : `${key} ${position}`;
}

/** Where the access of somebody comes from now, in a clause. */
export function moveText({ from, to }: IdentityMove): string {
  return `the same access, from ${sourceWords[from]} to ${sourceWords[to]}`;
}

const sourceWords: Readonly<Record<EntrySource, string>> = {
  "aws-auth": "aws-auth",
  "access-entry": "its access entry",
};

/** What an entry does if that is not all that an entry should. */
const effectWords: Readonly<Record<EntryEffect, string | undefined>> = {
  counts: undefined,
  mayCount: "may count",
  shadowed: "shadowed",
  dead: "never matches",
};
