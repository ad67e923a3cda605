import type { AccessRequest } from "../rbac";
import type { ClusterAccess } from "./clusterAccess";
import { peopleIn } from "./people";
import { type ClusterRights, judgeLogins, type Verdict } from "./verdict";

/** Somebody in a map, or with an access entry, and whether it may do what was asked. */
export interface Candidate {
  readonly identity: string;
  /** `yes` or `unknown`. */
  readonly verdict: Verdict;
}

/**
 * The identities that may do something, or of which that cannot be told: those of the map in its order, then whoever has an access entry
 * alone. While access entries cannot be read, of everybody: whoever may by aws-auth, or may perhaps.
 */
export function whoCan(access: ClusterAccess, request: AccessRequest, rights: ClusterRights): readonly Candidate[] {
  return peopleIn(access, rights.authorizer).flatMap(({ identity, logins }): Candidate[] => {
    const byMap = judgeLogins({ ...access, unread: undefined }, logins, request, rights);
    return byMap.answer === "no" ? [] : [{ identity, verdict: judgeLogins(access, logins, request, rights) }];
  });
}
