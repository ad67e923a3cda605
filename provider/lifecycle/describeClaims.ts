import { type AwsAuthDocument, type Claim, covers, type Entry, findEntries } from "../document";
import { describeMapping, type Mapping } from "../mapping";
import { describeEntry, describeSubject } from "./describe";
import { namesOf } from "./ownership";
import { type Intent, type Plan, sharersOf } from "./plan";
import type { Removal } from "./planRemoval";

/** Why the claims of others forbid a plan, and the ways on. */
export function describeForbidden(document: AwsAuthDocument, plan: Plan, { desired, noDuplicateARNs }: Intent): string {
  const { takenOverBy, heldBy } = plan;
  const subject = describeSubject(desired);
  const says = `this resource says ${describeMapping(desired)}`;
  if (takenOverBy.length > 0) {
    const entries = coveredBy(document, takenOverBy).map((entry) => describeEntry(document, entry));
    return `${subject} was taken over by ${namesOf(takenOverBy)}: it is ${entries.join(" and ")} now, and ${says}; take the resource out of the program (its delete leaves that entry alone), or ${noDuplicateARNs ? 'take the entry back with "pulumi state delete" and adopt: true' : 'run "pulumi state delete" on it, and the next "pulumi up" adds an entry of its own beside that one'}`;
  }
  const others = namesOf(heldBy);
  return `${subject} is shared with ${others}, which ${heldBy.length === 1 ? "wants" : "want"} the entry as it is${plan.own === undefined ? "" : ` (${describeEntry(document, plan.own)})`}, and ${says}; leave it as it is, or set adopt: true to take it over from ${others}, whose next preview says so until the program there says the same`;
}

/** What a resource that shares its entry is told. */
export function describeSharing(desired: Mapping, plan: Plan): string {
  return `${describeSubject(desired)} is shared with ${namesOf(sharersOf(plan))}: the entry goes with the last of those that want it`;
}

/** A claim of the state's that the record does not have any more. */
export function describeLostClaim(desired: Mapping): string {
  return `${describeSubject(desired)} is no longer claimed by this resource: its line was removed from the annotation pulumi-aws-auth/claims outside of Pulumi; "pulumi up" puts it back`;
}

/** What a refresh finds of an entry that others have taken over. */
export function describeTakenOver(stored: Mapping, takenOverBy: readonly Claim[]): string {
  return `${describeSubject(stored)} was taken over by ${namesOf(takenOverBy)}; the state keeps what this resource last said, and its delete leaves that entry alone`;
}

/** What a refresh leaves of a resource whose entry is gone. */
export function describeLeftClaim(stored: Mapping): string {
  return `the entry for ${describeSubject(stored)} was removed outside Pulumi; the claim on it stays in the annotation pulumi-aws-auth/claims until "pulumi up" makes the mapping again, or somebody removes that line: it would keep the same entry of another stack`;
}

/** What a delete leaves where it is, since others want it. */
export function describeKept(previous: Mapping, wantedBy: readonly Claim[]): string {
  return `the entry for ${describeSubject(previous)} stays: ${namesOf(wantedBy)} ${wantedBy.length === 1 ? "wants" : "want"} it`;
}

/** Why a delete is refused, and the ways on. */
export function describeChangedOutside(
  document: AwsAuthDocument,
  { entry, stranded }: Extract<Removal, { kind: "changed" }>,
  previous: Mapping,
  ways: string,
): string {
  const shared = stranded.length === 0 ? "" : `, which ${namesOf(stranded)} shared`;
  return `${describeSubject(previous)}: this resource last said ${describeMapping(previous)}${shared}, and ${describeEntry(document, entry)} is what is there now; somebody changed it outside Pulumi, so it is not removed; ${ways}`;
}

/** How to have an entry removed that somebody changed. */
export const acceptChange =
  'to remove it all the same, accept it into the state first with "pulumi refresh", or run "pulumi destroy --refresh"';

/** A removed entry of which somebody might be surprised. */
export function describeRemovedFound(previous: Mapping): string {
  return `the entry for ${describeSubject(previous)} was there before this resource was created, and went with it`;
}

/** A removed entry that others shared before somebody changed it. */
export function describeRemovedShared(previous: Mapping, stranded: readonly Claim[]): string {
  return `the entry for ${describeSubject(previous)} was shared with ${namesOf(stranded)} before somebody changed it, and went with this resource; "pulumi up" there adds it again`;
}

/** A removed entry that the record did not name any more. */
export function describeRemovedUnrecorded(previous: Mapping): string {
  return `the entry for ${describeSubject(previous)} was removed although its claim is missing from the annotation pulumi-aws-auth/claims; other stacks that want it, and whose claims are missing as well, add it again with "pulumi up"`;
}

/** A claim under the resource's name that is another's. */
export function describeNamesake(desired: Mapping, namesakes: readonly Claim[]): string {
  return `${describeSubject(desired)} was claimed already under the name of this resource, ${namesOf(namesakes)}: by a run that was killed, by a mapping that was moved to another stack, or by a stack of this name in another backend; the claim is this resource's now`;
}

/** The record has no place for another claim. */
export function describeFullRecord(): string {
  return "the annotation pulumi-aws-auth/claims is full (128 KiB): entries are written without a claim, so that other stacks do not see whose they are; remove claims that are no longer needed, or set aws-auth:owner to a shorter name";
}

function coveredBy(document: AwsAuthDocument, claims: readonly Claim[]): readonly Entry[] {
  const principals = [...new Set(claims.map(({ principal }) => principal))];
  const entries = principals.flatMap((principal) => findEntries(document, principal));
  return entries.filter((entry) => claims.some((claim) => covers(claim, entry)));
}
