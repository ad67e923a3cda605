import { hasCode } from "../errors";
import type { Mapping } from "../mapping";
import { report } from "../pulumi/diagnostics";
import type { ClusterSession } from "../session/session";
import { isWithoutEffect } from "./across";
import { guarded, type LockoutGuard } from "./guard";
import { describeReleaseNote, describeSubject, infoNotes, releaseError } from "./messages";
import { type Observed, observe, sightOf } from "./observe";
import { decideRelease } from "./release";
import type { Run } from "./run";
import { contentOf, type ResourceState, subjectOf } from "./state";
import { hasClaimOf, type Leave, type PlaceName, placeNames, type Seen } from "./types";

/**
 * Removes the entry of a mapping with the content of the state, unless others own it too. Succeeds if the entry or its cluster is gone.
 *
 * @throws AwsAuthError `changedOutside`, `conflict`, `lockout`, and any of the cluster codes.
 */
export async function remove(run: Run, state: ResourceState): Promise<void> {
  const { mapping, id } = state;
  if (mapping === undefined) {
    return;
  }
  try {
    const session = await run.sessionOfState(state.cluster);
    await guarded(run, session, state, (guard) => releaseAll({ session, state, mapping, id, guard, isStep: false }));
  } catch (error) {
    if (!hasCode(error, "clusterGone")) {
      throw run.once(error);
    }
    await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
  }
}

/** A resource in the state that is deleted or leaves a place. */
export interface Leaving {
  readonly session: ClusterSession;
  readonly state: ResourceState;
  readonly mapping: Mapping;
  /** The ID of its claim; undefined for an import without an update since. */
  readonly id: string | undefined;
  readonly guard: LockoutGuard | undefined;
  /** Whether an update leaves the place, rather than a delete. */
  readonly isStep: boolean;
}

/** Decides for all places that may have the mapping before writing to the first one. */
async function releaseAll(leaving: Leaving): Promise<void> {
  const { session, state, mapping, id, guard } = leaving;
  const observed = await observe(session, subjectOf(state, mapping), state, state.places);
  const { views, clusterMode } = observed;
  const concerned = placeNames.filter((place) => state.places.includes(place) || hasClaimOf(views[place], id));
  const removed: PlaceName[] = [];
  for (const place of concerned) {
    const release = decideRelease(leaveOf(leaving, clusterMode), id, sightOf(views, place));
    if (release.kind === "refused") {
      throw releaseError(describeSubject(mapping), release, leaving.isStep);
    }
    if (release.kind === "remove") {
      removed.push(place);
    }
  }
  guard?.judgeRemoval(removed);
  for (const place of concerned) {
    await releaseFrom(leaving, observed, place);
  }
}

/**
 * Releases the entry in one place, and reports what was kept or removed.
 *
 * @throws AwsAuthError if the release is refused, based on the entries at that time.
 */
export async function releaseFrom(leaving: Leaving, observed: Observed, place: PlaceName): Promise<void> {
  const { state, mapping, id, guard } = leaving;
  const { places, views, clusterMode } = observed;
  const sight = sightOf(views, place);
  const decide = (here: Seen) => decideRelease(leaveOf(leaving, clusterMode), id, { ...sight, here });
  const release = isWithoutEffect(place, clusterMode)
    ? decide(sight.here)
    : await places[place].release(subjectOf(state, mapping), decide, guard);
  const subject = describeSubject(mapping);
  if (release.kind === "refused") {
    throw releaseError(subject, release, leaving.isStep);
  }
  for (const note of release.notes) {
    const severity = infoNotes.includes(note.kind) ? "info" : "warning";
    await report(severity, describeReleaseNote(subject, place, note), undefined);
  }
}

/** What a release knows about the resource. */
function leaveOf({ session, state, mapping, id }: Leaving, clusterMode: Observed["clusterMode"]): Leave {
  const { principal = "", ignored, places } = state;
  const hasFailedSuccessor = session.declarations.hasFailed(principal, id);
  return { previous: contentOf(mapping), ignored, places, hasFailedSuccessor, clusterMode };
}
