import type { LiveAccessEntry } from "../accessEntries";
import { callerIdentity } from "../authenticator/callerIdentity";
import { type PlacedEntry, placedEntries } from "../authenticator/placedEntry";
import type { MapEntry } from "../awsAuthMap";
import { accessEntriesOf, type ClusterAccess } from "./clusterAccess";
import { type Admission, admissionsOf, standIns } from "./loginMap";

/** An entry of aws-auth that has no effect, since an access entry wins. */
export interface OverriddenEntry {
  readonly placed: PlacedEntry;
  /** The access entry; of several, the first. */
  readonly winner: LiveAccessEntry;
  /** Whether both make the same of the identity. */
  readonly isEqual: boolean;
}

/** The entries of aws-auth that would count if there were no access entries, in the order of the map. */
export function overriddenEntries(access: ClusterAccess): ReadonlyMap<MapEntry, OverriddenEntry> {
  const { document, logins } = access;
  return new Map(
    placedEntries(document).flatMap((placed) => {
      const { entry } = placed;
      const [winner] = entry.arn === undefined ? [] : accessEntriesOf(access, entry.arn);
      const identity = winner && callerIdentity(winner.principalArn);
      const would = identity && admissionsOf(document, identity).find((login) => login.entry === entry);
      const counting = identity && admissionsOf(logins, identity)[0];
      const isEqual = would && counting !== undefined && userIn(would) === userIn(counting);
      return winner === undefined || isEqual === undefined ? [] : [[entry, { placed, winner, isEqual }] as const];
    }),
  );
}

/** The user of a login, so that it can be compared: groups are a set. */
function userIn({ user, accessEntry }: Admission): string {
  const groups = [...(user?.groups ?? []).map(String), ...(accessEntry === undefined ? [] : standIns(accessEntry))];
  return JSON.stringify(user && [String(user.username), ...[...new Set(groups)].sort()]);
}
