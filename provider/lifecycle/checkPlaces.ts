import type { dynamic } from "@pulumi/pulumi";
import type { Lockout } from "../access/lockout";
import { report } from "../engine/diagnostics";
import { AwsAuthError } from "../errors";
import { type Mapping, sameContent } from "../mapping";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { reportAccess } from "./accessChange";
import { isMapReadable } from "./clusterView";
import { isOfService, type ResourceContext, type Shown, shownNames, shownOf } from "./context";
import { checkBeside, checkCrossing, checkLeaving, lostFrom, notesOnStay } from "./crossing";
import { describeRefusal, type ForeseenLockout, Guard } from "./guard";
import { locateEntry } from "./places/accessEntryCluster";
import { describeRivalResource, describeSubject, namesOf } from "./places/messages";
import {
  claimantInCheck,
  declarationOf,
  leaveOf,
  type Note,
  type OwnEntry,
  type Place,
  type PlacePlan,
  type PlaceRemoval,
  type Scope,
  type Want,
  wantOf,
} from "./places/place";
import { Places } from "./places/places";
import type { Run } from "./run";
import { isSameEntry, keyOfInputs, principalProperty, type ResourceState, type StoredAccessEntry } from "./state";

interface PlacesCheck {
  readonly failures: readonly dynamic.CheckFailure[];
  readonly shown?: Shown;
  readonly accessEntry?: StoredAccessEntry;
}

/**
 * Checks a resource against the program's other resources, and against the places where it is, was and is to be kept.
 *
 * @param given the `arn` of the program, which may have the role's path.
 * @throws AwsAuthError if one of them cannot be read.
 */
export async function checkPlaces(
  run: Run,
  session: ClusterSession,
  olds: ResourceState,
  inputs: ResourceState,
  given: unknown,
  context: ResourceContext,
): Promise<PlacesCheck> {
  const { settings } = run;
  const { mapping: desired } = inputs;
  const places = new Places(session, settings);
  const { map, entry } = places;
  // Declared before anything is read, so that other resources know of it even if reading fails.
  const own =
    inputs.principal === undefined ? undefined : declare(run, session, inputs.principal, olds, inputs, context);
  const before = own && asMade(run.before(inputs, own.urn));
  const isMapRead =
    (map.keeps(inputs) || map.keeps(before)) && (await isMapReadable(session, settings, map.keeps(inputs)));
  if (own === undefined) {
    return nothing;
  }
  const property = principalProperty(inputs);
  const rival = session.declarations.others(own.principal, own.urn).find((other) => isRival(own, other, entry));
  if (rival !== undefined) {
    return { failures: [{ property, reason: describeRivalResource(own, rival) }] };
  }
  if (desired === undefined) {
    return nothing;
  }
  const located = entry.keeps(inputs)
    ? await locateEntry(session, inputs, desired, given, before, context)
    : { state: inputs };
  if ("failures" in located) {
    return located;
  }
  const { state } = located;
  const isKnown = run.checked.has(own.urn);
  const want = wantOf(places, own, state, { desired, before, claimant: claimantInCheck(state, isKnown) });
  const planned = await planAll(places, [...(isMapRead ? [map] : []), entry], want);
  if ("failures" in planned) {
    return planned;
  }
  const { plans, removals, entries } = planned;
  for (const { standing } of plans) {
    session.declarations.see(own.urn, standing.siblings);
  }
  const crossing = await checkCrossing(want, before && entries.get(places.deciding(before)), places);
  const failures =
    crossing.failures.length > 0 ? crossing.failures : removals.flatMap((removal) => checkLeaving(want, removal));
  if (failures.length > 0) {
    return { failures };
  }
  const beside = !entry.keeps(state) && !entry.keeps(before) ? await checkBeside(want, entry) : undefined;
  if (beside !== undefined && beside.failures.length > 0) {
    return { failures: beside.failures };
  }
  const guarded = await guardChanges(places, want, plans, removals);
  if (guarded.failures.length > 0) {
    return guarded;
  }
  const notes = [
    ...plans.flatMap((plan) => notesOf(plan, desired, context)),
    ...(beside?.notes ?? []),
    ...crossing.notes,
    ...(places.deciding(state) === map ? removals.flatMap((removal) => notesOnStay(want, removal)) : []),
    ...guarded.warnings.map((text): Note => ({ severity: "warning", text })),
  ];
  for (const { severity, text, isOfStack } of notes) {
    await report(severity, text, isOfStack === true ? undefined : context.urn);
  }
  const lost = await lostFrom(removals, want, places.deciding(state));
  const shown = shownOf([...plans, ...lost.map((drift) => ({ drift, adoption: {} }))]);
  if (plans.some(({ isOutOfSync }) => isOutOfSync)) {
    // The following diff compares only inputs and state, which do not contain this.
    run.outOfSync.add(keyOfInputs(state, settings));
  }
  await reportShown(shown, desired, context);
  const changes = [...plans.filter(({ isChange }) => isChange), ...removals].map(({ change }) => change);
  if (changes.length > 0) {
    await reportAccess(session, desired, changes, context);
  }
  return {
    failures: [],
    ...(context.isPreview && { shown }),
    ...(entry.keeps(state) && state.accessEntry !== undefined && { accessEntry: state.accessEntry }),
  };
}

const nothing: PlacesCheck = { failures: [] };

/** Inputs do not say whether the resource made its access entry, which counts only where it has no claim. Outputs, in `diff`, do. */
function asMade(before: ResourceState | undefined): ResourceState | undefined {
  return before?.accessEntry === undefined
    ? before
    : { ...before, accessEntry: { ...before.accessEntry, isMade: true } };
}

/** What a resource does in the places where it is kept, and in those that it leaves. */
interface Planned {
  readonly plans: readonly PlacePlan[];
  readonly removals: readonly PlaceRemoval[];
  readonly entries: ReadonlyMap<Place, OwnEntry | undefined>;
}

async function planAll(
  scope: Scope,
  places: readonly Place[],
  want: Want,
): Promise<Planned | Pick<PlacesCheck, "failures">> {
  const { state, before } = want;
  const plans: PlacePlan[] = [];
  const removals: PlaceRemoval[] = [];
  const entries = new Map<Place, OwnEntry | undefined>();
  for (const place of places) {
    if (place.keeps(state)) {
      // Where it was not kept, or not of this principal, a claim under its name may be that of a stack of this name.
      const isOwnName = before !== undefined && place.keeps(before);
      const plan = await place.plan({ ...want, claimant: claimantInCheck(state, isOwnName) });
      if (plan.refusal !== undefined) {
        return { failures: [{ property: principalProperty(state), reason: plan.refusal.message }] };
      }
      plans.push(plan);
      entries.set(place, plan.own);
    } else if (before?.mapping !== undefined && place.keeps(before)) {
      const more = { claimant: claimantInCheck(before, true), isMoved: true, isReplaced: true };
      const removal = await place.planRemoval(leaveOf(scope, before, before.mapping, more));
      removals.push(removal);
      entries.set(place, removal.own);
    }
  }
  return { plans, removals, entries };
}

function declare(
  run: Run,
  { declarations }: ClusterSession,
  principal: string,
  olds: ResourceState,
  inputs: ResourceState,
  context: ResourceContext,
): Declaration {
  const urn = context.urn ?? principal;
  // For a replacement the engine calls check a second time, without old state.
  if (Object.keys(olds.properties).length > 0) {
    run.checked.set(urn, olds);
  }
  const declaration = {
    ...declarationOf(urn, principal, inputs, context.ignoreChanges, run.settings),
    isReplacement: run.checked.has(urn) && !isSameEntry(olds, inputs, run.settings),
  };
  declarations.register(declaration);
  return declaration;
}

/**
 * Whether the program may not have both of two resources for one principal. Those of an AWS service, one for each namespace, want the same
 * entry.
 */
function isRival(own: Declaration, other: Declaration, entry: Place): boolean {
  const both = [own, other];
  const [a, b] = [own.mapping, other.mapping];
  const isSame = a !== undefined && b !== undefined && sameContent(a, b);
  // An access entry takes precedence over aws-auth, too.
  const areInEntry = both.some((one) => entry.keeps(one)) && a !== undefined && b !== undefined;
  const isService = both.every(({ urn }) => isOfService(urn));
  // A resource that adopts leaves no room for another of its program.
  const isAlone = both.some(({ noDuplicateARNs, adopt }) => noDuplicateARNs || adopt);
  return (areInEntry && !isSame) || (isAlone && !(isService && isSame));
}

/** The lock-outs of a plan: warnings, or failures if the stack forbids them. */
async function guardChanges(
  places: Places,
  { state, before, desired }: Want,
  plans: readonly PlacePlan[],
  removals: readonly PlaceRemoval[],
): Promise<{ readonly failures: readonly dynamic.CheckFailure[]; readonly warnings: readonly string[] }> {
  const isLeaving = removals.length > 0 && before?.mapping !== undefined && !sameContent(desired, before.mapping);
  if (!isLeaving && !plans.some(({ mayTake }) => mayTake)) {
    return { failures: [], warnings: [] };
  }
  const guard = new Guard(places, [state, before]);
  let lockouts: readonly ForeseenLockout[];
  try {
    lockouts = await guard.foresee([...plans, ...removals].map(({ change }) => change));
  } catch (error) {
    // The write would fail in the same way.
    if (error instanceof AwsAuthError && error.code === "unsupportedEntry") {
      return { failures: [{ property: principalProperty(state), reason: error.message }], warnings: [] };
    }
    throw error;
  }
  const failures = guard.isStrict
    ? lockouts.map(({ lockout, text }) => ({
        property: propertyOf(lockout, state),
        reason: describeRefusal([text]),
      }))
    : [];
  return { failures, warnings: guard.isStrict ? [] : lockouts.map(({ text }) => text) };
}

function propertyOf({ before, after }: Lockout, inputs: ResourceState): "groups" | "username" | "arn" | "account" {
  const property = before.groups.every((group) => after?.groups.includes(group)) ? "username" : "groups";
  return inputs.properties[property] === undefined ? principalProperty(inputs) : property;
}

function notesOf({ namesakes, notes }: PlacePlan, desired: Mapping, { isGone }: ResourceContext): readonly Note[] {
  const isTold = namesakes.length > 0 && isGone !== true;
  const text = `${describeSubject(desired)} is claimed already under the name of this resource, ${namesOf(namesakes)}: by an interrupted run, by a resource that is replaced or was left in place (retainOnDelete, pulumi state delete), by a stack that was renamed, or by a stack of this name in another backend; that claim stays beside this resource's`;
  return [...(isTold ? [{ severity: "warning", text } as const] : []), ...notes];
}

/** A preview without --diff does not show properties, and properties that an update stores would be shown forever. */
async function reportShown(shown: Shown, desired: Mapping, { urn }: ResourceContext): Promise<void> {
  for (const name of shownNames) {
    const changes = Object.entries(shown[name] ?? {}).map(([subject, change]) => `${subject}: ${change}`);
    if (changes.length > 0) {
      const severity = name === "drift" ? "warning" : "info";
      await report(severity, `${name} of ${describeSubject(desired)}: ${changes.join("; ")}`, urn);
    }
  }
}
