import { type Claim, type Claimant, type Standing, standingOf } from "./claim";
import {
  type Contents,
  claimsOn,
  isClaimed,
  lastCounting,
  lastMatch,
  onlySlot,
  ownSlot,
  type Slot,
  unclaimedIn,
  type View,
} from "./slots";

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
}

export interface EntryPlan<E, W, C extends Claim> {
  readonly standing: Standing<C>;
  /** Those of other resources of this program that an old one of them may take with it. */
  readonly left: readonly E[];
  /** Those that belong to no other resource of this program. */
  readonly free: readonly E[];
  /** The resource's own; undefined if there is none and one is added. */
  readonly own: E | undefined;
  /** The content to reach: the desired content, except for ignored properties. */
  readonly wanted: W;
  /** Whether the own entry says that. */
  readonly isEqual: boolean;
  /** Entries with other content that belong to no resource of this program. */
  readonly rivals: readonly E[];
  /** With adoption all others; otherwise the resource's own, if another one has the wanted content already. */
  readonly removes: readonly E[];
  /** Whether the resource gives up its own entry because another one has the wanted content already. */
  readonly isJoining: boolean;
  /** The claims of others who share the own entry. */
  readonly sharers: readonly C[];
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
  const view = freeOf({ slots, standing, ignored, contents }, wish);
  const free = view.slots;
  const known = knownSlot(view, wish);
  const wantedOf = (slot: Slot<E, C> | undefined) =>
    previous === undefined || slot === undefined
      ? desired
      : contents.withIgnored(desired, slot.entry, ignored, previous);
  const twin = adopt ? undefined : findTwin(view, known, wantedOf(known));
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
    left: entriesIn(slots.filter((slot) => !free.includes(slot) && claimsOn([slot], standing.siblings).length > 0)),
    free: entriesIn(free),
    own: own?.entry,
    wanted,
    isEqual,
    rivals: entriesIn(rest.filter(({ entry, counts }) => !counts || !contents.says(entry, desired))),
    removes: entriesIn(removes),
    isJoining: twin !== undefined,
    sharers: own === undefined ? [] : others([own]),
    takenOverBy: isTakeable(standing, wish) && !isEqual ? others(known === undefined ? free : [known]) : [],
    heldBy: adopt ? [] : opposed(edited),
    displaced,
    replaced: [...standing.own, ...standing.earlier.filter((claim) => !namesakes.includes(claim)), ...displaced],
    namesakes,
    isFound: own !== undefined && isFoundAfter(view, own, twin !== undefined, isEqual && own.counts, wish),
  };
}

/** Whether another entry violates the resource's `noDuplicateARNs`, or has the one place that there is. */
export function isInConflict(
  { rivals }: { readonly rivals: readonly unknown[] },
  { adopt, noDuplicateARNs }: Pick<Wish<unknown>, "adopt" | "noDuplicateARNs">,
): boolean {
  return rivals.length > 0 && noDuplicateARNs && !adopt;
}

function entriesIn<E>(slots: readonly { readonly entry: E }[]): readonly E[] {
  return slots.map(({ entry }) => entry);
}

/**
 * The principal's entries, without those of other resources of this program that want other content: one for each that this run has
 * checked, and those that they claim. Entries with the same content count as one, however many resources want it.
 */
function freeOf<E, W, C extends Claim>(view: View<E, W, C>, wish: Wish<W>): View<E, W, C> {
  const { desired, previous, declared, adopt } = wish;
  const { standing, contents } = view;
  if (contents.isSingle) {
    return view;
  }
  // It may be of an old resource under another name, whose entry goes later, in this run or the next, unless others want it.
  // A claim on a part alone may as well be on another entry than the resource's own.
  const isOwn = (slot: Slot<E, C>) =>
    previous !== undefined && contents.says(slot.entry, previous) && claimsOn([slot], standing.own).length > 0;
  const mayGo = (slot: Slot<E, C>) =>
    claimsOn([slot], standing.siblings).some((claim) => contents.isWhole(claim) || !isOwn(slot)) &&
    claimsOn([slot], standing.others).length === 0;
  const slots = view.slots.filter((slot) => adopt || contents.says(slot.entry, desired) || !mayGo(slot));
  const free = { ...view, slots };
  for (const other of declared) {
    const taken = lastMatch(free, other);
    if (taken !== undefined && !contents.says(taken.entry, desired)) {
      slots.splice(slots.indexOf(taken), 1);
    }
  }
  return free;
}

/** The entry that is the resource's own, as far as can be determined. */
function knownSlot<E, W, C extends Claim>(view: View<E, W, C>, wish: Wish<W>): Slot<E, C> | undefined {
  const { slots, standing, contents } = view;
  const { desired, previous, adopt, noDuplicateARNs } = wish;
  const ours = [...standing.own, ...standing.earlier];
  const matching = lastCounting(view, desired);
  const known =
    previous === undefined
      ? (matching ?? slots.findLast((slot) => isClaimed(view, slot, ours)))
      : (ownSlot(view, previous) ?? matching);
  if (known !== undefined) {
    return known;
  }
  if (contents.isSingle) {
    return previous !== undefined || ours.length + standing.siblings.length > 0 ? slots[0] : undefined;
  }
  return previous === undefined || adopt ? undefined : onlySlot(unclaimedIn(view), noDuplicateARNs);
}

/**
 * Another entry that has the wanted content already. Entries with the same content count as one, so the resource's own entry is
 * removed unless others claim it as it is. (Adoption leaves only one entry anyway.)
 */
function findTwin<E, W, C extends Claim>(view: View<E, W, C>, known: Slot<E, C> | undefined, wanted: W) {
  const isTied = known === undefined || claimsOn([known], view.standing.others).length > 0;
  return isTied || view.contents.says(known.entry, wanted) ? undefined : lastCounting(view, wanted);
}

/**
 * Whether others may have taken over the entry of a resource: it is in the state, and has lost its claim. Beside others it makes an entry
 * of its own, unless it would take theirs, and they take it back in their next run.
 */
function isTakeable({ own }: Standing, { previous, noDuplicateARNs, adopt }: Wish<unknown>): boolean {
  return previous !== undefined && own.length === 0 && (noDuplicateARNs || adopt);
}

/** An entry stays a found one for all who claim it as it is, and for its program; one that is adopted and changed does not. */
function isFoundAfter<E, W, C extends Claim>(
  { standing, contents }: View<E, W, C>,
  slot: Slot<E, C>,
  isJoining: boolean,
  isKept: boolean,
  { previous, isMade, desired, declared, adopt }: Wish<W>,
): boolean {
  const { own, earlier, siblings } = standing;
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
  const isDeclared = declared.some((other) => contents.says(slot.entry, other) && contents.says(slot.entry, desired));
  return previous === undefined || isJoining ? isKept && !isDeclared : true;
}
