import {
  type AwsAuthDocument,
  addClaim,
  type Claim,
  type ClaimedPart,
  covers,
  dropClaims,
  type Entry,
} from "../document";
import { type Claimant, someClaimId, type WantedClaim } from "../ownership";
import type { Declaration } from "../session/declarations";
import type { ResourceState } from "./state";

/**
 * In `check`, which gets no ID.
 *
 * @param isKnown whether the resource is in the state. A new one has no claim, even if a claim has its name.
 */
export function claimantInCheck({ claim: { stem, owner } }: ResourceState, isKnown: boolean): Claimant {
  return { id: undefined, stem, label: isKnown ? owner : undefined };
}

/**
 * In `diff`, `create` and `update`.
 *
 * @param declaration the resource's own, in a create.
 */
export function claimantInWrite(
  id: string | undefined,
  { claim: { stem, owner } }: ResourceState,
  declaration?: Declaration,
): Claimant {
  const isReplacing = declaration !== undefined && (declaration.isReplacement || declaration.previous !== undefined);
  return { id, stem, siblings: declaration?.siblings, label: isReplacing ? owner : undefined };
}

/** In a read or a delete. Without an ID (version 0.1.0), all claims count as those of others. */
export function claimantOfState({ claim: { id } }: ResourceState): Claimant {
  return { id };
}

/** The claims that cover any of the entries. */
export function claimsOver(claims: readonly Claim[], entries: readonly Entry[]): readonly Claim[] {
  return claims.filter((claim) => entries.some((entry) => covers(claim, entry)));
}

/**
 * The maximum size of the record, in bytes. Kubernetes allows 256 KiB for all annotations of an object, and `kubectl apply` stores
 * a copy of the whole object in another annotation.
 */
const maxRecordBytes = 128 * 1024;

/** A claim to be made on an entry of aws-auth. */
export interface WantedLine extends WantedClaim {
  /** The part of the entry that it covers. Default: all of it. */
  readonly part?: ClaimedPart;
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
  wanted: WantedLine | undefined,
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
  const wanted = { id: someClaimId, label, isFound: false };
  return entry === undefined || replaceClaims(document, [], entry, wanted).isClaimed;
}
