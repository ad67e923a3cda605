import { effectiveMap } from "../access/effectiveMap";
import { findLockouts, type GuardedGroup, groupsTaken } from "../access/lockout";
import { type AccessEntryContent, hasOwnUser, isAdministrator } from "../accessEntries";
import type { Settings } from "../cluster";
import { type AwsAuthDocument, parseDocument } from "../document";
import { report } from "../engine/diagnostics";
import { AwsAuthError, ignoreUserErrors, isMapIgnored } from "../errors";
import { principalKey } from "../mapping";
import type { ClusterSession } from "../session/session";
import { type EntryCluster, withoutDead } from "./accessEntry";
import { consequences, isLockoutRefused } from "./lockout";

/**
 * What a change of one access entry locks out, by whom everybody becomes before and after it, in aws-auth and by access entries.
 *
 * @param principalArn of the entry.
 * @param after what it says then; undefined: it is deleted.
 * @param planning the settings, in a check: together with the earlier plans of this run.
 * @returns one sentence for each lock-out.
 */
export async function findEntryLockouts(
  session: ClusterSession,
  at: EntryCluster,
  principalArn: string,
  after: AccessEntryContent | undefined,
  planning?: Settings,
): Promise<readonly string[]> {
  const { entries, cluster } = at;
  const principal = principalKey(principalArn);
  const isOwn = (entry: AccessEntryContent) => principalKey(entry.principalArn) === principal;
  const live = cluster.authenticationMode === "CONFIG_MAP" ? [] : await entries.all();
  // Whoever is an administrator or a node by a dead entry is none.
  const before = await withoutDead(at, live, (entry) => isOwn(entry) || isAdministrator(entry) || !hasOwnUser(entry));
  const others = before.filter((entry) => !isOwn(entry));
  const document = await documentIfReadable(session);
  const mode = cluster.authenticationMode;
  const { taken } = session.declarations;
  const isPlan = planning !== undefined;
  const maps = [
    effectiveMap(document, before, mode),
    effectiveMap(document, after === undefined ? others : [...others, after], mode),
  ] as const;
  const caller = await ignoreUserErrors(() => session.caller());
  const lockouts = findLockouts(...maps, principal, caller, isPlan ? taken : undefined);
  // A refused change is not made, so it must not affect the next plan.
  if (isPlan && (lockouts.length === 0 || !isLockoutRefused(planning))) {
    taken.set(principal, [...(taken.get(principal) ?? []), ...groupsTaken(...maps, principal)]);
  }
  const change = after === undefined ? "deletes its access entry" : "changes its access entry";
  return lockouts.map(({ lost, holders }) =>
    lost === "caller"
      ? `arn "${principalArn}" is the identity of this run; this run ${change}; the run may lose its access with it; use other credentials, or keep that mapping`
      : `arn "${principalArn}" has ${holdersOf(lost, holders)} on ${entries.api.label}; this run ${change}; without one ${consequences[lost]}; map another role or user to ${lost} and run "pulumi up" first`,
  );
}

/**
 * The map, as far as a mapping needs it that is not kept there: an empty one on a cluster that ignores it, and where this run cannot read
 * it, which is told. EKS alone makes access entries, so that they need no way to the API server.
 */
export async function documentIfReadable(session: ClusterSession): Promise<AwsAuthDocument> {
  try {
    return await documentOf(session);
  } catch (error) {
    if (error instanceof AwsAuthError) {
      const text = `${error.message}; access entries are compared with each other alone, since who is mapped there is not known`;
      await report("info", text, undefined);
      return parseDocument({});
    }
    throw error;
  }
}

/** The map; an empty one on a cluster that ignores it. */
export function documentOf(session: ClusterSession): Promise<AwsAuthDocument> {
  return session.document().catch((error: unknown) => {
    if (isMapIgnored(error)) {
      return parseDocument({});
    }
    throw error;
  });
}

function holdersOf(group: GuardedGroup, holders: number): string {
  return holders === 1 ? `the only mapping to ${group}` : `the last of ${holders} mappings to ${group}`;
}
