import { deletesUnreachable } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError, ignoreUserErrors, isClusterGone, isMapIgnored, isOutOfReach } from "../errors";
import type { Mapping } from "../mapping";
import { agreeing, type Declaration } from "../session/declarations";
import { quoted } from "../text/text";
import { folded } from "./clusterView";
import { Guard } from "./guard";
import { accessEntryClusterOf } from "./places/accessEntryCluster";
import { describeSubject } from "./places/messages";
import { claimantOfState, leaveOf, type Place } from "./places/place";
import { Places } from "./places/places";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import { inTurn } from "./turns";

/**
 * Removes the mapping with the content in the state if nobody else wants it. Succeeds if it is gone, if others have taken it over, or if
 * the EKS cluster no longer exists. Fails if somebody changed it.
 */
export async function remove(run: Run, id: string, state: ResourceState): Promise<void> {
  const { mapping: previous } = state;
  if (previous === undefined) {
    return;
  }
  try {
    const places = new Places(await run.sessionOfState(state.cluster), run.settings);
    await inTurn(places, state, undefined, () => removeAll(run, places, id, state, previous));
  } catch (error) {
    await tolerate(run, id, error);
  }
}

/** Removes a mapping from the places where it is kept, and from those where an interrupted run has left it. */
async function removeAll(run: Run, places: Places, id: string, state: ResourceState, previous: Mapping): Promise<void> {
  const { owner } = state.claim;
  const { map, entry } = places;
  const isReplaced = owner !== undefined && run.declares(owner);
  const guard = new Guard(places, [state]);
  const removeFrom = async (place: Place): Promise<boolean | undefined> => {
    const kept = place.keeps(state) ? state : await leftIn(place, state);
    if (kept === undefined) {
      return undefined;
    }
    const isMoved = await isTakenByEntry(places, place, state, previous);
    const more = { isMoved, isReplaced, isLeftover: kept !== state };
    // An access entry that is left may be the last one of an administrator.
    const own = kept === state ? guard : new Guard(places, [state, kept]);
    return place.remove(leaveOf(places, kept, previous, more), own);
  };
  await judgeAll(places, state, previous, guard);
  // What keeps this run from aws-auth does not keep it from the access entry.
  const wasInMap = await (map.keeps(state) ? unlessLeft(run, id, () => removeFrom(map)) : removeFrom(map));
  const isGone = await removeFrom(entry);
  if (isGone === true && !map.keeps(state) && wasInMap === undefined) {
    // Entries of others let the principal in again, now that the access entry is gone.
    await map.warnOfOthers(previous);
  } else if (wasInMap === true && isGone === undefined) {
    await entry.warnOfOthers(state);
  }
}

/**
 * Judges the removal from several places as a whole, before any of them: after one of them it is too late.
 *
 * @throws AwsAuthError `lockout` if the stack's configuration forbids it.
 */
async function judgeAll(places: Places, state: ResourceState, previous: Mapping, guard: Guard): Promise<void> {
  const { all } = places;
  if (guard.isStrict && all.every((place) => place.keeps(state))) {
    const leave = leaveOf(places, state, previous);
    // What cannot be planned is refused, or left, in its place.
    const plans = await Promise.all(all.map((place) => ignoreUserErrors(() => place.planRemoval(leave))));
    const situation = await guard.situation();
    const changes = plans.flatMap((plan) => plan?.change ?? []);
    guard.judge(situation, situation.view, folded(situation.view, changes), "destroy");
  }
}

/** What an interrupted run has left of a resource in a place where it is not kept, and what goes with its delete. */
export async function leftIn(place: Place, state: ResourceState): Promise<ResourceState | undefined> {
  const claimant = claimantOfState(state);
  return claimant.id === undefined ? undefined : (await place.findLeft(state, claimant))?.state;
}

async function unlessLeft<T>(run: Run, id: string, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (isClusterGone(error)) {
      throw error;
    }
    await tolerate(run, id, error);
    return undefined;
  }
}

/** Reports what a delete leaves, if the cluster or the stack's settings let it. Rethrows any other error. */
async function tolerate({ settings }: Run, what: string, error: unknown): Promise<void> {
  if (isClusterGone(error)) {
    await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
  } else if (isMapIgnored(error)) {
    await report("warning", `${error.message}; the entry of ${what} stays where it is, without effect`, undefined);
  } else if (isOutOfReach(error) && deletesUnreachable(settings)) {
    await report("warning", `${error.message}; ${what} is dropped from the state and stays in the cluster`, undefined);
  } else {
    throw error;
  }
}

/**
 * Whether an access entry lets a principal in whose entry in aws-auth goes, since another resource of this run, such as this one under
 * another name, says the same there. Waits until an access entry, also one that says something else, lets the principal in.
 *
 * @throws AwsAuthError `conflict` if another resource is to map the principal instead and has not done so, as in a run that goes on after
 *   its error.
 */
async function isTakenByEntry(
  { session, declarations, map, entry }: Places,
  place: Place,
  { principal = "" }: ResourceState,
  previous: Mapping,
): Promise<boolean> {
  const elsewhere = place === map ? entry : map;
  const all = declarations.others(principal, undefined);
  const others = all.filter((other) => elsewhere.keeps(other));
  const agreed = agreeing(all, previous);
  const same = agreed.filter((other) => elsewhere.keeps(other));
  // One that says the same in this place keeps the entry; until it has failed, one that says something else may go beside it.
  const keepers = agreed.filter((other) => place.keeps(other));
  const { unfinished, failed } = declarations;
  const isMissing = (other: Declaration) => (same.includes(other) ? unfinished : failed).has(other.urn);
  const missing = all.find((other) => !keepers.includes(other) && isMissing(other));
  if (missing !== undefined) {
    const where = entry.keeps(missing) ? "an access entry" : "aws-auth";
    const text = `${describeSubject(previous)} is to be kept in ${where} by ${quoted(missing.label)}, which has failed; it stays where it is until that succeeds; run again`;
    throw new AwsAuthError("conflict", text);
  }
  if (place !== map || others.length === 0) {
    return false;
  }
  const { entries } = await accessEntryClusterOf(session);
  const found = await entries.find(principal);
  await Promise.all(found.map(({ principalArn }) => entries.inForce(principalArn)));
  return found.length > 0 && same.length > 0;
}
