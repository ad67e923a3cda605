import type { AuthenticationMode } from "../accessEntries/accessEntry";
import { hasStemOf } from "../claims";
import { isSameContent } from "./facts";
import {
  type Content,
  type Decision,
  isClaimedBy,
  type Me,
  otherPlace,
  type PlaceName,
  placeNames,
  seenIn,
  type View,
} from "./types";

/** The places in which a mode stores a mapping. */
export function placesOf(mode: AuthenticationMode): readonly PlaceName[] {
  return mode === "API_AND_CONFIG_MAP" ? placeNames : mode === "API" ? ["entries"] : ["map"];
}

/** Whether the cluster ignores a place: aws-auth in mode `API`. Its content is then left unchanged. */
export function isWithoutEffect(place: PlaceName, clusterMode: AuthenticationMode | undefined): boolean {
  return place === "map" && clusterMode === "API";
}

/** A change of places in one `up`: `in` adds the entry to one place, `out` releases it in one. The place `stays` keeps its entry. */
export interface Step {
  readonly kind: "in" | "out";
  readonly stays: PlaceName;
}

/** Why a mapping cannot have its mode, or cannot change to it in this `up`. `messages.ts` has one sentence for each code. */
export type StepRefusal =
  /** The cluster does not read the places of this mode; the error proposes the cluster's own mode. */
  | { readonly code: "clusterMode"; readonly mode: AuthenticationMode; readonly clusterMode: AuthenticationMode }
  /** The change takes two steps. `first` is the mode of the first step. */
  | { readonly code: "twoSteps"; readonly mode: AuthenticationMode; readonly first: AuthenticationMode }
  /** The content changes in the same `up`; it must be applied with the earlier mode first. */
  | { readonly code: "contentChanges" }
  /** `ignoreChanges` covers the username or the groups, so the two places might get different content. */
  | { readonly code: "contentIgnored" }
  /** The place that is kept has a pending write, which an `up` with the earlier mode must do first. */
  | { readonly code: "staysFirst"; readonly stays: PlaceName }
  /** The entry in the place that is kept differs from the state, or is not claimed by this resource. */
  | { readonly code: "staysUnproven"; readonly stays: PlaceName }
  /** The place that is kept has several entries for the principal; `adopt: true` reduces them to one. */
  | { readonly code: "staysDuplicate"; readonly stays: PlaceName }
  /** This run wrote the entry that is kept, so it is not proven yet that it grants access; `up` must run again. */
  | { readonly code: "justWritten"; readonly stays: PlaceName }
  /** An interrupted create of this resource left its claim in a place outside its mode; `up` must run once with both places. */
  | { readonly code: "leftBehind"; readonly place: PlaceName };

/** Checks that a cluster in its mode reads the places of a mapping's mode. Accepts an unknown cluster mode. */
export function checkClusterMode(
  mode: AuthenticationMode,
  clusterMode: AuthenticationMode | undefined,
): StepRefusal | undefined {
  return clusterMode === undefined || clusterMode === "API_AND_CONFIG_MAP" || clusterMode === mode
    ? undefined
    : { code: "clusterMode", mode, clusterMode };
}

/**
 * The step from the places of the old mode to those of the new one. Undefined if the places do not change, or if the
 * only place to leave is a map that the cluster ignores: then only the access entry matters.
 *
 * @param from empty in a create.
 */
export function planStep(
  from: readonly PlaceName[],
  mode: AuthenticationMode,
  clusterMode: AuthenticationMode | undefined,
): Step | Extract<StepRefusal, { code: "twoSteps" }> | undefined {
  const to = placesOf(mode);
  const enters = to.find((place) => !from.includes(place));
  const leaves = from.find((place) => !to.includes(place));
  if (from.length === 0 || (leaves !== undefined && isWithoutEffect(leaves, clusterMode))) {
    return undefined;
  }
  if (enters !== undefined && leaves !== undefined) {
    return { code: "twoSteps", mode, first: "API_AND_CONFIG_MAP" };
  }
  const changes = enters ?? leaves;
  return changes && { kind: enters === undefined ? "out" : "in", stays: otherPlace(changes) };
}

/** What `check` knows about a mapping whose mode changes. */
export interface ModeChange {
  readonly before: Content;
  readonly after: Content;
  /** Whether `ignoreChanges` covers the username or the groups. */
  readonly ignoresContent: boolean;
  /** The decision for the place that is kept. */
  readonly staying: Decision;
}

/** Returns why `check` refuses a step, which may change only the places. {@link checkOut} adds rules for a step out. */
export function checkStep({ kind, stays }: Step, change: ModeChange): StepRefusal | undefined {
  const { before, after, ignoresContent, staying } = change;
  if (!isSameContent(before, after)) {
    return { code: "contentChanges" };
  }
  if (ignoresContent) {
    return { code: "contentIgnored" };
  }
  return kind === "out" || staying.kind === "same" ? undefined : { code: "staysFirst", stays };
}

/** What a step out knows about the place that is kept, in `check` and again before the release. */
export interface Staying extends Pick<Me, "id" | "stateId"> {
  readonly stays: PlaceName;
  readonly view: View;
  /** The content in the state. */
  readonly previous: Content;
  /** Whether this run wrote the entry of the principal in that place. */
  readonly isJustWritten: boolean;
}

/** Returns why a place must not be released: the entry in the other place has to exist already and to be claimed by this resource. */
export function checkOut({ stays, view, previous, isJustWritten, ...me }: Staying): StepRefusal | undefined {
  const [entry, ...more] = seenIn(view).entries;
  if (more.length > 0) {
    return { code: "staysDuplicate", stays };
  }
  if (entry === undefined || !isClaimedBy(view, me) || !isSameContent(entry.content, previous)) {
    return { code: "staysUnproven", stays };
  }
  return isJustWritten ? { code: "justWritten", stays } : undefined;
}

/**
 * Whether a place outside the mode has a claim of this resource, left by an interrupted step. An update releases it. A
 * create, whose ID is new, recognizes it by the stem and is refused.
 */
export function isLeftBehind(view: View, me: Omit<Me, "owner">, isCreate: boolean): boolean {
  const isByStem = seenIn(view).claims.some((claim) => hasStemOf(claim, me.id));
  return isClaimedBy(view, me) || (isCreate && isByStem);
}
