import { type AwsAuthDocument, type Entry, entryMapping, isEffective, positionOf } from "../document";
import { describeMapping, type Mapping } from "../mapping";
import type { Declaration } from "../session/declarations";
import { nameOf } from "./context";
import { describeDisplaced, describeOwners, namesOf } from "./ownership";
import { type Intent, type Plan, sharersOf } from "./plan";

/** Names an entry the way a user finds it: `mapRoles entry 3 (username "dev", groups ["viewers"])`. */
export function describeEntry(document: AwsAuthDocument, entry: Entry): string {
  return `${describePlace(document, entry)} (${describeContent(entry)})`;
}

function describePlace(document: AwsAuthDocument, entry: Entry): string {
  return `${entry.key} entry ${positionOf(document, entry)}`;
}

/** What an entry gives. */
export function describeContent(entry: Entry): string {
  const mapping = entryMapping(entry);
  return mapping === undefined ? "names nobody" : describeMapping(mapping);
}

/** Names a mapping by what it is for: `arn "…"` or `account "…"`. */
export function describeSubject(mapping: Mapping): string {
  return mapping.kind === "account" ? `account "${mapping.account}"` : `arn "${mapping.arn}"`;
}

/** Why a mapping cannot be added, or stay: both contents, the entry's place, which entry wins, and the ways out. */
export function describeConflict(document: AwsAuthDocument, plan: Plan, intent: Intent): string {
  const others = plan.rivals.length === 1 ? "the other entry" : "the other entries";
  return (
    `${describeSubject(intent.desired)} is already mapped in kube-system/aws-auth by ${describeRivals(document, plan, intent)}, ` +
    `and this resource says ${describeMapping(intent.desired)}; ${describeWinner(document, plan)}; ` +
    `set adopt: true to take ${others} over, remove ${others}, or set noDuplicateARNs: false to have both`
  );
}

/** What it means that other entries map the same principal, where that is allowed. */
export function describeShadowing(document: AwsAuthDocument, plan: Plan, intent: Intent): string {
  return `${describeSubject(intent.desired)} is also mapped by ${describeRivals(document, plan, intent)}; ${describeWinner(document, plan)}`;
}

/** What a new resource finds when its entry is there already, and who wants it besides. */
export function describeIdentical(document: AwsAuthDocument, plan: Plan, own: Entry, intent: Intent): string {
  const place = describePlace(document, own);
  const sharers = sharersOf(plan);
  const subject = `${describeSubject(intent.desired)} already has an identical entry (${place})`;
  return sharers.length === 0
    ? `${subject}; importing it into the state, the entry stays as it is`
    : `${subject}, which ${namesOf(sharers)} ${sharers.length === 1 ? "wants" : "want"} as well; it is shared from now on, and goes with the last of those that want it`;
}

/**
 * What adoption changes: from what to what, and which entries go. An object with a property for each entry, since the engine cuts
 * long texts in a plan.
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

/** An entry whose ARN nobody ever matched begins to give access once the ARN is corrected, which the contents do not show. */
function describeTakeover(entry: Entry, wanted: Mapping): string {
  const change = `${describeContent(entry)} => ${describeMapping(wanted)}`;
  return wanted.kind === "account" || isEffective(entry) || entry.arn === undefined
    ? change
    : `${change}; its ARN ${JSON.stringify(entry.arn)}, which nobody ever matches, becomes ${JSON.stringify(wanted.arn)}, so that it begins to give access`;
}

/** Two resources of one program for one identity. */
export function describeRivalResource(subject: string, own: Declaration, rival: Declaration): string {
  const names = [own.urn, rival.urn].map(nameOf);
  const [first, other] = names[0] === names[1] ? [own.urn, rival.urn] : names;
  return `${subject} is mapped by two resources of this program, "${other}" and "${first}", and of several entries for one identity the authenticator obeys only the last; keep one of the two, or set noDuplicateARNs: false on both`;
}

function describeRivals(document: AwsAuthDocument, plan: Plan, { desired }: Intent): string {
  const own = desired.kind === "account" ? undefined : desired.arn;
  return plan.rivals
    .map(
      (entry) =>
        (entry.arn === own ? "" : `"${entry.arn}" in `) +
        describeEntry(document, entry) +
        describeOwners([...plan.standing.own, ...plan.standing.others], entry) +
        (isEffective(entry) ? "" : ", whose role path nobody ever matches"),
    )
    .join(" and ");
}

function describeWinner(document: AwsAuthDocument, plan: Plan): string {
  const winner = plan.shadowedBy === undefined ? "this resource's" : describePlace(document, plan.shadowedBy);
  return `of several entries for one identity the authenticator obeys only the last, which would be ${winner}`;
}
