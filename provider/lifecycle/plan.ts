import { isInMap } from "../accessEntries";
import type { Settings } from "../cluster";
import { type AwsAuthDocument, assertReadable, type Claim, type Entry, entryInForce, isEffective } from "../document";
import { type Mapping, principalOf, sameContent } from "../mapping";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { entriesFor, hasContentOf, lastMatch, onlyEntry, ownEntry, withIgnored } from "./ownEntry";
import { type Claimant, claimantOfState, claimsOver, type Standing, standingOf } from "./ownership";
import { flagsOf, type ResourceState } from "./state";

/** What a resource wants from the document. */
export interface Intent {
  /** The desired content of the entry. */
  readonly desired: Mapping;
  /** The content when this resource last wrote or read the entry; undefined if it has no entry yet. */
  readonly previous: Mapping | undefined;
  /** Whether it is an error if other entries for the principal belong to no resource of this run. */
  readonly noDuplicateARNs: boolean;
  /** Whether to take over such entries: one becomes ours, the others are removed. */
  readonly adopt: boolean;
  /** The properties in the program's `ignoreChanges`: an existing entry may have any content there. */
  readonly ignored: readonly string[];
  /** The declarations of this run's other resources for the principal, whose entries must not be changed. */
  readonly declared: readonly Declaration[];
  /** Identifies the resource's own claims. */
  readonly claimant: Claimant;
}

/**
 * The intent of a resource, given the other declarations of this run.
 *
 * @param declaration the resource's own; undefined in a run without checks, such as a refresh.
 * @param state its inputs or, if those are not available, its outputs.
 */
export function intentOf(
  { declarations }: ClusterSession,
  declaration: Declaration | undefined,
  state: ResourceState,
  wish: Pick<Intent, "desired" | "previous" | "claimant">,
  settings: Settings,
): Intent {
  return {
    ...wish,
    ...flagsOf(state, settings),
    ignored: state.claim.ignored ?? declaration?.ignored ?? [],
    declared: declarations.others(principalOf(wish.desired), declaration?.urn).filter(({ mode }) => isInMap(mode)),
  };
}

/** The intent of a resource that is read or deleted: that the map matches the state. */
export function storedIntent(
  session: ClusterSession,
  state: ResourceState,
  stored: Mapping,
  settings: Settings,
): Intent & { readonly previous: Mapping } {
  const wish = { desired: stored, previous: stored, claimant: claimantOfState(state) };
  return { ...intentOf(session, undefined, state, wish, settings), previous: stored, adopt: false };
}

/** The changes to one version of the document that fulfil an {@link Intent}. */
export interface Plan {
  /** The resource's own entry; undefined if there is none and one is appended. */
  readonly own: Entry | undefined;
  /** The content to write: the desired content, except for ignored properties. */
  readonly wanted: Mapping;
  /** Whether the entry has this content already. */
  readonly inSync: boolean;
  /** Entries for the principal with other content that belong to no resource of this run. */
  readonly rivals: readonly Entry[];
  /** The rival that the authenticator would use instead of the resource's own entry. */
  readonly shadowedBy: Entry | undefined;
  /**
   * The entries to remove: with adoption all others; otherwise the resource's own entry, if another one has the wanted content
   * already.
   */
  readonly removes: readonly Entry[];
  /** Whether the resource gives up its own entry because another one has the wanted content already. */
  readonly isJoining: boolean;
  /** The resource's own claims, and those of others, on the principal's entries. */
  readonly standing: Standing;
  /** The claims of others who have taken over the resource's entry or its replacement. If there are any, nothing may be written. */
  readonly takenOverBy: readonly Claim[];
  /**
   * The claims of others on the current content of the entry, which the resource wants to change. If there are any, nothing may be
   * written.
   */
  readonly heldBy: readonly Claim[];
  /** The claims of others on content that adoption removes. They are removed as well. */
  readonly displaced: readonly Claim[];
}

/**
 * Finds a resource's own entry and everything that conflicts with it. Runs for a preview, and again for each version of the
 * document that a write is based on.
 */
export function planEntry(document: AwsAuthDocument, intent: Intent): Plan {
  const { desired, previous, ignored, adopt } = intent;
  const free = freeOf(document, intent);
  const standing = standingFor(document, intent);
  const known = knownEntry(free, intent, standing);
  const takenOverBy = findTakeover(free, known, intent, standing);
  const twin = known && findTwin(free, known, intent, standing);
  const own = twin ?? known ?? (adopt ? (entryInForce(free) ?? free.at(-1)) : undefined);
  const rest = free.filter((entry) => entry !== own && (twin === undefined || entry !== known));
  const rivals = rest.filter((entry) => !isEffective(entry) || !hasContentOf(entry, desired));
  const wanted = previous === undefined ? desired : withIgnored(desired, own, ignored);
  const inSync =
    own !== undefined &&
    isEffective(own) &&
    hasContentOf(own, wanted) &&
    (previous === undefined || twin !== undefined || isSpelt(own, wanted));
  const removes = adopt ? rest : twin && known ? [known] : [];
  const edited = own === undefined || hasContentOf(own, wanted) ? [] : [own];
  return {
    own,
    wanted,
    inSync,
    rivals,
    shadowedBy: own === undefined ? winnerOverNew(rivals, desired) : winnerOver(own, free),
    removes,
    isJoining: twin !== undefined,
    standing,
    takenOverBy,
    heldBy: adopt ? [] : claimsOver(standing.otherClaims, edited),
    // Removing a second entry with the same content takes nothing from anybody.
    displaced: adopt
      ? claimsOver(standing.otherClaims, [...edited, ...removes.filter((entry) => !hasContentOf(entry, wanted))])
      : [],
  };
}

/** Whether somebody else changed or removed the resource's entry, other than to what the program wants. */
export function hasDrifted(plan: Plan, previous: Mapping): boolean {
  return !plan.inSync && !(plan.own !== undefined && isEffective(plan.own) && hasContentOf(plan.own, previous));
}

/** Whether a plan changes the entries. */
export function isChange({ inSync, removes }: Plan): boolean {
  return !inSync || removes.length > 0;
}

/** Whether another entry violates the resource's `noDuplicateARNs`. */
export function isConflict(plan: Plan, intent: Intent): boolean {
  return plan.rivals.length > 0 && intent.noDuplicateARNs && !intent.adopt;
}

/** Whether the claims of others forbid a plan. */
export function isForbidden({ takenOverBy, heldBy }: Plan): boolean {
  return takenOverBy.length > 0 || heldBy.length > 0;
}

/** The claims of others who share the resource's entry. */
export function sharersOf({ own, standing }: Plan): readonly Claim[] {
  return own === undefined ? [] : claimsOver(standing.otherClaims, [own]);
}

/** The entry that is the resource's own, as far as can be determined. */
function knownEntry(free: readonly Entry[], intent: Intent, standing: Standing): Entry | undefined {
  const { desired, previous, ignored, adopt, noDuplicateARNs } = intent;
  const own = previous === undefined ? undefined : ownEntry(free, previous, ignored, standing);
  const known = own ?? lastMatch(free.filter(isEffective), desired);
  if (known !== undefined || previous === undefined || adopt) {
    return known;
  }
  const unclaimed = free.filter((entry) => claimsOver(standing.otherClaims, [entry]).length === 0);
  return onlyEntry(unclaimed, noDuplicateARNs, standing);
}

/**
 * Another entry that has the wanted content already. Entries with the same content count as one, so the resource's own entry is
 * removed unless others claim it as it is. (Adoption leaves only one entry anyway.)
 */
function findTwin(
  free: readonly Entry[],
  known: Entry,
  { desired, previous, ignored, adopt }: Intent,
  { otherClaims }: Standing,
): Entry | undefined {
  const wanted = previous === undefined ? desired : withIgnored(desired, known, ignored);
  if (adopt || hasContentOf(known, wanted) || claimsOver(otherClaims, [known]).length > 0) {
    return undefined;
  }
  return lastMatch(free.filter(isEffective), wanted);
}

/** The claims of those who took over the entry of a resource that is in the state but has lost its claim. */
function findTakeover(
  free: readonly Entry[],
  known: Entry | undefined,
  { previous, desired, ignored }: Intent,
  { ownClaims, otherClaims }: Standing,
): readonly Claim[] {
  if (previous === undefined || ownClaims.length > 0) {
    return [];
  }
  if (known === undefined) {
    return claimsOver(otherClaims, free);
  }
  return hasContentOf(known, withIgnored(desired, known, ignored)) ? [] : claimsOver(otherClaims, [known]);
}

function standingFor(document: AwsAuthDocument, { desired, claimant, declared }: Intent): Standing {
  const agreeing = declared.filter(({ mapping }) => mapping !== undefined && sameContent(mapping, desired));
  return standingOf(
    document,
    principalOf(desired),
    claimant,
    agreeing.map(({ label }) => label).filter((label) => label !== claimant.label),
  );
}

function winnerOver(own: Entry, free: readonly Entry[]): Entry | undefined {
  const winner = entryInForce(free);
  return winner === own ? undefined : winner;
}

/** A new entry is the last of its list, so only an entry of the other list can win over it. */
function winnerOverNew(rivals: readonly Entry[], desired: Mapping): Entry | undefined {
  return desired.kind === "role"
    ? undefined
    : rivals.findLast((entry) => entry.key === "mapRoles" && isEffective(entry));
}

/**
 * The principal's entries, without one for each other resource of this run that wants other content. Entries with the same content
 * count as one, however many resources want it.
 */
function freeOf(document: AwsAuthDocument, { desired, declared }: Intent): Entry[] {
  const entries = entriesFor(document, desired);
  for (const { mapping } of declared) {
    const taken = mapping === undefined || sameContent(mapping, desired) ? undefined : lastMatch(entries, mapping);
    if (taken !== undefined) {
      entries.splice(entries.indexOf(taken), 1);
    }
  }
  return entries;
}

/** Another spelling of the same ARN is left as it is until the resource has other changes to write. */
function isSpelt(entry: Entry, mapping: Mapping): boolean {
  return mapping.kind === "account" || entry.arn === mapping.arn;
}

/**
 * Makes sure that an entry that was not found really does not exist: an ARN's entry may be in either list, and a list that the
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
