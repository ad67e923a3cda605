import type { AuthenticationMode } from "../accessEntries/authenticationMode";
import { isSameContent } from "./facts";
import { type Content, type Decision, type PlaceName, placeNames, type View } from "./types";

/** Where a mode stores a mapping. */
export function placesOf(mode: AuthenticationMode): readonly PlaceName[] {
  return mode === "API_AND_CONFIG_MAP" ? placeNames : mode === "API" ? ["entries"] : ["map"];
}

/** A change of places, as one of the steps that one `up` may take. */
export type Step =
  | { readonly kind: "none" }
  /** Adds the entry in `place`, while the one in `stays` remains. */
  | { readonly kind: "in"; readonly place: PlaceName; readonly stays: PlaceName }
  /** Releases the entry in `place`, while the one in `stays` remains. */
  | { readonly kind: "out"; readonly place: PlaceName; readonly stays: PlaceName }
  /** Decides on the access entry alone, since the map has no effect any more and is left as it is. */
  | { readonly kind: "mapIgnored" };

/** Why a mapping cannot have its mode, or cannot get it in this `up`. `messages.ts` has one sentence for each. */
export type StepRefusal =
  /** The cluster does not read the places of the mode. `set` is the one to set instead. */
  | {
      readonly code: "clusterMode";
      readonly mode: AuthenticationMode;
      readonly clusterMode: AuthenticationMode;
      readonly set: AuthenticationMode;
    }
  /** The change takes two steps. `first` is the mode of the first one. */
  | { readonly code: "twoSteps"; readonly mode: AuthenticationMode; readonly first: AuthenticationMode }
  /** The content changes in the same `up`: first run it with the earlier mode. */
  | { readonly code: "contentChanges" }
  /** `ignoreChanges` names a property of the content, so that the two places may differ. */
  | { readonly code: "contentIgnored" }
  /** The place that stays has something to write: first run `up` with the earlier mode. */
  | { readonly code: "staysFirst"; readonly stays: PlaceName }
  /** The entry that stays is not the one in the state, or is not this resource's. */
  | { readonly code: "staysUnproven"; readonly stays: PlaceName }
  /** The place that stays has several entries of the principal, which `adopt: true` reduces to one. */
  | { readonly code: "staysDuplicate"; readonly stays: PlaceName }
  /** This run wrote the entry that stays, so that nothing proves yet that it gives access: run `up` again. */
  | { readonly code: "justWritten"; readonly stays: PlaceName }
  /** A killed create of this resource left its claim in a place that the mode does not want: run once with both. */
  | { readonly code: "leftBehind"; readonly place: PlaceName };

/** Whether a cluster in its mode reads the places of a mapping's mode. What is not known refuses nothing. */
export function checkClusterMode(
  mode: AuthenticationMode,
  clusterMode: AuthenticationMode | undefined,
): StepRefusal | undefined {
  return clusterMode === undefined || clusterMode === "API_AND_CONFIG_MAP" || clusterMode === mode
    ? undefined
    : { code: "clusterMode", mode, clusterMode, set: clusterMode };
}

/**
 * The step from the places that were reached to those of a mode.
 *
 * @param from the places of the old mode in `check`, and those that the outputs name in an update; empty in a create.
 */
export function planStep(
  from: readonly PlaceName[],
  mode: AuthenticationMode,
  clusterMode: AuthenticationMode | undefined,
): Step | Extract<StepRefusal, { code: "twoSteps" }> {
  const to = placesOf(mode);
  const enters = to.find((place) => !from.includes(place));
  const leaves = from.find((place) => !to.includes(place));
  if (from.length === 0 || (enters === undefined && leaves === undefined)) {
    return { kind: "none" };
  }
  if (leaves === "map" && clusterMode === "API") {
    return { kind: "mapIgnored" };
  }
  if (enters !== undefined && leaves !== undefined) {
    return { code: "twoSteps", mode, first: "API_AND_CONFIG_MAP" };
  }
  return enters !== undefined
    ? { kind: "in", place: enters, stays: otherPlace(enters) }
    : { kind: "out", place: otherPlace(to[0] ?? "map"), stays: to[0] ?? "map" };
}

/** What `check` knows of a mapping whose mode changes. */
export interface ModeChange {
  /** The content of the old inputs. */
  readonly before: Content;
  readonly after: Content;
  /** Whether `ignoreChanges` names the username or the groups. */
  readonly ignoresContent: boolean;
  /** What is decided for the place that stays. */
  readonly staying: Decision;
}

/** What speaks against any step but `mapIgnored`, in `check`: it does nothing else than change places. */
export function checkStep(step: Step, { before, after, ignoresContent, staying }: ModeChange): StepRefusal | undefined {
  if (step.kind === "none" || step.kind === "mapIgnored") {
    return undefined;
  }
  if (!isSameContent(before, after)) {
    return { code: "contentChanges" };
  }
  if (ignoresContent) {
    return { code: "contentIgnored" };
  }
  return staying.kind === "same" ? undefined : { code: "staysFirst", stays: step.stays };
}

/** What a step out of a place knows of the one that stays, in `check` and again before the release. */
export interface Staying {
  readonly stays: PlaceName;
  readonly view: View;
  /** The content in the state. */
  readonly previous: Content;
  readonly id: string | undefined;
  /** Whether this run wrote its entry of the principal. */
  readonly isJustWritten: boolean;
}

/** What speaks against releasing the place that is left: the entry that stays has to be there already, and to be this resource's. */
export function checkOut({ stays, view, previous, id, isJustWritten }: Staying): StepRefusal | undefined {
  const [entry, ...more] = view === "unknown" ? [] : view.entries;
  const isMine = view !== "unknown" && id !== undefined && view.claims.some((claim) => claim.id === id);
  if (more.length > 0) {
    return { code: "staysDuplicate", stays };
  }
  if (entry === undefined || !isMine || !isSameContent(entry.content, previous)) {
    return { code: "staysUnproven", stays };
  }
  return isJustWritten ? { code: "justWritten", stays } : undefined;
}

/**
 * Whether a place that the mode does not want has a claim of this resource, from a killed step. An update releases it. A create, whose ID
 * is new, is refused by the stem.
 */
export function checkLeftBehind(
  place: PlaceName,
  view: View,
  { id, stem, isCreate }: { readonly id: string | undefined; readonly stem: string; readonly isCreate: boolean },
): "none" | "release" | Extract<StepRefusal, { code: "leftBehind" }> {
  const ids = view === "unknown" ? [] : view.claims.map((claim) => claim.id);
  const isMine = id !== undefined && ids.includes(id);
  if (isCreate) {
    return isMine || ids.some((each) => each?.startsWith(`${stem}.`)) ? { code: "leftBehind", place } : "none";
  }
  return isMine ? "release" : "none";
}

export function otherPlace(place: PlaceName): PlaceName {
  return place === "map" ? "entries" : "map";
}
