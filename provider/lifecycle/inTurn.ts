import { isInEntry } from "../accessEntries";
import { superusers } from "../rbac";
import type { ClusterSession } from "../session/session";
import type { ResourceState } from "./state";

/**
 * Makes the whole change of a resource in its turn, if it is an administrator's and has, had or gets an access entry: its entry in aws-auth
 * is gone, or the move has failed, before the next administrator moves.
 *
 * @param states the resource before and after the change.
 */
export async function inTurn<T>(
  { declarations }: ClusterSession,
  states: readonly ResourceState[],
  change: () => Promise<T>,
): Promise<T> {
  const isAdministrator = states.some(
    ({ mapping }) => mapping?.kind !== "account" && mapping?.groups.includes(superusers),
  );
  const isOfEntries = states.some(({ mode }) => isInEntry(mode));
  return isAdministrator && isOfEntries ? declarations.administrators.run(change) : change();
}
