import { type Claim, type Claimant, isReplaced, type Standing, standingOf } from "./claim";

/** An entry for a principal, and the claims that are on it. */
export interface Slot<E, C extends Claim> {
  readonly entry: E;
  /** Whether it can let anybody in. */
  readonly counts: boolean;
  readonly claims: readonly C[];
}

/** How a place compares what entries say. */
export interface Contents<E, W, C extends Claim> {
  /** Whether a principal has one entry at most. */
  readonly isSingle: boolean;
  says(entry: E, content: W): boolean;
  /** Whether two entries say the same. */
  areEqual(a: E, b: E): boolean;
  /** The content with the entry's for what the program ignores. */
  withIgnored(content: W, entry: E, ignored: readonly string[], previous: W): W;
  /** Whether a claim is on all of an entry, so that it identifies the entry. */
  isWhole(claim: C): boolean;
  /** Whether the one who claims an entry would have what it wants in other content too. */
  isSatisfied(claim: C, content: W): boolean;
}

/** What a resource wants of the entries for its principal, in one place. */
export interface Wish<W> {
  readonly desired: W;
  /** The content when this resource last wrote or read its entry here; undefined if it has none here yet. */
  readonly previous: W | undefined;
  /** The properties in the program's `ignoreChanges`: an existing entry may have any content there. */
  readonly ignored: readonly string[];
  /** Whether to take over entries of others: one becomes ours, the others are removed. */
  readonly adopt: boolean;
  /** Whether it is an error if other entries for the principal belong to no resource of this run. */
  readonly noDuplicateARNs: boolean;
  readonly claimant: Claimant;
  /** What this run's other resources for the principal want, as far as that is known. */
  readonly declared: readonly W[];
  /** Whether the state says that this resource made the entry that it has here; undefined if it says nothing of that. */
  readonly isMade?: boolean | undefined;
  /** Whether the resource has no claim, by the settings, so that it can have lost none. */
  readonly isUnclaimed?: boolean | undefined;
}

/** What a resource does with the entries for its principal. */
export interface EntryPlan<E, W, C extends Claim> {
  readonly standing: Standing<C>;
  /** Those of other resources of this program that an old one of them may take with it. */
  readonly left: readonly Slot<E, C>[];
  /** Those that belong to no other resource of this program. */
  readonly free: readonly Slot<E, C>[];
  /** The resource's own; undefined if there is none and one is added. */
  readonly own: Slot<E, C> | undefined;
  /** The content to reach: the desired content, except for ignored properties. */
  readonly wanted: W;
  /** Whether the own entry says that. */
  readonly isEqual: boolean;
  /** Entries with other content that belong to no resource of this program. */
  readonly rivals: readonly Slot<E, C>[];
  /** With adoption all others; otherwise the resource's own, if another one has the wanted content already. */
  readonly removes: readonly Slot<E, C>[];
  /** Whether the resource gives up its own entry because another one has the wanted content already. */
  readonly isJoining: boolean;
  /** The claims of others who have taken over the resource's entry. If there are any, nothing may be written. */
  readonly takenOverBy: readonly C[];
  /** The claims of others on content that the resource wants to change. If there are any, nothing may be written. */
  readonly heldBy: readonly C[];
  /** The claims of others on content that adoption ends. They end with it. */
  readonly displaced: readonly C[];
  /**
   * The claims that the resource's own replaces: what it has, what adoption ends, and what an interrupted run has left on an entry that is
   * gone, which keeps nothing.
   */
  readonly replaced: readonly C[];
  /** Claims under the name of the resource, whose entry is there. They stay. */
  readonly namesakes: readonly C[];
  /** Whether the resource's claim says that the entry was found. */
  readonly isFound: boolean;
}

/**
 * Finds a resource's own entry and everything that conflicts with it, whatever place the entries are in. Runs for a preview, and again
 * for each version of the place that a write is based on.
 */
export function planEntries<E, W, C extends Claim>(
  slots: readonly Slot<E, C>[],
  claims: readonly C[],
  wish: Wish<W>,
  contents: Contents<E, W, C>,
): EntryPlan<E, W, C> {
  const { desired, previous, ignored, adopt } = wish;
  const standing = standingOf(claims, wish.claimant);
  const free = freeOf(slots, standing, wish, contents);
  const known = knownSlot(free, standing, wish, contents);
  const wantedOf = (slot: Slot<E, C> | undefined) =>
    previous === undefined || slot === undefined
      ? desired
      : contents.withIgnored(desired, slot.entry, ignored, previous);
  const twin = findTwin(free, known, wantedOf(known), standing, wish, contents);
  const own = twin ?? known ?? (adopt ? (free.findLast(({ counts }) => counts) ?? free.at(-1)) : undefined);
  const wanted = wantedOf(own);
  const isEqual = own !== undefined && contents.says(own.entry, wanted);
  const rest = free.filter((slot) => slot !== own && (twin === undefined || slot !== known));
  const removes = adopt ? rest : twin && known ? [known] : [];
  const others = (of: readonly Slot<E, C>[]) => claimsOn(of, standing.others);
  const opposed = (of: readonly Slot<E, C>[]) => others(of).filter((claim) => !contents.isSatisfied(claim, wanted));
  const edited = own === undefined || isEqual ? [] : [own];
  const namesakes = claimsOn(slots, standing.earlier);
  // Removing a second entry with the same content takes nothing from anybody.
  const displaced = adopt ? opposed([...edited, ...removes.filter(({ entry }) => !contents.says(entry, wanted))]) : [];
  return {
    standing,
    left: slots.filter((slot) => !free.includes(slot) && claimsOn([slot], standing.siblings).length > 0),
    free,
    own,
    wanted,
    isEqual,
    rivals: rest.filter(({ entry, counts }) => !counts || !contents.says(entry, desired)),
    removes,
    isJoining: twin !== undefined,
    takenOverBy: isTakeable(standing, wish) && !isEqual ? others(known === undefined ? free : [known]) : [],
    heldBy: adopt ? [] : opposed(edited),
    displaced,
    replaced: [...standing.own, ...standing.earlier.filter((claim) => !namesakes.includes(claim)), ...displaced],
    namesakes,
    isFound: isFoundAfter(own, twin !== undefined, isEqual && own.counts, standing, wish, contents),
  };
}

/** Whether another entry violates the resource's `noDuplicateARNs`, or has the one place that there is. */
export function isInConflict(
  { rivals }: { readonly rivals: readonly unknown[] },
  { adopt, noDuplicateARNs }: Pick<Wish<unknown>, "adopt" | "noDuplicateARNs">,
): boolean {
  return rivals.length > 0 && noDuplicateARNs && !adopt;
}

/** The claims that are on any of the slots. */
export function claimsOn<E, C extends Claim>(slots: readonly Slot<E, C>[], among: readonly C[]): readonly C[] {
  return among.filter((claim) => slots.some(({ claims }) => claims.includes(claim)));
}

/**
 * The principal's entries, without those of other resources of this program that want other content: one for each that this run has
 * checked, and those that they claim. Entries with the same content count as one, however many resources want it.
 */
function freeOf<E, W, C extends Claim>(
  slots: readonly Slot<E, C>[],
  standing: Standing<C>,
  { desired, declared, adopt }: Wish<W>,
  contents: Contents<E, W, C>,
): readonly Slot<E, C>[] {
  if (contents.isSingle) {
    return slots;
  }
  // It may be of an old resource under another name, whose entry goes later, in this run or the next, unless others want it.
  const mayGo = (slot: Slot<E, C>) =>
    claimsOn([slot], standing.siblings).length > 0 && claimsOn([slot], standing.others).length === 0;
  const free = slots.filter((slot) => adopt || contents.says(slot.entry, desired) || !mayGo(slot));
  for (const other of declared) {
    const taken = lastMatch(free, other, contents);
    if (taken !== undefined && !contents.says(taken.entry, desired)) {
      free.splice(free.indexOf(taken), 1);
    }
  }
  return free;
}

/** The entry that is the resource's own, as far as can be determined. */
function knownSlot<E, W, C extends Claim>(
  free: readonly Slot<E, C>[],
  standing: Standing<C>,
  wish: Wish<W>,
  contents: Contents<E, W, C>,
): Slot<E, C> | undefined {
  const { desired, previous, adopt, noDuplicateARNs } = wish;
  const matching = lastMatch(
    free.filter(({ counts }) => counts),
    desired,
    contents,
  );
  const known =
    previous === undefined
      ? (matching ?? free.findLast((slot) => isClaimed(slot, [...standing.own, ...standing.earlier], contents)))
      : (ownSlot(free, previous, standing, wish, contents) ?? matching);
  if (known !== undefined) {
    return known;
  }
  if (contents.isSingle) {
    const { own: ours, earlier, siblings } = standing;
    const isOurs = previous !== undefined || ours.length + earlier.length + siblings.length > 0;
    return isOurs ? free[0] : undefined;
  }
  return previous === undefined || adopt ? undefined : onlySlot(unclaimedIn(free, standing), noDuplicateARNs);
}

/**
 * The entry with the content that the resource last wrote, or that its own claim is on. If the ignored properties differ, the rest must
 * match exactly one entry, since a second match could be a coincidence.
 */
function ownSlot<E, W, C extends Claim>(
  slots: readonly Slot<E, C>[],
  previous: W,
  standing: Standing<C>,
  { ignored }: Pick<Wish<W>, "ignored">,
  contents: Contents<E, W, C>,
): Slot<E, C> | undefined {
  const unclaimed = unclaimedIn(slots, standing);
  const uniqueIn = (among: readonly Slot<E, C>[]) => {
    const matching = among.filter(({ entry }) =>
      contents.says(entry, contents.withIgnored(previous, entry, ignored, previous)),
    );
    return matching.length === 1 ? matching[0] : undefined;
  };
  const own = slots.filter((slot) => isClaimed(slot, standing.own, contents));
  return (
    lastMatch(own, previous, contents) ??
    lastMatch(unclaimed, previous, contents) ??
    own.at(-1) ??
    lastMatch(slots, previous, contents) ??
    uniqueIn(unclaimed) ??
    uniqueIn(slots)
  );
}

/**
 * The resource's entry after somebody edited it: the only unclaimed entry, if there is exactly one. With `noDuplicateARNs: false` it may
 * as well be somebody else's, so that nothing is guessed.
 */
function onlySlot<E, C extends Claim>(
  unclaimed: readonly Slot<E, C>[],
  noDuplicateARNs: boolean,
): Slot<E, C> | undefined {
  return unclaimed.length === 1 && noDuplicateARNs ? unclaimed[0] : undefined;
}

/** The entries that no one else claims. */
function unclaimedIn<E, C extends Claim>(slots: readonly Slot<E, C>[], { others }: Standing<C>): readonly Slot<E, C>[] {
  return slots.filter((slot) => claimsOn([slot], others).length === 0);
}

function isClaimed<E, W, C extends Claim>(slot: Slot<E, C>, among: readonly C[], contents: Contents<E, W, C>): boolean {
  return claimsOn([slot], among.filter(contents.isWhole)).length > 0;
}

/** The last entry with the content. Prefers entries that can match. */
function lastMatch<E, W, C extends Claim>(
  slots: readonly Slot<E, C>[],
  content: W,
  { says }: Contents<E, W, C>,
): Slot<E, C> | undefined {
  const matching = slots.filter(({ entry }) => says(entry, content));
  return matching.findLast(({ counts }) => counts) ?? matching.at(-1);
}

/**
 * Another entry that has the wanted content already. Entries with the same content count as one, so the resource's own entry is
 * removed unless others claim it as it is. (Adoption leaves only one entry anyway.)
 */
function findTwin<E, W, C extends Claim>(
  free: readonly Slot<E, C>[],
  known: Slot<E, C> | undefined,
  wanted: W,
  { others }: Standing<C>,
  { adopt }: Wish<W>,
  contents: Contents<E, W, C>,
): Slot<E, C> | undefined {
  if (known === undefined || adopt || contents.says(known.entry, wanted) || claimsOn([known], others).length > 0) {
    return undefined;
  }
  return lastMatch(
    free.filter(({ counts }) => counts),
    wanted,
    contents,
  );
}

/**
 * Whether others may have taken over the entry of a resource: it is in the state, and has lost its claim. Beside others it makes an entry
 * of its own, unless it would take theirs, and they take it back in their next run.
 */
function isTakeable({ own }: Standing, { previous, noDuplicateARNs, adopt, isUnclaimed }: Wish<unknown>): boolean {
  return previous !== undefined && own.length === 0 && isUnclaimed !== true && (noDuplicateARNs || adopt);
}

/** An entry stays a found one for all who claim it as it is, and for its program; one that is adopted and changed does not. */
function isFoundAfter<E, W, C extends Claim>(
  slot: Slot<E, C> | undefined,
  isJoining: boolean,
  isKept: boolean,
  { own, earlier, siblings }: Standing<C>,
  { previous, isMade, desired, declared, adopt }: Wish<W>,
  { says }: Contents<E, W, C>,
): boolean {
  if (slot === undefined) {
    return false;
  }
  const isChanged = adopt && !isKept;
  if (own.length > 0 && !isJoining) {
    return !isChanged && own.some(({ isFound }) => isFound);
  }
  if (previous !== undefined && !isJoining && isMade !== false) {
    return false;
  }
  if (slot.claims.length > 0) {
    const claims = isKept ? slot.claims : claimsOn([slot], [...earlier, ...siblings]);
    return !isChanged && claims.some(({ isFound }) => isFound);
  }
  const isDeclared = declared.some((other) => says(slot.entry, other) && says(slot.entry, desired));
  return previous === undefined || isJoining ? isKept && !isDeclared : true;
}

/** What a delete has to know. */
export type Leave<W> = Pick<Wish<W>, "ignored" | "noDuplicateARNs" | "claimant" | "declared"> & {
  /** What the state says of the entry. */
  readonly previous: W;
};

/**
 * What happens to the entry of a deleted resource.
 *
 * - `remove`: nobody else wants it
 * - `keep`: others do, according to their claims or in this run
 * - `none`: it is gone, and no other entry can be identified as its changed version
 * - `inherited`: what replaces the resource has the entry, so nothing is changed
 * - `changed`: the entry has other content now, and nobody else claims that
 */
export interface EntryRemoval<E, C extends Claim> {
  readonly kind: "remove" | "keep" | "none" | "inherited" | "changed";
  readonly standing: Standing<C>;
  readonly slot: Slot<E, C> | undefined;
  /** The claims of those who keep the entry; if it is gone, those on the entries that are there. */
  readonly wantedBy: readonly C[];
  /** The claims of others on content that no longer exists: they shared the entry before somebody changed it. */
  readonly stranded: readonly C[];
}

/** Plans a delete: it removes only an entry with the content in the state, and only if nobody else wants that. */
export function planEntryRemoval<E, W, C extends Claim>(
  slots: readonly Slot<E, C>[],
  claims: readonly C[],
  leave: Leave<W>,
  contents: Contents<E, W, C>,
): EntryRemoval<E, C> {
  const { previous, claimant, declared, noDuplicateARNs, ignored } = leave;
  const standing = standingOf(claims, claimant);
  const keepers = [...standing.siblings, ...standing.others];
  const stranded = standing.others.filter((claim) => claimsOn(slots, [claim]).length === 0);
  const isDeclared = ({ entry }: Slot<E, C>) => declared.some((content) => contents.says(entry, content));
  const isWanted = (slot: Slot<E, C>) => claimsOn([slot], keepers).length > 0 || isDeclared(slot);
  // Entries with the same content count as one: a second one that says what others want is none of this resource's.
  const keeping = ({ entry }: Slot<E, C>) =>
    slots.find((other) => isWanted(other) && contents.areEqual(other.entry, entry));
  const found = contents.isSingle ? slots[0] : ownSlot(slots, previous, standing, leave, contents);
  const of = (kind: EntryRemoval<E, C>["kind"], slot: Slot<E, C> | undefined, wantedBy: readonly C[] = []) =>
    ({ kind, slot, wantedBy, standing, stranded }) as const;
  if (
    standing.own.length === 0 &&
    isReplaced(found === undefined ? standing.siblings : claimsOn([found], standing.siblings), claimant)
  ) {
    return of("inherited", found);
  }
  if (found === undefined) {
    const changed = onlySlot(
      slots.filter((slot) => keeping(slot) === undefined),
      noDuplicateARNs,
    );
    return changed === undefined ? of("none", undefined, claimsOn(slots, keepers)) : of("changed", changed);
  }
  const kept = isWanted(found) || standing.own.length > 0 ? found : (keeping(found) ?? found);
  if (isWanted(kept)) {
    return of("keep", kept, claimsOn([kept], keepers));
  }
  const isSame = contents.says(found.entry, contents.withIgnored(previous, found.entry, ignored, previous));
  return of(isSame || isClaimed(found, standing.own, contents) ? "remove" : "changed", found);
}
