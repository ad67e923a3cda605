import { namesGuarded } from "../access/lockout";
import { ignoreUserErrors } from "../errors";
import { sameContent } from "../mapping";
import type { ClusterSession } from "../session/session";
import { hasEntries } from "./clusterView";
import type { ResourceState } from "./state";

/** Whether an update changes what a mapping says, and not only where it is kept. */
export function saysOther(before: ResourceState | undefined, after: ResourceState | undefined): boolean {
  return before?.mapping !== undefined && after?.mapping !== undefined && !sameContent(before.mapping, after.mapping);
}

/**
 * Judges and makes a change that may take the last administrator or node, one after the other on a cluster with access entries: each counts
 * who remains after the one before. Without access entries, the versions of aws-auth see to that.
 *
 * @param before the resource before the change.
 */
export async function inTurnOfLosses<T>(
  session: ClusterSession,
  before: ResourceState | undefined,
  change: () => Promise<T>,
): Promise<T> {
  const mapping = before?.mapping;
  const isGuarded = mapping !== undefined && mapping.kind !== "account" && namesGuarded(mapping.groups);
  const isInTurn = isGuarded && (await ignoreUserErrors(() => hasEntries(session))) === true;
  return isInTurn ? session.declarations.losses.run(change) : change();
}
