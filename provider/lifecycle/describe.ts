import { type AwsAuthDocument, type Entry, entryMapping, isEffective, positionOf } from "../document";
import { describeMapping, type Mapping } from "../mapping";
import type { Claim } from "../session/claims";
import { nameOf } from "./context";
import type { Intent, Plan } from "./plan";

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

/** What a new resource finds when its entry is there already. */
export function describeIdentical(document: AwsAuthDocument, own: Entry, intent: Intent): string {
  return `${describeSubject(intent.desired)} is already mapped just so (${describePlace(document, own)}): the entry is taken into the state, and nothing is written`;
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
      `${describeContent(entry)} => ${describeMapping(plan.wanted)}`,
    ]),
    ...plan.removes.map((entry) => [describePlace(document, entry), `removed (${describeContent(entry)})`]),
  ]);
}

/** Two resources of one program for one identity. */
export function describeRivalResource(subject: string, claim: Claim, rival: Claim): string {
  const names = [claim.urn, rival.urn].map(nameOf);
  const [own, other] = names[0] === names[1] ? [claim.urn, rival.urn] : names;
  return `${subject} is mapped by two resources of this program, "${other}" and "${own}", and of several entries for one identity the authenticator obeys only the last; keep one of the two, or set noDuplicateARNs: false on both`;
}

function describeRivals(document: AwsAuthDocument, plan: Plan, { desired }: Intent): string {
  const own = desired.kind === "account" ? undefined : desired.arn;
  return plan.rivals
    .map(
      (entry) =>
        (entry.arn === own ? "" : `"${entry.arn}" in `) +
        describeEntry(document, entry) +
        (isEffective(entry) ? "" : ", whose role path nobody ever matches"),
    )
    .join(" and ");
}

function describeWinner(document: AwsAuthDocument, plan: Plan): string {
  const winner = plan.shadowedBy === undefined ? "this resource's" : describePlace(document, plan.shadowedBy);
  return `of several entries for one identity the authenticator obeys only the last, which would be ${winner}`;
}
