import { describeAccessEntry, type LiveAccessEntry, standingIn } from "../accessEntries";
import { type Settings, saysAuthenticationMode } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError } from "../errors";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { entryClusterOf } from "./accessEntry";
import { describeSubject } from "./describe";
import { describeEntryLeft } from "./describeAccessEntry";
import { documentOf } from "./guardAccessEntry";
import { standingOf } from "./ownership";
import type { Run } from "./run";
import { isSameEntry, keyOfInputs, type ResourceState } from "./state";

/**
 * The access entry of a mapping that is kept in aws-auth alone, left by an interrupted run. It takes precedence over aws-auth. Only looked
 * for where the stack says where its mappings are kept: any other has never moved.
 *
 * @param state in which the resource's claim has an ID; if there is none, its label says which claim is its own.
 */
export async function findOrphan(
  session: ClusterSession,
  state: ResourceState,
  settings: Settings,
): Promise<LiveAccessEntry | undefined> {
  const { mapping } = state;
  const entries = saysAuthenticationMode(settings) ? await session.accessEntries() : undefined;
  if (entries === undefined || mapping === undefined || mapping.kind === "account") {
    return undefined;
  }
  try {
    const { authenticationMode } = await entries.cluster();
    const found = authenticationMode === "CONFIG_MAP" ? [] : await entries.find(mapping.arn);
    return found.find(({ tags }) => standingIn(tags, claimantOf(state)).own.length > 0);
  } catch (error) {
    if (error instanceof AwsAuthError && error.code === "accessDenied") {
      const text = `an access entry that an earlier run has left takes precedence over aws-auth, and this run cannot see any: ${error.message}`;
      await report("info", text, undefined);
      return undefined;
    }
    throw error;
  }
}

/** Deletes such an access entry, unless others claim it or it was there before. */
export async function removeOrphan(session: ClusterSession, state: ResourceState, settings: Settings): Promise<void> {
  const seen = await findOrphan(session, state, settings);
  if (seen === undefined) {
    return;
  }
  const { entries } = await entryClusterOf(session);
  // Others may have claimed it since this run has read it.
  await entries.reread(seen.principalArn);
  const live = await findOrphan(session, state, settings);
  if (live === undefined) {
    return;
  }
  const { own, others } = standingIn(live.tags, claimantOf(state));
  const isFound = own.some((claim) => claim.isFound);
  if (others.length === 0 && !isFound) {
    await entries.api.delete(live.principalArn);
    await entries.settle(live.principalArn, (entry) => entry === undefined);
    return;
  }
  const keys = own.map(({ key }) => key);
  await entries.api.untag(live.arn, keys);
  await entries.settle(live.principalArn, (entry) => keys.every((key) => entry?.tags[key] === undefined));
  if (isFound) {
    await report("warning", describeEntryLeft(live, "found"), undefined);
  }
}

/** Tells of such an access entry, which this run deletes. */
export function describeOrphan({ mapping }: ResourceState, live: LiveAccessEntry): string {
  const subject = mapping === undefined ? "nobody" : describeSubject(mapping);
  return `${subject} is kept in aws-auth, and has an access entry that a run which did not finish has left; it takes precedence over aws-auth, and says ${describeAccessEntry(live)}; "pulumi up" removes it`;
}

function claimantOf({ claim: { id, owner } }: ResourceState) {
  return { id, label: owner };
}

/** Whether aws-auth has an entry that a resource claims although it is kept in an access entry. */
export async function isLeftInMap(session: ClusterSession, { principal = "", claim }: ResourceState): Promise<boolean> {
  const { id, owner: label } = claim;
  const claimant = id === undefined ? { id, label } : { id, label: undefined };
  return standingOf(await documentOf(session), principal, claimant).ownClaims.length > 0;
}

/**
 * Has an entry removed that a run has left in aws-auth on a way back that it did not finish.
 *
 * @param own the declaration of the resource. Inputs have no ID, so the claim is known by its label.
 */
export async function checkLeftInMap(
  { outOfSync, settings }: Run,
  session: ClusterSession,
  own: Declaration,
  olds: ResourceState,
  inputs: ResourceState,
): Promise<void> {
  const isKnown = isSameEntry(olds, inputs, settings) && !session.declarations.sharesLabel(own);
  if (isKnown && (await isLeftInMap(session, olds))) {
    outOfSync.add(keyOfInputs(inputs, settings));
  }
}
