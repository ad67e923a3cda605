import type { Settings } from "../cluster";
import { type AwsAuthDocument, assertReadable, type Claim, type Entry, entryInForce, isEffective } from "../document";
import { type Mapping, principalOf, sameContent } from "../mapping";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { type Claimant, claimantOfState } from "./claimant";
import {
  claimsOver,
  entriesFor,
  hasContentOf,
  lastWith,
  onlyEntry,
  ownEntry,
  type Standing,
  standingOf,
  withIgnored,
} from "./ownership";
import { flagsOf, type ResourceState } from "./state";

/** What a resource wants of the document. */
export interface Intent {
  /** What the entry is to say. */
  readonly desired: Mapping;
  /** What it said when this resource last wrote or read it; undefined for a resource that has no entry yet. */
  readonly previous: Mapping | undefined;
  /** Whether entries of the same principal that belong to nobody in this run are an error. */
  readonly noDuplicateARNs: boolean;
  /** Whether such entries are taken over: one becomes ours, the others go. */
  readonly adopt: boolean;
  /** Properties that the program leaves to others (its `ignoreChanges`): whatever an existing entry says there is right. */
  readonly ignored: readonly string[];
  /** What the other resources of this run declare for the same principal: their entries are not ours to touch. */
  readonly declared: readonly Declaration[];
  /** Whose claims on the principal's entries are the resource's own. */
  readonly claimant: Claimant;
}

/**
 * What a resource wants, given what the others of this run declare.
 *
 * @param declaration the resource's own; undefined in a run whose program was not checked, such as a refresh.
 * @param state its inputs, or its outputs where it is only known from them.
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
    ignored: declaration?.ignored ?? state.claim.ignored ?? [],
    declared: declarations.others(principalOf(wish.desired), declaration?.urn),
  };
}

/** What a resource wants that is read or removed: that the map says what the state says. */
export function storedIntent(
  session: ClusterSession,
  state: ResourceState,
  stored: Mapping,
  settings: Settings,
): Intent & { readonly previous: Mapping } {
  const wish = { desired: stored, previous: stored, claimant: claimantOfState(state) };
  return { ...intentOf(session, undefined, state, wish, settings), previous: stored, adopt: false };
}

/** What has to happen in one version of the document for an {@link Intent} to hold. */
export interface Plan {
  /** The resource's own entry; undefined: there is none, and one is appended. */
  readonly own: Entry | undefined;
  /** What the entry is to say: what is desired, less what is ignored. */
  readonly wanted: Mapping;
  /** Whether the entry says so already. */
  readonly inSync: boolean;
  /** Entries of the same principal and other content that belong to nobody in this run. */
  readonly rivals: readonly Entry[];
  /** The rival that the authenticator would obey in place of the resource's own entry. */
  readonly shadowedBy: Entry | undefined;
  /** Entries that go: with adoption all others, else the resource's own where another one says already what it is to say. */
  readonly removes: readonly Entry[];
  /** Whether the resource leaves its own entry for another one that says already what it is to say. */
  readonly isJoining: boolean;
  /** The resource's own claims, and those of others, on the principal's entries. */
  readonly standing: Standing;
  /** The claims of those who have made the resource's entry, or one in its place, their own; then nothing may be written. */
  readonly takenOverBy: readonly Claim[];
  /** The claims of others that hold the entry to what it hasContentOf, which the resource wants to change; then nothing may be written. */
  readonly heldBy: readonly Claim[];
  /** The claims of others on what adoption takes out of the map: they go. */
  readonly displaced: readonly Claim[];
}

/**
 * Finds a resource's own entry, and what stands in its way. The same decision is made for a preview, and again for each version of
 * the document that a write is computed from.
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
    heldBy: adopt ? [] : claimsOver(standing.others, edited),
    // A second entry of the same content goes without anybody losing what it says.
    displaced: adopt
      ? claimsOver(standing.others, [...edited, ...removes.filter((entry) => !hasContentOf(entry, wanted))])
      : [],
  };
}

/** Whether somebody else changed or removed the resource's entry, and did not just do what the program wants. */
export function hasDrifted(plan: Plan, previous: Mapping): boolean {
  return !plan.inSync && !(plan.own !== undefined && isEffective(plan.own) && hasContentOf(plan.own, previous));
}

/** Whether another entry stands in the way of the resource's rule that its principal is mapped once. */
export function isConflict(plan: Plan, intent: Intent): boolean {
  return plan.rivals.length > 0 && intent.noDuplicateARNs && !intent.adopt;
}

/** Whether the claims of others forbid a plan. */
export function isForbidden({ takenOverBy, heldBy }: Plan): boolean {
  return takenOverBy.length > 0 || heldBy.length > 0;
}

/** The claims of others on the entry that the resource shares with them. */
export function sharersOf({ own, standing }: Plan): readonly Claim[] {
  return own === undefined ? [] : claimsOver(standing.others, [own]);
}

/** The entry that is the resource's own for all that is known. */
function knownEntry(free: readonly Entry[], intent: Intent, standing: Standing): Entry | undefined {
  const { desired, previous, ignored, adopt, noDuplicateARNs } = intent;
  const own = previous === undefined ? undefined : ownEntry(free, previous, ignored, standing);
  const known = own ?? lastWith(free.filter(isEffective), desired);
  if (known !== undefined || previous === undefined || adopt) {
    return known;
  }
  const unclaimed = free.filter((entry) => claimsOver(standing.others, [entry]).length === 0);
  return onlyEntry(unclaimed, noDuplicateARNs, standing);
}

/**
 * Another entry that says already what the resource's own is to say. What says the same is one entry, so that the own one goes, unless
 * others want it as it is. (Adoption leaves but one anyway.)
 */
function findTwin(
  free: readonly Entry[],
  known: Entry,
  { desired, previous, ignored, adopt }: Intent,
  { others }: Standing,
): Entry | undefined {
  const wanted = previous === undefined ? desired : withIgnored(desired, known, ignored);
  if (adopt || hasContentOf(known, wanted) || claimsOver(others, [known]).length > 0) {
    return undefined;
  }
  return lastWith(free.filter(isEffective), wanted);
}

/** Who has taken over the entry of a resource that is in the state, and that has no claim any more. */
function findTakeover(
  free: readonly Entry[],
  known: Entry | undefined,
  { previous, desired, ignored }: Intent,
  { own, others }: Standing,
): readonly Claim[] {
  if (previous === undefined || own.length > 0) {
    return [];
  }
  if (known === undefined) {
    return claimsOver(others, free);
  }
  return hasContentOf(known, withIgnored(desired, known, ignored)) ? [] : claimsOver(others, [known]);
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

/** A new entry comes last in its list, so that only the other list can win over it. */
function winnerOverNew(rivals: readonly Entry[], desired: Mapping): Entry | undefined {
  return desired.kind === "role"
    ? undefined
    : rivals.findLast((entry) => entry.key === "mapRoles" && isEffective(entry));
}

/**
 * The principal's entries, less one for each other resource of this run that wants something else. What says the same is one entry,
 * however many want it.
 */
function freeOf(document: AwsAuthDocument, { desired, declared }: Intent): Entry[] {
  const entries = entriesFor(document, desired);
  for (const { mapping } of declared) {
    const taken = mapping === undefined || sameContent(mapping, desired) ? undefined : lastWith(entries, mapping);
    if (taken !== undefined) {
      entries.splice(entries.indexOf(taken), 1);
    }
  }
  return entries;
}

/** An ARN in another spelling means the same, and is left as it is until its resource has something to write. */
function isSpelt(entry: Entry, mapping: Mapping): boolean {
  return mapping.kind === "account" || entry.arn === mapping.arn;
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
