import { entriesOf, isEffective } from "../awsAuthMap";
import { lockoutProtection } from "../cluster/settings";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import type { Places } from "../identity/clusterAccess";
import { principalOf } from "../mapping";
import { report } from "../pulumi/diagnostics";
import { findLockouts, isAdministratorOtherwise, type Lockout, mayLockOut } from "../rights/lockout";
import type { ClusterSession } from "../session/session";
import { fieldsOf } from "../text/fields";
import { quoted } from "../text/text";
import { viewOf, withEntry } from "./access";
import { describeSubject } from "./messages";
import type { Guard } from "./places/place";
import type { Run } from "./run";
import type { ResourceState } from "./state";

/** Judges the changes of one resource, and collects warnings. */
export interface LockoutGuard extends Guard {
  /**
   * Judges a plan as a whole, since judging a delete after its first removal would be too late.
   *
   * @throws AwsAuthError `lockout`.
   */
  judge(before: Places, after: Places): void;
  /** Reports the changes that were allowed with a warning. */
  warn(urn?: string): Promise<void>;
}

/**
 * The guard of a resource; undefined for a manifest and if the change cannot lock anyone out.
 *
 * @throws AwsAuthError any of the cluster codes.
 */
export async function guardOf(
  run: Run,
  session: ClusterSession,
  { mapping, cluster }: Pick<ResourceState, "mapping" | "cluster">,
): Promise<LockoutGuard | undefined> {
  const isOff = lockoutProtection(run.settings) === "off";
  if (mapping === undefined || isOff || fieldsOf(cluster)["manifest"] !== undefined) {
    return undefined;
  }
  const principal = principalOf(mapping);
  const own = await viewOf(session, principal, false);
  // Most principals are neither administrators nor nodes; then only the run's own identity matters.
  const isNamed = mayLockOut(own, principal, undefined);
  const ownEntries = own.entries.filter((entry) => entry.principal === principal);
  // An account entry may grant the run's access regardless of its own entries.
  const hasAccess = own.accessEntries.length > 0 || ownEntries.some(isEffective);
  const caller = hasAccess ? await ignoreUserErrors(() => session.caller()) : undefined;
  if (!isNamed && !mayLockOut(own, principal, caller)) {
    return undefined;
  }
  const view = isNamed ? await viewOf(session, principal, true) : own;
  const warnings = new Set<string>();
  const judge = (before: Places, after: Places) => {
    const lockouts = findLockouts(before, after, principal, caller);
    if (lockouts.length === 0) {
      return;
    }
    const isUndoable = isAdministratorOtherwise(before, caller);
    const isGrave = lockouts.some((lockout) => !(lockout === "administrator" && isUndoable));
    const isRefused = isGrave && lockoutProtection(run.settings) === "error";
    const text = describeLockouts(describeSubject(mapping), lockouts, session.label, isRefused);
    if (isRefused) {
      // A delete does not know whether it is part of a destroy.
      const command = `AWS_AUTH_LOCKOUT_PROTECTION=off pulumi ${run.program.isEmpty ? "destroy" : "up"}`;
      const also = run.program.isEmpty ? ' (or "pulumi up")' : "";
      throw new AwsAuthError("lockout", `${text}, or allow it with ${quoted(command)}${also}`);
    }
    warnings.add(text);
  };
  return {
    judge,
    map: (before, after) => judge({ ...view, entries: entriesOf(before) }, { ...view, entries: entriesOf(after) }),
    entry: async (after) => {
      // The run may have changed other entries since.
      const now = await viewOf(session, principal, true);
      judge(now, withEntry(now, principal, after));
    },
    warn: async (urn) => {
      for (const text of warnings) {
        await report("warning", text, urn);
      }
    },
  };
}

const losses: Readonly<Record<Exclude<Lockout, "caller">, string>> = {
  administrator: "the last administrator",
  "EC2 node": "the last role of EC2 nodes",
  "Fargate node": "the last role of Fargate nodes",
};

/** @param isRefused else a warning, which is printed before the change and after it. */
function describeLockouts(subject: string, lockouts: readonly Lockout[], label: string, isRefused: boolean): string {
  const lost = lockouts.flatMap((lockout) => (lockout === "caller" ? [] : losses[lockout])).join(" and ");
  const removes = isRefused ? "would remove" : "removes";
  return lost === ""
    ? `this change ${removes} the access of ${subject}, the identity of this run, to ${label}; use other credentials`
    : `this change ${removes} ${subject}, ${lost} of ${label}; map another one${isRefused ? " first" : ""}`;
}

/** Runs the changes of a resource. Changes that may lock anyone out run one at a time, so that each sees the result of the previous one. */
export async function guarded<T>(
  run: Run,
  session: ClusterSession,
  state: ResourceState,
  change: (guard: LockoutGuard | undefined) => Promise<T>,
): Promise<T> {
  if ((await guardOf(run, session, state)) === undefined) {
    return change(undefined);
  }
  return run.lockoutTurns.run(async () => {
    const guard = await guardOf(run, session, state);
    const result = await change(guard);
    await guard?.warn();
    return result;
  });
}
