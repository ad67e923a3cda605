import {
  type AccessEntryContent,
  absenceOf,
  isAdministratorPolicy,
  type LiveAccessEntry,
} from "../accessEntries/accessEntry";
import { translate } from "../accessEntries/translate";
import { dataKeyOf, entriesOf, type MapEntry } from "../awsAuthMap";
import type { EksCluster } from "../cluster/eks/eksConnection";
import { lockoutProtection } from "../cluster/settings";
import { AwsAuthError, asAwsAuthError, ignoreUserErrors } from "../errors";
import { accessEntriesOf, type Places } from "../identity/clusterAccess";
import { loginsOf } from "../identity/whoLogsIn";
import { type Mapping, principalKey, principalOf } from "../mapping";
import { report } from "../pulumi/diagnostics";
import { Authorizer } from "../rights/authorizer";
import {
  administratorsIn,
  findLockouts,
  includesIdentity,
  isAdministratorOtherwise,
  kindsLost,
  type Lockout,
} from "../rights/lockout";
import type { KnownEntries } from "../session/knownEntries";
import type { ClusterSession } from "../session/session";
import { fieldsOf } from "../text/fields";
import { quoted } from "../text/text";
import { describeSubject } from "./messages";
import type { Guard, LocatedMapping } from "./places/place";
import type { Step } from "./plan";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import { changesEntry } from "./types";

/** Checks the changes of one resource, and collects warnings. */
export interface LockoutGuard extends Guard {
  /** Checks a plan as a whole, since checking a delete after its first removal would be too late. */
  judge(before: Places, after: Places): void;
  /** Reports the changes that were allowed with a warning. */
  warn(urn?: string): Promise<void>;
}

/** The guard of a resource; undefined if the protection is off, for a manifest, and if the change cannot lock anyone out. */
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
  const mayMatch = ({ key, principal: other, sso }: MapEntry) =>
    other === principal || key === "mapAccounts" || sso !== undefined;
  // Most mappings of a large program are new and cannot lock anyone out.
  if (!loginsOf({ ...own, entries: own.entries.filter(mayMatch) }, principal).some(({ user }) => user)) {
    return undefined;
  }
  const entries = await session.accessEntries();
  const [caller, rights] = await Promise.all([
    ignoreUserErrors(() => session.caller()),
    ignoreUserErrors(() => session.rights()),
  ]);
  const authorizer = rights?.authorizer ?? new Authorizer();
  const absent = new Map<string, string>();
  const context = { caller, authorizer, partition: (await entries?.cluster())?.partition, absent };
  const held = kindsLost(own, undefined, principal, context);
  if (held.length === 0 && !includesIdentity(principal, caller?.arn)) {
    return undefined;
  }
  const view = held.length > 0 ? await currentAccess(session, principal, true) : own;
  if (entries !== undefined && held.includes("administrator")) {
    const without = withEntry(withoutMapping(view, principal), principal, undefined);
    for (const { arn, flaw } of administratorsIn(without, context)) {
      const reason = flaw ?? (await whyNotIn(arn, view, entries));
      // One that can log in is enough.
      if (reason === undefined) {
        break;
      }
      absent.set(principalKey(arn), reason);
    }
  }
  const warnings = new Set<string>();
  const judge = (before: Places, after: Places) => {
    const lockouts = findLockouts(before, after, principal, context);
    const removesAdministrator = kindsLost(before, after, principal, context).includes("administrator");
    const unread = removesAdministrator && before.unread ? [`access entries cannot be read: ${before.unread}`] : [];
    if (lockouts.length === 0 && unread.length === 0) {
      return;
    }
    const isUndoable = isAdministratorOtherwise(before, context);
    const isGrave = lockouts.some((lockout) => !(lockout === "administrator" && isUndoable));
    const isRefused = isGrave && lockoutProtection(run.settings) === "error";
    const others = lockouts.includes("administrator") ? administratorsIn(after, context) : [];
    const notes = [...others.map(({ arn, flaw }) => `${quoted(arn)} cannot administer it, because ${flaw}`), ...unread];
    const label = notes.length === 0 ? session.label : `${session.label} (${notes.join("; ")})`;
    const text = describeLockouts(describeSubject(mapping), lockouts, label, isRefused);
    if (isRefused) {
      // A delete does not know whether it is part of a destroy.
      const command = `AWS_AUTH_LOCKOUT_PROTECTION=off pulumi ${run.program.isEmpty ? "destroy" : "up"}`;
      const also = run.program.isEmpty ? ' (or "pulumi up")' : "";
      throw new AwsAuthError("lockout", `${text}, or allow this change with ${quoted(command)}${also}`);
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

/** Why an administrator cannot log in, as far as IAM can be queried; undefined if it can. */
async function whyNotIn(
  arn: string,
  view: Places<LiveAccessEntry>,
  entries: KnownEntries,
): Promise<string | undefined> {
  const deaths = (await entries.withDeaths(accessEntriesOf(view, arn))).map(({ death }) => death);
  if (deaths.length > 0) {
    return deaths.includes(undefined) ? undefined : `its access entry grants no access: ${deaths[0]?.text}`;
  }
  const found = await entries.principal(arn);
  return found === "unknown" ? undefined : absenceOf(arn, found);
}

const losses: Readonly<Record<Exclude<Lockout, "caller">, string>> = {
  administrator: "administrator",
  EC2_LINUX: "role for Linux nodes",
  EC2_WINDOWS: "role for Windows nodes",
  FARGATE_LINUX: "role for Fargate nodes",
  HYBRID_LINUX: "role for hybrid nodes",
  EC2: "role for Auto Mode nodes",
  HYPERPOD_LINUX: "role for HyperPod nodes",
};

/** @param isRefused false for a warning, which is printed before the change and after it. */
function describeLockouts(subject: string, lockouts: readonly Lockout[], label: string, isRefused: boolean): string {
  const removes = isRefused ? "would remove" : "removes";
  if (lockouts.length === 0) {
    return `this change ${removes} ${subject}, an administrator of ${label}; check that another administrator can log in`;
  }
  const lost = lockouts.flatMap((lockout) => (lockout === "caller" ? [] : losses[lockout]));
  return lost.length === 0
    ? `this change ${removes} access to ${label} for ${subject}, the identity of this run; use other credentials`
    : `this change ${removes} ${subject}, the last ${lost.join(" and ")} of ${label}; map another ${lost.join(" and another ")}${isRefused ? " first" : ""}`;
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
 * The current access to a cluster. A place that cannot be read is treated as empty, so that unknown entries are never taken for administrators.
 *
 * @param all whether to read the access entries of all principals, not only those of this one.
 */
export async function currentAccess(
  session: ClusterSession,
  principal: string,
  all: boolean,
): Promise<Places<LiveAccessEntry>> {
  const entries = await session.accessEntries();
  const mode = (await entries?.cluster())?.authenticationMode;
  const document = mode === "API" ? undefined : await ignoreUserErrors(() => session.document());
  const view = { entries: document === undefined ? [] : entriesOf(document), accessEntries: [], mode };
  if (entries === undefined) {
    return { ...view, unread: await session.hiddenEntries() };
  }
  try {
    const found = await (all ? entries.all() : entries.find(principal));
    const { own = [], others = [] } = Object.groupBy(found, ({ principalArn }) =>
      principalKey(principalArn) === principal ? "own" : "others",
    );
    return { ...view, accessEntries: [...others, ...(await entries.withDeaths(own))] };
  } catch (error) {
    return { ...view, unread: asAwsAuthError(error).message };
  }
}

/** @param cluster undefined if the plan writes no access entry. */
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
