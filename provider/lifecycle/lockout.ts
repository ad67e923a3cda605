import { findLockouts, type GuardedGroup, groupsTaken, hasAccess, type Lockout, mayLockOut } from "../access/lockout";
import { describeContent } from "../authenticator";
import { lockoutProtection, type Settings } from "../cluster";
import { type AwsAuthDocument, describeMap, entryMapping } from "../document";
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
  const { lost, before } = lockout;
  const mapping = entryMapping(before);
  const subject = mapping === undefined ? "nobody" : describeSubject(mapping);
  const entry = describeEntry(document, before);
  const change = `this run ${describeChange(lockout, certainty)}`;
  const [first, refusal] = certainty === "done" ? ["", howToRefuse] : [' and run "pulumi up" first', ""];
  if (lost === "caller") {
    return `${subject} is the identity of this run, by ${entry}; ${change}; the run may lose its access with it; use other credentials, or keep that mapping${refusal}`;
  }
  return `${subject} has ${describeHolders(document, lost, lockout.holders)}, ${entry}; ${change}; without one ${consequences[lost]}; map another role or user to ${lost}${first}${refusal}`;
}

/** A program that no longer imports this package leaves a dynamic resource to the configuration of the last update. */
const howToRefuse =
  '; to have this refused, set aws-auth:lockoutProtection to error and run "pulumi up" before the removal, or give --run-program to a destroy';

/** Explains why the run is refused, and the remedy. */
export function describeRefusal(reasons: readonly string[], how: string): string {
  return `${reasons.join("; besides, ")}; aws-auth:lockoutProtection is error, so this is refused; set it to warn to continue anyway${how}`;
}

function describeChange({ before, after }: Lockout, certainty: Certainty): string {
  // Without an entry of its own an identity falls back to that of its account.
  if (after !== undefined && (after.key === "mapAccounts") === (before.key === "mapAccounts")) {
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

/** What the cluster is without a member of a group. */
export const consequences = {
  "system:masters": "no mapping is certain to give administrator rights in the cluster",
  "system:nodes": "no node that logs in with a role of the map can join the cluster, or stay in it",
} as const satisfies Record<GuardedGroup, string>;

/**
 * The lock-outs of a plan, together with the earlier plans of this run.
 *
 * @param document the map of the plan.
 * @param apply makes the map after the plan; called only if the plan may lock anybody out, so that a large program is checked fast.
 */
export async function guardPlan(
  session: ClusterSession,
  document: AwsAuthDocument,
  plan: Plan,
  apply: () => AwsAuthDocument,
  settings: Settings,
): Promise<Lockout[]> {
  if (!isChange(plan)) {
    return [];
  }
  const principal = principalOf(plan.wanted);
  const caller = await callerFor(session, plan.wanted);
  if (!mayLockOut(document, principal, caller)) {
    return [];
  }
  const after = apply();
  const { taken } = session.declarations;
  const lockouts = findLockouts(document, after, principal, caller, taken);
  // A refused change is not made, so it must not affect the next plan.
  if (lockouts.length === 0 || !isLockoutRefused(settings)) {
    taken.set(principal, [...(taken.get(principal) ?? []), ...groupsTaken(document, after, principal)]);
  }
  return lockouts;
}

/**
 * Refuses a write that locks somebody out. Runs on the exact version of the map that is written.
 *
 * @param after the map with the change.
 * @throws AwsAuthError `lockout`.
 */
export function assertNoLockout(
  before: AwsAuthDocument,
  after: AwsAuthDocument,
  mapping: Mapping,
  caller: Caller | undefined,
): void {
  refuse(before, findLockouts(before, after, principalOf(mapping), caller), "");
}

/**
 * The lock-outs of a removal.
 *
 * @param after the map with the removal.
 * @throws AwsAuthError `lockout` if the stack's configuration forbids it.
 */
export function guardRemoval(
  before: AwsAuthDocument,
  after: AwsAuthDocument,
  mapping: Mapping,
  caller: Caller | undefined,
  settings: Settings,
): Lockout[] {
  const lockouts = findLockouts(before, after, principalOf(mapping), caller);
  if (isLockoutRefused(settings)) {
    refuse(before, lockouts, ", which a destroy sees if it is run with --run-program");
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
