import { type Mapping, principalOf } from "../mapping";
import type { Claim } from "../session/claims";
import type { ClusterSession } from "../session/session";
import { flagsOf } from "./flags";
import type { Intent } from "./plan";
import type { Properties } from "./state";

/**
 * What a resource wants, given what the others of this run claim.
 *
 * @param claim the resource's own claim; undefined in a run whose program was not checked, such as a refresh.
 */
export function intentOf(
  { claims, connection }: ClusterSession,
  claim: Claim | undefined,
  desired: Mapping,
  previous: Mapping | undefined,
  inputs: Properties,
): Intent {
  const others = claims.others(principalOf(desired), claim?.urn, connection);
  return {
    desired,
    previous,
    ...flagsOf(inputs),
    ignored: claim?.ignored ?? [],
    claimed: others.flatMap(({ mapping }) => mapping ?? []),
  };
}
