import type { Settings } from "../../cluster";
import type { AwsAuthError } from "../../errors";
import { type Mapping, principalOf } from "../../mapping";
import type { Claim, Claimant, EntryPlan, EntryRemoval, Wish } from "../../ownership";
import type { Declaration, Declarations } from "../../session/declarations";
import type { ClusterSession } from "../../session/session";
import type { Change, ClusterView } from "../clusterView";
import type { Shown } from "../context";
import type { Guard } from "../guard";
import {
  type Flags,
  flagsOf,
  type Placed,
  principalProperty,
  type ResourceState,
  type StoredAccessEntry,
} from "../state";
import type { LabelledId } from "./labelledId";

/** What the operations on a cluster share. */
export class Scope {
  readonly session: ClusterSession;
  readonly settings: Settings;
  readonly declarations: Declarations;

  constructor(session: ClusterSession, settings: Settings, declarations = session.declarations) {
    this.session = session;
    this.settings = settings;
    this.declarations = declarations;
  }
}

/**
 * A place in a cluster where mappings are kept: the map aws-auth, or the access entries of EKS. Each rule of the lifecycle is written for
 * places, and each place knows how its entries are found, compared, claimed and written.
 */
export abstract class Place extends Scope {
  abstract keeps(placed: Placed): boolean;
  /**
   * Plans what a resource does here.
   *
   * @param view the cluster as the changes before this one leave it; by default as it is.
   * @throws AwsAuthError any of the cluster codes, `unreadableKey`, and `invalidInput` for a mapping that cannot be kept here.
   */
  abstract plan(want: Want, view?: ClusterView): Promise<PlacePlan>;
  /**
   * Plans anew on what is there now, writes, and reads back: the content and the claim.
   *
   * @throws AwsAuthError `duplicateArn` or `claimed` if others have the entry, `lockout`, and any of the cluster codes.
   */
  abstract apply(want: Want, claim: LabelledId, guard: Guard): Promise<Kept>;
  /**
   * Reads the entry of a resource as the mapping that it stands for.
   *
   * @returns undefined if it is gone; the mapping in the state if others have taken it over.
   */
  abstract read(state: ResourceState): Promise<Mapping | undefined>;
  /**
   * What an interrupted run has left here of a resource that is kept elsewhere, as the state of one that is kept here.
   *
   * @param claimant without an ID, the claims of interrupted runs count.
   */
  abstract findLeft(state: ResourceState, claimant: Claimant): Promise<LeftBehind | undefined>;
  abstract claimsFor(principal: string): Promise<readonly Claim[]>;
  abstract planRemoval(leave: Leave, view?: ClusterView): Promise<PlaceRemoval>;
  /**
   * Removes the entry if it says what the state says, and nobody else wants it; else the own claims alone.
   *
   * @returns whether the entry is gone.
   * @throws AwsAuthError `changedOutside` if somebody changed it, `lockout`, and any of the cluster codes.
   */
  abstract remove(leave: Leave, guard: Guard): Promise<boolean>;
}

/** What a resource wants of a place, whichever operation it is in. */
export interface Want extends Pick<Wish<Mapping>, "desired" | "claimant" | "ignored"> {
  /** Its inputs or, in a read, its outputs. */
  readonly state: ResourceState;
  /** The resource as it was before this run, wherever it was kept; undefined for a new one. */
  readonly before: ResourceState | undefined;
  readonly flags: Flags;
  /** The declarations of this run's other resources for the principal. */
  readonly others: readonly Declaration[];
}

/** The drift is what somebody else changed since the resource was last written; the adoption, what the resource takes over. */
export interface PlacePlan extends Required<Shown>, Pick<EntryPlan<unknown, unknown, Claim>, "standing" | "sharers"> {
  /** Why nothing may be written: others have the entry, or want it as it is. */
  readonly refusal: AwsAuthError | undefined;
  readonly isChange: boolean;
  /** Whether it has to be changed even where state and program agree: somebody else changed it. */
  readonly isOutOfSync: boolean;
  /** Whether the change may take access from anybody. */
  readonly mayTake: boolean;
  /** The claims under the name of a resource that is new here. */
  readonly namesakes: readonly Claim[];
  readonly isClaimOutdated: boolean;
  /** Whether the place has room for another claim. */
  readonly hasRoom: boolean;
  /** Says that the resource's claim is gone: `its tag was removed from the access entry`. */
  readonly lossOfClaim: string;
  readonly own: OwnEntry | undefined;
  readonly notes: readonly Note[];
  /** @throws AwsAuthError `unsupportedEntry` if an entry cannot be edited. */
  readonly change: Change;
}

export interface OwnEntry {
  says(mapping: Mapping): boolean;
  /** A mapping with what the entry says of the properties that the program ignores, and in which it says the same as before. */
  withIgnored(mapping: Mapping, ignored: readonly string[], previous: Mapping): Mapping;
  /** For messages: `its access entry says …`. */
  describe(live: Mapping): string;
}

export interface Note {
  readonly severity: "info" | "warning";
  readonly text: string;
  /** Whether it is shown once, under the stack: the engine repeats those of a resource with each of its steps. */
  readonly isOfStack?: boolean;
}

/** An entry that says what its resource wants. */
export interface Kept {
  readonly isClaimed: boolean;
  /** What the state stores of an access entry. */
  readonly accessEntry?: StoredAccessEntry;
  /**
   * Waits until the entry lets its principal in, and proves that it is still there. Before that nothing may go elsewhere.
   *
   * @throws AwsAuthError `conflict` if somebody changed or deleted it meanwhile.
   */
  inForce(): Promise<void>;
  /**
   * Takes back what a create that fails has made, since no state will know of it, and nothing else.
   *
   * @param error why it fails.
   * @returns the error to throw, which says what is left.
   */
  takeBack(error: unknown): Promise<unknown>;
}

/** What an interrupted run has left. */
export interface LeftBehind {
  /** The state of a resource that is kept here. */
  readonly state: ResourceState;
  /** The claims by which it is known. */
  readonly claims: readonly Claim[];
  readonly text: string;
  /** Tells that this run removes it. */
  readonly description: string;
}

/** What a resource has to say that is deleted, or leaves a place. */
export interface Leave {
  /** Its state, with the content of its entry. */
  readonly state: ResourceState;
  readonly previous: Mapping;
  readonly claimant: Claimant;
  readonly flags: Flags;
  readonly others: readonly Declaration[];
  /** Whether another place lets the principal in by the same mapping, so that nobody loses access. */
  readonly isMoved: boolean;
  /** Whether the program still declares the resource, so that the state has two resources of this name. */
  readonly isReplaced: boolean;
  /** Whether an interrupted run has left it, so that it is the resource's by its claim alone, whatever it says. */
  readonly isLeftover?: boolean;
}

/** What happens to the entry of a resource that is deleted, or leaves a place. */
export interface PlaceRemoval extends Pick<EntryRemoval<unknown, Claim>, "kind" | "wantedBy"> {
  readonly own: OwnEntry | undefined;
  readonly refusal: string | undefined;
  /** Explains that others want the entry as it is, which is to say something else elsewhere. */
  describeHeld(desired: Mapping): string;
  /** Says that somebody else removed the entry, if so, as the drift of a plan does. */
  readonly drift: Readonly<Record<string, string>>;
  readonly change: Change;
}

/** The declaration of a resource that replaces none. */
export function declarationOf(
  urn: string,
  principal: string,
  state: ResourceState,
  ignored: readonly string[],
): Declaration {
  const { mapping, mode, claim, properties } = state;
  const property = principalProperty(state);
  const subject = `${property} ${JSON.stringify(properties[property])}`;
  const flags = flagsOf(state);
  return { urn, principal, subject, label: claim.owner, mapping, mode, isReplacement: false, ...flags, ignored };
}

export function wantOf(
  { declarations }: Scope,
  declaration: Declaration | undefined,
  state: ResourceState,
  wish: Pick<Want, "desired" | "before" | "claimant">,
): Want {
  return {
    state,
    ...wish,
    flags: flagsOf(state),
    ignored: state.claim.ignored ?? declaration?.ignored ?? [],
    others: declarations.others(principalOf(wish.desired), declaration?.urn),
  };
}

/** What a resource wants that is read: that its entry is as the state says. */
export function storedWant(scope: Scope, state: ResourceState, desired: Mapping): Want {
  const want = wantOf(scope, undefined, state, { desired, before: state, claimant: claimantOfState(state) });
  // Whatever the settings say, a refresh takes over nothing of others.
  return { ...want, flags: { ...want.flags, adopt: false } };
}

/** What a resource says that is deleted, or leaves a place. */
export function leaveOf(
  { declarations }: Scope,
  state: ResourceState,
  previous: Mapping,
  more: Partial<Pick<Leave, "claimant" | "isMoved" | "isReplaced" | "isLeftover">> = {},
): Leave {
  return {
    state,
    previous,
    claimant: claimantOfState(state),
    flags: flagsOf(state),
    others: declarations.others(principalOf(previous), undefined),
    isMoved: false,
    isReplaced: false,
    ...more,
  };
}

/**
 * In `check`, which gets no ID.
 *
 * @param isKnown whether the resource is in the state. A new one has no claim, even if a claim has its name.
 */
export function claimantInCheck({ claim: { stem, owner } }: ResourceState, isKnown: boolean): Claimant {
  return { id: undefined, stem, label: isKnown ? owner : undefined };
}

/** In `diff` and `update`. */
export function claimantInWrite(id: string | undefined, { claim: { stem } }: ResourceState): Claimant {
  return { id, stem };
}

/** In a read or a delete. Without an ID (version 0.1.0), all claims count as those of others. */
export function claimantOfState({ claim: { id } }: ResourceState): Claimant {
  return { id };
}
