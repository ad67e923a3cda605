import { setTimeout } from "node:timers/promises";
import {
  type AccessEntryContent,
  type AccessEntryPlan,
  claimsIn,
  isInEntry,
  isUnfinished,
  type LiveAccessEntry,
  planAccessEntryRemoval,
  replaceTagClaims,
  sameAccessEntry,
  type TagChange,
  withIgnored,
} from "../accessEntries";
import type { Settings } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError } from "../errors";
import type { Claimant } from "../ownership";
import type { KnownEntries } from "../session/knownEntries";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
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
import { describeEndedNamesake } from "./describe";
import {
  describeEntryChanged,
  describeEntryConflict,
  describeEntryDisplaced,
  describeEntryHeld,
  describeEntryKept,
  describeEntryLeft,
  describeEntryLost,
  describeEntryRaced,
  describeEntryTakenOver,
} from "./describeAccessEntry";
import { findEntryLockouts } from "./guardAccessEntry";
import { describeRefusal, isLockoutRefused } from "./lockout";
import { makeAccessEntry, takeBack } from "./makeAccessEntry";
import { flagsOf, type ResourceState, type StoredAccessEntry } from "./state";

/** A plan that others do not forbid. */
type AllowedPlan = Exclude<AccessEntryPlan, { readonly kind: "conflict" | "held" | "takenOver" }>;

/** An access entry that says what its resource wants. */
export interface EnsuredAccessEntry {
  /** What the state stores. */
  readonly stored: StoredAccessEntry;
  /** What was done to it. */
  readonly done: AllowedPlan["kind"];
}

/** What a resource that writes says of itself, with the label of its claim; undefined if it makes none. */
export interface LabelledWish extends EntryWish {
  readonly label: string | undefined;
}

/**
 * Makes the access entry of a resource say what it wants, and waits until EKS shows that. Nothing that relies on the entry may happen
 * before it returns.
 *
 * @param id of the resource's claim.
 * @throws AwsAuthError `duplicateArn` or `claimed` if others have the entry, and any of the cluster codes.
 */
export async function ensureAccessEntry(
  session: ClusterSession,
  inputs: ResourceState,
  wish: LabelledWish,
  id: string,
  settings: Settings,
): Promise<EnsuredAccessEntry> {
  const at = await entryClusterOf(session);
  for (let attempt = 1; ; attempt++) {
    const planned = await planAnew(at, inputs, wish, flagsOf(inputs, settings).adopt);
    const { plan } = planned;
    try {
      return await applyEntryPlan(at, planned, wish, id);
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

/**
 * Takes back what a create that fails has made of an access entry, since no state will know of it, and nothing else.
 *
 * @param error why it fails.
 * @returns the error to throw, which says what is left.
 */
export async function takeBackAccessEntry(
  session: ClusterSession,
  { stored, done }: EnsuredAccessEntry,
  id: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof AwsAuthError)) {
    return error;
  }
  const { entries } = await entryClusterOf(session);
  const what = `the access entry of arn ${quoted(stored.principalArn)}`;
  try {
    if (done === "create") {
      await takeBack(entries, stored.principalArn, true, id);
    } else if (done === "inSync") {
      await entries.reread(stored.principalArn);
      const [live] = await entries.find(stored.principalArn);
      const own = claimsIn(live?.tags ?? {}).filter((claim) => claim.id === id);
      await (live && entries.unclaim(live, own));
    }
  } catch (undone) {
    if (!(undone instanceof AwsAuthError)) {
      throw undone;
    }
    const left = `${what} is there now, which no state knows; run again, or delete it (${undone.message})`;
    return new AwsAuthError(error.code, `${error.message}; ${left}`, { cause: error });
  }
  const results = {
    create: `; ${what}, which it had made, was taken back`,
    update: `; ${what} was changed already; run again, or see to it in EKS`,
    recreate: `; ${what} was made anew already; run again, or see to it in EKS`,
  };
  return done === "inSync" ? error : new AwsAuthError(error.code, error.message + results[done], { cause: error });
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
  at: EntryCluster,
  { plan, content }: PlannedEntry,
  { label }: LabelledWish,
  id: string,
): Promise<EnsuredAccessEntry> {
  assertAllowed(plan, content);
  const { entries } = at;
  const { wanted } = plan;
  const isFound = plan.kind === "inSync" || plan.kind === "update" ? plan.isFound : false;
  const isClaiming = label !== undefined;
  const isMaking = plan.kind === "create" || plan.kind === "recreate";
  // Until all policies are on, an entry without a claim would be nobody's for the next run.
  const claim =
    isClaiming || (isMaking && wanted.policies.length > 0) ? { id, label: label ?? id, isFound } : undefined;
  const tags = replaceTagClaims("live" in plan ? plan.live.tags : {}, "replaced" in plan ? plan.replaced : [], claim);
  if (plan.kind === "recreate") {
    await entries.delete(plan.live);
  }
  if (isMaking) {
    await makeAccessEntry(entries, wanted, tags.tags, claim?.id);
  } else {
    await changeAccessEntry(entries, plan, tags);
    if (plan.displaced.length > 0) {
      await report("warning", describeEntryDisplaced(content, plan.displaced), undefined);
    }
  }
  // Whoever lets go of the entry next has to see the claim too.
  const isShown = (entry: LiveAccessEntry) =>
    !tags.isClaimed || claimsIn(entry.tags).some((other) => other.id === claim?.id);
  const isAsWanted = (entry: LiveAccessEntry | undefined): entry is LiveAccessEntry =>
    entry !== undefined && sameAccessEntry(entry, wanted) && isShown(entry);
  const start = performance.now();
  // What was there may have been deleted meanwhile.
  const live = await entries.settle(
    wanted.principalArn,
    (entry) => isAsWanted(entry) || (!isMaking && entry === undefined),
  );
  if (!isMaking && (live === undefined || Object.keys(tags.set).length > 0)) {
    // Whoever has not seen the claim yet may be deleting the entry, which shows as late as the claim did.
    await setTimeout(performance.now() - start);
    await entries.reread(wanted.principalArn);
    if (!isAsWanted(await liveEntry(at, content))) {
      throw new AwsAuthError("conflict", describeEntryRaced(content));
    }
  }
  if (claim !== undefined && !isClaiming && live !== undefined) {
    await entries.unclaim(
      live,
      claimsIn(live.tags).filter((other) => other.id === id),
    );
  }
  return { stored: { principalArn: wanted.principalArn, isMade: !isFound }, done: plan.kind };
}

/** The new claim comes before all else, and those that end go last. */
async function changeAccessEntry(
  { api }: KnownEntries,
  plan: Extract<AccessEntryPlan, { readonly kind: "inSync" | "update" }>,
  tags: TagChange,
): Promise<void> {
  const { live, wanted } = plan;
  if (Object.keys(tags.set).length > 0) {
    await api.tag(live.arn, tags.set);
  }
  if (plan.kind === "update") {
    for (const policy of plan.change.associate) {
      await api.associate(live.principalArn, policy);
    }
    if (plan.change.user !== undefined) {
      await api.update({ ...wanted, ...plan.change.user, principalArn: live.principalArn });
    }
    for (const policyArn of plan.change.disassociate) {
      await api.disassociate(live.principalArn, policyArn);
    }
  }
  if (tags.remove.length > 0) {
    await api.untag(live.arn, tags.remove);
  }
}

/** @throws AwsAuthError `duplicateArn` or `claimed` for a plan that changes nothing, since others have the entry. */
export function assertAllowed(plan: AccessEntryPlan, content: AccessEntryContent): asserts plan is AllowedPlan {
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
  const intent = {
    previous: content,
    ignored: ignoredOf(state.claim.ignored ?? []),
    claimant,
    isMade: state.accessEntry?.isMade === true,
    declared: declared.map(() => content),
  };
  const seen = planAccessEntryRemoval(await liveEntry(at, content), intent);
  if (seen.kind === "gone" || seen.kind === "inherited") {
    return seen.kind === "gone";
  }
  if (seen.kind === "changed") {
    throw new AwsAuthError("changedOutside", describeEntryChanged(seen.live, content, at.cluster));
  }
  const guard = async () => {
    const lockouts = isMoved ? [] : await findEntryLockouts(session, at, content.principalArn, undefined);
    if (lockouts.length > 0 && isLockoutRefused(settings)) {
      const how = ", which a destroy sees if it is run with --run-program";
      throw new AwsAuthError("lockout", describeRefusal(lockouts, how));
    }
    return lockouts;
  };
  const foreseen = seen.kind === "remove" ? await guard() : undefined;
  // Others may claim it at the same time, or let go of it: whoever sees no claim any more deletes it.
  const { own, earlier } = seen.standing;
  const live = await entries.unclaim(seen.live, [...own, ...earlier]);
  if (earlier.length > 0 && mapping !== undefined) {
    await report("warning", describeEndedNamesake(mapping, earlier), undefined);
  }
  const isMade = seen.kind !== "leave" && (own.length + earlier.length > 0 || intent.isMade);
  const removal = planAccessEntryRemoval(live, { ...intent, isMade });
  switch (removal.kind) {
    case "gone":
      return true;
    case "inherited":
      return false;
    case "changed":
      throw new AwsAuthError("changedOutside", describeEntryChanged(removal.live, content, at.cluster));
    case "remove": {
      // Others may have let go meanwhile, so that it is the last only now.
      for (const reason of foreseen ?? (await guard())) {
        await report("warning", reason, undefined);
      }
      await entries.delete(removal.live);
      return true;
    }
    case "keep":
      if (removal.wantedBy.length > 0) {
        await report("info", describeEntryKept(content, removal.wantedBy), undefined);
      }
      return false;
    case "leave": {
      const because = seen.kind === "leave" ? seen.because : removal.because;
      await report("warning", describeEntryLeft(content, because), undefined);
      return false;
    }
  }
}
