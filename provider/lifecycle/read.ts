import type { dynamic } from "@pulumi/pulumi";
import { claimsOf } from "../claims";
import { hasCode } from "../errors";
import { type Content, sameContent, sameGroups } from "../mapping";
import { report } from "../pulumi/diagnostics";
import { printable } from "../text/text";
import { describeDrift, describeNote, describeSubject, refusalError } from "./messages";
import { isWithoutEffect } from "./mode";
import { type Observed, observe } from "./observe";
import type { LocatedMapping } from "./places/place";
import { planOf } from "./plan";
import { reportShown } from "./planReports";
import type { PlanProperties } from "./properties";
import type { Run } from "./run";
import { outputsOf, type ResourceState, stored, wantOf, withContent } from "./state";
import { type Drift, hasClaimOf, type PlaceName, placeNames, seenOrNothing, type View } from "./types";

/**
 * Reads the current content of the resource's entry; returns no ID if it is gone. Also returns differences as inputs,
 * so that a refresh shows a manual change per property. Never writes.
 *
 * What else a preview would restore or refuse is the output `drift`: {@link diff} counts it as a change, and the next update or read drops it.
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
    if (!hasCode(error, "clusterGone")) {
      throw error;
    }
    await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
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
  const session = await run.sessionOfState(state.cluster);
  const observed = await observe(run, session, mapping, state, state.places);
  const { views, situation } = observed;
  const isIgnored = (place: PlaceName) => isWithoutEffect(place, situation.clusterMode);
  const kept = placeNames.filter((place) => {
    const hasEntry = seenOrNothing(views[place]).entries.length > 0;
    // The state keeps its record of a map that the cluster ignores.
    return state.places.includes(place)
      ? hasEntry || isIgnored(place)
      : hasEntry && hasClaimOf(views[place], state.claimId);
  });
  if (kept.length === 0 || (kept.length < state.places.length && kept.every(isIgnored))) {
    return { id: "", props: {} };
  }
  // An access entry takes precedence.
  const counts: PlaceName = kept.includes("entries") ? "entries" : "map";
  const content = ownContent(views[counts], mapping, state.claimId);
  const isChanged = !sameContent(content, mapping);
  const isMoved = kept.length !== state.places.length || kept.some((place) => !state.places.includes(place));
  const outputs = outputsOf(state, kept);
  const props = isChanged ? withContent(outputs, shown(content, mapping)) : outputs;
  const drift = await reportDrift({ ...state, places: kept }, mapping, observed, isChanged ? counts : undefined, urn);
  return { id, props: { ...props, ...drift }, ...((isChanged || isMoved) && { inputs: stored(props) }) };
}

/** The content of the resource's own entry, or that of the state: a state that stored the content of others would adopt their entry. */
function ownContent(view: View, inState: Content, id: string | undefined): Content {
  const { entries, claims, foreign } = seenOrNothing(view);
  const [entry, ...more] = entries;
  const isOfOthers = foreign !== undefined || (claims.length > 0 && claimsOf(claims, id).length === 0);
  return entry === undefined || more.length > 0 || isOfOthers ? inState : entry.content;
}

/**
 * Reports what the preview of an unchanged program reports of the entries.
 *
 * @param shownIn the place whose changed content other properties show.
 * @returns the drift that no other property shows.
 */
async function reportDrift(
  state: ResourceState,
  mapping: LocatedMapping,
  { views, situation }: Observed,
  shownIn: PlaceName | undefined,
  urn: string | undefined,
): Promise<PlanProperties> {
  const { claimId = "", ignored, places } = state;
  const before = { content: mapping, ignored, places };
  const { steps, refusal } = planOf(wantOf(state, mapping), before, { id: claimId, owner: "" }, views, situation);
  const subject = describeSubject(mapping);
  const drift: Record<string, string> =
    refusal !== undefined && shownIn === undefined ? { entry: refusalError(subject, refusal).message } : {};
  for (const { place, write } of steps) {
    for (const note of write?.notes ?? []) {
      await report("warning", describeNote(subject, note), urn);
    }
    const found = write?.drift;
    const isShown = found?.kind === "changed" && place === shownIn;
    Object.assign(
      drift,
      found === undefined || isShown || !affectsAccess.includes(found.kind) ? {} : describeDrift(found),
    );
  }
  const shown = Object.keys(drift).length > 0 ? { drift } : {};
  await reportShown(subject, shown, urn);
  return shown;
}

/** The drifts of an entry that is still there, by which its access differs. */
const affectsAccess: readonly Drift["kind"][] = ["changed", "overridden", "dead"];

/**
 * Escapes the content for display, since the engine prints strings unescaped. Keeps names that equal the state
 * unescaped, since the resource could not find its entry otherwise.
 */
function shown({ username, groups }: Content, stored: Content): Content {
  const own = new Set([stored.username, ...stored.groups]);
  const escaped = (text: string) => (own.has(text) ? text : printable(text));
  return {
    username: escaped(username),
    groups: sameGroups(groups, stored.groups) ? stored.groups : groups.map(escaped),
  };
}
