import type { dynamic } from "@pulumi/pulumi";
import { stemIn } from "../claims";
import { idOf, stateOf } from "../cluster/clusterRef";
import { AwsAuthError, describeProblem, PartialStateError } from "../errors";
import { noPrincipal } from "../mapping";
import { report } from "../pulumi/diagnostics";
import type { ClusterSession } from "../session/session";
import { accessAfter, currentAccess, guarded, type LockoutGuard } from "./guard";
import {
  describeLosses,
  describeReleaseNote,
  describeRival,
  describeSubject,
  infoNotes,
  refusalError,
} from "./messages";
import { isWithoutEffect } from "./mode";
import { type Observed, observe, reportIamRefusal } from "./observe";
import type { LocatedMapping } from "./places/place";
import { type Plan, placesAfter, planDelete, planOf, releaseIn, type Step, writeIn } from "./plan";
import { type Run, reportGone } from "./run";
import { beforeOf, outputsOf, principalProperty, type ResourceState, wantOf, withCluster } from "./state";
import { changesEntry, type Me, type PlaceName, type Seen, seenOrNothing, type Views } from "./types";

export async function create(run: Run, inputs: ResourceState): Promise<dynamic.CreateResult> {
  const { ref, session } = await run.locate(inputs.cluster);
  const located = withCluster(inputs, stateOf(ref));
  const id = `${idOf(ref)}/${inputs.properties[principalProperty(inputs)]}`;
  return { id, outs: await createOrUpdate(run, session, id, undefined, located) };
}

export async function update(
  run: Run,
  id: string,
  olds: ResourceState,
  news: ResourceState,
): Promise<dynamic.UpdateResult> {
  const { ref, session } = await run.locate(news.cluster);
  return { outs: await createOrUpdate(run, session, id, olds, withCluster(news, stateOf(ref))) };
}

/** Succeeds if the entry or its cluster is gone. */
export async function remove(run: Run, state: ResourceState): Promise<void> {
  const { mapping, claimId, places } = state;
  const before = beforeOf(state);
  if (mapping === undefined || before === undefined) {
    return;
  }
  try {
    const { session } = await run.locateStored(state.cluster);
    await guarded(run, session, state, async (guard) => {
      const observed = await observe(run, session, mapping, state, places);
      const planned = (views: Views) => planDelete(before, claimId, views, observed.situation);
      if (guard !== undefined) {
        const access = await currentAccess(session, mapping.principal, true);
        guard.judge(access, accessAfter(access, planned(observed.views).steps, mapping));
      }
      const { error } = await carryOut({ run, session, mapping, observed, planned, guard });
      if (error !== undefined) {
        throw error;
      }
    });
  } catch (error) {
    await reportGone(run.shortenRepeated(error));
  }
}

async function createOrUpdate(
  run: Run,
  session: ClusterSession,
  id: string,
  olds: ResourceState | undefined,
  inputs: ResourceState,
): Promise<Record<string, unknown>> {
  const { mapping, principal, claimId, places } = inputs;
  if (mapping === undefined || principal === undefined) {
    throw new AwsAuthError("invalidInput", describeProblem(noPrincipal));
  }
  if (claimId === undefined) {
    throw new AwsAuthError("invalidInput", "internal error: the inputs were not checked; run again");
  }
  const { program } = run;
  const { me, urn } = program.get(claimId);
  const [want, before] = [wantOf(inputs, mapping), olds && beforeOf(olds)];
  // A place that the mapping leaves stores the ARN of its access entry only in the state.
  const located = { ...mapping, principalArn: mapping.principalArn ?? olds?.mapping?.principalArn };
  const attempt = program.attempt(session.cluster, principal, claimId, async () => {
    const rival = program.rivalOf(claimId, session.cluster, principal);
    if (rival !== undefined) {
      throw new AwsAuthError("duplicateArn", describeRival(inputs, rival));
    }
    return guarded(run, session, inputs, async (guard) => {
      // Read again before leaving a place, since the entry in the other place must be verified.
      const isFresh = before?.places.some((place) => !places.includes(place));
      const observed = await observe(run, session, located, inputs, places, isFresh);
      const planned = (views: Views) => planOf(want, before, me, views, observed.situation);
      return carryOut({ run, session, mapping: located, me, urn, observed, planned, guard });
    });
  });
  const { done, error } = await attempt.catch((error: unknown): Progress => ({ done: [], error }));
  await reportIamRefusal(session);
  if (error === undefined) {
    return outputsOf(inputs, places);
  }
  const told = run.shortenRepeated(error);
  // If no step was completed, the previous state is still correct.
  if (done.length === 0 || !(told instanceof AwsAuthError)) {
    throw told;
  }
  const hasOnlyReleased = olds !== undefined && done.every(({ write }) => write === undefined);
  throw new PartialStateError(told, id, outputsOf(hasOnlyReleased ? olds : inputs, placesAfter(done, want, before)));
}

/** A plan on its way to the cluster. */
interface Operation {
  readonly run: Run;
  readonly session: ClusterSession;
  readonly mapping: LocatedMapping;
  /** Undefined for a delete. */
  readonly me?: Me;
  readonly urn?: string | undefined;
  readonly observed: Observed;
  /** Plans again for other versions of the places. */
  readonly planned: (views: Views) => Plan;
  readonly guard: LockoutGuard | undefined;
}

/** The steps that were carried out, and why the others were not. */
interface Progress {
  readonly done: readonly Step[];
  readonly error?: unknown;
}

/** Carries out a plan place by place. Each place plans again for the version of it that is replaced. */
async function carryOut(operation: Operation): Promise<Progress> {
  const { mapping, me, observed, planned } = operation;
  const { steps, refusal } = planned(observed.views);
  const done: Step[] = [];
  try {
    for (const { place, write } of steps) {
      const isWrite = write !== undefined && me !== undefined;
      done.push(await (isWrite ? writeTo(operation, me, place) : releaseFrom(operation, place)));
    }
  } catch (error) {
    return { done, error };
  }
  return {
    done,
    ...(refusal !== undefined && { error: refusalError(describeSubject(mapping), refusal, me !== undefined) }),
  };
}

async function writeTo(operation: Operation, me: Me, place: PlaceName): Promise<Step> {
  const { run, session, mapping, urn, observed, planned, guard } = operation;
  const { places, views } = observed;
  const name = describeSubject(mapping);
  const decide = (here: Seen) => writeIn(planned({ ...views, [place]: here }), place);
  const write = await places[place].write(mapping, me, decide, guard);
  if (write.kind === "refused") {
    throw refusalError(name, write);
  }
  if (changesEntry(write)) {
    run.program.wrote(session.cluster, mapping.principal, place);
  }
  if (write.loses.length > 0) {
    await report("warning", describeLosses(name, write.loses), { urn, id: stemIn(me.id) });
  }
  return { place, write };
}

async function releaseFrom(operation: Operation, place: PlaceName): Promise<Step> {
  const { me, mapping, observed, planned, guard } = operation;
  const { places, views, situation } = observed;
  const name = describeSubject(mapping);
  const decide = (here: Seen) => releaseIn(planned({ ...views, [place]: here }), place);
  const release = isWithoutEffect(place, situation.clusterMode)
    ? decide(seenOrNothing(views[place]))
    : await places[place].release(mapping, decide, guard);
  if (release.kind === "refused") {
    throw refusalError(name, release, me !== undefined);
  }
  for (const note of release.notes) {
    const severity = infoNotes.includes(note.kind) ? "info" : "warning";
    await report(severity, describeReleaseNote(name, place, note), undefined);
  }
  return { place, release };
}
