import type { ClaimLine } from "../claims";
import {
  type AwsAuthDocument,
  type DataKey,
  dataKeys,
  describeLine,
  type Entry,
  fileLineOf,
  isSso,
  memoize,
} from "../document";
import { describeMapping, principalKey } from "../mapping";
import type { Value } from "../yamlv2/scalar";

/** An entry with its place in the ConfigMap. */
export interface PlacedEntry {
  /** What the authenticator reads. */
  readonly entry: Entry;
  /** The key that holds it. */
  readonly key: DataKey;
  /** Its position in the key's list, from 1. */
  readonly position: number;
  /** The line of the key's text on which it begins, from 1; undefined if entries share lines. */
  readonly line: number | undefined;
  /** The same line in the file that holds the ConfigMap; undefined if there is no file. */
  readonly fileLine: number | undefined;
  /** All of its content, including fields that the authenticator ignores. */
  readonly value: Value;
}

/** All entries of a document, in the order of the keys and of their lists. */
export function placedEntries(document: AwsAuthDocument): readonly PlacedEntry[] {
  return [...placesIn(document).values()];
}

/** An entry of a document with its place. */
export function placedEntry(document: AwsAuthDocument, entry: Entry): PlacedEntry | undefined {
  return placesIn(document).get(entry);
}

/** To count lines takes time. */
const placesIn = memoize((document: AwsAuthDocument): ReadonlyMap<Entry, PlacedEntry> => {
  return new Map(dataKeys.flatMap((key) => placedIn(document, key)).map((placed) => [placed.entry, placed]));
});

/** Where an entry is, as far as it is known. */
type Place = Pick<PlacedEntry, "key" | "position"> & Partial<Pick<PlacedEntry, "line" | "fileLine">>;

/** Names an entry's place: `mapRoles entry 3 (line 14)`, in a file `mapRoles entry 3 (line 21, 14 of the key)`. */
export function placeOf({ key, position, line, fileLine }: Place): string {
  return `${key} entry ${position}${line === undefined ? "" : ` (${describeLine(line, fileLine)})`}`;
}

/** What an entry gives, for messages: `username "dev", groups ["viewers"]`. */
export function describeContent({ key, account = "", username, groups }: Entry): string {
  const isAccount = key === "mapAccounts";
  return describeMapping(isAccount ? { kind: "account", account } : { kind: "role", arn: "", username, groups });
}

function placedIn(document: AwsAuthDocument, key: DataKey): PlacedEntry[] {
  const { layout, head, items } = document[key];
  let line = lineBreaksIn(head) + 1;
  return items.map(({ entry, value, lead, text }, index) => {
    line += lineBreaksIn(lead);
    const own = layout === "list" ? line : undefined;
    const fileLine = own && fileLineOf(document.origin, key, own);
    const placed = { entry, key, position: index + 1, line: own, fileLine, value };
    line += lineBreaksIn(text);
    return placed;
  });
}

function lineBreaksIn(text: string): number {
  return text.split("\n").length - 1;
}

/** The owners of the claims on an entry, without repetition, in the order of the annotation. */
export function ownersOf(document: AwsAuthDocument, entry: Entry): readonly string[] {
  const isClaimable = entry.principal !== undefined && !isSso(entry);
  return isClaimable ? (ownersByPrincipal(document.claims).get(entry.principal) ?? []) : [];
}

/** Whoever asks for the owners of one entry asks for those of all. */
const ownersByPrincipal = memoize((lines: readonly ClaimLine[]): ReadonlyMap<string, readonly string[]> => {
  const claims = Map.groupBy(
    lines.flatMap(({ claim }) => claim ?? []),
    ({ principal }) => principal,
  );
  return new Map([...claims].map(([principal, own]) => [principal, [...new Set(own.map(({ owner }) => owner))]]));
});

/** Owners as part of a sentence: `"organization/infra/prod admin" and "organization/apps/prod ops"`. */
export function describeOwners(owners: readonly string[]): string {
  return owners.map((label) => JSON.stringify(label)).join(" and ");
}

/**
 * Whether an entry is for an ARN, ignoring letter case and the path. Unlike the authenticator, this also ignores a user's path,
 * which people who search for a user rarely know.
 */
export function matchesArn(entry: Pick<Entry, "arn">, arn: string): boolean {
  return entry.arn !== undefined && pathless(entry.arn) === pathless(arn.trim());
}

function pathless(arn: string): string {
  return principalKey(arn).replace(userPath, "$1");
}

const userPath = /^(arn:[^:/]*:iam::[^:/]*:user\/).*\/(?=[^/]+$)/s;
