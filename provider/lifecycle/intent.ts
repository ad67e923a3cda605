import type { dynamic } from "@pulumi/pulumi";
import { quoted, refusesDuplicates } from "../cluster";
import { type Mapping, principalOf } from "../mapping";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import type { Claimant } from "./ownership";
import type { Intent } from "./plan";
import { run } from "./run";
import { isUnknown, type Properties, storedClaim } from "./state";

/** The switches of a resource. */
export interface Flags {
  /** By default what the stack's `aws-auth:noDuplicateARNs` says, else true. */
  readonly noDuplicateARNs: boolean;
  /** By default false. */
  readonly adopt: boolean;
}

/**
 * The switches of a resource, with the defaults filled in. One that is not known yet counts as off: what depends on it is checked
 * once it is known.
 *
 * @throws AwsAuthError `invalidInput` where the stack's configuration is neither true nor false.
 */
export function flagsOf({ noDuplicateARNs, adopt }: Properties): Flags {
  return {
    noDuplicateARNs: noDuplicateARNs === undefined ? refusesDuplicates(run.settings) : noDuplicateARNs === true,
    adopt: adopt === true,
  };
}

/** The switches as the program gave them: a default does not belong in the state. */
export function givenFlags(inputs: Properties): Record<string, unknown> {
  return Object.fromEntries(flagNames.filter((name) => isGiven(inputs[name])).map((name) => [name, inputs[name]]));
}

/** What is wrong with the switches themselves. */
export function checkFlags(inputs: Properties): dynamic.CheckFailure[] {
  return flagNames
    .filter((name) => isGiven(inputs[name]) && typeof inputs[name] !== "boolean" && !isUnknown(inputs[name]))
    .map((property) => ({
      property,
      reason: `${property} ${quoted(inputs[property])} must be true or false, without quotes`,
    }));
}

const flagNames = ["noDuplicateARNs", "adopt"] as const;

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

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
