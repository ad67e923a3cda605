import type { Claim } from "../../ownership";

/** The claim to be made. */
export interface LabelledId {
  /** One for all attempts, so that an earlier attempt with an unknown outcome is recognized. */
  readonly id: string;
  /** Undefined if a program without the SDK wants none. */
  readonly label: string | undefined;
  /**
   * Whether the settings want a claim: `joining`: only on an entry that is there already. It may be that of a resource which another process
   * of this run deletes, or the next run, such as its own under an earlier name or with another provider, and which only a claim keeps from
   * going. Such a claim, and one beside what an interrupted run has left, stay until the delete; others go with the next write.
   */
  readonly isWanted: boolean | "joining";
  /** Whether a create makes it. */
  readonly isOfCreate: boolean;
}

/** An entry that gets a claim. */
interface ClaimedEntry {
  /** Whether it is there. */
  readonly isThere: boolean;
  /** Whether it is there, and as the resource wants it. */
  readonly isInSync: boolean;
  /** Whether it is one that the resource had not before. */
  readonly isNew: boolean;
  /** The resource's own claims. */
  readonly own: readonly Claim[];
  /** Those that an interrupted run has left, which a delete takes with its own. */
  readonly left: readonly Claim[];
}

/** The label of the claim to be made on an entry; undefined: none. */
export function labelOn(
  { label, isWanted, isOfCreate }: LabelledId,
  { isThere, isInSync, isNew, own, left }: ClaimedEntry,
): string | undefined {
  // A create that has an earlier entry replaces a resource, which may be deleted by another process.
  const isJoining = isNew ? isInSync : isOfCreate && isThere;
  const isKept = own.some(({ isFound }) => isFound) || left.length > 0;
  return isWanted === true || (isWanted === "joining" && (isJoining || isKept)) ? label : undefined;
}
