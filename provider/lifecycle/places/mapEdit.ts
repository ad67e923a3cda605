import {
  type AwsAuthDocument,
  addClaim,
  appendEntry,
  type Claim,
  type ClaimedPart,
  dropClaims,
  type Entry,
  removeEntry,
  updateEntry,
} from "../../document";
import { AwsAuthError } from "../../errors";
import type { Mapping } from "../../mapping";
import { isInConflict, someClaimId, type WantedClaim } from "../../ownership";
import type { Declaration } from "../../session/declarations";
import { isKeptInMap } from "../state";
import {
  describeChangedOutside,
  describeConflict,
  describeForbidden,
  describeIdentical,
  describeLeft,
  describeRemovedFound,
  describeRemovedShared,
  describeRemovedUnrecorded,
  describeShadowing,
} from "./mapMessages";
import { type Intent, isForbidden, type Plan, type Removal } from "./mapPlan";
import { acceptChange, describeEndedNamesake } from "./messages";
import type { Leave, Note, Want } from "./place";

/** Why a plan may not be carried out: others have the entry, or want it as it is. */
export function refusalOf(
  document: AwsAuthDocument,
  plan: Plan,
  intent: Intent,
  label: string | undefined,
): AwsAuthError | undefined {
  if (isForbidden(plan)) {
    return new AwsAuthError("claimed", describeForbidden(document, plan, intent));
  }
  return isInConflict(plan, intent)
    ? new AwsAuthError("duplicateArn", describeConflict(document, plan, intent, label))
    : undefined;
}

/** The result of a plan. */
interface AppliedPlan {
  readonly document: AwsAuthDocument;
  /** Whether the record contains the resource's claim. */
  readonly isClaimed: boolean;
}

/**
 * Applies a plan to the entry and its claims.
 *
 * @param claim the resource's claim; undefined: makes none, and removes those that it has.
 * @throws AwsAuthError `duplicateArn` if another entry conflicts, `claimed` if claims of others do, `unreadableKey` if the key
 * cannot be edited.
 */
export function applyPlan(
  document: AwsAuthDocument,
  plan: Plan,
  intent: Intent,
  claim: WantedLine | undefined,
): AppliedPlan {
  const refusal = refusalOf(document, plan, intent, undefined);
  if (refusal !== undefined) {
    throw refusal;
  }
  const { document: edited, entry } = editFor(plan.removes.reduce(removeEntry, document), plan);
  return replaceClaims(edited, plan.replaced, entry, claim);
}

function editFor(
  document: AwsAuthDocument,
  { own, inSync, wanted }: Plan,
): { document: AwsAuthDocument; entry: Entry } {
  if (own === undefined) {
    return appendEntry(document, wanted);
  }
  return inSync ? { document, entry: own } : updateEntry(document, own, wanted);
}

/**
 * The maximum size of the record, in bytes. Kubernetes allows 256 KiB for all annotations of an object, and `kubectl apply` stores
 * a copy of the whole object in another annotation.
 */
const maxRecordBytes = 128 * 1024;

/** A claim to be made on an entry of aws-auth. */
export interface WantedLine extends WantedClaim {
  /** The part of the entry that it covers. Default: all of it. */
  readonly part?: ClaimedPart;
}

/**
 * Replaces claims by one claim on an entry.
 *
 * @param replaced the claims to remove.
 * @param wanted the new claim; undefined: only removes.
 * @returns the document, and whether the record contains the claim, which it does not if it is full.
 */
export function replaceClaims(
  document: AwsAuthDocument,
  replaced: readonly Claim[],
  entry: Entry,
  wanted: WantedLine | undefined,
): AppliedPlan {
  const without = dropClaims(document, replaced);
  if (wanted === undefined) {
    return { document: without, isClaimed: false };
  }
  const claimed = addClaim(without, { entry, ...wanted });
  const { bytes } = claimed.record;
  const isFull = bytes > maxRecordBytes && bytes > document.record.bytes;
  return isFull ? { document: without, isClaimed: false } : { document: claimed, isClaimed: true };
}

/** Whether the record has room for another claim on an entry. */
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

/** Explains why a changed entry is not removed, and the remedies. */
export function describeChange(
  document: AwsAuthDocument,
  removal: Extract<Removal, { readonly kind: "remove" | "keep" | "changed" }>,
  { previous, isReplaced }: Leave,
): string {
  const ways = isReplaced
    ? acceptChange
    : `${acceptChange}; to leave it where it is, run "pulumi state delete" on this resource`;
  return describeChangedOutside(document, removal, previous, ways);
}

/** What a resource wants from the document. */
export function intentOf({ desired, before, claimant, isUnclaimed, ignored, flags, others }: Want): Intent {
  const previous = isKeptInMap(before) ? before?.mapping : undefined;
  return { desired, previous, claimant, isUnclaimed, ignored, ...flags, declared: contentsOf(others) };
}

export function intentToLeave({ previous, claimant, flags, state, others }: Leave) {
  const { noDuplicateARNs } = flags;
  return { previous, claimant, declared: contentsOf(others), ignored: state.claim.ignored ?? [], noDuplicateARNs };
}

/** What other resources want here, as far as that is known. */
function contentsOf(others: readonly Declaration[]): readonly Mapping[] {
  return others.filter(isKeptInMap).flatMap(({ mapping }) => mapping ?? []);
}

/** What to tell of a plan. */
export function notesOn(document: AwsAuthDocument, plan: Plan, intent: Intent, takesOver: boolean): readonly Note[] {
  const isNew = intent.previous === undefined;
  const isAdded = isNew || plan.own === undefined;
  const notes: Note[] = [];
  if (isAdded && plan.left.length > 0 && intent.noDuplicateARNs) {
    notes.push({ severity: "warning", text: describeLeft(document, plan, intent) });
  }
  if (plan.rivals.length > 0 && !intent.adopt && (isAdded || plan.shadowedBy !== undefined)) {
    notes.push({ severity: "warning", text: describeShadowing(document, plan, intent) });
  }
  if (isNew && plan.own !== undefined && !takesOver) {
    notes.push({ severity: "info", text: describeIdentical(document, plan, plan.own, intent), isOfStack: true });
  }
  return notes;
}
