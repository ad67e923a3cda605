import { type AwsAuthMap, type DataKey, dataKeys, type MapEntry, shownLine, type Value } from "../awsAuthMap";
import type { ClaimLine } from "../claims";
import { describeContent, principalKey } from "../mapping";
import { quoted } from "../text/text";
import { foldCase, type Identity } from "./identity";

export interface EntryPosition {
  readonly key: DataKey;
  /** Its position in the key's list, from 1. */
  readonly position: number;
  /** The line on which it begins, from 1: of a manifest, or of the value of its key. Undefined if entries share lines. */
  readonly line?: number | undefined;
}

export interface PlacedEntry extends EntryPosition {
  readonly entry: MapEntry;
  /** All of its content, including fields that the authenticator ignores. */
  readonly value: Value;
}

/** All entries of a document, in the order of the keys and of their lists. */
export function placedEntries(document: AwsAuthMap): readonly PlacedEntry[] {
  return [...placesIn(document).values()];
}

export function placedEntry(document: AwsAuthMap, entry: MapEntry): PlacedEntry | undefined {
  return placesIn(document).get(entry);
}

/** Cached, since counting lines is slow. */
const placesIn = memoize((document: AwsAuthMap): ReadonlyMap<MapEntry, PlacedEntry> => {
  return new Map(dataKeys.flatMap((key) => placedIn(document, key)).map((placed) => [placed.entry, placed]));
});

/** The content of an entry, for messages. Names a missing username, since that of an unquoted `yes` or `123` is missing too. */
export function describeEntryContent({ key, account = "", username, groups }: MapEntry): string {
  const content = describeContent({ username, groups });
  return key === "mapAccounts"
    ? `account ${quoted(account)}`
    : `${username === "" && groups.length > 0 ? "no username, " : ""}${content}`;
}

/** An entry with its place, for messages. */
export function describePlaced(placed: PlacedEntry): string {
  const { arn, sso } = placed.entry;
  const subject = arn ?? sso?.permissionSetName;
  const content = describeEntryContent(placed.entry);
  return [placeOf(placed), ...(subject === undefined ? [] : [quoted(subject)]), content].join(", ");
}

/** The place of an entry: `mapRoles entry 3 (line 14)`. */
export function placeOf({ key, position, line }: EntryPosition): string {
  return `${key} entry ${position}${line === undefined ? "" : ` (line ${line})`}`;
}

function placedIn(document: AwsAuthMap, key: DataKey): PlacedEntry[] {
  const { layout, head, items } = document[key];
  let line = lineBreaksIn(head) + 1;
  return items.map(({ entry, value, lead, text }, index) => {
    line += lineBreaksIn(lead);
    const own = layout === "list" ? shownLine(document.origin, key, line) : undefined;
    const placed = { entry, key, position: index + 1, line: own, value };
    line += lineBreaksIn(text);
    return placed;
  });
}

function lineBreaksIn(text: string): number {
  return text.split("\n").length - 1;
}

/** The owners of the claims on an entry, without duplicates, in the order of the annotation. Several entries of a principal share them. */
export function ownersOf(document: AwsAuthMap, entry: MapEntry): readonly string[] {
  const claims = entry.sso === undefined ? claimsByPrincipal(document.claims).get(entry.principal ?? "") : [];
  return [...new Set(claims?.map(({ owner }) => owner))];
}

/** The owners of an entry. A claim is on a principal, so of its several entries, it is not known which one an owner claims. */
export interface Ownership {
  readonly owners: readonly string[];
  /** The owners that claim this entry or another one of its principal. */
  readonly possibleOwners?: readonly string[];
}

export function ownershipOf(document: AwsAuthMap, entry: MapEntry): Ownership {
  const owners = ownersOf(document, entry);
  const isOnly = entriesByPrincipal(document).get(entry.principal)?.length === 1;
  return isOnly || owners.length === 0 ? { owners } : { owners: [], possibleOwners: owners };
}

/** The owners of an entry, for texts. */
export function ownerTexts({ owners, possibleOwners = [] }: Ownership, show = (owner: string) => owner) {
  return [...owners.map(show), ...possibleOwners.map((owner) => `${show(owner)} (this or another entry)`)];
}

const entriesByPrincipal = memoize((document: AwsAuthMap) =>
  Map.groupBy(placesIn(document).keys(), ({ principal, sso }) => (sso === undefined ? principal : undefined)),
);

/** Cached, since callers request the owners of all entries one by one. */
const claimsByPrincipal = memoize((lines: readonly ClaimLine[]) =>
  Map.groupBy(
    lines.flatMap(({ claim }) => claim ?? []),
    ({ principal }) => principal,
  ),
);

/**
 * Whether an entry is for an ARN, ignoring letter case and the path. Unlike the authenticator, this also ignores a
 * user's path, which users rarely know.
 */
export function matchesArn(entry: Pick<MapEntry, "arn">, arn: string): boolean {
  return entry.arn !== undefined && pathless(entry.arn) === pathless(arn.trim());
}

/** The entries for an identity of the same name in another account, kind or path. */
export function sameNameEntries(document: AwsAuthMap, { name, arn }: Identity): readonly PlacedEntry[] {
  const ending = `/${foldCase(name)}`;
  return placedEntries(document).filter(({ entry }) => {
    const text = foldCase(entry.arn ?? "");
    return name !== "" && /:(?:role|user)\//.test(text) && text.endsWith(ending) && text !== foldCase(arn);
  });
}

function pathless(arn: string): string {
  return principalKey(arn).replace(userPath, "$1");
}

const userPath = /^(arn:[^:/]*:iam::[^:/]*:user\/).*\/(?=[^/]+$)/s;

/** Caches a value computed from an object for the lifetime of the object, such as an index of a map. */
export function memoize<Key extends object, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const { value } = known.get(key) ?? { value: compute(key) };
    known.set(key, { value });
    return value;
  };
}
