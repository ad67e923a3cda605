import { lockoutProtection } from "../cluster";
import type { AwsAuthDocument, Entry } from "../document";
import { AwsAuthError } from "../errors";
import { type Caller, type Mapping, principalOf } from "../mapping";
import { findLockouts, hasAccess, type Lockout } from "../report";
import type { ClusterSession } from "../session/session";
import { describeLockout, describeRefusal } from "./describeLockout";
import { inForceAfter, inForceWithout, isChange } from "./inForceAfter";
import type { Plan } from "./plan";
import { run } from "./run";

/**
 * What a plan locks out, together with the plans of this run that were looked at before.
 *
 * @param document the map that the plan is for.
 */
export async function guardPlan(session: ClusterSession, document: AwsAuthDocument, plan: Plan): Promise<Lockout[]> {
  const principal = principalOf(plan.wanted);
  if (!isChange(plan) || !hasAccess(document, principal)) {
    return [];
  }
  const caller = await session.caller();
  const changes = run.changesOn(session);
  changes.set(principal, inForceAfter(document, plan));
  const lockouts = findLockouts(document, changes, principal, caller);
  if (lockouts.length > 0 && isLockoutRefused()) {
    // What is refused is not done, so that it takes nothing from the next plan.
    changes.delete(principal);
  }
  return lockouts;
}

/**
 * Refuses a plan that locks somebody out, for the very version of the map that is written.
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
 * What the removal of an entry locks out.
 *
 * @throws AwsAuthError `lockout` where the stack refuses that.
 */
export function guardRemoval(
  document: AwsAuthDocument,
  own: Entry,
  mapping: Mapping,
  caller: Caller | undefined,
): Lockout[] {
  const principal = principalOf(mapping);
  const changes = new Map([[principal, inForceWithout(document, principal, [own])]]);
  const lockouts = findLockouts(document, changes, principal, caller);
  if (isLockoutRefused()) {
    refuse(document, lockouts, ", which a destroy sees if it is run with --run-program");
  }
  return lockouts;
}

/** Who the run is to the cluster; asked only where the map has anything that a change of this mapping could take away. */
export async function callerFor(session: ClusterSession, mapping: Mapping): Promise<Caller | undefined> {
  return hasAccess(await session.document(), principalOf(mapping)) ? session.caller() : undefined;
}

/** Whether the stack refuses what locks somebody out. */
export function isLockoutRefused(): boolean {
  return lockoutProtection(run.settings) === "error";
}

function refuse(document: AwsAuthDocument, lockouts: readonly Lockout[], how: string): void {
  if (lockouts.length > 0) {
    const reasons = lockouts.map((lockout) => describeLockout(document, lockout));
    throw new AwsAuthError("lockout", describeRefusal(reasons, how));
  }
}
