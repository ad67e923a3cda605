import type { AccessEntryContent } from "../accessEntries";
import type { AuthenticationMode } from "../accessEntries/authenticationMode";
import type { Claim } from "../claims";
import type { AwsAuthDocument } from "../document";

/** Where entries are stored: the ConfigMap aws-auth, or EKS access entries. */
export type PlaceName = "map" | "entries";

/** Both places, in the order in which messages name them. */
export const placeNames: readonly PlaceName[] = ["map", "entries"];

export function otherPlace(place: PlaceName): PlaceName {
  return place === "map" ? "entries" : "map";
}

/**
 * What a principal becomes in the cluster, in the words of a mapping. An account has no username and no groups. An access entry with
 * the cluster-admin policy has the group `system:masters`, and one of a node type the username and groups of its nodes.
 */
export interface Content {
  /** Undefined and empty are the same. */
  readonly username?: string | undefined;
  /** A set: order and repetition do not matter. */
  readonly groups: readonly string[];
}

/** One entry of a principal as it is stored. */
export interface SeenEntry {
  readonly content: Content;
  /** Where it is, for messages: `mapRoles entry 3`, `access entry arn:…`. Unique within a {@link Seen}. */
  readonly position: string;
}

/** All that one place has of one principal, in one version of the place. */
export interface Seen {
  /** The last one counts: a place sorts entries that have no effect to the front. */
  readonly entries: readonly SeenEntry[];
  readonly claims: readonly Claim[];
  /**
   * Why the access entry can never be owned by a mapping, as a clause: EKS made it, or no mapping has this type or these policies.
   * `entries` contains it too if it can be shown as content, and is empty otherwise.
   */
  readonly foreign?: string | undefined;
}

/** `unknown` if the place cannot be asked. A place that the cluster does not have is {@link nothing}. */
export type View = Seen | "unknown";

/** What is decided on: one place, in the version that is about to be written, and what is known of the other one. */
export interface Sight {
  readonly place: PlaceName;
  readonly here: Seen;
  readonly other: View;
}

/** A place without the principal. */
export const nothing: Seen = { entries: [], claims: [] };

/** What is seen of a place. Nothing is seen of one that cannot be asked. */
export function seenIn(view: View): Seen {
  return view === "unknown" ? nothing : view;
}

/** Whether a place has the claim with this ID. What was imported has no ID until its first update. */
export function isClaimedBy(view: View, id: string | undefined): boolean {
  return id !== undefined && seenIn(view).claims.some((claim) => claim.id === id);
}

/** The resource on whose behalf something is decided. */
export interface Me {
  /** The ID in `__claim`. */
  readonly id: string;
  /** The stem of today's URN. It differs from that of {@link id} after a rename. */
  readonly stem: string;
  /** The owner in a new claim, for people. */
  readonly owner: string;
}

/** What the program declares. */
export interface Want {
  readonly content: Content;
  readonly adopt: boolean;
  /** The paths in the resource option `ignoreChanges`. */
  readonly ignored: readonly string[];
  /** Where the mode stores the mapping. */
  readonly places: readonly PlaceName[];
}

/** Why a write is refused. `messages.ts` has one sentence for each. */
export type RefusalCode =
  /** The principal has another entry that is not this resource's. */
  | "mapped"
  /** Another owner took the entry over from this resource. */
  | "takenOver"
  /** Others claim the entry with its current content, which this program changes. */
  | "shared"
  /** An entry for nodes that no resource claims. */
  | "unclaimed"
  /** Several entries of the principal, which `adopt: true` reduces to one. */
  | "duplicate"
  /** {@link Seen.foreign} */
  | "foreign";

/** What changed outside Pulumi since the last `up`. */
export type Drift =
  | { readonly kind: "gone" | "claimRemoved" }
  | { readonly kind: "changed"; readonly live: Content; readonly restores: Content };

/** What a person should know although nothing is refused. */
export type Note =
  /** An identical entry without a claim is claimed in a create: a later delete removes it. */
  | { readonly kind: "foundIdentical"; readonly entry: SeenEntry }
  /** The principal has several entries. `counts` is the one that the cluster obeys. */
  | { readonly kind: "severalEntries"; readonly counts: SeenEntry; readonly entries: readonly SeenEntry[] }
  /** The other place maps the principal to other content. */
  | {
      readonly kind: "otherPlace";
      readonly place: PlaceName;
      readonly entries: readonly SeenEntry[];
      /** Who owns them, and is overridden by an access entry. */
      readonly claims: readonly Claim[];
    };

/** A decision to leave, make, claim or write the entry of one place. */
export interface Accepted {
  /**
   * - `same`: nothing is written
   * - `add`: the principal gets an entry and the claim
   * - `claim`: the entry stays as it is and gets the claim
   * - `write`: {@link entry} gets {@link content}, and the claim if it has none of this ID
   */
  readonly kind: "same" | "add" | "claim" | "write";
  /** The content afterwards: the declared one, with the live content of ignored properties. */
  readonly content: Content;
  /** The entry that is left, claimed or written. Undefined for `add`. */
  readonly entry?: SeenEntry | undefined;
  /** Other entries of the principal that are removed in the same write. */
  readonly removes: readonly SeenEntry[];
  /** Claims that are removed in the same write: those of others, and of earlier runs of this resource. */
  readonly drops: readonly Claim[];
  /** Those of {@link drops} that belong to others, whom a message names. */
  readonly loses: readonly Claim[];
  /** Others who claim the entry and go on doing so. */
  readonly shares: readonly Claim[];
  readonly drift?: Drift | undefined;
  /** The entries that `adopt: true` takes over, all that were there. Those of {@link loses} lose them. */
  readonly adopts?: readonly SeenEntry[] | undefined;
  readonly notes: readonly Note[];
}

export interface Refused {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** What the program declares, with the live content where it ignores changes. */
  readonly content: Content;
  /** What stands in the way: for `mapped`, it may be in the other place. */
  readonly entries: readonly SeenEntry[];
  /** The others' claims. */
  readonly claims: readonly Claim[];
  /** Whether `adopt: true` would let it through. */
  readonly adoptHelps: boolean;
  /** {@link Seen.foreign}, for the code `foreign`. */
  readonly reason?: string | undefined;
}

export type Decision = Accepted | Refused;

/** What a delete, or an update that leaves a place, knows of the resource. */
export interface Leave {
  /** The content in the state. */
  readonly previous: Content;
  /** The paths in `ignoreChanges` that the state has. */
  readonly ignored: readonly string[];
  /** The places that the outputs name. */
  readonly places: readonly PlaceName[];
  /** Whether another mapping of the principal failed in this run, or has not succeeded yet. */
  readonly hasFailedSuccessor: boolean;
  /** The mode of the cluster; undefined if it is not known. */
  readonly clusterMode: AuthenticationMode | undefined;
}

export type ReleaseNote =
  /** The map of a cluster in mode `API` has no effect and was not written. */
  | { readonly kind: "noEffect" }
  /** Removed although the state does not have it: a killed step left it, or an access entry counts instead. */
  | { readonly kind: "removed"; readonly entries: readonly SeenEntry[] }
  /** The entry stays, since others claim it. */
  | { readonly kind: "ownedByOthers"; readonly claims: readonly Claim[] }
  /** The access entry stays, since it can never be a mapping's: see {@link Seen.foreign}. */
  | { readonly kind: "foreign"; readonly reason: string }
  /** Other entries of the principal remain. */
  | { readonly kind: "remaining"; readonly entries: readonly SeenEntry[] }
  /** The state has a claim and the place has none: other stacks may have lost theirs. */
  | { readonly kind: "claimLost" }
  /** The map has other content without a claim, where an access entry of the principal counts. */
  | { readonly kind: "left"; readonly entries: readonly SeenEntry[] };

export interface AcceptedRelease {
  /**
   * - `nothing`: nothing is written
   * - `unclaim`: only {@link drops} go
   * - `remove`: {@link removes} and {@link drops} go
   */
  readonly kind: "nothing" | "unclaim" | "remove";
  readonly removes: readonly SeenEntry[];
  readonly drops: readonly Claim[];
  readonly notes: readonly ReleaseNote[];
}

export interface RefusedRelease {
  readonly kind: "refused";
  /**
   * - `changedOutside`: no entry has the content of the state. Remedy: `pulumi refresh`, then again
   * - `successorFailed`: another mapping of the principal has not succeeded in this run, and may replace this one
   */
  readonly code: "changedOutside" | "successorFailed";
  readonly place: PlaceName;
  readonly previous: Content;
  readonly entries: readonly SeenEntry[];
}

export type Release = AcceptedRelease | RefusedRelease;

/** Whether there is something to write. */
export function isWritten<D extends Decision | Release>(decision: D): decision is Exclude<D, { kind: "refused" }> {
  return decision.kind !== "refused" && decision.kind !== "same" && decision.kind !== "nothing";
}

/** Whom an entry is for, in the words that a place needs to write one. */
export interface Subject {
  /** The key of every comparison: the `principalKey` of the ARN, or the account ID. */
  readonly principal: string;
  readonly kind: "role" | "user" | "account";
  /** The ARN as aws-auth stores it, without a role's path; the account ID of an account. */
  readonly arn: string;
  /** The ARN with a role's path, for an access entry. Undefined where no place needs it. */
  readonly principalArn?: string | undefined;
  /**
   * The username as the program, or in a release the state, has it. An access entry without one gets a default name, which counts as left
   * out unless it is exactly this one.
   */
  readonly username?: string | undefined;
}

/** Asked by a place before each write of one resource. */
export interface Guard {
  /**
   * Judges a change of the map, inside the commit.
   *
   * @throws AwsAuthError `lockout`.
   */
  map(before: AwsAuthDocument, after: AwsAuthDocument): void;
  /**
   * Judges a change of the principal's access entry, before the call that makes it.
   *
   * @param after undefined: it is deleted.
   * @throws AwsAuthError `lockout`.
   */
  entry(after: AccessEntryContent | undefined): Promise<void>;
}

/**
 * One place of one cluster, for one run. A write is decided on the version that is about to be written, and decided again on a newer
 * one, so both callbacks must depend only on their argument. What they refuse is not written and is returned as it is.
 */
export interface Place {
  /**
   * What is there now, as far as this run knows. Throws if it cannot be read.
   *
   * @param isFresh reads it again, also if it was read before. Default: false.
   */
  observe(subject: Subject, isFresh?: boolean): Promise<Seen>;
  /** Entry, claim and dropped claims go into one request in the map; an access entry gets its claim before its content. */
  write(subject: Subject, me: Me, decide: (seen: Seen) => Decision, guard: Guard | undefined): Promise<Decision>;
  /** Reads again before anything is removed: a failed or lagging read never counts as "no claim". */
  release(subject: Subject, decide: (seen: Seen) => Release, guard: Guard | undefined): Promise<Release>;
}
