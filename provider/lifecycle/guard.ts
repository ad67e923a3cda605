import { type AccessEntryContent, isAdministratorPolicy } from "../accessEntries/accessEntry";
import { translate } from "../accessEntries/translate";
import { dataKeyOf, entriesOf, isEffective } from "../awsAuthMap";
import type { EksCluster } from "../cluster/eks/eksConnection";
import { lockoutProtection } from "../cluster/settings";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import type { Places } from "../identity/clusterAccess";
import { type Mapping, principalKey, principalOf } from "../mapping";
import { report } from "../pulumi/diagnostics";
import { findLockouts, isAdministratorOtherwise, type Lockout, mayLockOut } from "../rights/lockout";
import type { ClusterSession } from "../session/session";
import { fieldsOf } from "../text/fields";
import { quoted } from "../text/text";
import { describeSubject } from "./messages";
import type { Guard, LocatedMapping } from "./places/place";
import type { Step } from "./plan";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import { changesEntry } from "./types";

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
 * The guard of a resource; undefined if the protection is off, for a manifest, and if the change cannot lock anyone out.
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
  const { principal } = mapping;
  const own = await currentAccess(session, principal, false);
  // Most principals are neither administrators nor nodes; then only the run's own identity matters.
  const isNamed = mayLockOut(own, principal, undefined);
  const ownEntries = own.entries.filter((entry) => entry.principal === principal);
  // An account entry may grant the run's access regardless of its own entries.
  const hasAccess = own.accessEntries.length > 0 || ownEntries.some(isEffective);
  const caller = hasAccess ? await ignoreUserErrors(() => session.caller()) : undefined;
  if (!isNamed && !mayLockOut(own, principal, caller)) {
    return undefined;
  }
  const view = isNamed ? await currentAccess(session, principal, true) : own;
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
      const now = await currentAccess(session, principal, true);
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

/**
 * The current access to a cluster. A place that cannot be read counts as empty, so that unknown entries never count as administrators.
 *
 * @param all whether to read the access entries of all principals, not only those of this one.
 */
export async function currentAccess(session: ClusterSession, principal: string, all: boolean): Promise<Places> {
  const entries = await session.accessEntries();
  const mode = (await entries?.cluster())?.authenticationMode;
  const document = mode === "API" ? undefined : await ignoreUserErrors(() => session.document());
  const contents = await ignoreUserErrors(async () => (all ? entries?.all() : entries?.find(principal)));
  return { entries: document === undefined ? [] : entriesOf(document), accessEntries: contents ?? [], mode };
}

/**
 * The access after a plan: for the lock-out check, and for what an identity gains and loses.
 *
 * @param cluster undefined if the plan writes no access entry.
 */
export function accessAfter(
  before: Places,
  steps: readonly Step[],
  located: LocatedMapping,
  cluster?: EksCluster,
): Places {
  const entryFor = (mapping: Mapping): AccessEntryContent | undefined => {
    const translation = cluster && translate(mapping, located.principalArn ?? located.arn, cluster);
    return translation?.kind === "entry" ? translation.content : undefined;
  };
  let after = before;
  for (const { place, write, release } of steps) {
    if (write !== undefined && changesEntry(write)) {
      const { username, groups } = write.content;
      const mapping = { ...located, username, groups };
      after = place === "map" ? withMapping(after, mapping) : withEntry(after, located.principal, entryFor(mapping));
    } else if (release?.kind === "remove") {
      const { principal } = located;
      after = place === "map" ? withoutMapping(after, principal) : withEntry(after, principal, undefined);
    }
  }
  return after;
}

/** The view after a mapping is stored in aws-auth. */
export function withMapping(view: Places, mapping: Mapping): Places {
  const { kind, arn, username, groups } = mapping;
  const principal = principalOf(mapping);
  const identity = kind === "account" ? { account: arn } : { arn };
  const entry = { key: dataKeyOf(mapping), ...identity, principal, username, groups };
  return { ...view, entries: [...withoutMapping(view, principal).entries, entry] };
}

function withoutMapping(view: Places, principal: string): Places {
  return { ...view, entries: view.entries.filter((entry) => entry.principal !== principal) };
}

/** The view after a write or a delete of an access entry. A write keeps the access policies of others. */
function withEntry(view: Places, principal: string, content: AccessEntryContent | undefined): Places {
  const isOwn = ({ principalArn }: AccessEntryContent) => principalKey(principalArn) === principal;
  // A dead entry is created again, without the policies of others.
  const living = view.accessEntries.filter((entry) => isOwn(entry) && entry.death === undefined);
  const own = living.flatMap(({ policies }) => policies);
  const kept = own.filter((policy) => !isAdministratorPolicy(policy));
  const others = view.accessEntries.filter((entry) => !isOwn(entry));
  const written = content === undefined ? [] : [{ ...content, policies: [...content.policies, ...kept] }];
  return { ...view, accessEntries: [...others, ...written] };
}
