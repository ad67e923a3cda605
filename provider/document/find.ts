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
  return entriesOf(document).filter((entry) => entry.principal === principal);
}

/**
 * The entry that the authenticator obeys for a principal: the last one in mapRoles or, failing that, the last one in mapUsers. An
 * entry whose role has a path is passed over, since nobody ever matches it. For an account, its entry in mapAccounts.
 */
export function entryInForce(document: AwsAuthDocument, principal: string): Entry | undefined {
  const entries = findEntries(document, principal).filter(
    (entry) => entry.account !== undefined || entry.arn?.toLowerCase() === principal,
  );
  return entries.findLast((entry) => entry.key === "mapRoles") ?? entries.at(-1);
}

/** Where an entry stands in its key's list, counted from 1; 0 for an entry of another document. */
export function positionOf(document: AwsAuthDocument, entry: Entry): number {
  return document[entry.key].items.findIndex((item) => item.entry === entry) + 1;
}

const allEntries = new WeakMap<AwsAuthDocument, readonly Entry[]>();
