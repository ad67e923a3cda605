import { describeContent, findLockouts, type GuardedGroup, hasAccess, type Lockout } from "../authenticator";
import { lockoutProtection, type Settings } from "../cluster";
import {
  type AwsAuthDocument,
  type DataKey,
  describeMap,
  type Entry,
  entryInForce,
  entryMapping,
  findEntries,
  keyOf,
} from "../document";
import { AwsAuthError } from "../errors";
import { type Caller, type Mapping, principalOf } from "../mapping";
import type { ClusterSession } from "../session/session";
import { describeEntry, describeSubject } from "./describe";
import { isChange, type Plan } from "./plan";

/**
 * How certain a change is: `planned`: the run will make it; `done`: the run has made it; `likely`: the run will make it unless an
 * option prevents that; `unsure`: the run will make it unless another process declares the mapping.
 */
export type Certainty = "planned" | "done" | "likely" | "unsure";

/**
 * Describes a lock-out: the mapping, its change, the effect, and the remedy.
 *
 * @param document the map before the change.
 */
export function describeLockout(document: AwsAuthDocument, lockout: Lockout, certainty: Certainty = "planned"): string {
  const { lost, before, after } = lockout;
  const mapping = entryMapping(before);
  const subject = mapping === undefined ? "nobody" : describeSubject(mapping);
  const entry = describeEntry(document, before);
  const change = `this run ${describeChange(after, certainty)}`;
  if (lost === "caller") {
    return `${subject} is the identity of this run, by ${entry}; ${change}; the run may lose its access with it; use other credentials, or keep that mapping`;
  }
  const first = certainty === "done" ? "" : ' and run "pulumi up" first';
  return `${subject} has ${describeHolders(document, lost, lockout.holders)}, ${entry}; ${change}; without one ${consequences[lost]}; map another role or user to ${lost}${first}`;
}

/** Explains why the run is refused, and the remedy. */
export function describeRefusal(reasons: readonly string[], how: string): string {
  return `${reasons.join("; besides, ")}; aws-auth:lockoutProtection is error, so this is refused; set it to warn to continue anyway${how}`;
}

function describeChange(after: Entry | undefined, certainty: Certainty): string {
  if (after !== undefined) {
    return `${certainty === "done" ? "turned" : "turns"} it into ${describeContent(after)}`;
  }
  return `${certainty === "done" ? "removed" : "removes"} it${reservations[certainty]}`;
}

function describeHolders(document: AwsAuthDocument, group: GuardedGroup, holders: number): string {
  const map = describeMap(document.origin);
  return holders === 1
    ? `the only mapping to ${group} in ${map}`
    : `the last of ${holders} mappings to ${group} that this run leaves in ${map}`;
}

/** Options that a program cannot see, neither from the engine nor in the state. */
const unlessKept = ", unless retainOnDelete, deletedWith or --target keeps it";

const reservations = {
  planned: "",
  done: "",
  likely: unlessKept,
  unsure: `${unlessKept}, or a component of another package declares it`,
} as const satisfies Record<Certainty, string>;

const consequences = {
  "system:masters": "no mapping is certain to give administrator rights in the cluster",
  "system:nodes": "no node that logs in with a role of the map can join the cluster, or stay in it",
} as const satisfies Record<GuardedGroup, string>;

/**
 * The entry that will be in force for a plan's principal after the plan. Computed without editing the document, so that it is cheap
 * enough for every change of a large program.
 */
function inForceAfter(document: AwsAuthDocument, plan: Plan): Entry | undefined {
  const { own, wanted, inSync, removes } = plan;
  const staying = without(document, principalOf(wanted), removes);
  if (own !== undefined && inSync) {
    return entryInForce(staying);
  }
  const made = entryFrom(wanted, own?.key ?? keyOf(wanted));
  return entryInForce(own === undefined ? [...staying, made] : staying.map((entry) => (entry === own ? made : entry)));
}

/** The entry that will be in force for a principal after the removal of some of its entries. */
export function inForceWithout(
  document: AwsAuthDocument,
  principal: string,
  removed: readonly Entry[],
): Entry | undefined {
  return entryInForce(without(document, principal, removed));
}

function without(document: AwsAuthDocument, principal: string, removed: readonly Entry[]): readonly Entry[] {
  return findEntries(document, principal).filter((entry) => !removed.includes(entry));
}

function entryFrom(mapping: Mapping, key: DataKey): Entry {
  const principal = principalOf(mapping);
  if (mapping.kind === "account") {
    return { key, principal, account: mapping.account, username: "", groups: [] };
  }
  return { key, principal, arn: mapping.arn, username: mapping.username ?? "", groups: mapping.groups };
}

/**
 * The lock-outs of a plan, together with the earlier plans of this run.
 *
 * @param document the map of the plan.
 */
export async function guardPlan(
  session: ClusterSession,
  document: AwsAuthDocument,
  plan: Plan,
  settings: Settings,
): Promise<Lockout[]> {
  const principal = principalOf(plan.wanted);
  if (!isChange(plan) || !hasAccess(document, principal)) {
    return [];
  }
  const caller = await session.caller();
  const { changes } = session.declarations;
  changes.set(principal, inForceAfter(document, plan));
  const lockouts = findLockouts(document, changes, principal, caller);
  if (lockouts.length > 0 && isLockoutRefused(settings)) {
    // A refused change is not made, so it must not affect the next plan.
    changes.delete(principal);
  }
  return lockouts;
}

/**
 * Refuses a plan that locks somebody out. Runs on the exact version of the map that is written.
 *
 * @throws AwsAuthError `lockout`.
 */
export function assertNoLockout(document: AwsAuthDocument, plan: Plan, caller: Caller | undefined): void {
  if (isChange(plan)) {
    const principal = principalOf(plan.wanted);
    const changes = new Map([[principal, inForceAfter(document, plan)]]);
    refuse(document, findLockouts(document, changes, principal, caller), "");
  }
}

/**
 * The lock-outs of a removal.
 *
 * @throws AwsAuthError `lockout` if the stack's configuration forbids it.
 */
export function guardRemoval(
  document: AwsAuthDocument,
  own: Entry,
  mapping: Mapping,
  caller: Caller | undefined,
  settings: Settings,
): Lockout[] {
  const principal = principalOf(mapping);
  const changes = new Map([[principal, inForceWithout(document, principal, [own])]]);
  const lockouts = findLockouts(document, changes, principal, caller);
  if (isLockoutRefused(settings)) {
    refuse(document, lockouts, ", which a destroy sees if it is run with --run-program");
  }
  return lockouts;
}

/** The run's identity in the cluster. Requested only if the map grants any access that a change of this mapping could remove. */
export async function callerFor(session: ClusterSession, mapping: Mapping): Promise<Caller | undefined> {
  return hasAccess(await session.document(), principalOf(mapping)) ? session.caller() : undefined;
}

/** Whether the stack's configuration forbids lock-outs. */
export function isLockoutRefused(settings: Settings): boolean {
  return lockoutProtection(settings) === "error";
}

function refuse(document: AwsAuthDocument, lockouts: readonly Lockout[], how: string): void {
  if (lockouts.length > 0) {
    const reasons = lockouts.map((lockout) => describeLockout(document, lockout));
    throw new AwsAuthError("lockout", describeRefusal(reasons, how));
  }
}
