import {
  type AwsAuthDocument,
  type Claim,
  covers,
  type Entry,
  entryMapping,
  findEntries,
  isEffective,
  isWhole,
} from "../document";
import { type Mapping, principalOf, sameContent } from "../mapping";
import { withIgnored } from "./ignored";
import type { Standing } from "./ownership";

/**
 * The entry that says what the resource last said. Where others changed what the program leaves to them, it has to be the only one that
 * agrees in the rest: a neighbour may do so by chance.
 */
export function ownEntry(
  entries: readonly Entry[],
  previous: Mapping,
  ignored: readonly string[],
  { own, others }: Standing,
): Entry | undefined {
  const unclaimed = entries.filter((entry) => claimsOver(others, [entry]).length === 0);
  return (
    lastWith(unclaimed, previous) ??
    lastCovered(entries, own.filter(isWhole)) ??
    lastWith(entries, previous) ??
    onlyWith(unclaimed, previous, ignored) ??
    onlyWith(entries, previous, ignored)
  );
}

/** The only entry that says a mapping, but for what is ignored. */
function onlyWith(entries: readonly Entry[], mapping: Mapping, ignored: readonly string[]): Entry | undefined {
  const saying = entries.filter((entry) => says(entry, withIgnored(mapping, entry, ignored)));
  return saying.length === 1 ? saying[0] : undefined;
}

/**
 * The resource's entry after somebody edited it: it is what nobody else claims, where there is one such entry. A resource without a
 * claim can be sure of that only if it shares its principal with no other.
 */
export function onlyEntry(unclaimed: readonly Entry[], noDuplicateARNs: boolean, { own }: Standing): Entry | undefined {
  return unclaimed.length === 1 && (noDuplicateARNs || own.length > 0) ? unclaimed[0] : undefined;
}

/** The entries for a mapping's principal. */
export function entriesFor(document: AwsAuthDocument, mapping: Mapping): Entry[] {
  // An entry with `sso` stands for a permission set, whatever ARN it has besides.
  return findEntries(document, principalOf(mapping)).filter(({ sso }) => sso === undefined);
}

/** The claims that are for any of the entries. */
export function claimsOver(claims: readonly Claim[], entries: readonly Entry[]): readonly Claim[] {
  return claims.filter((claim) => entries.some((entry) => covers(claim, entry)));
}

/** The last entry that any of the claims is for. */
export function lastCovered(entries: readonly Entry[], claims: readonly Claim[]): Entry | undefined {
  return entries.findLast((entry) => claimsOver(claims, [entry]).length > 0);
}

/** The last entry that says a mapping; one that nobody ever matches only where there is no other. */
export function lastWith(entries: readonly Entry[], mapping: Mapping): Entry | undefined {
  const saying = entries.filter((entry) => says(entry, mapping));
  return saying.findLast(isEffective) ?? saying.at(-1);
}

/** Whether an entry says a mapping. */
export function says(entry: Entry, mapping: Mapping): boolean {
  const content = entryMapping(entry);
  return content !== undefined && sameContent(content, mapping);
}
