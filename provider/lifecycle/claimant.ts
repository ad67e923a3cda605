import type { ResourceState } from "./state";

/**
 * Who makes a claim. The engine tells each operation something else of a resource, so each finds its claimant in its own way: `check`
 * is given old inputs, which have no ID; `diff` and `update` are given outputs and know the program; `create` knows the program alone;
 * and a read or a delete has only the outputs.
 */
export interface Claimant {
  /** The ID in the resource's outputs; undefined in `check`, for a state of 0.1.0, and for what is not created yet. */
  readonly id: string | undefined;
  /** The resource's label in the record. In place of an ID it tells the resource's own claim. */
  readonly label: string | undefined;
}

/**
 * In `check`.
 *
 * @param isKnown whether the resource is in the state. One that is new has no claim, whoever bears its name.
 */
export function claimantInCheck(label: string | undefined, isKnown: boolean): Claimant {
  return { id: undefined, label: isKnown ? label : undefined };
}

/**
 * In `diff`. Where the state has no ID, as one of 0.1.0, a claim under the resource's label is its own, made by a run that was killed
 * before the state knew of it, unless another resource of the program bears that label.
 */
export function claimantInDiff(id: string | undefined, label: string | undefined, isLabelShared: boolean): Claimant {
  return id === undefined && isLabelShared ? { id, label: undefined } : { id, label };
}

/**
 * In `create` and `update`.
 *
 * @param id of the claim that is about to be made.
 * @param isInState whether the state has the resource without an ID, so that its earlier claim is told by the label, as in `diff`.
 */
export function claimantInWrite(
  id: string,
  label: string | undefined,
  isInState: boolean,
  isLabelShared: boolean,
): Claimant {
  return isInState ? claimantInDiff(undefined, label, isLabelShared) : { id, label };
}

/** In a read or a delete. Without an ID, as in a state of 0.1.0, every claim counts as somebody else's. */
export function claimantOfState({ claim: { id, owner } }: ResourceState): Claimant {
  return { id, label: id === undefined ? undefined : owner };
}
