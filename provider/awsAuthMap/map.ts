import { type ClaimLine, parseClaims, renderClaims } from "../claims";
import { AwsAuthError, describeProblem, type Problem } from "../errors";
import { type Mapping, sameContent } from "../mapping";
import { quoted } from "../text/text";
import { appendItem, assertReadBack, removeItem, replaceItem } from "./edits";
import { type DataKey, dataKeyOf, dataKeys, type MapEntry } from "./entry";
import { type KeyText, type ListItem, type Position, parseKeyText, renderKeyText } from "./keyText";

/** One version of the ConfigMap aws-auth. Immutable: an edit returns a new map that shares the unchanged parts. */
export type AwsAuthMap = Readonly<Record<DataKey, KeyText>> & {
  readonly claims: readonly ClaimLine[];
  readonly origin?: Origin | undefined;
};

export interface Origin {
  /** The name of the cluster or the file. */
  readonly label: string;
  /** For a map in a file, the start of the text of each key. Line numbers in the key are relative to it. */
  readonly places?: Readonly<Record<string, KeyPlace>> | undefined;
  /** The last write of each key by another program, as far as the API server reports it. */
  readonly lastWrites?: Readonly<Record<string, LastWrite>> | undefined;
}

/** The last change to an access entry, or to a key of aws-auth by another program, by the clock of the server. */
export interface LastWrite {
  /** The field manager. Undefined for an access entry, since EKS does not report who changed it. */
  readonly writer?: string;
  readonly at: Date;
}

/** `last written by "kubectl-edit", 2026-11-30 14:02 UTC`, or `last changed 2026-11-30 14:02 UTC` without a writer. */
export function describeLastWrite({ writer, at }: LastWrite): string {
  const time = `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return writer === undefined ? `last changed ${time}` : `last written by ${quoted(writer.slice(0, 128))}, ${time}`;
}

export interface KeyPlace extends Position {
  /** Whether the value is quoted, so that its lines do not match lines of the file. */
  readonly isOneLine?: true;
}

export interface MapChanges {
  readonly data: Readonly<Record<string, string>>;
  /** The annotation with the claims to set; null removes it, undefined leaves it unchanged. */
  readonly claims?: string | null;
}

/** The problem of a refused key, whose entries are unknown rather than absent. The position is in the key's text. */
type KeyProblem = Problem<"unreadable-key", Position & { readonly key: DataKey }>;

/**
 * Parses the ConfigMap's data. Never throws: a refused key has no entries, and {@link problemsOf} returns the reason.
 *
 * @param previous an earlier version; a key with the same text is not parsed again.
 */
export function parseMap(
  data: Readonly<Record<string, string>>,
  previous?: AwsAuthMap,
  claims?: string,
  origin?: Origin,
): AwsAuthMap {
  const parse = (key: DataKey): KeyText => {
    const text = data[key] ?? "";
    const known = previous?.[key];
    return known !== undefined && renderKeyText(known) === text ? known : parseKeyText(key, text);
  };
  const areSameClaims = previous !== undefined && renderClaims(previous.claims) === claims;
  return {
    mapRoles: parse("mapRoles"),
    mapUsers: parse("mapUsers"),
    mapAccounts: parse("mapAccounts"),
    claims: areSameClaims ? previous.claims : parseClaims(claims),
    origin,
  };
}

export function renderKey(map: AwsAuthMap, key: DataKey): string {
  return renderKeyText(map[key]);
}

/** @throws RefusedContentError `unsupportedEntry` if an edited key would not be read as intended. */
export function mapChangesSince(map: AwsAuthMap, since: AwsAuthMap): MapChanges | undefined {
  const changed = dataKeys.filter((key) => map[key] !== since[key] && renderKey(map, key) !== renderKey(since, key));
  for (const key of changed) {
    assertReadBack(map[key]);
  }
  const data = Object.fromEntries(changed.map((key) => [key, renderKey(map, key)]));
  const [claims, before] = map.claims === since.claims ? [] : [renderClaims(map.claims), renderClaims(since.claims)];
  if (claims === before) {
    return changed.length === 0 ? undefined : { data };
  }
  return { data, claims: claims ?? null };
}

export function problemsOf(map: AwsAuthMap): KeyProblem[] {
  return dataKeys.flatMap((key) => keyProblem(map, key) ?? []);
}

function keyProblem(map: AwsAuthMap, key: DataKey, where = ""): KeyProblem | undefined {
  const { refusal } = map[key];
  if (refusal === undefined) {
    return undefined;
  }
  const { line, column, reason } = refusal;
  const text = `${key}${where} cannot be read; ${describePosition(map.origin, key, refusal)}: ${reason}`;
  return { code: "unreadable-key", place: { key, line, column }, text, remedy: "correct it manually" };
}

/** Adds an entry at the end of its list, in the layout of the others. */
export function appendEntry(map: AwsAuthMap, mapping: Mapping): AwsAuthMap {
  const key = dataKeyOf(mapping);
  assertReadable(map, [key]);
  return { ...map, [key]: appendItem(map[key], mapping) };
}

/** Replaces a whole entry unless it already has the content of the mapping and the spelling of its ARN. */
export function replaceEntry(map: AwsAuthMap, entry: MapEntry, mapping: Mapping): AwsAuthMap {
  const { key } = entry;
  const item = listItemOf(map, entry);
  const isSameSpelling = mapping.arn === (mapping.kind === "account" ? entry.account : entry.arn);
  return isSameSpelling && sameContent(entry, mapping) ? map : { ...map, [key]: replaceItem(map[key], item, mapping) };
}

/** Removes exactly the lines of an entry. A key that becomes empty is set to `[]`. */
export function removeEntry(map: AwsAuthMap, entry: MapEntry): AwsAuthMap {
  return { ...map, [entry.key]: removeItem(map[entry.key], listItemOf(map, entry)) };
}

/** Moves an entry to the end of its list with its comments and fields, or to that of the mapping's kind without them. */
export function moveEntry(map: AwsAuthMap, entry: MapEntry, mapping: Mapping): AwsAuthMap {
  const { key } = entry;
  const item = listItemOf(map, entry);
  return key === dataKeyOf(mapping)
    ? { ...map, [key]: appendItem(removeItem(map[key], item), mapping, item) }
    : appendEntry(removeEntry(map, entry), mapping);
}

/** All entries, in the order of the keys and their lists. */
export function entriesOf(map: AwsAuthMap): readonly MapEntry[] {
  return dataKeys.flatMap((key) => map[key].items.map((item) => item.entry));
}

/** The entries of a principal, given its `principalKey` or account ID, in the order of {@link entriesOf}. */
export function findEntries(map: AwsAuthMap, principal: string): readonly MapEntry[] {
  const isOwn = (item: ListItem) => item.entry.principal === principal;
  return dataKeys.flatMap((key) => map[key].items.filter(isOwn).map((item) => item.entry));
}

/** The position of an entry in its key's list, from 1; 0 for an entry of another map. */
export function positionOf(map: AwsAuthMap, entry: MapEntry): number {
  return map[entry.key].items.findIndex((item) => item.entry === entry) + 1;
}

/** The name of a map: `kube-system/aws-auth of EKS cluster "prod" (eu-central-1)`, or the file that contains it. */
function describeMap(origin: Origin | undefined): string {
  if (origin === undefined) {
    return "kube-system/aws-auth";
  }
  return origin.places === undefined ? `kube-system/aws-auth of ${origin.label}` : origin.label;
}

/** The line of the file for a line of a key; the line of the key for a map that is not in a file. */
export function shownLine(origin: Origin | undefined, key: DataKey, line: number): number {
  const place = origin?.places?.[key];
  return place === undefined ? line : place.isOneLine ? place.line : place.line + line - 1;
}

/** Also includes the column, unless the value is quoted, since file positions then do not match. */
function describePosition(origin: Origin | undefined, key: DataKey, { line, column }: Position): string {
  const place = origin?.places?.[key];
  const shown = `line ${shownLine(origin, key, line)}`;
  return place?.isOneLine ? shown : `${shown}, column ${column + (place === undefined ? 0 : place.column - 1)}`;
}

/** Refuses access to keys of which one could not be read: its entries are unknown, and it must not be overwritten. */
export function assertReadable(map: AwsAuthMap, keys: readonly DataKey[] = dataKeys): void {
  const [problem] = keys.flatMap((key) => keyProblem(map, key, ` in ${describeMap(map.origin)}`) ?? []);
  if (problem !== undefined) {
    throw new AwsAuthError("unreadableKey", `${describeProblem(problem)}, then run again`);
  }
}

function listItemOf(map: AwsAuthMap, entry: MapEntry): ListItem {
  const item = map[entry.key].items.find((one) => one.entry === entry);
  if (item === undefined) {
    throw new AwsAuthError(
      "conflict",
      `internal error: an entry of ${entry.key} is not in this version of kube-system/aws-auth; run again`,
    );
  }
  return item;
}
