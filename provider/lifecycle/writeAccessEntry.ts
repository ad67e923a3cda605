import {
  type AccessEntryContent,
  type AccessEntryPlan,
  isInEntry,
  isUnfinished,
  planAccessEntryRemoval,
  replaceTagClaims,
  sameAccessEntry,
  withIgnored,
} from "../accessEntries";
import { ownershipPolicy, type Settings } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError } from "../errors";
import type { ClusterSession } from "../session/session";
import {
  contentOf,
  type EntryCluster,
  type EntryWish,
  entryClusterOf,
  ignoredOf,
  liveEntry,
  type PlannedEntry,
  planEntryOf,
} from "./accessEntry";
import {
  describeEntryChanged,
  describeEntryConflict,
  describeEntryDisplaced,
  describeEntryHeld,
  describeEntryKept,
  describeEntryLeft,
  describeEntryLost,
  describeEntryTakenOver,
} from "./describeAccessEntry";
import { findEntryLockouts } from "./guardAccessEntry";
import { describeRefusal, isLockoutRefused } from "./lockout";
import { makeAccessEntry } from "./makeAccessEntry";
import type { Claimant } from "./ownership";
import { flagsOf, type ResourceState, type StoredAccessEntry } from "./state";

/**
 * Makes the access entry of a resource say what it wants, and waits until EKS shows that. Nothing that relies on the entry may happen
 * before it returns.
 *
 * @param id of the resource's claim.
 * @returns what the state stores.
 * @throws AwsAuthError `duplicateArn` or `claimed` if others have the entry, and any of the cluster codes.
 */
export async function ensureAccessEntry(
  session: ClusterSession,
  inputs: ResourceState,
  wish: EntryWish,
  id: string,
  settings: Settings,
): Promise<StoredAccessEntry> {
  const at = await entryClusterOf(session);
  for (let attempt = 1; ; attempt++) {
    const planned = await planAnew(at, inputs, wish, flagsOf(inputs, settings).adopt);
    const { plan } = planned;
    try {
      return await applyEntryPlan(at, planned, wish, id, settings);
    } catch (error) {
      if (!(error instanceof AwsAuthError && error.code === "conflict") || attempt === maxAttempts) {
        throw error;
      }
      if (plan.kind === "create") {
        // Somebody makes the entry at the same time. Its policies come after it.
        await at.entries.rereadOnce(plan.wanted.principalArn, (entry) => !isUnfinished(entry, plan.wanted));
      }
    }
  }
}

/**
 * Waits until the access entry of a resource lets its principal in, which has to be before its entry in aws-auth goes, and proves that
 * it is still there.
 *
 * @throws AwsAuthError `conflict` if somebody changed or deleted it meanwhile.
 */
export async function entryInForce(
  session: ClusterSession,
  inputs: ResourceState,
  accessEntry: StoredAccessEntry | undefined,
  { ignored }: EntryWish,
): Promise<void> {
  const at = await entryClusterOf(session);
  // In mode `API` the cluster ignores aws-auth already.
  if (accessEntry === undefined || at.cluster.authenticationMode === "API") {
    return;
  }
  const { entries } = at;
  await entries.inForce(accessEntry.principalArn);
  await entries.reread(accessEntry.principalArn);
  const content = contentOf(at, { ...inputs, accessEntry });
  const live = await liveEntry(at, content);
  if (live === undefined || !sameAccessEntry(withIgnored(content, live, ignoredOf(ignored)), live)) {
    throw new AwsAuthError("conflict", describeEntryLost(content));
  }
}

const maxAttempts = 3;

/**
 * Plans for the access entry as it is now, since others may have claimed or changed it since this run has read it. Only where there is
 * none, EKS itself refuses to make a second one.
 */
async function planAnew(
  at: EntryCluster,
  inputs: ResourceState,
  wish: EntryWish,
  adopt: boolean,
): Promise<PlannedEntry> {
  const planned = await planEntryOf(at, inputs, wish, adopt);
  if (planned.plan.kind === "create") {
    return planned;
  }
  await at.entries.reread(planned.plan.live.principalArn);
  return planEntryOf(at, inputs, wish, adopt);
}

async function applyEntryPlan(
  { entries }: EntryCluster,
  { plan, content }: PlannedEntry,
  { label }: EntryWish,
  id: string,
  settings: Settings,
): Promise<StoredAccessEntry> {
  const { api } = entries;
  assertAllowed(plan, content);
  const isFound = plan.kind === "inSync" || plan.kind === "update" ? plan.isFound : false;
  const claim =
    label === undefined || ownershipPolicy(settings) === "off" ? undefined : ({ id, label, isFound } as const);
  const replaced = plan.kind === "create" ? [] : plan.replaced;
  if (plan.kind === "recreate") {
    await api.delete(plan.live.principalArn);
    await entries.settle(plan.live.principalArn, (entry) => entry === undefined);
  }
  const wanted = plan.wanted;
  const { principalArn } = wanted;
  if (plan.kind === "create" || plan.kind === "recreate") {
    const { tags } = replaceTagClaims(plan.kind === "create" ? {} : plan.live.tags, replaced, claim);
    await makeAccessEntry(entries, wanted, tags, claim?.id);
  } else {
    const { live } = plan;
    const tags = replaceTagClaims(live.tags, replaced, claim);
    if (Object.keys(tags.set).length > 0) {
      await api.tag(live.arn, tags.set);
    }
    if (plan.kind === "update") {
      for (const policy of plan.change.associate) {
        await api.associate(principalArn, policy);
      }
      if (plan.change.user !== undefined) {
        await api.update({ ...wanted, ...plan.change.user });
      }
      for (const policyArn of plan.change.disassociate) {
        await api.disassociate(principalArn, policyArn);
      }
    }
    if (tags.remove.length > 0) {
      await api.untag(live.arn, tags.remove);
    }
    if (plan.displaced.length > 0) {
      await report("warning", describeEntryDisplaced(content, plan.displaced), undefined);
    }
  }
  await entries.settle(principalArn, (entry) => entry !== undefined && sameAccessEntry(entry, wanted));
  return { principalArn, isMade: !isFound };
}

/** @throws AwsAuthError `duplicateArn` or `claimed` for a plan that changes nothing, since others have the entry. */
function assertAllowed(
  plan: AccessEntryPlan,
  content: AccessEntryContent,
): asserts plan is Exclude<AccessEntryPlan, { readonly kind: "conflict" | "held" | "takenOver" }> {
  switch (plan.kind) {
    case "conflict":
      throw new AwsAuthError("duplicateArn", describeEntryConflict(plan, content));
    case "held":
      throw new AwsAuthError("claimed", describeEntryHeld(plan, content));
    case "takenOver":
      throw new AwsAuthError("claimed", describeEntryTakenOver(plan, content));
    default:
  }
}

/**
 * Deletes the access entry of a resource if it says what the state says, the resource made it, and nobody else wants it.
 *
 * @param isMoved whether the entry in aws-auth is there instead, so that nobody loses access.
 * @returns whether there is none any more.
 * @throws AwsAuthError `changedOutside` if somebody changed it, `lockout`, and any of the cluster codes.
 */
export async function removeAccessEntry(
  session: ClusterSession,
  state: ResourceState,
  claimant: Claimant,
  settings: Settings,
  isMoved = false,
): Promise<boolean> {
  const at = await entryClusterOf(session);
  const { entries } = at;
  const content = contentOf(at, state);
  const { mapping, principal = "" } = state;
  const declared = session.declarations.agreeing(principal, mapping, undefined).filter(({ mode }) => isInEntry(mode));
  const plan = async () =>
    planAccessEntryRemoval(await liveEntry(at, content), {
      previous: content,
      ignored: ignoredOf(state.claim.ignored ?? []),
      claimant,
      isMade: state.accessEntry?.isMade === true,
      declared: declared.map(() => content),
    });
  let removal = await plan();
  if (removal.kind === "remove") {
    // Others may have claimed it since this run has read it.
    await entries.reread(removal.live.principalArn);
    removal = await plan();
  }
  switch (removal.kind) {
    case "gone":
      return true;
    case "inherited":
      return false;
    case "changed":
      throw new AwsAuthError("changedOutside", describeEntryChanged(removal.live, content));
    case "remove": {
      const reasons = isMoved ? [] : await findEntryLockouts(session, at, content.principalArn, undefined);
      if (reasons.length > 0 && isLockoutRefused(settings)) {
        const how = ", which a destroy sees if it is run with --run-program";
        throw new AwsAuthError("lockout", describeRefusal(reasons, how));
      }
      for (const reason of reasons) {
        await report("warning", reason, undefined);
      }
      await entries.api.delete(removal.live.principalArn);
      await entries.settle(removal.live.principalArn, (entry) => entry === undefined);
      return true;
    }
    case "keep":
    case "leave": {
      const keys = removal.standing.own.map(({ key }) => key);
      if (keys.length > 0) {
        await entries.api.untag(removal.live.arn, keys);
        await entries.reread(removal.live.principalArn);
      }
      if (removal.kind === "leave") {
        await report("warning", describeEntryLeft(content, removal.because), undefined);
      } else if (removal.wantedBy.length > 0) {
        await report("info", describeEntryKept(content, removal.wantedBy), undefined);
      }
      return false;
    }
  }
}
