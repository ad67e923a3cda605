import type { Claim, Standing } from "./claim";

/** An entry for a principal, and the claims that are on it. */
export interface Slot<E, C extends Claim> {
  readonly entry: E;
  /** Whether it can let anybody in. */
  readonly counts: boolean;
  readonly claims: readonly C[];
}

/** How a place compares what entries say. */
export interface Contents<E, W, C extends Claim> {
  /** Whether a principal has one entry at most, which only goes with a resource that has made it. */
  readonly isSingle: boolean;
  says(entry: E, content: W): boolean;
  areEqual(a: E, b: E): boolean;
  /** The content with the entry's for what the program ignores. */
  withIgnored(content: W, entry: E, ignored: readonly string[], previous: W): W;
  /** Whether a claim is on all of an entry, so that it identifies the entry. */
  isWhole(claim: C): boolean;
  /** Whether the one who claims an entry would have what it wants in other content too. */
  isSatisfied(claim: C, content: W): boolean;
}

/** The entries for a principal, or some of them, as one resource sees them. */
export interface View<E, W, C extends Claim> {
  readonly slots: readonly Slot<E, C>[];
  readonly standing: Standing<C>;
  readonly ignored: readonly string[];
  readonly contents: Contents<E, W, C>;
}

export function claimsOn<E, C extends Claim>(slots: readonly Slot<E, C>[], among: readonly C[]): readonly C[] {
  return among.filter((claim) => slots.some(({ claims }) => claims.includes(claim)));
}

/**
 * The entry with the content that the resource last wrote, or that its own claim is on. If the ignored properties differ, the rest must
 * match exactly one entry, since a second match could be a coincidence.
 */
export function ownSlot<E, W, C extends Claim>(view: View<E, W, C>, previous: W): Slot<E, C> | undefined {
  const own = { ...view, slots: view.slots.filter((slot) => isClaimed(view, slot, view.standing.own)) };
  // Where the resource has a claim on one, what others of its program claim is not its own, whatever the state says.
  const isOfOthers = (slot: Slot<E, C>) => own.slots.length > 0 && claimsOn([slot], view.standing.siblings).length > 0;
  const unclaimed = { ...view, slots: unclaimedIn(view).filter((slot) => !isOfOthers(slot)) };
  const uniqueIn = ({ slots }: View<E, W, C>) => {
    const matching = slots.filter(({ entry }) => isUnchanged(view, entry, previous));
    return matching.length === 1 ? matching[0] : undefined;
  };
  return (
    lastMatch(own, previous) ??
    lastMatch(unclaimed, previous) ??
    own.slots.at(-1) ??
    lastMatch(view, previous) ??
    uniqueIn(unclaimed) ??
    uniqueIn(view)
  );
}

/**
 * The resource's entry after somebody edited it: the only unclaimed entry, if there is exactly one. With `noDuplicateARNs: false` it may
 * as well be somebody else's, so that nothing is guessed.
 */
export function onlySlot<S>(unclaimed: readonly S[], noDuplicateARNs: boolean): S | undefined {
  return unclaimed.length === 1 && noDuplicateARNs ? unclaimed[0] : undefined;
}

/** The entries that no one else claims. */
export function unclaimedIn<E, W, C extends Claim>({ slots, standing }: View<E, W, C>): readonly Slot<E, C>[] {
  return slots.filter((slot) => claimsOn([slot], standing.others).length === 0);
}

/** Whether any of the claims identifies an entry. */
export function isClaimed<E, W, C extends Claim>({ contents }: View<E, W, C>, slot: Slot<E, C>, among: readonly C[]) {
  return claimsOn([slot], among.filter(contents.isWhole)).length > 0;
}

/** Whether an entry says what its resource last wrote, but for what the program ignores. */
export function isUnchanged<E, W, C extends Claim>({ contents, ignored }: View<E, W, C>, entry: E, previous: W) {
  return contents.says(entry, contents.withIgnored(previous, entry, ignored, previous));
}

/** The last entry with the content that can match. */
export function lastCounting<E, W, C extends Claim>({ slots, contents }: View<E, W, C>, content: W) {
  return slots.findLast(({ entry, counts }) => counts && contents.says(entry, content));
}

/** The last entry with the content. Prefers entries that can match. */
export function lastMatch<E, W, C extends Claim>(view: View<E, W, C>, content: W) {
  return lastCounting(view, content) ?? view.slots.findLast(({ entry }) => view.contents.says(entry, content));
}
