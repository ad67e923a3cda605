import { type Claim, isReplaced, type Standing, standingOf } from "./claim";
import type { Wish } from "./plan";
import { type Contents, claimsOn, isClaimed, isUnchanged, onlySlot, ownSlot, type Slot } from "./slots";

export type Leave<W> = Pick<Wish<W>, "ignored" | "noDuplicateARNs" | "claimant" | "declared" | "isMade"> & {
  /** What the state says of the entry. */
  readonly previous: W;
};

/**
 * What happens to the entry of a resource that is deleted, or leaves a place.
 *
 * - `gone`: there is none, and no other entry can be identified as its changed version
 * - `remove`: nobody else wants it
 * - `keep`: others do, by their claims or in this run; only the own claims go
 * - `leave`: it is not this resource's to delete; only the own claims go
 * - `inherited`: what replaces the resource has it, so nothing is changed
 * - `changed`: it has other content now, and nobody else claims that
 */
export type EntryRemoval<E, C extends Claim> = {
  readonly standing: Standing<C>;
  /** The claims of those who keep the entry; if it is gone, those on the entries that are there. */
  readonly wantedBy: readonly C[];
  /** The claims of others on content that no longer exists: they shared the entry before somebody changed it. */
  readonly stranded: readonly C[];
} & (
  | { readonly kind: "remove" | "keep" | "changed"; readonly entry: E }
  /** It was there before the resource, or nobody claims it and the state does not say that the resource made it. */
  | { readonly kind: "leave"; readonly entry: E; readonly because: "found" | "unclaimed" }
  | { readonly kind: "gone"; readonly entry?: undefined }
  | { readonly kind: "inherited"; readonly entry?: E | undefined }
);

/** Plans a delete: it removes only an entry with the content in the state, and only if nobody else wants that. */
export function planEntryRemoval<E, W, C extends Claim>(
  slots: readonly Slot<E, C>[],
  claims: readonly C[],
  leave: Leave<W>,
  contents: Contents<E, W, C>,
): EntryRemoval<E, C> {
  const { previous, claimant, declared, noDuplicateARNs, ignored, isMade = false } = leave;
  const standing = standingOf(claims, claimant);
  const { own, earlier, siblings, others } = standing;
  const view = { slots, standing, ignored, contents };
  const keepers = [...siblings, ...others];
  const stranded = others.filter((claim) => claimsOn(slots, [claim]).length === 0);
  const common = { standing, stranded, wantedBy: [] };
  const isDeclared = ({ entry }: Slot<E, C>) => declared.some((content) => contents.says(entry, content));
  const isWanted = (slot: Slot<E, C>) => claimsOn([slot], keepers).length > 0 || isDeclared(slot);
  // Entries with the same content count as one: a second one that says what others want is none of this resource's.
  const keeping = ({ entry }: Slot<E, C>) =>
    slots.find((other) => isWanted(other) && contents.areEqual(other.entry, entry));
  const found = contents.isSingle ? slots[0] : ownSlot(view, previous);
  if (own.length === 0 && isReplaced(found === undefined ? siblings : claimsOn([found], siblings), claimant)) {
    return { ...common, kind: "inherited", entry: found?.entry };
  }
  if (found === undefined) {
    const unwanted = slots.filter((slot) => keeping(slot) === undefined);
    const changed = onlySlot(unwanted, noDuplicateARNs);
    return changed === undefined
      ? { ...common, kind: "gone", wantedBy: claimsOn(slots, keepers) }
      : { ...common, kind: "changed", entry: changed.entry };
  }
  const kept = isWanted(found) || own.length > 0 ? found : (keeping(found) ?? found);
  if (isWanted(kept)) {
    return { ...common, kind: "keep", entry: kept.entry, wantedBy: claimsOn([kept], keepers) };
  }
  const { entry } = found;
  if (contents.isSingle) {
    if (isFoundBy(standing)) {
      return { ...common, kind: "leave", entry, because: "found" };
    }
    if (own.length + earlier.length === 0 && !isMade) {
      return { ...common, kind: "leave", entry, because: "unclaimed" };
    }
  }
  const isOurs = isUnchanged(view, entry, previous) || isClaimed(view, found, own);
  return { ...common, kind: isOurs ? "remove" : "changed", entry };
}

/** Whether a resource has found its entry. What an interrupted run has left is known by its claim alone, where no state has an ID. */
export function isFoundBy<C extends Claim>({ own, earlier }: Standing<C>): boolean {
  return (own.length > 0 ? own : earlier).some(({ isFound }) => isFound);
}
