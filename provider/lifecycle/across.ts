import type { AuthenticationMode } from "../accessEntries/authenticationMode";
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

/** Where a mode stores a mapping. */
export function placesOf(mode: AuthenticationMode): readonly PlaceName[] {
  return mode === "API_AND_CONFIG_MAP" ? placeNames : mode === "API" ? ["entries"] : ["map"];
}

/** Whether the cluster does not read a place: aws-auth in mode `API`. What is there is left as it is. */
export function isWithoutEffect(place: PlaceName, clusterMode: AuthenticationMode | undefined): boolean {
  return place === "map" && clusterMode === "API";
}

/** A change of places that one `up` may make: `in` adds the entry in one place and `out` releases it, while the one in `stays` remains. */
export interface Step {
  readonly kind: "in" | "out";
  readonly stays: PlaceName;
}

/** Why a mapping cannot have its mode, or cannot get it in this `up`. `messages.ts` has one sentence for each. */
export type StepRefusal =
  /** The cluster does not read the places of the mode. Its own mode is the one to set instead. */
  | { readonly code: "clusterMode"; readonly mode: AuthenticationMode; readonly clusterMode: AuthenticationMode }
  /** The change takes two steps. `first` is the mode of the first one. */
  | { readonly code: "twoSteps"; readonly mode: AuthenticationMode; readonly first: AuthenticationMode }
  /** The content changes in the same `up`: first run it with the earlier mode. */
  | { readonly code: "contentChanges" }
  /** `ignoreChanges` names a property of the content, so that the two places may differ. */
  | { readonly code: "contentIgnored" }
  /** The place that stays has something to write before another one is added: first run `up` with the earlier mode. */
  | { readonly code: "staysFirst"; readonly stays: PlaceName }
  /** The entry that stays when a place is left is not the one in the state, or is not this resource's. */
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
    : { code: "clusterMode", mode, clusterMode };
}

/**
 * The step from the places of the old mode to those of a mode. Undefined if the places stay, and if a map without effect is left as it is:
 * then the access entry is decided on alone.
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

/** Why `check` refuses a step: a step may change only the places. {@link checkOut} has more rules for a step out. */
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

/** What a step out of a place knows of the one that stays, in `check` and again before the release. */
export interface Staying {
  readonly stays: PlaceName;
  readonly view: View;
  /** The content in the state. */
  readonly previous: Content;
  readonly id: string;
  /** Whether this run wrote its entry of the principal. */
  readonly isJustWritten: boolean;
}

/** What speaks against releasing the place that is left: the entry that stays has to be there already, and to be this resource's. */
export function checkOut({ stays, view, previous, id, isJustWritten }: Staying): StepRefusal | undefined {
  const [entry, ...more] = seenIn(view).entries;
  if (more.length > 0) {
    return { code: "staysDuplicate", stays };
  }
  if (entry === undefined || !isClaimedBy(view, id) || !isSameContent(entry.content, previous)) {
    return { code: "staysUnproven", stays };
  }
  return isJustWritten ? { code: "justWritten", stays } : undefined;
}

/**
 * Whether a place that the mode does not want has a claim of this resource, from a killed step. An update releases it. A create, whose ID
 * is new, finds it by the stem, and is refused.
 */
export function isLeftBehind(view: View, { id, stem }: Pick<Me, "id" | "stem">, isCreate: boolean): boolean {
  const isByStem = seenIn(view).claims.some((claim) => claim.id?.startsWith(`${stem}.`));
  return isClaimedBy(view, id) || (isCreate && isByStem);
}
