import type { dynamic } from "@pulumi/pulumi";
import { hasCode } from "../errors";
import { type Content, sameContent, sameGroups } from "../mapping";
import { report } from "../pulumi/diagnostics";
import { printable } from "../text/text";
import { isWithoutEffect } from "./mode";
import { observe } from "./observe";
import type { LocatedMapping } from "./places/place";
import type { Run } from "./run";
import { outputsOf, type ResourceState, stored, withContent } from "./state";
import { hasClaimOf, type PlaceName, placeNames, seenOrNothing, type View } from "./types";

/**
 * Reads the current content of the resource's entry; returns no ID if it is gone. Also returns differences as inputs,
 * so that a refresh shows a manual change per property. Never writes.
 */
export async function read(run: Run, id: string, state: ResourceState): Promise<dynamic.ReadResult> {
  const { mapping } = state;
  if (mapping === undefined) {
    return { id, props: { ...state.properties } };
  }
  try {
    return await readPlaces(run, id, state, mapping);
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
): Promise<dynamic.ReadResult> {
  const session = await run.sessionOfState(state.cluster);
  const { views, situation } = await observe(run, session, mapping, state, state.places);
  const kept = placeNames.filter((place) => {
    // The state keeps its record of a map that the cluster ignores.
    const isThere = isWithoutEffect(place, situation.clusterMode) || seenOrNothing(views[place]).entries.length > 0;
    return (state.places.includes(place) && isThere) || hasClaimOf(views[place], state.claimId);
  });
  if (kept.length === 0) {
    return { id: "", props: {} };
  }
  // An access entry takes precedence.
  const counts: PlaceName = kept.includes("entries") ? "entries" : "map";
  const live = liveContent(views[counts], mapping);
  const props = outputsOf(state, kept);
  if (live === undefined || sameContent(live, mapping)) {
    const isMoved = kept.length !== state.places.length || kept.some((place) => !state.places.includes(place));
    return { id, props, ...(isMoved && { inputs: stored(props) }) };
  }
  const found = withContent(props, shown(live, mapping));
  return { id, props: { ...found }, inputs: stored(found) };
}

/** Prefers an entry with the content of the state, else the last one, which is in force. */
function liveContent(view: View, stored: Content): Content | undefined {
  const contents = seenOrNothing(view).entries.map(({ content }) => content);
  return contents.findLast((content) => sameContent(content, stored)) ?? contents.at(-1);
}

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
