import { describeContent } from "../../authenticator";
import {
  type AwsAuthDocument,
  type Claim,
  covers,
  describeMap,
  type Entry,
  findEntries,
  isEffective,
  positionOf,
} from "../../document";
import { describeMapping, type Mapping, sameGroups } from "../../mapping";
import { quoted } from "../../text/text";
import { type Intent, ignores, type Plan } from "./mapPlan";
import {
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
    `set adopt: true to take ${others} over, remove ${others}, or set noDuplicateARNs: false to have both`,
  );
}

/** Explains the effect of other entries for the same principal, if those are allowed. */
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

/** Reports that the entry of a new resource exists already, and who else claims it. */
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

/** Describes the other entries, each in a clause. */
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
function describeDisplaced(displaced: readonly Claim[], entry: Entry): string {
  return takenFrom(displaced.filter((claim) => covers(claim, entry)));
}

/** The clause about who claims an entry; empty if nobody does. */
function describeClaimants(claims: readonly Claim[], entry: Entry): string {
  const owners = claims.filter((claim) => covers(claim, entry));
  return owners.length === 0 ? "" : `, claimed by ${namesOf(owners)}`;
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
    ...(!isEffective(own) && { arn: changed(previous.arn, own.arn ?? "none") }),
    ...(isUsernameChanged && { username: changed(previous.username || "none", own.username || "none") }),
    ...(areGroupsChanged && { groups: changed(list(previous.groups), list(own.groups)) }),
  };
}

function changed(before: string, after: string): string {
  return `changed outside Pulumi: ${before} => ${after}`;
}

function list(groups: readonly string[]): string {
  // A YAML 1.1 reader turns an unquoted y, no or 123 into an empty name.
  return `[${groups.map((group) => group || '""').join(", ")}]`;
}

/** Explains why claims of others forbid a plan, and the remedies. */
export function describeForbidden(document: AwsAuthDocument, plan: Plan, { desired, noDuplicateARNs }: Intent): string {
  const { takenOverBy, heldBy } = plan;
  if (takenOverBy.length > 0) {
    const entries = coveredBy(document, takenOverBy).map((entry) => describeEntry(document, entry));
    const now = `it is ${entries.join(" and ")} now`;
    return describeTakenOverEntry(
      describeSubject(desired),
      now,
      describeMapping(desired),
      takenOverBy,
      noDuplicateARNs,
    );
  }
  return describeHeld(document, plan.own, heldBy, desired);
}

/** Explains that others want an entry as it is, and the remedies. */
export function describeHeld(
  document: AwsAuthDocument,
  own: Entry | undefined,
  heldBy: readonly Claim[],
  desired: Mapping,
): string {
  const it = `the entry as it is${own === undefined ? "" : ` (${describeEntry(document, own)})`}`;
  return `${describeHeldEntry(describeSubject(desired), it, describeMapping(desired), heldBy)}, whose next preview reports that until the program there says the same`;
}

/** Reports in a refresh that others have taken over the entry. */
export function describeTakenOver(stored: Mapping, takenOverBy: readonly Claim[]): string {
  return `${describeSubject(stored)} was taken over by ${namesOf(takenOverBy)}; the state keeps what this resource last said, and its delete leaves that entry unchanged`;
}

/** Reports in a refresh that the claim of a missing entry stays in the record. */
export function describeLeftClaim(stored: Mapping): string {
  return `the entry for ${describeSubject(stored)} was removed outside Pulumi; the claim on it stays in the annotation pulumi-aws-auth/claims until "pulumi up" creates the mapping again, or somebody removes that line; until then an identical entry of another stack is not removed`;
}

/** Reports that an entry stays that an interrupted run has left, since somebody has changed it. */
export function describeLeftChanged(stored: Mapping, entry: Entry): string {
  return `an entry for ${describeSubject(stored)} that a run which did not finish has left in aws-auth was changed outside Pulumi, and stays: it says ${describeContent(entry)}; remove it if nobody needs it`;
}

/** Tells of an entry that an interrupted run has left beside an access entry, and this run removes. */
export function describeLeftInMap(stored: Mapping): string {
  return `${describeSubject(stored)} is kept in an access entry, and has an entry in aws-auth that a run which did not finish has left; "pulumi up" removes it`;
}

/**
 * Reports in a delete that the entry stays because others claim it.
 *
 * @param isOwnName whether one of the claims has the name of the deleted resource, which may have made it itself in an earlier life.
 */
export function describeKept(previous: Mapping, wantedBy: readonly Claim[], isOwnName: boolean): string {
  const stays = `the entry for ${describeSubject(previous)} stays: ${namesOf(wantedBy)} ${wants(wantedBy)} it`;
  return isOwnName
    ? `${stays}; one of these claims has the name of this resource: if no other stack of that name is left, delete its line in the annotation pulumi-aws-auth/claims with "kubectl -n kube-system edit configmap aws-auth", and the entry with it`
    : stays;
}

/** Explains why a delete is refused, and the remedies. */
export function describeChangedOutside(
  document: AwsAuthDocument,
  { entry, stranded }: { readonly entry: Entry; readonly stranded: readonly Claim[] },
  previous: Mapping,
  ways: string,
): string {
  const shared = stranded.length === 0 ? "" : `, which ${namesOf(stranded)} shared`;
  const now = `${describeEntry(document, entry)} is there now`;
  return describeChangedEntry(describeSubject(previous), "removed", describeMapping(previous) + shared, now, ways);
}

/** Reports the removal of an entry that existed before the resource. */
export function describeRemovedFound(previous: Mapping): string {
  return `the entry for ${describeSubject(previous)} existed before this resource was created, and was removed with it`;
}

/** Reports the removal of an entry that others shared before somebody changed it. */
export function describeRemovedShared(previous: Mapping, stranded: readonly Claim[]): string {
  return `the entry for ${describeSubject(previous)} was shared with ${namesOf(stranded)} before somebody changed it, and was removed with this resource; "pulumi up" there adds it again`;
}

/** Reports the removal of an entry whose claim was missing from the record. */
export function describeRemovedUnrecorded(previous: Mapping): string {
  return `the entry for ${describeSubject(previous)} was removed although its claim is missing from the annotation pulumi-aws-auth/claims; other stacks that want it, and whose claims are missing as well, add it again with "pulumi up"`;
}

/** Reports that the record has no room for another claim. */
export function describeFullRecord(): string {
  return "the annotation pulumi-aws-auth/claims is full (128 KiB): entries are written without a claim, so that other stacks do not see their owners; remove claims that are no longer needed, or set aws-auth:owner to a shorter name";
}

function coveredBy(document: AwsAuthDocument, claims: readonly Claim[]): readonly Entry[] {
  const principals = [...new Set(claims.map(({ principal }) => principal))];
  const entries = principals.flatMap((principal) => findEntries(document, principal));
  return entries.filter((entry) => claims.some((claim) => covers(claim, entry)));
}
