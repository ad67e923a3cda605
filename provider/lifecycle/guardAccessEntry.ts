import { effectiveMap } from "../access/effectiveMap";
import { findLockouts, type GuardedGroup } from "../access/lockout";
import type { AccessEntryContent } from "../accessEntries";
import { parseDocument } from "../document";
import { isMapIgnored } from "../errors";
import { principalKey } from "../mapping";
import type { ClusterSession } from "../session/session";
import type { EntryCluster } from "./accessEntry";
import { consequences } from "./lockout";

/**
 * What a change of one access entry locks out, by whom everybody becomes before and after it, in aws-auth and by access entries.
 *
 * @param principalArn of the entry.
 * @param after what it says then; undefined: it is deleted.
 * @returns one sentence for each lock-out.
 */
export async function findEntryLockouts(
  session: ClusterSession,
  { entries, cluster }: EntryCluster,
  principalArn: string,
  after: AccessEntryContent | undefined,
): Promise<readonly string[]> {
  const principal = principalKey(principalArn);
  const before = await entries.all();
  const others = before.filter((entry) => principalKey(entry.principalArn) !== principal);
  const document = await session.document().catch((error: unknown) => {
    if (isMapIgnored(error)) {
      return parseDocument({});
    }
    throw error;
  });
  const mode = cluster.authenticationMode;
  const lockouts = findLockouts(
    effectiveMap(document, before, mode),
    effectiveMap(document, after === undefined ? others : [...others, after], mode),
    principal,
    await session.caller(),
  );
  const change = after === undefined ? "deletes its access entry" : "changes its access entry";
  return lockouts.map(({ lost, holders }) =>
    lost === "caller"
      ? `arn "${principalArn}" is the identity of this run; this run ${change}; the run may lose its access with it; use other credentials, or keep that mapping`
      : `arn "${principalArn}" has ${holdersOf(lost, holders)} on ${entries.api.label}; this run ${change}; without one ${consequences[lost]}; map another role or user to ${lost} and run "pulumi up" first`,
  );
}

function holdersOf(group: GuardedGroup, holders: number): string {
  return holders === 1 ? `the only mapping to ${group}` : `the last of ${holders} mappings to ${group}`;
}
