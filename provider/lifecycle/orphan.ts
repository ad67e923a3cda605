import {
  claimsIn,
  describeAccessEntry,
  type LiveAccessEntry,
  mappingOf,
  standingIn,
  type TagStanding,
} from "../accessEntries";
import { type Settings, saysAuthenticationMode } from "../cluster";
import { claimsOn } from "../document";
import { report } from "../engine/diagnostics";
import { AwsAuthError } from "../errors";
import { sameContent } from "../mapping";
import { type Claimant, standingOf } from "../ownership";
import type { ClusterSession } from "../session/session";
import { entryClusterOf } from "./accessEntry";
import { describeEndedNamesake, describeSubject, namesOf } from "./describe";
import { describeEntryLeft } from "./describeAccessEntry";
import { documentIfReadable } from "./guardAccessEntry";
import { claimantInCheck, claimantOfState } from "./ownership";
import type { ResourceState } from "./state";

/** An access entry of a mapping that is kept in aws-auth alone, with the claims of the resource on it. */
interface Orphan {
  readonly live: LiveAccessEntry;
  readonly standing: TagStanding;
}

/**
 * The access entry of a mapping that is kept in aws-auth alone, left by an interrupted run. It takes precedence over aws-auth.
 *
 * @param claimant who has claimed it. Without an ID, the claims of interrupted runs count.
 */
export async function findOrphan(
  session: ClusterSession,
  state: ResourceState,
  claimant: Claimant,
  settings: Settings,
): Promise<Orphan | undefined> {
  return (await entriesBeside(session, state, settings))
    .map((live) => ({ live, standing: standingIn(live.tags, claimant) }))
    .find(({ standing: { own, earlier } }) => own.length > 0 || (claimant.id === undefined && earlier.length > 0));
}

/** Warns that somebody else's access entry takes precedence over a mapping that is new in aws-auth, and says something else. */
export async function warnOfOverriding(
  session: ClusterSession,
  state: ResourceState,
  urn: string | undefined,
  settings: Settings,
): Promise<void> {
  const { mapping } = state;
  for (const live of await entriesBeside(session, state, settings)) {
    const { cluster } = await entryClusterOf(session);
    const says = mappingOf(live, { clusterAccount: cluster.account, partition: cluster.partition });
    if (mapping !== undefined && (says === undefined || !sameContent(says, mapping))) {
      const claims = claimsIn(live.tags);
      const by = claims.length === 0 ? "" : `, claimed by ${namesOf(claims)}`;
      await report(
        "warning",
        `${describeSubject(mapping)} has an access entry, which takes precedence over aws-auth: it says ${describeAccessEntry(live)}${by}; this mapping counts once that is deleted`,
        urn,
      );
    }
  }
}

/**
 * The access entries of a principal whose mapping is kept in aws-auth alone. Only looked for where the stack or the resource says where its
 * mappings are kept: any other has never moved.
 */
async function entriesBeside(
  session: ClusterSession,
  { mapping, properties }: ResourceState,
  settings: Settings,
): Promise<readonly LiveAccessEntry[]> {
  const isSaid = saysAuthenticationMode(settings) || properties["authenticationMode"] !== undefined;
  const entries = isSaid ? await session.accessEntries() : undefined;
  if (entries === undefined || mapping === undefined || mapping.kind === "account") {
    return [];
  }
  try {
    const { authenticationMode } = await entries.cluster();
    return authenticationMode === "CONFIG_MAP" ? [] : await entries.find(mapping.arn);
  } catch (error) {
    if (error instanceof AwsAuthError && error.code === "accessDenied") {
      const text = `an access entry that an earlier run has left takes precedence over aws-auth, and this run cannot see any: ${error.message}`;
      await report("info", text, undefined);
      return [];
    }
    throw error;
  }
}

/** Whether an interrupted run has made the access entry of a mapping that the state has in aws-auth alone. */
export async function hasMoved(session: ClusterSession, state: ResourceState): Promise<boolean> {
  const { entries } = await entryClusterOf(session);
  const found = await entries.find(state.principal ?? "");
  return found.some(({ tags }) => standingIn(tags, claimantInCheck(state, true)).own.length > 0);
}

/** Deletes such an access entry, unless others claim it or it was there before. */
export async function removeOrphan(
  session: ClusterSession,
  state: ResourceState,
  claimant: Claimant,
  settings: Settings,
): Promise<void> {
  const seen = await findOrphan(session, state, claimant, settings);
  if (seen === undefined) {
    return;
  }
  const { entries } = await entryClusterOf(session);
  const left = await entries.unclaim(seen.live, [...seen.standing.own, ...seen.standing.earlier]);
  if (left === undefined) {
    return;
  }
  const { own, earlier } = seen.standing;
  if (earlier.length > 0 && state.mapping !== undefined) {
    await report("warning", describeEndedNamesake(state.mapping, earlier), undefined);
  }
  const isFound = [...own, ...earlier].some((claim) => claim.isFound);
  if (isFound) {
    await report("warning", describeEntryLeft(left, "found"), undefined);
  } else if (claimsIn(left.tags).length === 0) {
    await entries.delete(left);
  }
}

/** Tells of such an access entry, which this run deletes. */
export function describeOrphan({ mapping }: ResourceState, { live }: Orphan): string {
  const subject = mapping === undefined ? "nobody" : describeSubject(mapping);
  return `${subject} is kept in aws-auth, and has an access entry that a run which did not finish has left; it takes precedence over aws-auth, and says ${describeAccessEntry(live)}; "pulumi up" removes it`;
}

/** Refuses to guess whose such an access entry is, where no state says it. */
export function describeUnsureOrphan({ mapping }: ResourceState, { live, standing }: Orphan): string {
  const subject = mapping === undefined ? "nobody" : describeSubject(mapping);
  return `${subject} is to be kept in aws-auth, and has an access entry, which takes precedence over it and says ${describeAccessEntry(live)}; it is claimed under the name of this resource, ${namesOf(standing.earlier)}: by an interrupted run, or by a stack of this name in another backend; delete that access entry, or set adopt: true to have it removed`;
}

/** Whether aws-auth has an entry that a resource claims although it is kept in an access entry. */
export async function isLeftInMap(session: ClusterSession, state: ResourceState): Promise<boolean> {
  const claims = claimsOn(await documentIfReadable(session), state.principal ?? "");
  return standingOf(claims, claimantOfState(state)).own.length > 0;
}
