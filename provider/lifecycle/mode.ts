import type { AuthenticationMode } from "../accessEntries/accessEntry";
import { ignores, sameContent } from "../mapping";
import { firstRow, type When } from "./facts";
import {
  type Accepted,
  type Before,
  isClaimedBy,
  type Me,
  type ModeRefusal,
  otherPlace,
  type PlaceName,
  placeNames,
  type Situation,
  seenOrNothing,
  type Views,
  type Want,
} from "./types";

export function placesOf(mode: AuthenticationMode): readonly PlaceName[] {
  return mode === "API_AND_CONFIG_MAP" ? placeNames : mode === "API" ? ["entries"] : ["map"];
}

export function modeOf(places: readonly PlaceName[]): AuthenticationMode {
  const isInMap = places.includes("map");
  return places.includes("entries") ? (isInMap ? "API_AND_CONFIG_MAP" : "API") : "CONFIG_MAP";
}

/** Whether the cluster ignores a place: aws-auth in mode `API`. Its content is then left unchanged. */
export function isWithoutEffect(place: PlaceName, clusterMode: AuthenticationMode | undefined): boolean {
  return place === "map" && clusterMode === "API";
}

/**
 * One mode change: `in` adds a place, `out` removes one; `stays` is the place that is kept. `none` also
 * if the only place to leave is a map that the cluster ignores: then only the access entry matters.
 */
export type ModeChange =
  | { readonly kind: "none" | "create" }
  | { readonly kind: "in" | "out"; readonly stays: PlaceName };

/** The change to the places of a mode, as far as the modes allow it. Accepts an unknown cluster mode. */
export function modeChangeOf(
  from: readonly PlaceName[],
  to: readonly PlaceName[],
  clusterMode: AuthenticationMode | undefined,
): ModeChange | ModeRefusal {
  const refusal = { kind: "refused", mode: modeOf(to), clusterMode, stays: to[0] ?? "map" } as const;
  if (clusterMode !== undefined && clusterMode !== "API_AND_CONFIG_MAP" && clusterMode !== refusal.mode) {
    return { ...refusal, code: "clusterMode" };
  }
  if (from.length === 0) {
    return { kind: "create" };
  }
  const enters = to.find((place) => !from.includes(place));
  const leaves = from.find((place) => !to.includes(place));
  if (enters !== undefined && leaves !== undefined && !isWithoutEffect(leaves, clusterMode)) {
    return { ...refusal, code: "twoSteps" };
  }
  const changes = leaves ?? enters;
  return changes === undefined || isWithoutEffect(changes, clusterMode)
    ? { kind: "none" }
    : { kind: leaves === undefined ? "in" : "out", stays: otherPlace(changes) };
}

export interface ModeCells {
  readonly change: ModeChange["kind"];
  readonly contentChanges: boolean;
  /** Whether `ignoreChanges` covers the username or the groups, so that the two places might get different content. */
  readonly contentIgnored: boolean;
  /** Whether the place that is kept has a pending write, other than one that restores an entry with the content of the state. */
  readonly pending: boolean;
  /** Whether the entry in the other place is released. */
  readonly leaves: boolean;
  /** Whether the place that is kept has one entry with the content of the state and a claim of this resource, several entries, or a dead one. */
  readonly stays: "proven" | "unproven" | "several" | "recreated" | "absent";
  /** Whether this run wrote the entry in the kept place, so that it is not yet known to grant access. */
  readonly justWritten: boolean;
  /** Whether a place outside the mode has a claim that an interrupted create of this resource left. */
  readonly leftBehind: boolean;
}

export interface ModeRow {
  readonly row: string;
  readonly when: When<ModeCells>;
  readonly code: ModeRefusal["code"];
}

/** A mode change changes only the places. A place is left only if the entry in the other one is proven. */
export const modeRows: readonly ModeRow[] = [
  {
    row: "the content changes too",
    when: { change: ["in", "out"], contentChanges: [true] },
    code: "contentChanges",
  },
  {
    row: "the content is ignored",
    when: { change: ["in", "out"], contentIgnored: [true] },
    code: "contentIgnored",
  },
  {
    row: "into a place while the other one has a pending write",
    when: { change: ["in"], pending: [true] },
    code: "staysFirst",
  },
  {
    row: "out of a place while the other one has several entries",
    when: { leaves: [true], stays: ["several"] },
    code: "staysDuplicate",
  },
  {
    row: "out of aws-auth while the role was recreated after its access entry",
    when: { leaves: [true], stays: ["recreated"] },
    code: "staysDead",
  },
  {
    row: "out of aws-auth while IAM does not have the role of the access entry",
    when: { leaves: [true], stays: ["absent"] },
    code: "staysNoRole",
  },
  {
    row: "out of a place while the entry in the other one is not proven",
    when: { leaves: [true], stays: ["unproven"] },
    code: "staysUnproven",
  },
  {
    row: "out of a place while this run wrote the other one",
    when: { leaves: [true], justWritten: [true] },
    code: "justWritten",
  },
  {
    row: "a create next to what an interrupted create left",
    when: { change: ["create"], leftBehind: [true] },
    code: "leftBehind",
  },
];

/** What a plan is about to do with the places. */
export interface Leaving {
  /** The mode change that the program declares. An update has none, since its places are those that the last run reached. */
  readonly change: ModeChange;
  readonly leaves: boolean;
  readonly stays: PlaceName;
  readonly staying: Accepted | undefined;
}

/** Why the places are refused, by the first matching row. */
export function modeRefusal(
  { change, leaves, stays, staying }: Leaving,
  want: Want,
  before: Before | undefined,
  me: Me,
  views: Views,
  { clusterMode, justWritten }: Situation,
  rows: readonly ModeRow[],
): ModeRefusal | undefined {
  const { entries } = seenOrNothing(views[stays]);
  const isOld = before !== undefined && entries.some(({ content }) => sameContent(content, before.content));
  const isMine = isClaimedBy(views[stays], me);
  const left = otherPlace(stays);
  const isReordered = entries.length > 1 && isOld && isMine;
  const cells = {
    change: change.kind,
    contentChanges: before !== undefined && !sameContent(before.content, want.content),
    contentIgnored: ignores(want.ignored, "username") || ignores(want.ignored, "groups"),
    pending: staying?.kind !== "same" && !(staying?.kind === "write" && isReordered),
    leaves,
    stays: entries.length > 1 ? "several" : (entries[0]?.death?.kind ?? (isOld && isMine ? "proven" : "unproven")),
    justWritten: justWritten.includes(stays),
    leftBehind: !want.places.includes(left) && isClaimedBy(views[left], me, true),
  } as const;
  const code = firstRow(rows, cells)?.code;
  return code && { kind: "refused", code, mode: modeOf(want.places), clusterMode, stays };
}
