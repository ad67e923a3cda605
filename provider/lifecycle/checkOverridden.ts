import type { dynamic } from "@pulumi/pulumi";
import type { Settings } from "../cluster";
import { type AwsAuthDocument, describeMap, entryInForce } from "../document";
import { describeMapping, type Mapping } from "../mapping";
import { isInEntry } from "./accessEntry";
import { describeEntry, describeSubject } from "./describe";
import { entriesFor, hasContentOf } from "./ownEntry";
import { flagsOf, isSameEntry, principalProperty, type ResourceState } from "./state";

/**
 * Refuses a new access entry for a principal to whom aws-auth gives something else, without the resource being asked to adopt: the
 * access entry would take precedence over the entry in aws-auth, which is somebody else's.
 *
 * @param document the live map, which the cluster reads.
 */
export function checkOverridden(
  document: AwsAuthDocument,
  olds: ResourceState,
  inputs: ResourceState,
  desired: Mapping,
  settings: Settings,
): dynamic.CheckFailure[] {
  const { adopt, noDuplicateARNs } = flagsOf(inputs, settings);
  const hasEntry = isSameEntry(olds, inputs, settings) && isInEntry(olds.mode);
  const entry = entryInForce(entriesFor(document, desired));
  if (hasEntry || adopt || !noDuplicateARNs || entry === undefined || hasContentOf(entry, desired)) {
    return [];
  }
  const reason = `${describeSubject(desired)} is already mapped in ${describeMap(document.origin)} by ${describeEntry(document, entry)}; this resource says ${describeMapping(desired)} in an access entry, which takes precedence; say the same here, remove the other entry, or set adopt: true to let this resource decide`;
  return [{ property: principalProperty(inputs), reason }];
}
