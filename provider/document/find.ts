import type { AwsAuthDocument } from "./document";
import { dataKeys, type Entry } from "./entry";

/** All entries, in the order of the keys and of their lists. */
export function entriesOf(document: AwsAuthDocument): readonly Entry[] {
  const cached = allEntries.get(document);
  if (cached !== undefined) return cached;
  const entries = dataKeys.flatMap((key) => document[key].items.map((item) => item.entry));
  allEntries.set(document, entries);
  return entries;
}

/** The entries of a principal, as `principalKey` or an account's digits name it, in the order of {@link entriesOf}. */
export function findEntries(document: AwsAuthDocument, principal: string): readonly Entry[] {
  // Every write asks a document that nobody has asked before, so that an index, or a list of all entries, would not pay.
  const found: Entry[] = [];
  for (const key of dataKeys) {
    for (const { entry } of document[key].items) {
      if (entry.principal === principal) found.push(entry);
    }
  }
  return found;
}

/**
 * The entry that the authenticator obeys of several for one principal: the last one in mapRoles or, failing that, the last one in
 * mapUsers. Undefined where none of them {@link isEffective has an effect}.
 */
export function entryInForce(entries: readonly Entry[]): Entry | undefined {
  const effective = entries.filter(isEffective);
  return effective.findLast((entry) => entry.key === "mapRoles") ?? effective.at(-1);
}

/** Whether anybody can match an entry: never one whose role has a path, nor one with an ARN and `sso`, which is dropped. */
export function isEffective(entry: Entry): boolean {
  return entry.account !== undefined || (entry.sso === undefined && entry.arn?.toLowerCase() === entry.principal);
}

/** Where an entry stands in its key's list, counted from 1; 0 for an entry of another document. */
export function positionOf(document: AwsAuthDocument, entry: Entry): number {
  return document[entry.key].items.findIndex((item) => item.entry === entry) + 1;
}

const allEntries = new WeakMap<AwsAuthDocument, readonly Entry[]>();
