import { randomInt } from "node:crypto";
import {
  type AwsAuthDocument,
  addClaim,
  type Claim,
  type ClaimedPart,
  claimsOn,
  covers,
  dropClaims,
  type Entry,
} from "../document";
import type { ResourceState } from "./state";

/**
 * Identifies the resource that makes a claim. Each operation gets different data from the engine: `check` gets old inputs, which
 * have no ID; `diff` and `update` get outputs and know the program; `create` knows only the program; a read or a delete gets only
 * outputs.
 */
export interface Claimant {
  /** The ID in the resource's outputs; undefined in `check`, for a state of 0.1.0, and before the resource is created. */
  readonly id: string | undefined;
  /** The resource's label in the record, which identifies its claim if there is no ID. */
  readonly label: string | undefined;
}

/**
 * In `check`.
 *
 * @param isKnown whether the resource is in the state. A new one has no claim, even if a claim has its name.
 */
export function claimantInCheck(label: string | undefined, isKnown: boolean): Claimant {
  return { id: undefined, label: isKnown ? label : undefined };
}

/**
 * In `diff`. If the state has no ID (version 0.1.0), a claim with the resource's label is its own: a run made it and was killed
 * before the state was saved. Unless another resource of the program has the same label.
 */
export function claimantInDiff(id: string | undefined, label: string | undefined, isLabelShared: boolean): Claimant {
  return id === undefined && isLabelShared ? { id, label: undefined } : { id, label };
}

/**
 * In `create` and `update`.
 *
 * @param id of the claim that is about to be made.
 * @param isInState whether the state has the resource without an ID, so that the label identifies its earlier claim, as in `diff`.
 */
export function claimantInWrite(
  id: string,
  label: string | undefined,
  isInState: boolean,
  isLabelShared: boolean,
): Claimant {
  return isInState ? claimantInDiff(undefined, label, isLabelShared) : { id, label };
}

/** In a read or a delete. Without an ID (version 0.1.0), all claims count as those of others. */
export function claimantOfState({ claim: { id, owner } }: ResourceState): Claimant {
  return { id, label: id === undefined ? undefined : owner };
}

/** The claims on a principal's entries, from the point of view of one claimant. */
export interface Standing {
  readonly ownClaims: readonly Claim[];
  /** The claims of others, without those of this program's resources that want the same. */
  readonly otherClaims: readonly Claim[];
}

/**
 * Separates a resource's own claims from those of others.
 *
 * @param agreeing the labels of this run's resources that want the same, whose claims do not conflict.
 */
export function standingOf(
  document: AwsAuthDocument,
  principal: string,
  claimant: Claimant,
  agreeing: readonly (string | undefined)[] = [],
): Standing {
  const claims = claimsOn(document, principal);
  const ownClaims = claims.filter((claim) => isOwn(claim, claimant));
  return {
    ownClaims,
    otherClaims: claims.filter((claim) => !ownClaims.includes(claim) && !agreeing.includes(claim.label)),
  };
}

function isOwn(claim: Claim, { id, label }: Claimant): boolean {
  return id === undefined ? label !== undefined && claim.label === label : claim.id === id;
}

/** The claims that cover any of the entries. */
export function claimsOver(claims: readonly Claim[], entries: readonly Entry[]): readonly Claim[] {
  return claims.filter((claim) => entries.some((entry) => covers(claim, entry)));
}

/** A new ID. It only has to be unique among the few resources for the same principal. */
export function newClaimId(): string {
  return randomInt(36 ** idLength)
    .toString(36)
    .padStart(idLength, "0");
}

const idLength = 6;

/**
 * The maximum size of the record, in bytes. Kubernetes allows 256 KiB for all annotations of an object, and `kubectl apply` stores
 * a copy of the whole object in another annotation.
 */
const maxRecordBytes = 128 * 1024;

/** A claim to be made. */
export interface WantedClaim {
  /** The part of the entry that it covers. Default: all of it. */
  readonly part?: ClaimedPart;
  readonly id: string;
  readonly label: string;
  readonly isFound: boolean;
}

/**
 * Replaces claims by one claim on an entry.
 *
 * @param replaced the claims to remove.
 * @param wanted the new claim; undefined: only removes.
 * @returns the document, and whether the record contains the claim, which it does not if it is full.
 */
export function replaceClaims(
  document: AwsAuthDocument,
  replaced: readonly Claim[],
  entry: Entry,
  wanted: WantedClaim | undefined,
): { readonly document: AwsAuthDocument; readonly isClaimed: boolean } {
  const without = dropClaims(document, replaced);
  if (wanted === undefined) {
    return { document: without, isClaimed: false };
  }
  const claimed = addClaim(without, { entry, ...wanted });
  const { bytes } = claimed.record;
  const isFull = bytes > maxRecordBytes && bytes > document.record.bytes;
  return isFull ? { document: without, isClaimed: false } : { document: claimed, isClaimed: true };
}

/** Whether the record has room for another claim on an entry. */
export function hasRoomFor(document: AwsAuthDocument, label: string, entry: Entry | undefined): boolean {
  const wanted = { id: "0".repeat(idLength), label, isFound: false };
  return entry === undefined || replaceClaims(document, [], entry, wanted).isClaimed;
}
