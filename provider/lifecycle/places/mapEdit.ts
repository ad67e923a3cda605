import {
  type AwsAuthDocument,
  addClaim,
  appendEntry,
  dropClaims,
  type Entry,
  type NewClaim,
  type RecordedClaim,
  removeEntry,
  updateEntry,
} from "../../document";
import { AwsAuthError, withClause } from "../../errors";
import { type Mapping, sameContent } from "../../mapping";
import { isInConflict, someClaimId } from "../../ownership";
import type { Declaration } from "../../session/declarations";
import { isKeptInMap } from "../state";
import {
  describeBeside,
  describeConflict,
  describeHeld,
  describeIdentical,
  describeLeft,
  describeRemovedFound,
  describeRemovedShared,
  describeRemovedUnrecorded,
  describeShadowing,
  describeTakenOverNow,
} from "./mapMessages";
import type { Intent, Plan, Removal } from "./mapPlan";
import { describeEndedNamesake, describeSubject } from "./messages";
import type { Leave, Note, Want } from "./place";

/** Why a plan may not be carried out: others have the entry, or want it as it is. */
export function refusalOf(
  document: AwsAuthDocument,
  plan: Plan,
  intent: Intent,
  label: string | undefined,
): AwsAuthError | undefined {
  if (plan.takenOverBy.length > 0) {
    return new AwsAuthError("claimed", describeTakenOverNow(document, plan, intent));
  }
  if (plan.heldBy.length > 0) {
    return new AwsAuthError("claimed", describeHeld(document, plan.own, plan.heldBy, intent.desired));
  }
  return isInConflict(plan, intent)
    ? new AwsAuthError("duplicateArn", describeConflict(document, plan, intent, label))
    : undefined;
}

/**
 * Applies a plan to the entry and its claims.
 *
 * @param claim the resource's claim; undefined: makes none, and removes those that it has.
 * @returns as {@link replaceClaims}.
 * @throws AwsAuthError `duplicateArn` if another entry conflicts, `claimed` if claims of others do, `unreadableKey` if the key
 * cannot be edited.
 */
export function applyPlan(document: AwsAuthDocument, plan: Plan, intent: Intent, claim: WantedLine | undefined) {
  const refusal = refusalOf(document, plan, intent, undefined);
  if (refusal !== undefined) {
    throw refusal;
  }
  const { own, inSync, wanted, removes, replaced } = plan;
  const without = removes.reduce(removeEntry, document);
  const { document: edited, entry } =
    own === undefined
      ? appendEntry(without, wanted)
      : inSync
        ? { document: without, entry: own }
        : updateEntry(without, own, wanted);
  return replaceClaims(edited, replaced, entry, claim);
}

/**
 * The maximum size of the record, in bytes. Kubernetes allows 256 KiB for all annotations of an object, and `kubectl apply` stores
 * a copy of the whole object in another annotation.
 */
const maxRecordBytes = 128 * 1024;

/** A claim to be made on an entry of aws-auth. */
type WantedLine = Omit<NewClaim, "entry">;

/**
 * Replaces claims by one claim on an entry.
 *
 * @param replaced the claims to remove.
 * @param wanted the new claim; undefined: only removes.
 * @returns the document, and whether the record contains the claim, which it does not if it is full.
 */
export function replaceClaims(
  document: AwsAuthDocument,
  replaced: readonly RecordedClaim[],
  entry: Entry,
  wanted: WantedLine | undefined,
) {
  const without = dropClaims(document, replaced);
  if (wanted === undefined) {
    return { document: without, isClaimed: false };
  }
  const claimed = addClaim(without, { entry, ...wanted });
  const { bytes } = claimed.record;
  const isFull = bytes > maxRecordBytes && bytes > document.record.bytes;
  return isFull ? { document: without, isClaimed: false } : { document: claimed, isClaimed: true };
}

export function hasRoomFor(document: AwsAuthDocument, label: string, entry: Entry | undefined): boolean {
  const wanted = { id: someClaimId, label, isFound: false };
  return entry === undefined || replaceClaims(document, [], entry, wanted).isClaimed;
}

/** The document without the own claims and, if nobody else wants it, without the entry. */
export function applyRemoval(document: AwsAuthDocument, removal: Removal): AwsAuthDocument {
  if (removal.kind === "inherited") {
    return document;
  }
  const without = dropClaims(document, [...removal.standing.own, ...removal.standing.earlier]);
  return removal.kind === "remove" ? removeEntry(without, removal.entry) : without;
}

/**
 * The error of a create that fails once its entry is in aws-auth: that stays, since the access entry that it was to count instead of may be
 * gone by then.
 */
export function withEntryLeft(error: unknown, { desired }: Want): unknown {
  const subject = describeSubject(desired);
  return withClause(
    error,
    `the entry for ${subject} is in aws-auth now, which no state knows; run again, or remove it`,
  );
}

/**
 * @param hasId whether the state has a claim ID. If so, and the record does not contain it, the claim was lost.
 * @param isMoved whether an access entry takes the entry's place, which is what the program asks for.
 */
export function warningsOf(removal: Removal, previous: Mapping, hasId: boolean, isMoved: boolean): string[] {
  const { standing, stranded } = removal;
  const { own, earlier } = standing;
  const ended = removal.kind === "inherited" || earlier.length === 0 ? [] : [describeEndedNamesake(previous, earlier)];
  if (removal.kind !== "remove") {
    return ended;
  }
  const isFound = [...own, ...earlier].some((claim) => claim.isFound);
  return [
    ...ended,
    ...(!isMoved && isFound ? [describeRemovedFound(previous)] : []),
    ...(hasId && own.length === 0 ? [describeRemovedUnrecorded(previous)] : []),
    ...(stranded.length > 0 ? [describeRemovedShared(previous, stranded)] : []),
  ];
}

export function intentOf({ desired, before, claimant, ignored, flags, others }: Want): Intent {
  const previous = isKeptInMap(before) ? before?.mapping : undefined;
  return { desired, previous, claimant, ignored, ...flags, declared: contentsOf(others) };
}

export function intentToLeave({ previous, claimant, flags, state, others }: Leave) {
  const { noDuplicateARNs } = flags;
  return { previous, claimant, declared: contentsOf(others), ignored: state.claim.ignored ?? [], noDuplicateARNs };
}

/** What other resources want here, as far as that is known. */
function contentsOf(others: readonly Declaration[]): readonly Mapping[] {
  return others.filter(isKeptInMap).flatMap(({ mapping }) => mapping ?? []);
}

export function notesOn(document: AwsAuthDocument, plan: Plan, intent: Intent, takesOver: boolean): readonly Note[] {
  const isNew = intent.previous === undefined;
  const isAdded = isNew || plan.own === undefined;
  const notes: Note[] = [];
  const beside = intent.declared.filter((other) => !sameContent(other, intent.desired));
  if (isAdded && (plan.left.length > 0 || beside.length > 0)) {
    const text = plan.left.length > 0 ? describeLeft(document, plan, intent) : describeBeside(beside, intent);
    notes.push({ severity: "warning", text });
  }
  if (plan.rivals.length > 0 && !intent.adopt && (isAdded || plan.shadowedBy !== undefined)) {
    notes.push({ severity: "warning", text: describeShadowing(document, plan, intent) });
  }
  if (isNew && plan.own !== undefined && !takesOver) {
    notes.push({ severity: "info", text: describeIdentical(document, plan, plan.own, intent), isOfStack: true });
  }
  return notes;
}
