import { type AwsAuthDocument, type DataKey, dataKeys, type Entry } from "../document";
import type { Value } from "../document/value";

/** An entry with its place in the ConfigMap. */
export interface PlacedEntry {
  /** What the authenticator reads. */
  readonly entry: Entry;
  /** The key that it stands in. */
  readonly key: DataKey;
  /** Where it stands in the key's list, from 1. */
  readonly position: number;
  /** The line of the key's text that it begins in, from 1; undefined where the list is laid out on few lines. */
  readonly line: number | undefined;
  /** Everything that is written in it, known to the authenticator or not. */
  readonly value: Value;
}

/** All entries of a document, in the order of the keys and of their lists. */
export function placedEntries(document: AwsAuthDocument): readonly PlacedEntry[] {
  return dataKeys.flatMap((key) => placedIn(document, key));
}

/** Names an entry's place: `mapRoles entry 3 (line 14)`. */
export function placeOf({ key, position, line }: Pick<PlacedEntry, "key" | "position" | "line">): string {
  return `${key} entry ${position}${line === undefined ? "" : ` (line ${line})`}`;
}

function placedIn(document: AwsAuthDocument, key: DataKey): PlacedEntry[] {
  const { layout, head, items } = document[key];
  let line = lineBreaksIn(head) + 1;
  return items.map(({ entry, value, lead, text }, index) => {
    line += lineBreaksIn(lead);
    const placed = { entry, key, position: index + 1, line: layout === "list" ? line : undefined, value };
    line += lineBreaksIn(text);
    return placed;
  });
}

function lineBreaksIn(text: string): number {
  return text.split("\n").length - 1;
}
