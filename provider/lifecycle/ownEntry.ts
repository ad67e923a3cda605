import {
  type AwsAuthDocument,
  type Claim,
  type ClaimedPart,
  type Entry,
  entryMapping,
  findEntries,
  isEffective,
  isSso,
  isWhole,
} from "../document";
import { type Mapping, principalOf, sameContent } from "../mapping";
import { claimsOver, type Standing } from "./ownership";

/** Whether the program ignores changes of a property. */
export function ignores(ignored: readonly string[], property: "username" | "groups"): boolean {
  // A path such as groups[0] counts as the whole list, since groups are a set.
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}

/** The desired mapping, with the entry's content for the properties that the program ignores. */
export function withIgnored(desired: Mapping, own: Entry | undefined, ignored: readonly string[]): Mapping {
  if (own === undefined || desired.kind === "account") {
    return desired;
  }
  return {
    ...desired,
    ...(ignores(ignored, "username") && { username: own.username }),
    ...(ignores(ignored, "groups") && { groups: own.groups }),
  };
}

/** The part of an entry that a resource claims: everything that the program does not ignore. */
export function claimedPart(ignored: readonly string[]): ClaimedPart {
  const [username, groups] = [ignores(ignored, "username"), ignores(ignored, "groups")];
  if (username && groups) {
    return "none";
  }
  return username ? "groups" : groups ? "username" : "all";
}

/**
 * The entry with the content that the resource last wrote. If the ignored properties differ, the rest must match exactly one entry,
 * since a second match could be a coincidence.
 */
export function ownEntry(
  entries: readonly Entry[],
  previous: Mapping,
  ignored: readonly string[],
  { ownClaims, otherClaims }: Standing,
): Entry | undefined {
  const unclaimed = entries.filter((entry) => claimsOver(otherClaims, [entry]).length === 0);
  return (
    lastMatch(unclaimed, previous) ??
    lastCovered(entries, ownClaims.filter(isWhole)) ??
    lastMatch(entries, previous) ??
    uniqueMatch(unclaimed, previous, ignored) ??
    uniqueMatch(entries, previous, ignored)
  );
}

/** The only entry with the content of a mapping, except for ignored properties. */
function uniqueMatch(entries: readonly Entry[], mapping: Mapping, ignored: readonly string[]): Entry | undefined {
  const saying = entries.filter((entry) => hasContentOf(entry, withIgnored(mapping, entry, ignored)));
  return saying.length === 1 ? saying[0] : undefined;
}

/**
 * The resource's entry after somebody edited it: the only unclaimed entry, if there is exactly one. Without a claim, this is
 * certain only if the resource does not share its principal.
 */
export function onlyEntry(
  unclaimed: readonly Entry[],
  noDuplicateARNs: boolean,
  { ownClaims }: Standing,
): Entry | undefined {
  return unclaimed.length === 1 && (noDuplicateARNs || ownClaims.length > 0) ? unclaimed[0] : undefined;
}

/** The entries for a mapping's principal. */
export function entriesFor(document: AwsAuthDocument, mapping: Mapping): Entry[] {
  return findEntries(document, principalOf(mapping)).filter((entry) => !isSso(entry));
}

/** The last entry that any of the claims covers. */
export function lastCovered(entries: readonly Entry[], claims: readonly Claim[]): Entry | undefined {
  return entries.findLast((entry) => claimsOver(claims, [entry]).length > 0);
}

/** The last entry with the content of a mapping. Prefers entries that can match. */
export function lastMatch(entries: readonly Entry[], mapping: Mapping): Entry | undefined {
  const saying = entries.filter((entry) => hasContentOf(entry, mapping));
  return saying.findLast(isEffective) ?? saying.at(-1);
}

/** Whether an entry has the content of a mapping, in any spelling of the ARN. */
export function hasContentOf(entry: Entry, mapping: Mapping): boolean {
  const content = entryMapping(entry);
  return content !== undefined && sameContent(content, mapping);
}
