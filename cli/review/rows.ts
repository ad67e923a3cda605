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
  ReviewSummary,
} from "../../provider/review/model";
import { plural } from "../../provider/text/text";

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
  const ofCluster = (changes?.identities ?? []).filter(({ cluster }) => cluster === id);
  const byIdentity = new Map(ofCluster.map((change) => [change.identity, change]));
  const moves = (changes?.moved ?? []).filter(({ cluster }) => cluster === id);
  const moved = new Map(moves.map((move) => [move.identity, move]));
  return identities.flatMap((identity) =>
    identity.entries.map((entry, index): ReviewRow => {
      const name = identity.identity;
      return { identity, entry, isFirst: index === 0, change: byIdentity.get(name), move: moved.get(name) };
    }),
  );
}

/** What became of an identity, in a word; undefined where nothing has changed. */
export function changeWord({ change, move }: Pick<ReviewRow, "change" | "move">): string | undefined {
  return change?.change ?? (move && "moved");
}

/** Where an entry stands, and what it does if that is not all that an entry should: `mapRoles 3, shadowed`. */
export function entryText(entry: ReviewedEntry): string {
  const word = effectText(entry);
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
export function effectText({ effect }: ReviewedEntry): string | undefined {
  return effectWords[effect];
}

const effectWords: Readonly<Record<EntryEffect, string | undefined>> = {
  counts: undefined,
  mayCount: "may count",
  shadowed: "shadowed",
  dead: "never matches",
};

/** What an entry gives, one item for each right; a node has what it needs besides. */
export function rightTexts({ rights, isNode }: ReviewedEntry): readonly string[] {
  return [...new Set(rights.map(({ access }) => access)), ...(isNode ? ["what a node needs"] : [])];
}

/** The figures in a sentence: `2 clusters, 7 identities, 1 administrator, 3 findings (1 high, 0 medium, 2 low)`. */
export function summaryText({ clusters, unread, identities, administrators, findings }: ReviewSummary): string {
  const { high, medium, low } = findings;
  return [
    plural(clusters, "cluster"),
    ...(unread === 0 ? [] : [`${unread} more not read`]),
    plural(identities, "identity", "identities"),
    plural(administrators, "administrator"),
    `${plural(high + medium + low, "finding")} (${high} high, ${medium} medium, ${low} low)`,
  ].join(", ");
}

/** How many changes there are, of clusters and of identities. */
export function countChanges({ clusters, identities }: ReviewChanges): number {
  return clusters.length + identities.length;
}

/** How many rights one cell or clause names. */
export const shownRights = 3;

/** What became of an identity, one clause each. */
export function changeTexts({ gains, loses, details, isNewAdministrator }: IdentityChange): readonly string[] {
  return [
    ...(isNewAdministrator ? ["new administrator"] : []),
    ...details,
    ...(gains.length === 0 ? [] : [`gains ${shorten(gains, shownRights).join(", ")}`]),
    ...(loses.length === 0 ? [] : [`loses ${shorten(loses, shownRights).join(", ")}`]),
  ];
}

/**
 * Every change of clusters and identities, and every move.
 *
 * @param text how text is shown; by default as it is.
 * @param code how the name of an identity is.
 */
export function changeItems(review: AccessReview, text = plain, code = text): readonly string[] {
  const { clusters = [], identities = [], moved = [] } = review.changes ?? {};
  const names = clusterNames(review);
  const whose = ({ cluster, identity }: { readonly cluster: string; readonly identity: string }) =>
    `${code(identity)} in ${text(names.get(cluster) ?? cluster)}`;
  return [
    ...clusters.map(({ name, change }) => `${change}: ${text(name)}`),
    ...identities.map((one) => [`${one.change}: ${whose(one)}`, ...changeTexts(one).map(text)].join("; ")),
    ...moved.map((one) => `moved: ${whose(one)}; ${text(moveText(one))}`),
  ];
}

function plain(text: string): string {
  return text;
}

/** The names of clusters by their IDs, also of those that are only in the changes. */
export function clusterNames({ clusters, changes }: AccessReview): ReadonlyMap<string, string> {
  return new Map([...(changes?.clusters ?? []), ...clusters].map(({ id, name }) => [id, name]));
}

/** The first items, and how many more there are. */
export function shorten(items: readonly string[], most: number): readonly string[] {
  return items.length <= most + 1 ? items : [...items.slice(0, most), `${items.length - most} more`];
}

/** The text with a capital first letter. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
