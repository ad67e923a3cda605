import { report } from "../engine/diagnostics";
import { isClusterGone } from "../errors";
import type { Mapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import { guarded, type LockoutGuard } from "./guard";
import { describeReleaseNote, describeSubject, releaseError } from "./messages";
import { type Observed, observe, sightOf } from "./observe";
import { decideRelease } from "./release";
import type { Run } from "./run";
import { contentOf, type ResourceState, subjectOf } from "./state";
import { type Leave, type PlaceName, placeNames, type Release, type Seen } from "./types";

/**
 * Removes the entry of a mapping that has the content of the state, unless others own it too. Succeeds if it is gone, or its cluster is.
 *
 * @throws AwsAuthError `changedOutside`, `conflict`, `lockout`, and any of the cluster codes.
 */
export async function remove(run: Run, state: ResourceState): Promise<void> {
  const { mapping } = state;
  if (mapping === undefined) {
    return;
  }
  try {
    const session = await run.sessionOfState(state.cluster);
    await guarded(run, session, state, (guard) => releaseAll(session, state, mapping, guard));
  } catch (error) {
    if (!isClusterGone(error)) {
      throw run.once(error);
    }
    await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
  }
}

/** Decides all places that may have the mapping, before the first one is written. */
async function releaseAll(
  session: ClusterSession,
  state: ResourceState,
  mapping: Mapping,
  guard: LockoutGuard | undefined,
): Promise<void> {
  const subject = subjectOf(state, mapping);
  const { places, views, clusterMode } = await observe(session, subject, state, state.places);
  const leave = leaveOf(session, state, state.id, clusterMode);
  const decideIn = (place: PlaceName, here?: Seen) => {
    const sight = sightOf(views, place);
    return decideRelease(leave, state.id, { ...sight, here: here ?? sight.here });
  };
  const isMine = (place: PlaceName) => {
    const view = views[place];
    return view !== "unknown" && state.id !== undefined && view.claims.some(({ id }) => id === state.id);
  };
  const concerned = placeNames.filter((place) => state.places.includes(place) || isMine(place));
  const removed: PlaceName[] = [];
  for (const place of concerned) {
    const release = decideIn(place);
    if (release.kind === "refused") {
      throw releaseError(describeSubject(mapping), release);
    }
    if (release.kind === "remove") {
      removed.push(place);
    }
  }
  guard?.judgeRemoval(removed);
  for (const place of concerned) {
    const isWritten = !(place === "map" && clusterMode === "API");
    const release = isWritten
      ? await places[place].release(subject, (here) => decideIn(place, here), guard)
      : decideIn(place);
    await reportRelease(place, mapping, release);
  }
}

/** What a release knows of the resource. */
export function leaveOf(
  { declarations }: ClusterSession,
  { principal = "", mapping, ignored, places }: ResourceState,
  id: string | undefined,
  clusterMode: Observed["clusterMode"],
): Leave {
  const previous = mapping === undefined ? { groups: [] } : contentOf(mapping);
  return {
    principal,
    previous,
    ignored,
    places,
    hasFailedSuccessor: declarations.hasFailed(principal, id),
    clusterMode,
  };
}

/**
 * Reports what a release left or removed.
 *
 * @throws AwsAuthError if it was refused.
 */
export async function reportRelease(place: PlaceName, mapping: Mapping, release: Release): Promise<void> {
  const subject = describeSubject(mapping);
  if (release.kind === "refused") {
    throw releaseError(subject, release);
  }
  for (const note of release.notes) {
    const { severity, text } = describeReleaseNote(subject, place, note);
    await report(severity, text, undefined);
  }
}
