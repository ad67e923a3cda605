import type { Claim, EntryPlan } from "../../ownership";

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
  readonly isOfCreate: boolean;
}

/**
 * The label of the claim to be made on an entry; undefined: none.
 *
 * @param isNew whether the entry is one that the resource had not before.
 */
export function labelOn(
  { label, isWanted, isOfCreate }: LabelledId,
  { own, standing, namesakes }: Pick<EntryPlan<unknown, unknown, Claim>, "own" | "standing" | "namesakes">,
  isInSync: boolean,
  isNew: boolean,
): string | undefined {
  // A create that has an earlier entry replaces a resource, which may be deleted by another process.
  const isJoining = isNew ? isInSync : isOfCreate && own !== undefined;
  // A delete takes what an interrupted run has left with its own claim.
  const isKept = standing.own.some(({ isFound }) => isFound) || namesakes.length > 0;
  return isWanted === true || (isWanted === "joining" && (isJoining || isKept)) ? label : undefined;
}
