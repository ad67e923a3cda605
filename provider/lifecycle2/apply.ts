import type { dynamic } from "@pulumi/pulumi";
import { idOf, stateOf } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError, isClusterGone, PartialStateError } from "../errors";
import { type Mapping, noPrincipal } from "../mapping";
import type { ClusterSession } from "../session2/session";
import { checkLeftBehind, checkOut } from "./across";
import { decide } from "./decide";
import { guardOf, type LockoutGuard } from "./guard";
import { describeReleaseNote, describeStep, describeSubject, refusalError, releaseError } from "./messages";
import { type Observed, observe, sightOf } from "./observe";
import { decideRelease } from "./release";
import type { Run } from "./run";
import { contentOf, outputsOf, principalProperty, type ResourceState, subjectOf, wantOf, withCluster } from "./state";
import { type Leave, type Me, type PlaceName, placeNames, type Release, type Seen, type Subject } from "./types";

/** Adds the mapping to the places of its mode, as far as the version that is written needs it. */
export async function create(run: Run, inputs: ResourceState): Promise<dynamic.CreateResult> {
  const { ref, session } = await run.locate(inputs.cluster);
  const located = withCluster(inputs, stateOf(ref));
  const id = `${idOf(ref)}/${inputs.properties[principalProperty(inputs)]}`;
  return { id, outs: await applied(run, session, id, undefined, located) };
}

/** Writes the mapping where its mode stores it, and releases the place that it leaves. */
export async function update(
  run: Run,
  id: string,
  olds: ResourceState,
  news: ResourceState,
): Promise<dynamic.UpdateResult> {
  const { ref, session } = await run.locate(news.cluster);
  return { outs: await applied(run, session, id, olds, withCluster(news, stateOf(ref))) };
}

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

/** What one create or update works on. */
interface Applying {
  readonly session: ClusterSession;
  readonly olds: ResourceState | undefined;
  readonly inputs: ResourceState;
  readonly mapping: Mapping;
  readonly subject: Subject;
  readonly me: Me;
  readonly guard: LockoutGuard | undefined;
  /** The places that have the entry so far. */
  readonly reached: Set<PlaceName>;
}

/** @returns the outputs. */
async function applied(
  run: Run,
  session: ClusterSession,
  id: string,
  olds: ResourceState | undefined,
  inputs: ResourceState,
): Promise<Record<string, unknown>> {
  const { mapping, principal, id: claim = "" } = inputs;
  if (mapping === undefined || principal === undefined) {
    throw new AwsAuthError("invalidInput", noPrincipal);
  }
  const { declarations } = session;
  const me = run.resources.get(claim)?.me ?? { id: claim, stem: claim.split(".")[0] ?? "", owner: claim };
  const reached = new Set<PlaceName>();
  try {
    return await declarations.attempt(principal, claim, async () => {
      if (declarations.before(principal, claim) !== undefined) {
        const text = `${describeSubject(mapping)} is also mapped by another resource of this program; keep one of the two`;
        throw new AwsAuthError("duplicateArn", text);
      }
      await guarded(run, session, inputs, (guard) =>
        reconcile({ session, olds, inputs, mapping, subject: subjectOf(inputs, mapping), me, guard, reached }),
      );
      return outputsOf(inputs, inputs.places);
    });
  } catch (error) {
    const told = run.once(error);
    // Nothing was written, so the state before still holds.
    throw reached.size > 0 && told instanceof AwsAuthError
      ? new PartialStateError(
          told,
          id,
          outputsOf(
            inputs,
            placeNames.filter((place) => reached.has(place)),
          ),
        )
      : told;
  }
}

async function reconcile(applying: Applying): Promise<void> {
  const { session, olds, inputs, mapping, subject, me, guard, reached } = applying;
  const observed = await observe(session, subject, inputs, inputs.places);
  const { places, views, clusterMode } = observed;
  const from = olds?.places ?? [];
  const previous = olds?.mapping && contentOf(olds.mapping);
  const leaves = from.filter((place) => !inputs.places.includes(place) && !(place === "map" && clusterMode === "API"));
  const behind = placeNames.filter((place) => {
    const isElsewhere = !inputs.places.includes(place) && !from.includes(place);
    return isElsewhere && olds !== undefined && isLeft(place, observed, me);
  });
  const refusal = outRefusal(applying, observed, leaves);
  if (refusal === undefined) {
    for (const place of [...leaves, ...behind]) {
      await releaseFrom(applying, observed, place, olds ?? inputs);
    }
  }
  const want = wantOf(inputs, mapping);
  for (const place of inputs.places) {
    const decision = await places[place].write(
      subject,
      me,
      (here) => decide(want, from.includes(place) ? previous : undefined, me, { ...sightOf(views, place), here }),
      guard,
    );
    if (decision.kind === "refused") {
      throw refusalError(describeSubject(mapping), decision);
    }
    reached.add(place);
  }
  if (refusal !== undefined) {
    for (const place of leaves) {
      reached.add(place);
    }
    throw new AwsAuthError("conflict", describeStep(describeSubject(mapping), refusal));
  }
}

/** Why a step out of a place may not be taken, on what is there before anything is written. */
function outRefusal(
  { olds, inputs, me, subject }: Applying,
  { views, places }: Observed,
  leaves: readonly PlaceName[],
) {
  const stays = inputs.places.find((place) => olds?.places.includes(place));
  if (leaves.length === 0 || stays === undefined || olds?.mapping === undefined) {
    return undefined;
  }
  const isJustWritten = places[stays].hasWritten(subject.principal);
  return checkOut({ stays, view: views[stays], previous: contentOf(olds.mapping), id: me.id, isJustWritten });
}

function isLeft(place: PlaceName, { views }: Observed, { id, stem }: Me): boolean {
  return checkLeftBehind(place, views[place], { id, stem, isCreate: false }) === "release";
}

async function releaseFrom(
  { session, mapping, subject, me, guard }: Applying,
  { places, views, clusterMode }: Observed,
  place: PlaceName,
  state: ResourceState,
): Promise<void> {
  const leave = leaveOf(session, state, me.id, clusterMode);
  const decision = (here: Seen) => decideRelease(leave, me.id, { ...sightOf(views, place), here });
  await told(place, mapping, await places[place].release(subject, decision, guard));
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
    await told(place, mapping, release);
  }
}

function leaveOf(
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

/** @throws AwsAuthError if the release was refused. */
async function told(place: PlaceName, mapping: Mapping, release: Release): Promise<void> {
  const subject = describeSubject(mapping);
  if (release.kind === "refused") {
    throw releaseError(subject, release);
  }
  for (const note of release.notes) {
    const { severity, text } = describeReleaseNote(subject, place, note);
    await report(severity, text, undefined);
  }
}

/** Makes the changes of one resource; one after the other where they may lock anyone out, so that each sees what is left. */
async function guarded(
  run: Run,
  session: ClusterSession,
  state: ResourceState,
  change: (guard: LockoutGuard | undefined) => Promise<void>,
): Promise<void> {
  if ((await guardOf(run, session, state)) === undefined) {
    await change(undefined);
    return;
  }
  await run.guarded.run(async () => {
    const guard = await guardOf(run, session, state);
    await change(guard);
    await guard?.warn();
  });
}
