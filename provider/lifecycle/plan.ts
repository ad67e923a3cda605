import { sameContent } from "../mapping";
import { decide } from "./decide";
import { isWithoutEffect, type ModeChange, modeRefusal, modeRows } from "./mode";
import { decideRelease } from "./release";
import {
  type Accepted,
  type AcceptedRelease,
  type Before,
  hasClaimOf,
  isClaimedBy,
  type Me,
  otherPlace,
  type PlaceName,
  placeNames,
  type Refusal,
  type Situation,
  sightOf,
  type Views,
  type Want,
} from "./types";

/** What one place gets: the decision on the entry that it stores, or on the entry that it loses. */
export type Step = { readonly place: PlaceName } & (
  | { readonly write: Accepted; readonly release?: undefined }
  | { readonly release: AcceptedRelease; readonly write?: undefined }
);

/** What a create, an update or a delete does, in this order. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Why the mapping does not get what the program declares. The steps are then only those that the next `up` relies on. */
  readonly refusal?: Refusal;
}

/**
 * Plans a create or an update. Pure: `check` prints the plan for the live entries; `create` and `update` carry it out, and plan again for
 * each version of a place that they replace.
 *
 * @param before undefined for a create. `check` has the places of the old inputs, `update` those that the last run reached.
 * @param change the mode change that the program declares, which only `check` restricts.
 * @param rows a parameter for the test that mutates each row.
 */
export function planOf(
  want: Want,
  before: Before | undefined,
  me: Me,
  views: Views,
  situation: Situation,
  change: ModeChange = { kind: "none" },
  rows = modeRows,
): Plan {
  const writes: Step[] = [];
  for (const place of want.places) {
    const previous = before?.places.includes(place) ? before.content : undefined;
    const write = decide(want, previous, me, sightOf(views, place));
    if (write.kind === "refused") {
      return { steps: [], refusal: write };
    }
    writes.push({ place, write });
  }
  const left = placeNames.find((place) => !want.places.includes(place));
  const isStored = left !== undefined && before?.places.includes(left) === true;
  const leaves = isStored && !isWithoutEffect(left, situation.clusterMode);
  const stays = "stays" in change ? change.stays : left === undefined ? "map" : otherPlace(left);
  const kept = writes.filter(({ place }) => place === stays);
  const leaving = { change, leaves, stays, staying: kept[0]?.write };
  const refusal = modeRefusal(leaving, want, before, me, views, situation, rows);
  if (refusal !== undefined) {
    return { steps: leaves ? kept : [], refusal };
  }
  const isLeftBehind = left !== undefined && !isStored && isClaimedBy(views[left], me);
  if (left === undefined || before === undefined || !(leaves || isLeftBehind)) {
    return { steps: writes };
  }
  const release = decideRelease(before, me.id, sightOf(views, left), situation);
  if (release.kind === "refused") {
    return { steps: [], refusal: release };
  }
  // What an interrupted run left is removed only after the entry is in the places of the mode.
  const step = { place: left, release };
  return { steps: leaves ? [step, ...writes] : [...writes, step] };
}

/** Plans a delete in the places of the state, and wherever the resource has a claim, which an import lacks until its next update. */
export function planDelete(before: Before, id: string | undefined, views: Views, situation: Situation): Plan {
  const steps: Step[] = [];
  for (const place of placeNames) {
    if (before.places.includes(place) || hasClaimOf(views[place], id)) {
      const release = decideRelease(before, id, sightOf(views, place), situation);
      if (release.kind === "refused") {
        return { steps: [], refusal: release };
      }
      steps.push({ place, release });
    }
  }
  return { steps };
}

export function writeIn({ steps, refusal }: Plan, place: PlaceName): Accepted | Refusal {
  const decision = steps.find((step) => step.place === place)?.write ?? refusal;
  if (decision === undefined) {
    throw new Error(`The plan writes nothing to ${place}`);
  }
  return decision;
}

/** The decision of a plan on the entry that a place loses: none, if a newer version no longer has the entry or the claim. */
export function releaseIn({ steps, refusal }: Plan, place: PlaceName): AcceptedRelease | Refusal {
  const decision = steps.find((step) => step.place === place)?.release ?? refusal;
  return decision ?? { kind: "nothing", removes: [], drops: [], notes: [] };
}

/**
 * The places that have the entry of the outputs after a part of a plan. Leaves out a place whose content differs, since its entry is then
 * recognized by the claim. A place that was kept while another one was released is proven to have the content of the state: if the map was
 * released and the write of the access entry failed, the access entry is there.
 */
export function placesAfter(done: readonly Step[], want: Want, before: Before | undefined): readonly PlaceName[] {
  const written = done.flatMap(({ place, write }) => (write === undefined ? [] : place));
  const released = done.flatMap(({ place, release }) => (release === undefined ? [] : place));
  const isSame = before !== undefined && (written.length === 0 || sameContent(before.content, want.content));
  const isKept = (place: PlaceName) =>
    !released.includes(place) && (released.length > 0 || before?.places.includes(place) === true);
  return placeNames.filter((place) => written.includes(place) || (isSame && isKept(place)));
}
