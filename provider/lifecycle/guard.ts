import { type AccessEntryContent, isAdministratorPolicy } from "../accessEntries/accessEntry";
import { translate } from "../accessEntries/translate";
import { entriesOf, isEffective, keyOf } from "../awsAuthMap";
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
import type { Run } from "./run";
import type { ResourceState } from "./state";
import { mappingFor } from "./state";
import type { Content, Guard, PlaceName, Subject } from "./types";

/**
 * The current access to a cluster. A place that cannot be read counts as empty, so that unknown entries never count as administrators.
 *
 * @param all whether to read the access entries of all principals, not only those of this one.
 */
export async function viewOf(session: ClusterSession, principal: string, all: boolean): Promise<Places> {
  const entries = await session.accessEntries();
  const mode = (await entries?.cluster())?.authenticationMode;
  const document = mode === "API" ? undefined : await ignoreUserErrors(() => session.document());
  const contents =
    entries === undefined || mode === "CONFIG_MAP"
      ? undefined
      : await ignoreUserErrors(() => (all ? entries.all() : entries.find(principal)));
  return { entries: document === undefined ? [] : entriesOf(document), accessEntries: contents ?? [], mode };
}

/** The view after the principal of a mapping gets a content in a place. */
export async function viewWith(
  session: ClusterSession,
  view: Places,
  place: PlaceName,
  subject: Subject,
  content: Content,
): Promise<Places> {
  const mapping = mappingFor(subject, content);
  if (place === "map") {
    return withMapping(view, mapping);
  }
  const cluster = await (await session.accessEntries())?.cluster();
  const translation = cluster && translate(mapping, subject.principalArn ?? subject.arn, cluster);
  return withEntry(view, subject.principal, translation?.kind === "entry" ? translation.content : undefined);
}

/** The view after a mapping is stored in aws-auth. */
export function withMapping(view: Places, mapping: Mapping): Places {
  const key = keyOf(mapping);
  const principal = principalOf(mapping);
  const entry =
    mapping.kind === "account"
      ? { key, account: mapping.account, principal, username: "", groups: [] }
      : { key, arn: mapping.arn, principal, username: mapping.username ?? "", groups: mapping.groups };
  return { ...view, entries: [...othersIn(view, principal), entry] };
}

function othersIn({ entries }: Places, principal: string) {
  return entries.filter((entry) => entry.principal !== principal);
}

/** The view after a write or a delete of an access entry. A write keeps the access policies of others. */
function withEntry(view: Places, principal: string, content: AccessEntryContent | undefined): Places {
  const isOwn = ({ principalArn }: AccessEntryContent) => principalKey(principalArn) === principal;
  const own = view.accessEntries.filter(isOwn).flatMap(({ policies }) => policies);
  const kept = own.filter((policy) => !isAdministratorPolicy(policy));
  const others = view.accessEntries.filter((entry) => !isOwn(entry));
  const written = content === undefined ? [] : [{ ...content, policies: [...content.policies, ...kept] }];
  return { ...view, accessEntries: [...others, ...written] };
}

/** Judges the changes of one resource, and collects warnings. */
export interface LockoutGuard extends Guard {
  /** @throws AwsAuthError `lockout`. */
  judge(before: Places, after: Places): void;
  /**
   * Judges the removal from several places as a whole, since judging after the first removal would be too late.
   *
   * @throws AwsAuthError `lockout`.
   */
  judgeRemoval(places: readonly PlaceName[]): void;
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
      const command = `AWS_AUTH_LOCKOUT_PROTECTION=off pulumi ${run.resources.size > 0 ? "up" : "destroy"}`;
      const also = run.resources.size > 0 ? "" : ' (or "pulumi up")';
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
    judgeRemoval: (places) => {
      const after = places.includes("map") ? { ...view, entries: othersIn(view, principal) } : view;
      judge(view, places.includes("entries") ? withEntry(after, principal, undefined) : after);
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
export async function guarded(
  run: Run,
  session: ClusterSession,
  state: ResourceState,
  change: (guard: LockoutGuard | undefined) => Promise<void>,
): Promise<void> {
  if ((await guardOf(run, session, state)) === undefined) {
    await change(undefined);
    return;
  }
  await run.lockoutTurns.run(async () => {
    const guard = await guardOf(run, session, state);
    await change(guard);
    await guard?.warn();
  });
}
