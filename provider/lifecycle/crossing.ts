import type { dynamic } from "@pulumi/pulumi";
import { describeMapping, type Mapping, sameContent } from "../mapping";
import type { AccessEntryPlace } from "./places/accessEntryPlace";
import { describeSubject, namesOf } from "./places/messages";
import {
  claimantInCheck,
  type LeftBehind,
  type Note,
  type OwnEntry,
  type Place,
  type PlaceRemoval,
  type Want,
} from "./places/place";
import type { Places } from "./places/places";
import { principalProperty, type ResourceState } from "./state";

/** What is refused, and what is told. */
interface Crossing {
  readonly failures: readonly dynamic.CheckFailure[];
  readonly notes: readonly Note[];
}

const nothing: Crossing = { failures: [], notes: [] };

/**
 * Checks what belongs to neither place: a mapping that begins to count elsewhere and would give its principal there what it does not have
 * today.
 *
 * @param own its entry in the place that decides so far, if it is there.
 */
export async function checkCrossing(want: Want, own: OwnEntry | undefined, places: Places): Promise<Crossing> {
  const { desired, before, state, ignored } = want;
  const { map, entry } = places;
  const isNewInMap = map.keeps(state) && !map.keeps(before);
  if (before !== undefined && (entry.keeps(state) !== entry.keeps(before) || isNewInMap) && own !== undefined) {
    const live = own.withIgnored(desired, ignored, before.mapping ?? desired);
    const failures = checkIgnored(desired, live, own.describe(live));
    if (failures.length > 0) {
      return { failures, notes: [] };
    }
  }
  return entry.keeps(state) ? checkOverridden(want, places) : nothing;
}

/**
 * Refuses to move a mapping whose `ignoreChanges` lets it say something else where it is now. Where it goes it would say what the state
 * says, which somebody has changed.
 *
 * @param live what it says where it is now.
 */
function checkIgnored(desired: Mapping, live: Mapping, says: string): readonly dynamic.CheckFailure[] {
  if (sameContent(desired, live) || desired.kind === "account" || live.kind === "account") {
    return [];
  }
  const property = desired.username === live.username ? "groups" : "username";
  const reason = `the ignoreChanges of ${describeSubject(desired)} has kept what somebody else has changed: ${says}; a move would bring back ${describeMapping(desired)}; to move it, say in the program what should count, and leave out ignoreChanges until it has moved`;
  return [{ property, reason }];
}

/**
 * Checks the access entry of a principal to whom aws-auth gives something else, by an entry that is somebody else's or that shadows this
 * resource's: the access entry takes precedence over it. A new one is refused, unless the resource may have it beside others. Where it is
 * allowed, and where an access entry changes, that is told: others may have shared that entry when this mapping moved.
 */
async function checkOverridden(want: Want, { map, entry }: Places): Promise<Crossing> {
  const { desired, before, state, flags } = want;
  const wasInEntry = entry.keeps(before);
  // A new mapping in both places is in conflict in aws-auth.
  const isAlone = before !== undefined || (!map.keeps(state) && flags.noDuplicateARNs);
  const isRefused = !wasInEntry && !flags.adopt && isAlone;
  const isUnchanged = wasInEntry && before?.mapping !== undefined && sameContent(desired, before.mapping);
  const other = isRefused || (!isUnchanged && !map.keeps(state)) ? await map.findOther(want) : undefined;
  if (other === undefined) {
    return nothing;
  }
  const subject = describeSubject(desired);
  const says = `this resource says ${describeMapping(desired)}`;
  if (!isRefused) {
    const text = `${subject} is mapped ${other} too; ${says} in an access entry, which takes precedence over that`;
    return { failures: [], notes: [{ severity: "warning", text }] };
  }
  const reason =
    before === undefined
      ? `${subject} is already mapped ${other}; ${says} in an access entry, which takes precedence; say the same here, remove the other entry, or set adopt: true to let this resource decide`
      : `${subject} is mapped ${other}, which counts instead of the entry of this resource; ${says}, and its access entry would take precedence over both; remove one of the two, or set adopt: true to let this resource decide`;
  return { failures: [{ property: principalProperty(state), reason }], notes: [] };
}

/**
 * Refuses to leave an entry that somebody changed, or that others want as it is where the mapping is to say something else in another
 * place. Unless, of the latter, the resource is asked to adopt.
 */
export function checkLeaving(want: Want, removal: PlaceRemoval): readonly dynamic.CheckFailure[] {
  const { kind, own, wantedBy, refusal } = removal;
  if (refusal !== undefined) {
    return [{ property: "authenticationMode", reason: refusal }];
  }
  const isHeld = kind === "keep" && wantedBy.length > 0 && !want.flags.adopt && own?.says(want.desired) === false;
  return isHeld ? [{ property: principalProperty(want.state), reason: removal.describeHeld(want.desired) }] : [];
}

/** Tells of an access entry that stays and says something else than a mapping that is to count in aws-auth again. */
export function notesOnStay({ desired }: Want, { kind, own }: PlaceRemoval): readonly Note[] {
  if ((kind !== "keep" && kind !== "leave") || own === undefined || own.says(desired)) {
    return [];
  }
  const why = kind === "keep" ? "others want it" : "this resource did not make it";
  const text = `${describeSubject(desired)} is to be kept in aws-auth, and ${own.describe(desired)}, which stays, since ${why}, and takes precedence: this mapping counts once that is deleted`;
  return [{ severity: "warning", text }];
}

/**
 * Checks a resource that is kept in aws-auth alone, where an interrupted run may have left an access entry. Of one in the state, `diff`
 * finds out by ID whether it is its own.
 */
export async function checkBeside(want: Want, entry: AccessEntryPlace) {
  const { state, before, flags } = want;
  const isNew = before === undefined;
  const left = await entry.findLeft(state, claimantInCheck(state, !isNew));
  const notes: readonly Note[] =
    left === undefined
      ? await entry.findOverriding(state)
      : isNew && flags.adopt
        ? [{ severity: "warning", text: left.description }]
        : [];
  const failures =
    left === undefined || !isNew || flags.adopt
      ? []
      : [{ property: principalProperty(state), reason: describeUnsure(state, left) }];
  return { left, notes, failures };
}

/** Refuses to guess whose such an access entry is, where no state says it. */
export function describeUnsure({ mapping }: ResourceState, { text, claims }: LeftBehind): string {
  const subject = mapping === undefined ? "nobody" : describeSubject(mapping);
  return `${subject} is to be kept in aws-auth, and has an access entry, which takes precedence over it and says ${text}; it is claimed under the name of this resource, ${namesOf(claims)}: by an interrupted run, or by a stack of this name in another backend; delete that access entry, or set adopt: true to have it removed`;
}

/** What somebody else has removed from the places that a resource leaves. A run that was killed after the move has done it itself. */
export async function lostFrom(
  removals: readonly PlaceRemoval[],
  { state, before }: Want,
  place: Place,
): Promise<readonly PlaceRemoval["drift"][]> {
  const drifts = removals.map(({ drift }) => drift).filter((drift) => Object.keys(drift).length > 0);
  const isMoved =
    before !== undefined &&
    drifts.length > 0 &&
    (await place.findLeft(state, claimantInCheck(before, true))) !== undefined;
  return isMoved ? [] : drifts;
}
