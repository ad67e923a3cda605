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
