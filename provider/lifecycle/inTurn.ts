import { isCaller } from "../access/lockout";
import { isInEntry } from "../accessEntries";
import type { Settings } from "../cluster";
import { ignoreUserErrors } from "../errors";
import { superusers } from "../rbac";
import type { ClusterSession } from "../session/session";
import { entryClusterOf } from "./accessEntry";
import { keyOfInputs, type ResourceState } from "./state";

/**
 * Makes a change of a resource in its turn, if that has, had or gets an access entry: see {@link Turns}. The turn is that of the whole
 * change, so that an administrator's entry in aws-auth is gone, or the move has failed, before the next administrator moves.
 *
 * @param olds the resource in the state; undefined for a new one.
 * @param news the checked inputs; undefined for a delete.
 */
export async function inTurn<T>(
  session: ClusterSession,
  olds: ResourceState | undefined,
  news: ResourceState | undefined,
  settings: Settings,
  change: () => Promise<T>,
): Promise<T> {
  const states = [olds, news].filter((state) => state !== undefined);
  if (!states.some(({ mode }) => isInEntry(mode))) {
    return change();
  }
  const isOwn = news !== undefined && isMove(olds, news) && (await isOfCaller(session, news));
  const isAdministrator = states.some(
    ({ mapping }) => mapping?.kind !== "account" && mapping?.groups.includes(superusers),
  );
  const key = news && keyOfInputs(news, settings);
  return session.inTurn({ key, isAdministrator, isOwn }, change);
}

/** Whether a mapping is the run's own identity, on a cluster whose aws-auth counts. */
async function isOfCaller(session: ClusterSession, { principal = "" }: ResourceState): Promise<boolean> {
  const { cluster } = await entryClusterOf(session);
  return cluster.authenticationMode !== "API" && isCaller(principal, await ignoreUserErrors(() => session.caller()));
}

/** Whether a write changes where a mapping is stored. */
export function isMove(olds: ResourceState | undefined, { mode }: ResourceState): boolean {
  return (olds?.mode ?? "CONFIG_MAP") !== mode;
}
