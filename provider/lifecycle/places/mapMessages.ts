import { changedOutside, listed } from "../../accessEntries";
import { describeContent } from "../../authenticator";
import {
  type AwsAuthDocument,
  covers,
  describeMap,
  type Entry,
  findEntries,
  isEffective,
  positionOf,
  type RecordedClaim,
} from "../../document";
import { describeMapping, ignores, type Mapping, sameGroups } from "../../mapping";
import { quoted } from "../../text/text";
import type { Intent, Plan } from "./mapPlan";
import {
  acceptChange,
  claimedBy,
  clauses,
  describeChangedEntry,
  describeHeldEntry,
  describeIdenticalEntry,
  describeSubject,
  describeTakenOverEntry,
  namesOf,
  takenFrom,
  wants,
} from "./messages";

/** Describes an entry by position and content: `mapRoles entry 3 (username "dev", groups ["viewers"])`. */
export function describeEntry(document: AwsAuthDocument, entry: Entry): string {
  return `${describePlace(document, entry)} (${describeContent(entry)})`;
}

function describePlace(document: AwsAuthDocument, entry: Entry): string {
  return `${entry.key} entry ${positionOf(document, entry)}`;
}

/**
 * Explains a conflict: both contents, the other entry's position, which entry wins, and the remedies. An entry that can never match
 * also conflicts, since its author meant the same identity.
 *
 * @param label the resource's in the record of claims.
 */
export function describeConflict(document: AwsAuthDocument, plan: Plan, intent: Intent, label?: string): string {
  const others = plan.rivals.length === 1 ? "the other entry" : "the other entries";
  const map = describeMap(document.origin);
  const isContested = plan.rivals.some(isEffective);
  const isMapped = isContested || (plan.own !== undefined && isEffective(plan.own));
  const what = isContested
    ? `already mapped in ${map}`
    : isMapped
      ? `mapped in ${map}, and has another entry there that never matches`
      : `not mapped in ${map}, but has an entry there that never matches`;
  const claims = plan.standing.others.filter((claim) => plan.rivals.some((entry) => covers(claim, entry)));
  const isNamesake = intent.previous === undefined && claims.some((claim) => claim.label === label);
  return clauses(
    `${describeSubject(intent.desired)} is ${what}`,
    ...describeRivals(document, plan, intent),
    `this resource says ${describeMapping(intent.desired)}`,
    ...(isContested ? [describeWinner(document, plan)] : []),
    // The engine passes no state then, which alone says that the entry is the resource's own.
    ...(isNamesake
      ? [
          'the claim has the name of this resource: to replace one that --replace names or "pulumi state taint" marks, give --refresh too',
        ]
      : []),
    `set adopt: true to take ${others} over, or remove ${others}`,
  );
}

export function describeShadowing(document: AwsAuthDocument, plan: Plan, intent: Intent): string {
  return clauses(
    `${describeSubject(intent.desired)} is mapped more than once in ${describeMap(document.origin)}`,
    ...describeRivals(document, plan, intent),
    describeWinner(document, plan),
  );
}

/** Tells of the entries of other resources of the program, which go with these if a new resource takes their place. */
export function describeLeft(document: AwsAuthDocument, { left, standing }: Plan, { desired }: Intent): string {
  const entries = left.map((entry) => describeEntry(document, entry) + describeClaimants(standing.siblings, entry));
  return clauses(
    `${describeSubject(desired)} is mapped by this program already: ${entries.join(" and ")}`,
    `this resource says ${describeMapping(desired)}, and adds an entry of its own`,
    "the other goes with its resource, as after a new name; if the program keeps both, the authenticator uses only the last",
  );
}

/** Tells of other resources of the program, of which nobody knows whose entry comes last. */
export function describeBeside(others: readonly Mapping[], { desired }: Intent): string {
  return clauses(
    `${describeSubject(desired)} is mapped by several resources of this program`,
    ...others.map((other) => `another one says ${describeMapping(other)}`),
    `this resource says ${describeMapping(desired)}`,
    "of several entries for one identity the authenticator uses only the last, and a run adds new ones in any order",
    "keep one resource, which says all that the identity is to have",
  );
}

export function describeIdentical(document: AwsAuthDocument, plan: Plan, own: Entry, { desired }: Intent): string {
  const entry = `${describeSubject(desired)} already has an identical entry (${describePlace(document, own)})`;
  return describeIdenticalEntry(entry, plan.sharers);
}

/**
 * Describes an adoption: the old and new content, and the entries that are removed. An object with a property for each entry, since
 * the engine truncates long strings in a plan.
 */
export function describeAdoption(document: AwsAuthDocument, plan: Plan): Record<string, string> {
  const edited = plan.own === undefined || plan.inSync ? [] : [plan.own];
  return Object.fromEntries([
    ...edited.map((entry) => [
      describePlace(document, entry),
      describeTakeover(entry, plan.wanted) + describeDisplaced(plan.displaced, entry),
    ]),
    ...plan.removes.map((entry) => [
      describePlace(document, entry),
      `removed (${describeContent(entry)})${describeDisplaced(plan.displaced, entry)}`,
    ]),
  ]);
}

/** An entry whose ARN could never match starts to grant access once the ARN is corrected, which the contents do not show. */
function describeTakeover(entry: Entry, wanted: Mapping): string {
  const [content, next] = [describeContent(entry), describeMapping(wanted)];
  const change = `${content} => ${next}`;
  if (wanted.kind === "account" || isEffective(entry) || entry.arn === undefined) {
    return change;
  }
  const taken = `its ARN ${JSON.stringify(entry.arn)}, which never matches, becomes ${JSON.stringify(wanted.arn)}, so that it starts to give access`;
  return content === next ? `${content}; ${taken}` : `${change}; ${taken}`;
}

function describeRivals(document: AwsAuthDocument, plan: Plan, { desired }: Intent): string[] {
  const own = desired.kind === "account" ? undefined : desired.arn;
  return plan.rivals.map(
    (entry) =>
      `${describePlace(document, entry)} says ${describeContent(entry)}` +
      (entry.arn === own ? "" : `, for ${quoted(entry.arn)}`) +
      (isEffective(entry) ? "" : ", whose role path never matches") +
      describeClaimants(Object.values(plan.standing).flat(), entry),
  );
}

function describeWinner(document: AwsAuthDocument, plan: Plan): string {
  const winner =
    plan.shadowedBy !== undefined
      ? `is ${describePlace(document, plan.shadowedBy)}`
      : `${plan.own === undefined ? "would be" : "is"} this resource's`;
  return `of several entries for one identity the authenticator uses only the last, which ${winner}`;
}

/** The clause about the claims that an adoption ends; empty if there are none. */
function describeDisplaced(displaced: readonly RecordedClaim[], entry: Entry): string {
  return takenFrom(displaced.filter((claim) => covers(claim, entry)));
}

function describeClaimants(claims: readonly RecordedClaim[], entry: Entry): string {
  return claimedBy(claims.filter((claim) => covers(claim, entry)));
}

/**
 * Describes the drift of an entry from what its resource last wrote, by property: `{ groups: "changed outside Pulumi: [viewers] =>
 * [admins]" }`.
 *
 * @param previous what the resource last wrote or read.
 * @param own the current entry; undefined if it is gone.
 * @param ignored the properties in the program's `ignoreChanges`.
 */
export function describeDrift(
  previous: Mapping,
  own: Entry | undefined,
  ignored: readonly string[],
): Record<string, string> {
  if (own === undefined) {
    return { entry: "removed outside Pulumi" };
  }
  if (previous.kind === "account") {
    return {};
  }
  const isUsernameChanged = (previous.username ?? "") !== own.username && !ignores(ignored, "username");
  const areGroupsChanged = !sameGroups(previous.groups, own.groups) && !ignores(ignored, "groups");
  return {
    ...(!isEffective(own) && { arn: changedOutside(previous.arn, own.arn ?? "none") }),
    ...(isUsernameChanged && { username: changedOutside(previous.username || "none", own.username || "none") }),
    ...(areGroupsChanged && { groups: changedOutside(listed(previous.groups), listed(own.groups)) }),
  };
}

export function describeTakenOverNow(document: AwsAuthDocument, { takenOverBy }: Plan, intent: Intent): string {
  const { desired, noDuplicateARNs } = intent;
  const principals = [...new Set(takenOverBy.map(({ principal }) => principal))];
  const entries = principals
    .flatMap((principal) => findEntries(document, principal))
    .filter((entry) => takenOverBy.some((claim) => covers(claim, entry)));
  const now = `it is ${entries.map((entry) => describeEntry(document, entry)).join(" and ")} now`;
  const subject = describeSubject(desired);
  return describeTakenOverEntry(subject, now, describeMapping(desired), takenOverBy, noDuplicateARNs);
}

export function describeHeld(
  document: AwsAuthDocument,
  own: Entry | undefined,
  heldBy: readonly RecordedClaim[],
  desired: Mapping,
): string {
  const it = `the entry as it is${own === undefined ? "" : ` (${describeEntry(document, own)})`}`;
  return `${describeHeldEntry(describeSubject(desired), it, describeMapping(desired), heldBy)}, whose next preview reports that until the program there says the same`;
}

/**
 * Reports in a delete that the entry stays because others claim it.
 *
 * @param isOwnName whether one of the claims has the name of the deleted resource, which may have made it itself in an earlier life.
 */
export function describeKept(previous: Mapping, wantedBy: readonly RecordedClaim[], isOwnName: boolean): string {
  const stays = `the entry for ${describeSubject(previous)} stays: ${namesOf(wantedBy)} ${wants(wantedBy)} it`;
  return isOwnName
    ? `${stays}; one of these claims has the name of this resource: if no other stack of that name is left, delete its line in the annotation pulumi-aws-auth/claims with "kubectl -n kube-system edit configmap aws-auth", and the entry with it`
    : stays;
}

export function describeChangedOutside(
  document: AwsAuthDocument,
  { entry, stranded }: { readonly entry: Entry; readonly stranded: readonly RecordedClaim[] },
  { previous, isReplaced }: { readonly previous: Mapping; readonly isReplaced: boolean },
): string {
  const shared = stranded.length === 0 ? "" : `, which ${namesOf(stranded)} shared`;
  const now = `${describeEntry(document, entry)} is there now`;
  const ways = isReplaced
    ? acceptChange
    : `${acceptChange}; to leave it where it is, run "pulumi state delete" on this resource`;
  return describeChangedEntry(describeSubject(previous), "removed", describeMapping(previous) + shared, now, ways);
}

export function describeRemovedFound(previous: Mapping): string {
  return `the entry for ${describeSubject(previous)} existed before this resource was created, and was removed with it`;
}

export function describeRemovedShared(previous: Mapping, stranded: readonly RecordedClaim[]): string {
  return `the entry for ${describeSubject(previous)} was shared with ${namesOf(stranded)} before somebody changed it, and was removed with this resource; "pulumi up" there adds it again`;
}

export function describeRemovedUnrecorded(previous: Mapping): string {
  return `the entry for ${describeSubject(previous)} was removed although its claim is missing from the annotation pulumi-aws-auth/claims; other stacks that want it, and whose claims are missing as well, add it again with "pulumi up"`;
}
