import type { AuthenticationMode, EntryDeath } from "../accessEntries/accessEntry";
import type { LastWrite } from "../awsAuthMap";
import { type Claim, claimsOf, hasStemOf } from "../claims";
import type { Content } from "../mapping";

/** Where entries are stored: the ConfigMap aws-auth, or EKS access entries. */
export type PlaceName = "map" | "entries";

/** Both places, in the order of messages. */
export const placeNames: readonly PlaceName[] = ["map", "entries"];

export function otherPlace(place: PlaceName): PlaceName {
  return place === "map" ? "entries" : "map";
}

export interface SeenEntry {
  readonly content: Content;
  /** The position, for messages: `mapRoles entry 3`, `access entry arn:…`. Unique within a {@link Seen}. */
  readonly position: string;
  /** The access policies that no mapping declares, each with what it grants. EKS deletes them with the access entry. */
  readonly policies?: readonly string[];
  /** Why the access entry grants no access. */
  readonly death?: EntryDeath | undefined;
  /** Whether its place uses it: of two spellings of a user, the authenticator uses either. */
  readonly isInForce: boolean;
  /** Whether it alone would be in force at the end of its list of aws-auth. */
  readonly countsAtEnd?: boolean;
}

/** Everything that one version of a place has for a principal. */
export interface Seen {
  /** The last one is in force. Excludes entries without effect, except for dead access entries if there are no others. */
  readonly entries: readonly SeenEntry[];
  readonly claims: readonly Claim[];
  /** That of the access entry, or of the key of aws-auth that has the entry in force or would get one. */
  readonly lastWrite?: LastWrite | undefined;
  /**
   * Why no mapping can own the access entry, as a clause: EKS created it, or its type or policies are not those of any
   * mapping. `entries` includes it only if it can be shown as content.
   */
  readonly foreign?: string | undefined;
}

/** `unknown` if the place cannot be read. A place that the cluster lacks is {@link nothing}. */
export type View = Seen | "unknown";

export type Views = Readonly<Record<PlaceName, View>>;

/** The basis of a decision: the version of a place that is about to be written, and the other place as far as known. */
export interface Sight {
  readonly place: PlaceName;
  readonly here: Seen;
  readonly other: View;
}

export function sightOf(views: Views, place: PlaceName): Sight {
  return { place, here: seenOrNothing(views[place]), other: views[otherPlace(place)] };
}

/** A place without the principal. */
export const nothing: Seen = { entries: [], claims: [] };

/** The content of a view; a place that cannot be read is treated as empty. */
export function seenOrNothing(view: View): Seen {
  return view === "unknown" ? nothing : view;
}

/**
 * Whether a place has a claim of the resource for which a decision is made.
 *
 * @param byStem also accepts a claim with the same stem, since a create has a new ID.
 */
export function isClaimedBy(view: View, me: Omit<Me, "owner">, byStem = false): boolean {
  return seenOrNothing(view).claims.some((claim) => isMine(claim, me) || (byStem && hasStemOf(claim, me.id)));
}

/**
 * Whether a claim has the ID of today, or that of the state, which differs after a rename. The random part alone is not enough to write, since
 * a copy of the state has it too. A release uses {@link claimsOf}, which accepts it if no claim has the whole ID.
 */
export function isMine({ id }: Claim, me: Pick<Me, "id" | "stateId">): boolean {
  return id !== undefined && (id === me.id || id === me.stateId);
}

/** Whether a place has a {@link claimsOf claim of a resource in the state}. An imported resource has no ID until its first update. */
export function hasClaimOf(view: View, id: string | undefined): boolean {
  return claimsOf(seenOrNothing(view).claims, id).length > 0;
}

/** The resource for which a decision is made. */
export interface Me {
  /** The ID in `__claim`, with the stem of the current URN and `aws-auth:owner`. */
  readonly id: string;
  /** The ID in the state, whose stem differs after a rename. Undefined in a create. */
  readonly stateId?: string | undefined;
  /** The owner in a new claim, as shown to users. */
  readonly owner: string;
}

export interface Want {
  readonly content: Content;
  readonly adopt: boolean;
  /** The paths in the resource option `ignoreChanges`. */
  readonly ignored: readonly string[];
  readonly places: readonly PlaceName[];
}

/** Why a write is refused. `messages.ts` has one sentence for each code. */
export type RefusalCode =
  /** The principal has another entry that this resource does not own. */
  | "mapped"
  /** Another owner took the entry over from this resource. */
  | "takenOver"
  /** Others claim the entry with its current content, which this program would change. */
  | "shared"
  /** No resource claims the entry, which is for nodes. */
  | "unclaimed"
  /** The principal has several entries, which `adopt: true` reduces to one. */
  | "duplicate"
  /** An access entry of another owner, with other content, decides the login. */
  | "overridden"
  /** The access entry grants no access and has to be created again, which would delete access policies of others. */
  | "policies"
  /** IAM does not have the role or user of the access entry, which this resource does not own. */
  | "noRole"
  /** {@link Seen.foreign} */
  | "foreign";

/** What changed outside Pulumi since the last `up`. */
export type Drift = Pick<Seen, "lastWrite"> &
  (
    | { readonly kind: "gone" | "claimRemoved" }
    /** The access entry grants no access. */
    | { readonly kind: "dead"; readonly death: EntryDeath }
    /** Another entry of the list is in force. */
    | { readonly kind: "overridden"; readonly counts: SeenEntry }
    | { readonly kind: "changed"; readonly live: Content; readonly restores: Content }
  );

/** A note on a write that is not refused. */
export type Note =
  /** A create claims an identical entry that has no claim; a later delete removes it. */
  | { readonly kind: "foundIdentical"; readonly entry: SeenEntry }
  /** `renamed`: the resource had these claims under an earlier name. `resumed`: they are only known to be its own by the stem. */
  | { readonly kind: "renamed" | "resumed"; readonly claims: readonly Claim[] }
  /** The principal has several entries; `counts` is the one in force. */
  | { readonly kind: "severalEntries"; readonly counts: SeenEntry; readonly entries: readonly SeenEntry[] }
  /** The access entry grants no access, and this resource cannot or does not change that. */
  | { readonly kind: "noRole" | "deadElsewhere"; readonly death: EntryDeath }
  /** The access entry of the principal has access policies of others. */
  | { readonly kind: "policies"; readonly policies: readonly string[]; readonly isDeleted: boolean }
  /** The other place maps the principal to other content. */
  | {
      readonly kind: "otherPlace";
      readonly place: PlaceName;
      readonly entries: readonly SeenEntry[];
      readonly claims: readonly Claim[];
    };

/** A decision to keep, add, claim or write the entry in one place. */
export interface Accepted {
  /**
   * - `same`: nothing is written
   * - `add`: adds an entry and the claim
   * - `claim`: adds the claim to the unchanged entry
   * - `write`: {@link entry} gets {@link content}, and the claim if it lacks it
   */
  readonly kind: "same" | "add" | "claim" | "write";
  /** The resulting content: the declared one, with the live values of ignored properties. */
  readonly content: Content;
  /** The entry that is kept, claimed or written. Undefined for `add`. */
  readonly entry?: SeenEntry | undefined;
  /** How a `write` restores an entry with the right content: at the end of its list of aws-auth, or as a new access entry. */
  readonly restores?: "order" | "entry" | undefined;
  /** Other entries of the principal that are removed in the same write. */
  readonly removes: readonly SeenEntry[];
  /** Claims that are removed in the same write: those of others, and of earlier runs of this resource. */
  readonly drops: readonly Claim[];
  /** The {@link drops} that belong to others, for a message. */
  readonly loses: readonly Claim[];
  /** The claims of others that are kept. */
  readonly shares: readonly Claim[];
  readonly drift?: Drift | undefined;
  /** The entries that `adopt: true` takes over from the owners in {@link loses}, if any. */
  readonly adopts?: readonly SeenEntry[] | undefined;
  readonly notes: readonly Note[];
}

export interface Refused {
  readonly kind: "refused";
  readonly code: RefusalCode;
  readonly content: Content;
  /** The conflicting entries; for `mapped`, they may be in the other place. */
  readonly entries: readonly SeenEntry[];
  readonly claims: readonly Claim[];
  /** Whether `adopt: true` would allow the write. */
  readonly adoptHelps: boolean;
  /** Whether the others' claim is that of a copy of this resource's state, so that a delete here would treat it as its own. */
  readonly isCopy?: boolean;
  /** {@link Seen.foreign}, for the code `foreign`. */
  readonly reason?: string | undefined;
}

export type Decision = Accepted | Refused;

/** The resource in the state. */
export interface Before {
  readonly content: Content;
  readonly ignored: readonly string[];
  /** The places in the outputs. */
  readonly places: readonly PlaceName[];
}

/** What a plan depends on besides the resource and its entries. */
export interface Situation {
  /** The mode of the cluster; undefined if unknown. */
  readonly clusterMode: AuthenticationMode | undefined;
  /** Whether another mapping of the principal failed in this run, or has not succeeded yet. */
  readonly hasFailedSuccessor: boolean;
  /** The places in which this run wrote the entry of the principal. */
  readonly justWritten: readonly PlaceName[];
}

/** Why a mapping cannot have its mode, or cannot change to it in this `up`. `messages.ts` has one sentence for each code. */
export interface ModeRefusal {
  readonly kind: "refused";
  readonly code:
    | "clusterMode"
    | "twoSteps"
    | "contentChanges"
    | "contentIgnored"
    | "staysFirst"
    | "staysDuplicate"
    | "staysUnproven"
    | "staysDead"
    | "staysNoRole"
    | "justWritten"
    | "leftBehind";
  readonly mode: AuthenticationMode;
  readonly clusterMode: AuthenticationMode | undefined;
  /** The place that keeps its entry. */
  readonly stays: PlaceName;
}

export type ReleaseNote =
  /** The cluster ignores the map in mode `API`, so it was not written. */
  | { readonly kind: "noEffect" }
  /** Removed although the state does not have it: an interrupted step left it, or an access entry overrides it. */
  | { readonly kind: "removed"; readonly entries: readonly SeenEntry[] }
  /** The entry is kept, since others claim it. */
  | { readonly kind: "ownedByOthers"; readonly claims: readonly Claim[] }
  /** The access entry is kept, since no mapping can own it: see {@link Seen.foreign}. */
  | { readonly kind: "foreign"; readonly reason: string }
  | { readonly kind: "remaining"; readonly entries: readonly SeenEntry[] }
  /** The state has a claim and the place has none, so other stacks may have lost their claims. */
  | { readonly kind: "claimLost" }
  /** The map has other content without a claim, overridden by an access entry of the principal. */
  | { readonly kind: "left"; readonly entries: readonly SeenEntry[] };

export interface AcceptedRelease {
  /**
   * - `nothing`: nothing is written
   * - `unclaim`: removes only {@link drops}
   * - `remove`: removes {@link removes} and {@link drops}
   */
  readonly kind: "nothing" | "unclaim" | "remove";
  readonly removes: readonly SeenEntry[];
  readonly drops: readonly Claim[];
  readonly notes: readonly ReleaseNote[];
}

export interface RefusedRelease {
  readonly kind: "refused";
  /**
   * - `changedOutside`: no entry has the content of the state. Remedy: `pulumi refresh`, then run again
   * - `successorFailed`: another mapping of the principal, which may replace this one, has not succeeded in this run
   * - `policies`: others have associated access policies with the entry. Remedy: disassociate them
   */
  readonly code: "changedOutside" | "successorFailed" | "policies";
  readonly place: PlaceName;
  readonly previous: Content;
  readonly entries: readonly SeenEntry[];
  /** Whether it is an access entry that lacks the claim, so that a refresh does not store its content. */
  readonly isOfOthers: boolean;
}

export type Release = AcceptedRelease | RefusedRelease;

/** Whether a decision changes the content of an entry, rather than its claims alone. */
export function changesEntry({ kind }: Accepted): boolean {
  return kind === "add" || kind === "write";
}

/** Why a mapping does not get what the program declares. A refusal of a mode may still write the place that is kept. */
export type Refusal = Refused | RefusedRelease | ModeRefusal;

export function isWritten<D extends Accepted | AcceptedRelease>(decision: D | Refusal): decision is D {
  return decision.kind !== "refused" && decision.kind !== "same" && decision.kind !== "nothing";
}
