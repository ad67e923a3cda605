import type { dynamic } from "@pulumi/pulumi";
import { idOf, stateOf } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError, PartialStateError } from "../errors";
import { type Mapping, noPrincipal, sameContent } from "../mapping";
import type { ClusterSession } from "../session/session";
import { checkLeftBehind, checkOut } from "./across";
import { decide } from "./decide";
import { guarded, type LockoutGuard } from "./guard";
import { describeLosses, describeStep, describeSubject, refusalError } from "./messages";
import { type Observed, observe, sightOf } from "./observe";
import { decideRelease } from "./release";
import { leaveOf, reportRelease } from "./remove";
import type { Run } from "./run";
import { contentOf, outputsOf, principalProperty, type ResourceState, subjectOf, wantOf, withCluster } from "./state";
import { type Me, type PlaceName, placeNames, type Seen, type Subject } from "./types";

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

/** What one create or update works on. */
interface Applying {
  readonly session: ClusterSession;
  readonly olds: ResourceState | undefined;
  readonly inputs: ResourceState;
  readonly mapping: Mapping;
  readonly subject: Subject;
  readonly me: Me;
  readonly urn: string | undefined;
  readonly guard: LockoutGuard | undefined;
  /** The places that this run wrote, and those that it left. */
  readonly reached: Set<PlaceName>;
  readonly released: Set<PlaceName>;
}

/** @returns the outputs. */
async function applied(
  run: Run,
  session: ClusterSession,
  id: string,
  olds: ResourceState | undefined,
  inputs: ResourceState,
): Promise<Record<string, unknown>> {
  const { mapping, principal, id: claim } = inputs;
  if (mapping === undefined || principal === undefined) {
    throw new AwsAuthError("invalidInput", noPrincipal);
  }
  if (claim === undefined) {
    throw new AwsAuthError("invalidInput", "the inputs have no claim, so they were not checked; run again");
  }
  const { declarations } = session;
  const { me = { id: claim, stem: claim.split(".")[0] ?? "", owner: claim }, urn } = run.resources.get(claim) ?? {};
  const [reached, released] = [new Set<PlaceName>(), new Set<PlaceName>()];
  try {
    return await declarations.attempt(principal, claim, async () => {
      if (declarations.before(principal, claim) !== undefined) {
        const text = `${describeSubject(mapping)} is also mapped by another resource of this program; keep one of the two`;
        throw new AwsAuthError("duplicateArn", text);
      }
      await guarded(run, session, inputs, (guard) =>
        reconcile({
          session,
          olds,
          inputs,
          mapping,
          subject: subjectOf(inputs, mapping),
          me,
          urn,
          guard,
          reached,
          released,
        }),
      );
      return outputsOf(inputs, inputs.places);
    });
  } catch (error) {
    const told = run.once(error);
    if (reached.size === 0 || !(told instanceof AwsAuthError)) {
      // Nothing was written, so the state before still holds.
      throw told;
    }
    // A place with other content than the outputs is not named, so that its entry is known by the claim alone.
    const isKept = (place: PlaceName) => olds?.places.includes(place) && !released.has(place) && isSame(olds, inputs);
    const places = placeNames.filter((place) => reached.has(place) || isKept(place));
    throw new PartialStateError(told, id, outputsOf(inputs, places));
  }
}

function isSame(olds: ResourceState, { mapping }: ResourceState): boolean {
  return olds.mapping !== undefined && mapping !== undefined && sameContent(olds.mapping, mapping);
}

async function reconcile(applying: Applying): Promise<void> {
  const { session, olds, inputs, mapping, subject, me, urn, guard, reached, released } = applying;
  const from = olds?.places ?? [];
  // What stays has to be proven just before another place is left.
  const isLeaving = from.some((place) => !inputs.places.includes(place));
  const observed = await observe(session, subject, inputs, inputs.places, isLeaving);
  const { places, views, clusterMode } = observed;
  const previous = olds?.mapping && contentOf(olds.mapping);
  const leaves = from.filter((place) => !inputs.places.includes(place) && !(place === "map" && clusterMode === "API"));
  const behind = placeNames.filter((place) => {
    const isElsewhere = !inputs.places.includes(place) && !from.includes(place);
    return isElsewhere && olds !== undefined && isLeft(place, observed, me);
  });
  const refusal = outRefusal(applying, observed, leaves);
  if (refusal === undefined) {
    for (const place of leaves) {
      await releaseFrom(applying, observed, place, olds ?? inputs);
      released.add(place);
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
    if (decision.loses.length > 0) {
      await report("warning", describeLosses(describeSubject(mapping), decision.loses), urn);
    }
  }
  // What a killed step left goes only once the entry is where the mode wants it.
  for (const place of behind) {
    await releaseFrom(applying, observed, place, olds ?? inputs);
  }
  if (refusal !== undefined) {
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
  await reportRelease(place, mapping, await places[place].release(subject, decision, guard));
}
