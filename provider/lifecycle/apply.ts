import type { dynamic } from "@pulumi/pulumi";
import { idOf, stateOf } from "../cluster/clusterRef";
import { AwsAuthError, describeProblem, PartialStateError } from "../errors";
import { type Mapping, noPrincipal, sameContent } from "../mapping";
import { report } from "../pulumi/diagnostics";
import type { ClusterSession } from "../session/session";
import { checkOut, isLeftBehind, isWithoutEffect, type StepRefusal } from "./across";
import { decide } from "./decide";
import { guarded, type LockoutGuard } from "./guard";
import { describeLosses, describeRival, describeStep, describeSubject, refusalError } from "./messages";
import { observe, sightOf } from "./observe";
import { releaseFrom } from "./remove";
import type { Run } from "./run";
import { contentOf, outputsOf, principalProperty, type ResourceState, subjectOf, wantOf, withCluster } from "./state";
import { type Me, otherPlace, type PlaceName, placeNames, type Seen } from "./types";

/** Adds the mapping to the places of its mode. */
export async function create(run: Run, inputs: ResourceState): Promise<dynamic.CreateResult> {
  const { ref, session } = await run.locate(inputs.cluster);
  const located = withCluster(inputs, stateOf(ref));
  const id = `${idOf(ref)}/${inputs.properties[principalProperty(inputs)]}`;
  return { id, outs: await applied(run, session, id, undefined, located) };
}

/** Writes the mapping to the places of its mode, and releases the place that it leaves. */
export async function update(
  run: Run,
  id: string,
  olds: ResourceState,
  news: ResourceState,
): Promise<dynamic.UpdateResult> {
  const { ref, session } = await run.locate(news.cluster);
  return { outs: await applied(run, session, id, olds, withCluster(news, stateOf(ref))) };
}

/** The arguments of one create or update. */
interface Applying {
  readonly session: ClusterSession;
  /** Undefined in a create. */
  readonly olds: ResourceState | undefined;
  readonly inputs: ResourceState;
  readonly mapping: Mapping;
  readonly me: Me;
  readonly urn: string | undefined;
  readonly guard: LockoutGuard | undefined;
  /** The places that this run wrote. `released` has the place that it left. */
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
    throw new AwsAuthError("invalidInput", describeProblem(noPrincipal));
  }
  if (claim === undefined) {
    throw new AwsAuthError("invalidInput", "the inputs have no claim, so they were not checked; run again");
  }
  const { declarations } = session;
  const { me = { id: claim, owner: claim }, urn } = run.resources.get(claim) ?? {};
  const [reached, released] = [new Set<PlaceName>(), new Set<PlaceName>()];
  try {
    return await declarations.attempt(principal, claim, async () => {
      const rival = declarations.before(principal, claim);
      if (rival !== undefined) {
        throw new AwsAuthError("duplicateArn", describeRival(inputs, rival.urn));
      }
      await guarded(run, session, inputs, (guard) =>
        reconcile({ session, olds, inputs, mapping, me, urn, guard, reached, released }),
      );
      return outputsOf(inputs, inputs.places);
    });
  } catch (error) {
    const told = run.once(error);
    if (!(told instanceof AwsAuthError) || (reached.size === 0 && released.size === 0)) {
      // Nothing was written, so the previous state is still correct.
      throw told;
    }
    // If nothing was written, the place that is kept still has the content of the state, which was verified before the release.
    const state = reached.size === 0 && olds !== undefined ? olds : inputs;
    // Leave out a place whose content differs from the outputs; its entry is then recognized by the claim.
    const isSame =
      olds?.mapping !== undefined && state.mapping !== undefined && sameContent(olds.mapping, state.mapping);
    const isThere = (place: PlaceName) => !released.has(place) && (released.size > 0 || olds?.places.includes(place));
    const places = placeNames.filter((place) => reached.has(place) || (isSame && isThere(place)));
    throw new PartialStateError(told, id, outputsOf(state, places));
  }
}

async function reconcile(applying: Applying): Promise<void> {
  const { session, olds, inputs, mapping, me, urn, guard, reached, released } = applying;
  const subject = subjectOf(inputs, mapping);
  const name = describeSubject(mapping);
  const before = olds?.mapping && { state: olds, mapping: olds.mapping, previous: contentOf(olds.mapping) };
  const left = placeNames.find((place) => !inputs.places.includes(place));
  const isStored = (place: PlaceName) => before?.state.places.includes(place) === true;
  // Read again before leaving a place, since the entry in the other place must be verified.
  const isFresh = left !== undefined && isStored(left);
  const observed = await observe(session, subject, inputs, inputs.places, isFresh);
  const { places, views, clusterMode } = observed;
  let stepOutRefusal: StepRefusal | undefined;
  if (before !== undefined && left !== undefined && isStored(left) && !isWithoutEffect(left, clusterMode)) {
    const stays = otherPlace(left);
    const isJustWritten = session.declarations.hasWritten(stays, subject.principal);
    stepOutRefusal = checkOut({ stays, view: views[stays], previous: before.previous, isJustWritten, ...me });
    // Still write the place that is kept, so that the next `up` can take the step.
    if (stepOutRefusal === undefined) {
      await releaseFrom({ session, ...before, id: me.id, guard, isStep: true }, observed, left);
      released.add(left);
    }
  }
  const want = wantOf(inputs, mapping);
  for (const place of inputs.places) {
    const previous = isStored(place) ? before?.previous : undefined;
    const decideHere = (here: Seen) => decide(want, previous, me, { ...sightOf(views, place), here });
    const decision = await places[place].write(subject, me, decideHere, guard);
    if (decision.kind === "refused") {
      throw refusalError(name, decision);
    }
    if (decision.kind === "add" || decision.kind === "write") {
      session.declarations.wrote(place, subject.principal);
    }
    reached.add(place);
    if (decision.loses.length > 0) {
      await report("warning", describeLosses(name, decision.loses), urn);
    }
  }
  // Remove what an interrupted step left only after the entry is in the places of the mode.
  if (before !== undefined && left !== undefined && !isStored(left) && isLeftBehind(views[left], me, false)) {
    await releaseFrom({ session, ...before, id: me.id, guard, isStep: true }, observed, left);
  }
  if (stepOutRefusal !== undefined) {
    throw new AwsAuthError("conflict", describeStep(name, stepOutRefusal));
  }
}
