import { type ClaimLine, parseClaims, renderClaims } from "../claims";
import { AwsAuthError } from "../errors";
import type { Mapping } from "../mapping/mapping";
import type { PlacedProblem, Position } from "../yaml/yamlErrors";
import { type DataKey, dataKeys, type Entry, isWrittenAs, keyOf } from "./entry";
import { type KeyText, parseKeyText, renderKeyText } from "./keyText";
import { appendToList, removeFromList } from "./listEdits";
import { memoize } from "./memoize";
import { updateInList } from "./update";
import { unsupported } from "./verify";

/**
 * One version of the ConfigMap: its mappings, and the claims on them. Immutable: an edit returns a new document, which
 * shares the unchanged parts.
 */
export type AwsAuthDocument = Readonly<Record<DataKey, KeyText>> & {
  readonly claims: readonly ClaimLine[];
  readonly origin?: Origin | undefined;
};

export interface Origin {
  /** The name of the cluster or the file. */
  readonly label: string;
  /**
   * For a map in a file: the position at which the text of each key begins. Line numbers in the key are relative to it.
   */
  readonly places?: Readonly<Record<string, KeyPlace>> | undefined;
}

/** Where the text of a key is in a file. */
export interface KeyPlace extends Position {
  /** Whether its lines are not lines of the file, as in quotes. */
  readonly isOneLine?: true;
}

/** The API server's limit for all values of a ConfigMap together, in bytes (MaxSecretSize in its validation). */
export const maxMapBytes = 1024 * 1024;

export interface MapChanges {
  readonly data: Readonly<Record<string, string>>;
  /** The annotation with the claims to set; null removes it, undefined leaves it unchanged. */
  readonly claims?: string | null;
}

/** A key that the authenticator drops with all of its entries. The position is in the key's text. */
export interface KeyProblem extends PlacedProblem {
  readonly key: DataKey;
}

/** An edited document, and the entry that was added or changed. */
export interface EditedDocument {
  readonly document: AwsAuthDocument;
  readonly entry: Entry;
}

/**
 * Parses the ConfigMap's data. Never throws: a key that the authenticator drops has no entries, and {@link problemsOf} returns why.
 *
 * @param previous an earlier version; a key whose text is the same is not parsed again.
 * @param claims the annotation with the claims, if the ConfigMap has one.
 * @param origin where the data was read from, for messages.
 */
export function parseDocument(
  data: Readonly<Record<string, string>>,
  previous?: AwsAuthDocument,
  claims?: string,
  origin?: Origin,
): AwsAuthDocument {
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

export function renderKey(document: AwsAuthDocument, key: DataKey): string {
  return renderKeyText(document[key]);
}

/** The differences between a document and an earlier one; undefined if there are none. */
export function changesSince(document: AwsAuthDocument, since: AwsAuthDocument): MapChanges | undefined {
  const changed = dataKeys.filter(
    (key) => document[key] !== since[key] && renderKey(document, key) !== renderKey(since, key),
  );
  const data = Object.fromEntries(changed.map((key) => [key, renderKey(document, key)]));
  const [claims, before] =
    document.claims === since.claims ? [] : [renderClaims(document.claims), renderClaims(since.claims)];
  if (claims === before) {
    return changed.length === 0 ? undefined : { data };
  }
  return { data, claims: claims ?? null };
}

/** The keys that the authenticator drops. */
export function problemsOf(document: AwsAuthDocument): KeyProblem[] {
  return dataKeys.flatMap((key) => {
    const { problem } = document[key];
    return problem === undefined ? [] : [{ key, ...problem }];
  });
}

/**
 * Adds an entry after the others of its list, in their style.
 *
 * @throws AwsAuthError `unreadableKey` or `unsupportedEntry`.
 */
export function appendEntry(document: AwsAuthDocument, mapping: Mapping): EditedDocument {
  const key = keyOf(mapping);
  const keyText = appendToList(editable(document, key), mapping);
  return edited(document, keyText, keyText.items.length - 1);
}

/**
 * Updates an entry in place to the content of the mapping. Writes only what differs: comments, order, quoting, field names and
 * unknown fields stay.
 *
 * @throws AwsAuthError `unreadableKey` or `unsupportedEntry`; `conflict` for an entry of another document.
 */
export function updateEntry(document: AwsAuthDocument, entry: Entry, mapping: Mapping): EditedDocument {
  if ((mapping.kind === "account") !== (entry.key === "mapAccounts")) {
    throw new AwsAuthError(
      "invalidInput",
      `an entry of ${entry.key} cannot become a mapping of the kind "${mapping.kind}"; remove it and add another`,
    );
  }
  const index = indexOf(document, entry);
  if (isWrittenAs(entry, mapping)) {
    return { document, entry };
  }
  return edited(document, updateInList(editable(document, entry.key), index, mapping), index);
}

/**
 * Removes exactly the lines of an entry. A key that becomes empty is `[]`.
 *
 * @throws AwsAuthError `unreadableKey` or `unsupportedEntry`; `conflict` for an entry of another document.
 */
export function removeEntry(document: AwsAuthDocument, entry: Entry): AwsAuthDocument {
  const index = indexOf(document, entry);
  return { ...document, [entry.key]: removeFromList(editable(document, entry.key), index) };
}

/** All entries, in the order of the keys and their lists. */
export const entriesOf = memoize((document: AwsAuthDocument): readonly Entry[] =>
  dataKeys.flatMap((key) => document[key].items.map((item) => item.entry)),
);

/** The entries of a principal, given by its `principalKey` or account ID, in the order of {@link entriesOf}. */
export function findEntries(document: AwsAuthDocument, principal: string): readonly Entry[] {
  const found: Entry[] = [];
  for (const key of dataKeys) {
    for (const { entry } of document[key].items) {
      if (entry.principal === principal) {
        found.push(entry);
      }
    }
  }
  return found;
}

/** The position of an entry in its key's list, from 1; 0 for an entry of another document. */
export function positionOf(document: AwsAuthDocument, entry: Entry): number {
  return document[entry.key].items.findIndex((item) => item.entry === entry) + 1;
}

/** Names a map: `kube-system/aws-auth of EKS cluster "prod" (eu-central-1)`, or the file that holds it. */
export function describeMap(origin: Origin | undefined): string {
  if (origin === undefined) {
    return "kube-system/aws-auth";
  }
  return origin.places === undefined ? `kube-system/aws-auth of ${origin.label}` : origin.label;
}

/** The line of the file for a line of a key; undefined if there is none. */
export function fileLineOf(origin: Origin | undefined, key: DataKey, line: number): number | undefined {
  const place = origin?.places?.[key];
  return place && (place.isOneLine ? place.line : place.line + line - 1);
}

/** Describes a line of a key, by its number in the file and in the key: `line 45, 33 of the key`. */
export function describeLine(line: number, fileLine: number | undefined): string {
  return fileLine === undefined ? `line ${line}` : `line ${fileLine}, ${line} of the key`;
}

/** The same with a column. */
export function describePosition(origin: Origin | undefined, key: DataKey, { line, column }: Position): string {
  const place = origin?.places?.[key];
  if (place?.isOneLine) {
    return `line ${place.line} (line ${line}, column ${column} of the key)`;
  }
  return place === undefined
    ? `line ${line}, column ${column}`
    : `line ${fileLineOf(origin, key, line)}, column ${place.column + column - 1} (line ${line} of the key)`;
}

function edited(document: AwsAuthDocument, keyText: KeyText, index: number): EditedDocument {
  const entry = keyText.items[index]?.entry;
  if (entry === undefined) {
    throw new RangeError(`no item ${index}`);
  }
  return { document: { ...document, [keyText.key]: keyText }, entry };
}

/**
 * Throws for a key that the authenticator drops. Its entries are unknown, and it must not be overwritten.
 *
 * @throws AwsAuthError `unreadableKey` with the key, the line, the reason and the remedy.
 */
export function assertReadable(document: AwsAuthDocument, key: DataKey): void {
  const { problem } = document[key];
  if (problem !== undefined) {
    const place = describePosition(document.origin, key, problem);
    throw new AwsAuthError(
      "unreadableKey",
      `${key} in ${describeMap(document.origin)} cannot be read; ${place}: ${problem.reason}; a key that the authenticator cannot read maps nobody; correct it by hand, then run again`,
    );
  }
}

function editable(document: AwsAuthDocument, key: DataKey): KeyText {
  assertReadable(document, key);
  const keyText = document[key];
  if (keyText.layout === "whole") {
    throw unsupported(keyText, 0);
  }
  return keyText;
}

function indexOf(document: AwsAuthDocument, entry: Entry): number {
  const index = document[entry.key].items.findIndex((item) => item.entry === entry);
  if (index === -1) {
    throw new AwsAuthError(
      "conflict",
      `an entry of ${entry.key} in kube-system/aws-auth is not in this version of it; read it again`,
    );
  }
  return index;
}
