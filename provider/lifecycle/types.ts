import type { AccessEntryContent, AuthenticationMode } from "../accessEntries/accessEntry";
import type { AwsAuthMap } from "../awsAuthMap";
import { type Claim, claimsOf } from "../claims";

/** Where entries are stored: the ConfigMap aws-auth, or EKS access entries. */
export type PlaceName = "map" | "entries";

/** Both places, in the order in which messages name them. */
export const placeNames: readonly PlaceName[] = ["map", "entries"];

export function otherPlace(place: PlaceName): PlaceName {
  return place === "map" ? "entries" : "map";
}

/**
 * The username and groups of a principal, as a mapping declares them. An account has neither. An access entry with the
 * cluster-admin policy has the group `system:masters`; one of a node type has the username and groups of its nodes.
 */
export interface Content {
  /** Undefined and empty are equal. */
  readonly username?: string | undefined;
  /** A set: order and repetition do not matter. */
  readonly groups: readonly string[];
}

export interface SeenEntry {
  readonly content: Content;
  /** The position, for messages: `mapRoles entry 3`, `access entry arn:…`. Unique within a {@link Seen}. */
  readonly position: string;
  /** The names of access policies that no mapping declares. EKS deletes them with the access entry. */
  readonly policies?: readonly string[];
}

/** Everything that one version of a place has for a principal. */
export interface Seen {
  /** The last one is in force: a place sorts entries without effect to the front. */
  readonly entries: readonly SeenEntry[];
  readonly claims: readonly Claim[];
  /**
   * Why no mapping can own the access entry, as a clause: EKS created it, or its type or policies are not those of any
   * mapping. `entries` includes it only if it can be shown as content.
   */
  readonly foreign?: string | undefined;
}

/** `unknown` if the place cannot be read. A place that the cluster lacks is {@link nothing}. */
export type View = Seen | "unknown";

/** The basis of a decision: the version of a place that is about to be written, and the other place as far as known. */
export interface Sight {
  readonly place: PlaceName;
  readonly here: Seen;
  readonly other: View;
}

/** A place without the principal. */
export const nothing: Seen = { entries: [], claims: [] };

/** The content of a view; a place that cannot be read counts as empty. */
export function seenIn(view: View): Seen {
  return view === "unknown" ? nothing : view;
}

/** Whether a place has a claim of the resource for which a decision is made. */
export function isClaimedBy(view: View, me: Pick<Me, "id" | "stateId">): boolean {
  return seenIn(view).claims.some((claim) => isMine(claim, me));
}

/**
 * Whether a claim has the ID of today, or that of the state, which differs after a rename. The random part alone is not enough, since a copy
 * of the state has it too.
 */
export function isMine({ id }: Claim, me: Pick<Me, "id" | "stateId">): boolean {
  return id !== undefined && (id === me.id || id === me.stateId);
}

/** Whether a place has a {@link claimsOf claim of a resource in the state}. An imported resource has no ID until its first update. */
export function hasClaimOf(view: View, id: string | undefined): boolean {
  return claimsOf(seenIn(view).claims, id).length > 0;
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
  /** {@link Seen.foreign} */
  | "foreign";

/** What changed outside Pulumi since the last `up`. */
export type Drift =
  | { readonly kind: "gone" | "claimRemoved" }
  | { readonly kind: "changed"; readonly live: Content; readonly restores: Content };

/** A note on a write that is not refused. */
export type Note =
  /** A create claims an identical entry that has no claim; a later delete removes it. */
  | { readonly kind: "foundIdentical"; readonly entry: SeenEntry }
  /** `renamed`: the resource had these claims under an earlier name. `resumed`: they are only known to be its own by the stem. */
  | { readonly kind: "renamed" | "resumed"; readonly claims: readonly Claim[] }
  /** The principal has several entries; `counts` is the one in force. */
  | { readonly kind: "severalEntries"; readonly counts: SeenEntry; readonly entries: readonly SeenEntry[] }
  /** The other place maps the principal to other content. */
  | {
      readonly kind: "otherPlace";
      readonly place: PlaceName;
      readonly entries: readonly SeenEntry[];
      /** The owners of these entries, which an access entry overrides. */
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
  /** Other entries of the principal that are removed in the same write. */
  readonly removes: readonly SeenEntry[];
  /** Claims that are removed in the same write: those of others, and of earlier runs of this resource. */
  readonly drops: readonly Claim[];
  /** The {@link drops} that belong to others, whom a message names. */
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
  /** The declared content, with the live values of ignored properties. */
  readonly content: Content;
  /** The conflicting entries; for `mapped`, they may be in the other place. */
  readonly entries: readonly SeenEntry[];
  readonly claims: readonly Claim[];
  /** Whether `adopt: true` would allow the write. */
  readonly adoptHelps: boolean;
  /** Whether the others' claim is that of a copy of this resource's state, so that a delete here would count it as its own. */
  readonly isCopy?: boolean;
  /** {@link Seen.foreign}, for the code `foreign`. */
  readonly reason?: string | undefined;
}

export type Decision = Accepted | Refused;

/** What a delete, or an update that leaves a place, knows about the resource. */
export interface Leave {
  /** The content in the state. */
  readonly previous: Content;
  /** The paths in `ignoreChanges`, from the state. */
  readonly ignored: readonly string[];
  /** The places in the outputs. */
  readonly places: readonly PlaceName[];
  /** Whether another mapping of the principal failed in this run, or has not succeeded yet. */
  readonly hasFailedSuccessor: boolean;
  /** The mode of the cluster; undefined if unknown. */
  readonly clusterMode: AuthenticationMode | undefined;
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
  /** Other entries of the principal remain. */
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
}

export type Release = AcceptedRelease | RefusedRelease;

export function isWritten<D extends Decision | Release>(decision: D): decision is Exclude<D, { kind: "refused" }> {
  return decision.kind !== "refused" && decision.kind !== "same" && decision.kind !== "nothing";
}

/** The principal of an entry, with what a place needs to write one. */
export interface Subject {
  /** The key for comparisons: the `principalKey` of the ARN, or the account ID. */
  readonly principal: string;
  readonly kind: "role" | "user" | "account";
  /** The ARN as aws-auth stores it, without a role's path; the ID for an account. */
  readonly arn: string;
  /** The ARN with a role's path, for an access entry. Undefined if no place needs it. */
  readonly principalArn?: string | undefined;
  /**
   * The declared username, or in a release the one in the state. EKS gives an access entry without one a default name,
   * which counts as omitted unless it equals this one.
   */
  readonly username?: string | undefined;
}

/** Called by a place before each write of one resource. */
export interface Guard {
  /**
   * Judges a change of the map, inside the commit.
   *
   * @throws AwsAuthError `lockout`.
   */
  map(before: AwsAuthMap, after: AwsAuthMap): void;
  /**
   * Judges a change of the principal's access entry, before the call that applies it.
   *
   * @param after undefined for a deletion.
   * @throws AwsAuthError `lockout`.
   */
  entry(after: AccessEntryContent | undefined): Promise<void>;
}

/**
 * One place of one cluster, for one run. A write is decided on the version that is about to be written, and again on
 * each newer one, so the callbacks must depend only on their argument. A refused decision is returned without a write.
 */
export interface Place {
  /**
   * Reads the principal's entries and claims, as far as this run knows them. Throws if they cannot be read.
   *
   * @param isFresh reads again even if this run has read them. Default: false.
   */
  observe(subject: Subject, isFresh?: boolean): Promise<Seen>;
  /** Writes entry, claim and dropped claims of the map in one request; an access entry gets its claim before its content. */
  write(subject: Subject, me: Me, decide: (seen: Seen) => Decision, guard: Guard | undefined): Promise<Decision>;
  /** Reads again before each removal, so that a failed or outdated read never counts as "no claim". */
  release(subject: Subject, decide: (seen: Seen) => Release, guard: Guard | undefined): Promise<Release>;
}
