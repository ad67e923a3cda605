import type { dynamic } from "@pulumi/pulumi";
import { isCaller } from "../access/lockout";
import { idOf, ownershipPolicy, stateOf } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError, ignoreUserErrors, isMapIgnored, isRefused, withClause } from "../errors";
import { describeMapping, noPrincipal, sameContent } from "../mapping";
import { newClaimId } from "../ownership";
import { Guard } from "./guard";
import { accessEntryClusterOf } from "./places/accessEntryCluster";
import type { LabelledId } from "./places/labelledId";
import { describeSubject } from "./places/messages";
import { claimantInWrite, claimantOfState, type Kept, leaveOf, type Place, type Want, wantOf } from "./places/place";
import { Places } from "./places/places";
import type { Run } from "./run";
import { outputsOf, principalProperty, type ResourceState, withCluster } from "./state";
import { inTurn } from "./turns";

/** Adds the mapping, takes over an existing one, or changes nothing, depending on what is there when it is written. */
export async function create(run: Run, inputs: ResourceState): Promise<dynamic.CreateResult> {
  const { ref, session } = await run.locate(inputs.cluster);
  const located = withCluster(inputs, stateOf(ref));
  const places = new Places(session, run.settings);
  const outs = await inTurnUntilDone(run, places, undefined, located);
  return { id: `${idOf(ref)}/${inputs.properties[principalProperty(inputs)]}`, outs };
}

/** Updates the mapping in place. Adds it again if it was removed outside of Pulumi. */
export async function update(run: Run, olds: ResourceState, news: ResourceState): Promise<dynamic.UpdateResult> {
  const { ref, session } = await run.locate(news.cluster);
  const located = withCluster(news, stateOf(ref));
  const places = new Places(session, run.settings);
  return { outs: await inTurnUntilDone(run, places, olds, located) };
}

/** Keeps a mapping in its turn. Until that has succeeded, no delete of this run relies on it. */
async function inTurnUntilDone(run: Run, places: Places, olds: ResourceState | undefined, inputs: ResourceState) {
  const { mapping, claim } = inputs;
  const { declarations } = places;
  const { urn = "" } = (mapping && declarations.of(mapping, claim.owner)) ?? {};
  declarations.unfinished.add(urn);
  const outs = await inTurn(places, olds, inputs, () => reconcile(run, places, inputs, olds)).catch(
    (error: unknown) => {
      declarations.failed.add(urn);
      throw error;
    },
  );
  declarations.unfinished.delete(urn);
  return outs;
}

/**
 * Keeps a mapping where its mode says, and nowhere else. What gives access anew comes first, and is proven before anything goes, so
 * that whoever is mapped has access at every moment, and a run that is killed leaves at most too much, which the next one removes.
 *
 * @param olds the outputs of the resource in an update.
 * @returns the outputs.
 */
async function reconcile(
  run: Run,
  places: Places,
  inputs: ResourceState,
  olds: ResourceState | undefined,
): Promise<Record<string, unknown>> {
  // What counts comes first.
  const here = places.all.filter((place) => place.keeps(inputs));
  const { want, claim } = await writerOf(run, places, inputs, olds, here);
  const guard = new Guard(places, [inputs, want.before]);
  const kept: Kept[] = [];
  // Afterwards the cluster may not know the run any more.
  let isProving = await isOwnMove(places, want);
  try {
    for (const place of here) {
      kept.push(await applyTo(place, want, claim, guard));
      if (isProving) {
        await proveAccess(places, want, kept);
        isProving = false;
      }
    }
    for (const place of places.all.filter((other) => !here.includes(other))) {
      await leavePlace(places, place, want, olds, kept, guard);
    }
  } catch (error) {
    if (olds !== undefined && !isProving) {
      throw withBegun(error, want, kept, places.entry);
    }
    // No state would know of it, or it may shut this run out.
    let told = error;
    for (const one of kept) {
      told = await one.takeBack(told);
    }
    throw told;
  }
  const isClaimed = kept.some((one) => one.isClaimed);
  const accessEntry = kept.find((one) => one.accessEntry !== undefined)?.accessEntry;
  return outputsOf(inputs, isClaimed ? claim.id : undefined, accessEntry);
}

/** Without a claim that the settings do not want, if it is refused, as by an admission policy. */
async function applyTo(place: Place, want: Want, claim: LabelledId, guard: Guard): Promise<Kept> {
  try {
    return await place.apply(want, claim, guard);
  } catch (error) {
    if (claim.isWanted !== "joining" || !isRefused(error)) {
      throw error;
    }
    const kept = await place.apply(want, { ...claim, isWanted: false }, guard);
    const text = `new mappings have identical entries already, and claims on them are refused: an entry that another process of this run deletes, as after a change of both a name and a provider, goes with its old resource; give that an alias, or run "pulumi up" again, which adds it again: ${error.message}`;
    await report("warning", text, undefined);
    return kept;
  }
}

/** Whether the run's own mapping begins to count in an access entry. In mode `API` the run is in by another one. */
async function isOwnMove({ session, entry }: Places, { state, before }: Want): Promise<boolean> {
  const begins = entry.keeps(state) && !entry.keeps(before);
  if (!begins || (await accessEntryClusterOf(session)).cluster.authenticationMode === "API") {
    return false;
  }
  return isCaller(state.principal ?? "", await ignoreUserErrors(() => session.caller()));
}

/**
 * Proves that the run still gets in by its access entry, once that is in force.
 *
 * @throws AwsAuthError `lockout` if it does not, or any other if the cluster does not tell.
 */
async function proveAccess({ session }: Places, { desired }: Want, kept: readonly Kept[]): Promise<void> {
  await Promise.all(kept.map((one) => one.inForce()));
  if (!(await session.isLetIn())) {
    const text = `${describeSubject(desired)} is the identity of this run, and the cluster does not let it in by its new access entry; aws-auth counts again once that is gone; compare its username and groups with what the run has today`;
    throw new AwsAuthError("lockout", text);
  }
}

/** Removes a mapping from a place where it is not kept any more, or where an interrupted run has left it. */
async function leavePlace(
  places: Places,
  place: Place,
  { state: inputs, desired, flags }: Want,
  olds: ResourceState | undefined,
  kept: readonly Kept[],
  guard: Guard,
): Promise<void> {
  const isThere = olds !== undefined && place.keeps(olds);
  const claimant = isThere ? claimantOfState(olds) : claimantInWrite(olds?.claim.id, inputs);
  const isSought = olds?.claim.id !== undefined || flags.adopt;
  const state = isThere ? olds : isSought ? (await place.findLeft(inputs, claimant))?.state : undefined;
  if (state === undefined) {
    return;
  }
  await Promise.all(kept.map((one) => one.inForce()));
  const more = { claimant, isMoved: true, isReplaced: true, isLeftover: !isThere };
  try {
    const leave = leaveOf(places, state, (olds ?? state).mapping ?? desired, more);
    // An access entry that is left may be the last one of an administrator.
    await place.remove(leave, isThere ? guard : new Guard(places, [inputs, state]));
  } catch (error) {
    // A cluster that ignores aws-auth keeps it there, without effect.
    if (!isMapIgnored(error)) {
      throw error;
    }
  }
}

/**
 * The error of a change whose access entry says already what the program says, while the state does not. Of a move, whoever goes back, or
 * destroys, has to say so, else no run looks for the entry.
 */
function withBegun(error: unknown, { before, desired }: Want, kept: readonly Kept[], entry: Place): unknown {
  const isMove = !entry.keeps(before);
  const isSame = !isMove && before?.mapping !== undefined && sameContent(before.mapping, desired);
  const now = isMove ? "is there" : `says ${describeMapping(desired)}`;
  const back = isMove ? ", or go back, also before a destroy, with authenticationMode: CONFIG_MAP" : "";
  const text = `the access entry of ${describeSubject(desired)} ${now} now, and takes precedence over aws-auth; run again${back}`;
  return isSame || kept.every((one) => one.accessEntry === undefined) ? error : withClause(error, text);
}

/** What a resource writes, as far as that does not depend on what is there. */
async function writerOf(
  run: Run,
  places: Places,
  inputs: ResourceState,
  olds: ResourceState | undefined,
  here: readonly Place[],
): Promise<{ readonly want: Want; readonly claim: LabelledId }> {
  const { mapping: desired, principal = "", claim } = inputs;
  if (desired === undefined) {
    throw new AwsAuthError("invalidInput", noPrincipal);
  }
  const declaration = places.declarations.of(desired, claim.owner);
  const claims = async () => (await Promise.all(here.map((place) => place.claimsFor(principal)))).flat();
  const id = olds?.claim.id ?? claim.id ?? newClaimId(claim.stem, await claims());
  // If a resource is replaced without a change of identity, its entry still exists when the replacement is created.
  const before = olds ?? (declaration && run.before(inputs, declaration.urn));
  const isReplacing = before !== undefined || declaration?.isReplacement === true;
  const writer = claimantInWrite(id, inputs);
  const creator = { ...writer, siblings: declaration?.siblings, label: isReplacing ? claim.owner : undefined };
  const claimant = olds === undefined ? creator : writer;
  const isWanted = ownershipPolicy(run.settings) === "off" ? "joining" : true;
  return {
    want: wantOf(places, declaration, inputs, { desired, before, claimant }),
    claim: { id, label: claim.owner, isWanted, isOfCreate: olds === undefined },
  };
}
