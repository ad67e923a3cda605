import { type AwsAuthDocument, assertReadable, type Claim, type Entry } from "../document";
import { type Mapping, principalOf } from "../mapping";
import { claimsOver, entriesFor, lastCovered, onlyEntry, ownEntry, type Standing, says, standingOf } from "./ownership";
import type { Intent } from "./plan";

/**
 * What becomes of the entry of a deleted resource. `stranded` are the claims of others on an entry that is not there any more: they
 * shared this one before somebody changed it.
 *
 * - `remove`: nobody else wants it
 * - `keep`: others want it, by their claims or in this run
 * - `none`: it is not there, and nothing else is certainly what became of it; `takenBy` are the claims of others on what is there
 * - `inherited`: another resource of the same name has taken its place in the record, and nothing is touched
 * - `changed`: what is left in its place says something else, and nobody claims it
 */
export type Removal =
  | {
      readonly kind: "remove";
      readonly entry: Entry;
      readonly stranded: readonly Claim[];
      readonly standing: Standing;
    }
  | { readonly kind: "keep"; readonly wantedBy: readonly Claim[]; readonly standing: Standing }
  | { readonly kind: "none"; readonly takenBy: readonly Claim[]; readonly standing: Standing }
  | { readonly kind: "inherited"; readonly standing: Standing }
  | {
      readonly kind: "changed";
      readonly entry: Entry;
      readonly stranded: readonly Claim[];
      readonly standing: Standing;
    };

/** Decides what a delete does: it removes what the state says, once nobody else wants that, and nothing else. */
export function planRemoval(
  document: AwsAuthDocument,
  intent: Pick<Intent, "noDuplicateARNs" | "ignored" | "declared" | "claimant"> & { readonly previous: Mapping },
): Removal {
  const { previous, noDuplicateARNs, ignored, declared, claimant } = intent;
  const standing = standingOf(document, principalOf(previous), claimant);
  const { own, others } = standing;
  const entries = entriesFor(document, previous);
  const isDeclared = (entry: Entry) => declared.some(({ mapping }) => mapping !== undefined && says(entry, mapping));
  const stranded = others.filter((claim) => lastCovered(entries, [claim]) === undefined);
  const target = ownEntry(entries, previous, ignored, standing);
  const successors = claimant.id === undefined ? [] : others.filter(({ label }) => label === claimant.label);
  const isInherited = target === undefined ? successors.length > 0 : claimsOver(successors, [target]).length > 0;
  if (own.length === 0 && isInherited) {
    return { kind: "inherited", standing };
  }
  if (target !== undefined) {
    const wantedBy = claimsOver(others, [target]);
    return wantedBy.length > 0 || isDeclared(target)
      ? { kind: "keep", wantedBy, standing }
      : { kind: "remove", entry: target, stranded, standing };
  }
  const unclaimed = entries.filter((entry) => claimsOver(others, [entry]).length === 0 && !isDeclared(entry));
  const changed = onlyEntry(unclaimed, noDuplicateARNs, standing);
  return changed === undefined
    ? { kind: "none", takenBy: claimsOver(others, entries), standing }
    : { kind: "changed", entry: changed, stranded, standing };
}

/**
 * Makes sure that an entry which was not found is really not there: an ARN's entry may stand in either list, and one that the
 * authenticator drops hides its entries.
 *
 * @throws AwsAuthError `unreadableKey`.
 */
export function assertFound(document: AwsAuthDocument, own: Entry | undefined, mapping: Mapping): void {
  if (own === undefined) {
    for (const key of mapping.kind === "account" ? (["mapAccounts"] as const) : (["mapRoles", "mapUsers"] as const)) {
      assertReadable(document, key);
    }
  }
}
