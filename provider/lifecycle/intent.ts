import { type Mapping, principalOf } from "../mapping";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { flagsOf } from "./flags";
import type { Claimant } from "./ownership";
import type { Intent } from "./plan";
import { type Properties, storedClaim } from "./state";

/**
 * What a resource wants, given what the others of this run declare.
 *
 * @param declaration the resource's own; undefined in a run whose program was not checked, such as a refresh.
 */
export function intentOf(
  { declarations }: ClusterSession,
  declaration: Declaration | undefined,
  desired: Mapping,
  previous: Mapping | undefined,
  properties: Properties,
  claimant: Claimant,
): Intent {
  return {
    desired,
    previous,
    ...flagsOf(properties),
    ignored: declaration?.ignored ?? storedClaim(properties).ignored ?? [],
    declared: declarations.others(principalOf(desired), declaration?.urn),
    claimant,
  };
}
