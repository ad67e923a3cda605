import { namesGuarded } from "../access/lockout";
import { ignoreUserErrors } from "../errors";
import { sameContent } from "../mapping";
import { superusers } from "../rbac";
import type { ClusterSession } from "../session/session";
import { hasEntries } from "./clusterView";
import type { Places } from "./places/places";
import type { ResourceState } from "./state";

/**
 * Makes the whole change of a resource in its turn:
 *
 * - An administrator's, if the mapping has, had or gets an access entry: its entry in aws-auth is gone, or the move has failed, before the
 *   next administrator moves.
 * - One that may take the last administrator or node, on a cluster with access entries: each is judged and made when the one before is.
 *   Without access entries, the versions of aws-auth see to that.
 *
 * @param before the resource before the change; undefined: it is new.
 * @param after the resource after it; undefined: it goes.
 */
export function inTurn<T>(
  { session, entry }: Places,
  before: ResourceState | undefined,
  after: ResourceState | undefined,
  change: () => Promise<T>,
): Promise<T> {
  const states = [before, after].filter((state) => state !== undefined);
  const isAdministrator = states.some(
    ({ mapping }) => mapping?.kind !== "account" && mapping?.groups.includes(superusers),
  );
  const { administrators, losses } = session.declarations;
  const act = async () => ((await mayLose(session, before, after)) ? losses.run(change) : change());
  return isAdministrator && states.some((state) => entry.keeps(state)) ? administrators.run(act) : act();
}

/** Whether a change may take an administrator or a node on a cluster with access entries. A move alone takes nobody. */
async function mayLose(
  session: ClusterSession,
  before: ResourceState | undefined,
  after: ResourceState | undefined,
): Promise<boolean> {
  const [old, next] = [before?.mapping, after?.mapping];
  const isGuarded = old !== undefined && old.kind !== "account" && namesGuarded(old.groups);
  const isChanged = after === undefined || (old !== undefined && next !== undefined && !sameContent(old, next));
  return isGuarded && isChanged && (await ignoreUserErrors(() => hasEntries(session))) === true;
}
