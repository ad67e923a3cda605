import { type Mapping, principalOf } from "../mapping";
import type { Claim, Claims } from "../session/claims";
import { flagsOf } from "./flags";
import type { Intent } from "./plan";
import type { Properties } from "./state";

/**
 * What a resource wants, given what the others of this run claim.
 *
 * @param claim the resource's own claim; undefined in a run whose program was not checked, such as a destroy.
 */
export function intentOf(
  claims: Claims,
  claim: Claim | undefined,
  desired: Mapping,
  previous: Mapping | undefined,
  inputs: Properties,
): Intent {
  return {
    desired,
    previous,
    ...flagsOf(inputs),
    ignored: claim?.ignored ?? [],
    claimed: claims.others(principalOf(desired), claim?.urn).flatMap(({ mapping }) => mapping ?? []),
  };
}
