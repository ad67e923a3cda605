import type { dynamic } from "@pulumi/pulumi";
import { claimsOf, stemIn } from "../claims";
import { stateOf } from "../cluster/clusterRef";
import { type Content, sameContent, shownContent } from "../mapping";
import { describeSubject, refusalError } from "./messages";
import { isWithoutEffect, type ModeChange, modeChangeOf } from "./mode";
import { type Observed, observe, reportIamRefusal } from "./observe";
import type { LocatedMapping } from "./places/place";
import { planOf } from "./plan";
import { reportPlan, reportShown } from "./planReports";
import type { PlanProperties } from "./properties";
import { type Run, reportGone } from "./run";
import { beforeOf, outputsOf, type ResourceState, stored, wantOf, withCluster, withContent } from "./state";
import { hasClaimOf, type ModeRefusal, type PlaceName, placeNames, seenOrNothing, type View } from "./types";

/**
 * Reads the current content of the resource's entry; returns no ID if it is gone. Also returns differences as inputs,
 * so that a refresh shows a manual change per property. Never writes.
 *
 * What else a preview would restore or refuse is the output `drift`: {@link diff} treats it as a change, and the next update or read drops it.
 * It is never an input, since a preview could not show it once a refresh has stored it.
 *
 * @param urn undefined for a dynamic resource, which does not get it.
 */
export async function read(run: Run, id: string, state: ResourceState, urn?: string): Promise<dynamic.ReadResult> {
  const { mapping } = state;
  if (mapping === undefined) {
    return { id, props: { ...state.properties } };
  }
  try {
    return await readPlaces(run, id, state, mapping, urn);
  } catch (error) {
    await reportGone(error);
    return { id: "", props: {} };
  }
}

async function readPlaces(
  run: Run,
  id: string,
  state: ResourceState,
  mapping: LocatedMapping,
  urn: string | undefined,
): Promise<dynamic.ReadResult> {
  const { ref, session } = await run.locateStored(state.cluster);
  const observed = await observe(run, session, mapping, state, state.places);
  const { views, situation } = observed;
  await reportIamRefusal(session);
  const isIgnored = (place: PlaceName) => isWithoutEffect(place, situation.clusterMode);
  const kept = placeNames.filter((place) => {
    // The state keeps its record of a map that the cluster ignores.
    const isThere = isIgnored(place) || seenOrNothing(views[place]).entries.length > 0;
    return isThere && (state.places.includes(place) || hasClaimOf(views[place], state.claimId));
  });
  const places = placeNames.filter((place) => state.places.includes(place) || kept.includes(place));
  const compared = { ...state, places: places.filter((place) => !isIgnored(place)) };
  const change = modeChangeOf(places, places, situation.clusterMode);
  const drift = await reportDrift(compared, mapping, observed, change, urn);
  if (kept.length === 0 || (kept.length < state.places.length && kept.every(isIgnored))) {
    return { id: "", props: {} };
  }
  const outputs = outputsOf(withCluster(state, stateOf(ref)), kept);
  // An access entry takes precedence.
  const isEntry = kept.includes("entries");
  const live = ownContent(views[isEntry ? "entries" : "map"], mapping, state.claimId, isEntry);
  if (!sameContent(live, mapping)) {
    const props = withContent(outputs, shownContent(live, mapping));
    return { id, props: { ...props }, inputs: stored(props) };
  }
  return { id, props: { ...outputs, ...drift } };
}

/** The content of the resource's own entry, or that of the state: a state that stored the content of others would adopt their entry. */
function ownContent(view: View, inState: Content, id: string | undefined, isEntry: boolean): Content {
  const { entries, claims, foreign } = seenOrNothing(view);
  const [entry, ...more] = entries;
  // An access entry always has the tag of its owner.
  const isClaimed = claims.length > 0 || (isEntry && id !== undefined);
  const isOfOthers = foreign !== undefined || (isClaimed && claimsOf(claims, id).length === 0);
  return entry === undefined || more.length > 0 || isOfOthers ? inState : entry.content;
}

/** Reports what the preview of an unchanged program reports, and returns the drift that it shows. */
async function reportDrift(
  state: ResourceState,
  mapping: LocatedMapping,
  { views, situation }: Observed,
  change: ModeChange | ModeRefusal,
  urn: string | undefined,
): Promise<PlanProperties> {
  const me = { id: state.claimId ?? "", owner: "" };
  const { steps, refusal } =
    change.kind === "refused"
      ? { steps: [], refusal: change }
      : planOf(wantOf(state, mapping), beforeOf(state), me, views, situation);
  const subject = describeSubject(mapping);
  const of = { urn, id: state.claimId && stemIn(state.claimId) };
  // No property of a refresh shows what adopt: true would change.
  const { adoption, drift = adoption } =
    refusal === undefined
      ? await reportPlan(mapping, steps, of, me.id === "")
      : await reportShown(subject, { drift: { entry: refusalError(subject, refusal).message } }, of);
  return drift === undefined ? {} : { drift };
}
