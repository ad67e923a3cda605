import { setTimeout } from "node:timers/promises";
import {
  type AccessEntryContent,
  type AccessEntryPlan,
  changeOf,
  claimsIn,
  isUnfinished,
  type LiveAccessEntry,
  replaceTagClaims,
  sameAccessEntry,
  type TagChange,
} from "../../accessEntries";
import type { IamPrincipal } from "../../cluster/eks/iam";
import { report } from "../../engine/diagnostics";
import { AwsAuthError, extended, isRefused, withClause } from "../../errors";
import { principalKey } from "../../mapping";
import type { KnownEntries } from "../../session/knownEntries";
import { type ClusterView, withEntry } from "../clusterView";
import type { StoredAccessEntry } from "../state";
import { type AccessEntryCluster, liveEntry } from "./accessEntryCluster";
import { describeEntryConflict, describeEntryHeld, describeEntryTakenOver, entryOf } from "./accessEntryMessages";
import type { LabelledId } from "./labelledId";
import { makeAccessEntry, makeAgain, takeBack } from "./makeAccessEntry";
import { namesOf } from "./messages";

export interface PlannedEntry {
  readonly plan: AccessEntryPlan;
  readonly content: AccessEntryContent;
  /** As IAM knows it; undefined if there is no entry, or if it does not tell. */
  readonly principal: IamPrincipal | undefined;
  /** Whether the resource has had no access entry so far. */
  readonly isNew: boolean;
  /** Whether the state says that the resource made the entry. */
  readonly isMade: boolean;
}

/** An access entry that says what its resource wants. */
interface WrittenEntry {
  readonly stored: StoredAccessEntry;
  readonly done: AccessEntryPlan["kind"];
  /** The ID of the claim that was added to an entry; undefined if there was none to add. */
  readonly added: string | undefined;
  readonly isClaimed: boolean;
}

const maxAttempts = 3;

/**
 * Makes an access entry say what its resource wants, and waits until EKS shows that. Nothing that relies on the entry may happen before it
 * returns.
 *
 * @param plan plans on what is there now.
 * @throws AwsAuthError `duplicateArn` or `claimed` if others have the entry, and any of the cluster codes.
 */
export async function writeAccessEntry(
  at: AccessEntryCluster,
  plan: () => Promise<PlannedEntry>,
  claim: LabelledId,
): Promise<WrittenEntry> {
  for (let attempt = 1; ; attempt++) {
    const planned = await plan();
    try {
      return await applyPlan(at, planned, claim);
    } catch (error) {
      if (!(error instanceof AwsAuthError && error.code === "conflict") || attempt === maxAttempts) {
        throw error;
      }
      if (planned.plan.kind === "create") {
        const { wanted } = planned.plan;
        // Somebody makes the entry at the same time. Its policies come after it.
        await at.entries.rereadOnce(wanted.principalArn, (entry) => !isUnfinished(entry, wanted));
      }
    }
  }
}

async function applyPlan(
  at: AccessEntryCluster,
  { plan, content, isMade }: PlannedEntry,
  wantedClaim: LabelledId,
): Promise<WrittenEntry> {
  const refusal = refusalOf(plan, content);
  if (refusal !== undefined) {
    throw refusal;
  }
  const { entries } = at;
  const { wanted, isFound, live, standing, namesakes } = plan;
  const { id } = wantedClaim;
  const isInSync = plan.kind === "inSync";
  const { label } = wantedClaim;
  const isClaiming = label !== undefined;
  const isMaking = makesEntry(plan);
  // Until all policies are on, an entry without a claim would be nobody's for the next run.
  const claim =
    isClaiming || (isMaking && wanted.policies.length > 0)
      ? { id, label: label ?? wantedClaim.label ?? id, isFound }
      : undefined;
  const before = live?.tags ?? {};
  const tags = replaceTagClaims(before, plan.replaced, claim);
  const isAdded = Object.keys(tags.set).some((key) => before[key] === undefined);
  const isClaimed = isClaiming && tags.isClaimed;
  const isOwn = !isInSync || isClaimed || standing.own.length + namesakes.length > 0 || isMade;
  const written = {
    stored: { principalArn: wanted.principalArn, isMade: isOwn && !isFound },
    done: plan.kind,
    added: isAdded ? claim?.id : undefined,
    isClaimed,
  };
  if (plan.kind === "recreate") {
    await entries.delete(plan.live);
  }
  if (isMaking) {
    try {
      await makeAccessEntry(entries, wanted, tags.tags, claim?.id);
    } catch (error) {
      throw live === undefined ? error : await makeAgain(entries, live, plan.isDead, id, error);
    }
  }
  const calls = live === undefined || isMaking ? [] : callsOf(entries, live, plan, tags);
  let done = 0;
  try {
    for (const call of calls) {
      await call();
      done++;
    }
    const shown = await proveWritten(at, plan, tags, claim?.id);
    if (claim !== undefined && !isClaiming && shown !== undefined) {
      const own = claimsIn(shown.tags).filter((other) => other.id === id);
      await entries.unclaim(shown, own);
    }
  } catch (error) {
    if (plan.kind !== "update" || done === calls.length) {
      throw await takeBackAccessEntry(at, written, error);
    }
    // A claim on what has changed by then tells the next run whose it is.
    throw done === 0 && isRefused(error) ? error : withPartLeft(error, written);
  }
  if (isClaiming && !isClaimed) {
    const text = `${entryOf(content)} has no room for another tag (EKS allows 50): it is written without a claim, so that other stacks do not see its owner; remove tags that are no longer needed`;
    await report("warning", text, undefined);
  }
  if (!isMaking && plan.displaced.length > 0) {
    const text = `${entryOf(content)} was taken over from ${namesOf(plan.displaced)}, whose next preview reports that`;
    await report("warning", text, undefined);
  }
  return written;
}

/**
 * Waits until EKS shows an entry and its claim as they were written, and proves that nobody was deleting it.
 *
 * @throws AwsAuthError `conflict` if somebody was, and any of the cluster codes.
 */
async function proveWritten(
  at: AccessEntryCluster,
  plan: AccessEntryPlan,
  tags: TagChange,
  claim: string | undefined,
): Promise<LiveAccessEntry | undefined> {
  const { entries } = at;
  const { wanted } = plan;
  const isMaking = makesEntry(plan);
  // Whoever lets go of the entry next has to see the claim too.
  const isShown = (entry: LiveAccessEntry) => !tags.isClaimed || claimsIn(entry.tags).some(({ id }) => id === claim);
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
    if (!isAsWanted(await liveEntry(at, wanted))) {
      const text = `${entryOf(wanted)} was changed or deleted by somebody else while this run wrote it; run again`;
      throw new AwsAuthError("conflict", text);
    }
  }
  return live;
}

/** The calls of a change. The new claim comes before all else, and those that end go last. */
function callsOf(
  { api }: KnownEntries,
  live: LiveAccessEntry,
  { kind, wanted }: AccessEntryPlan,
  tags: TagChange,
): readonly (() => Promise<void>)[] {
  const { arn, principalArn } = live;
  const { associate, user, disassociate } = changeOf(live, kind === "update" ? wanted : live);
  return [
    ...(Object.keys(tags.set).length > 0 ? [() => api.tag(arn, tags.set)] : []),
    ...associate.map((policy) => () => api.associate(principalArn, policy)),
    ...(user === undefined ? [] : [() => api.update({ ...wanted, ...user, principalArn })]),
    ...disassociate.map((policyArn) => () => api.disassociate(principalArn, policyArn)),
    ...(tags.remove.length > 0 ? [() => api.untag(arn, tags.remove)] : []),
  ];
}

/** The error of a change that did not come to its end, after the claim that comes first. */
function withPartLeft(error: unknown, { stored, added }: WrittenEntry): unknown {
  const claim = added === undefined ? "" : `, and have the tag of the claim ${added} now`;
  return withClause(error, `${entryOf(stored)} may be changed in part${claim}; run again, or see to it in EKS`);
}

/** Whether a plan ends with an entry that was not there before. */
function makesEntry({ kind }: AccessEntryPlan): boolean {
  return kind === "create" || kind === "recreate";
}

/** Why a plan may not be carried out: others have the entry, or want it as it is. */
export function refusalOf(plan: AccessEntryPlan, content: AccessEntryContent): AwsAuthError | undefined {
  switch (plan.kind) {
    case "conflict":
      return new AwsAuthError("duplicateArn", describeEntryConflict(plan, content));
    case "held":
      return new AwsAuthError("claimed", describeEntryHeld(plan, content));
    case "takenOver":
      return new AwsAuthError("claimed", describeEntryTakenOver(plan, content));
    default:
      return undefined;
  }
}

/**
 * Takes back what a write that fails has made of an access entry, since no state will know of it, and nothing else.
 *
 * @param error why it fails.
 * @returns the error to throw, which says what is left.
 */
export async function takeBackAccessEntry(
  { entries }: AccessEntryCluster,
  { stored, done, added }: WrittenEntry,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof AwsAuthError)) {
    return error;
  }
  const what = entryOf(stored);
  try {
    if (done === "create") {
      await takeBack(entries, stored.principalArn, true, added);
    } else if (done === "inSync" && added !== undefined) {
      await entries.reread(stored.principalArn);
      const [live] = await entries.find(stored.principalArn);
      const own = claimsIn(live?.tags ?? {}).filter(({ id }) => id === added);
      await (live && entries.unclaim(live, own));
    }
  } catch (undone) {
    if (!(undone instanceof AwsAuthError)) {
      throw undone;
    }
    return extended(
      error,
      done === "create"
        ? `${what} is there now, which no state knows; run again, or delete it (${undone.message})`
        : `${what} has the tag of the claim ${added} now, which no state knows; run again, or remove it (${undone.message})`,
    );
  }
  // It tells the next run whose the entry is, and keeps that from going if none asks for it.
  const claim = added === undefined ? "" : `, and has the tag of the claim ${added} now`;
  const results: Partial<Record<AccessEntryPlan["kind"], string>> = {
    create: `${what}, which it had made, was taken back`,
    update: `${what} was changed already${claim}; run again, or see to it in EKS`,
    recreate: `${what} was made anew already; run again, or see to it in EKS`,
  };
  const result = results[done];
  return result === undefined ? error : extended(error, result);
}

export function withPlanned(view: ClusterView, plan: AccessEntryPlan): ClusterView {
  return plan.kind === "conflict" || plan.kind === "held" || plan.kind === "takenOver"
    ? view
    : withEntry(view, principalKey(plan.wanted.principalArn), plan.wanted);
}
