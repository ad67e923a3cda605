import type { dynamic } from "@pulumi/pulumi";
import { isInEntry, isInMap } from "../accessEntries";
import type { Settings } from "../cluster";
import { type AwsAuthDocument, describeMap, type Entry, entryInForce } from "../document";
import { describeMapping, type Mapping, principalOf, sameContent } from "../mapping";
import type { Declaration } from "../session/declarations";
import { quoted } from "../text/text";
import { describeEntry, describeSubject } from "./describe";
import { entriesFor, hasContentOf, withIgnored } from "./ownEntry";
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
  const entry = entryInForce(entriesFor(document, principalOf(desired)));
  if (hasEntry || adopt || !noDuplicateARNs || entry === undefined || hasContentOf(entry, desired)) {
    return [];
  }
  const reason = `${describeSubject(desired)} is already mapped in ${describeMap(document.origin)} by ${describeEntry(document, entry)}; this resource says ${describeMapping(desired)} in an access entry, which takes precedence; say the same here, remove the other entry, or set adopt: true to let this resource decide`;
  return [{ property: principalProperty(inputs), reason }];
}

/**
 * Refuses to move a mapping whose entry in aws-auth does not count, since another one does: its access entry would give the principal
 * what it does not have today. Unless the resource is asked to adopt.
 *
 * @param own the entry of the resource, if it has one.
 */
export function checkShadowedMove(
  document: AwsAuthDocument,
  olds: ResourceState,
  inputs: ResourceState,
  desired: Mapping,
  own: Entry | undefined,
  settings: Settings,
): dynamic.CheckFailure[] {
  const isMoving = isSameEntry(olds, inputs, settings) && !isInEntry(olds.mode) && isInEntry(inputs.mode);
  if (isMoving && own !== undefined) {
    const live = withIgnored(desired, own, inputs.claim.ignored ?? []);
    const says = describeMapping(live);
    const ignored = checkIgnored(desired, live, `${describeEntry(document, own)} says ${says}`);
    if (ignored.length > 0) {
      return ignored;
    }
  }
  const entry =
    isMoving && !flagsOf(inputs, settings).adopt ? entryInForce(entriesFor(document, principalOf(desired))) : undefined;
  if (entry === undefined || entry === own || hasContentOf(entry, desired)) {
    return [];
  }
  const reason = `${describeSubject(desired)} is mapped in ${describeMap(document.origin)} by ${describeEntry(document, entry)}, which counts instead of the entry of this resource; this resource says ${describeMapping(desired)}, and its access entry would take precedence over both; remove one of the two, or set adopt: true to let this resource decide`;
  return [{ property: principalProperty(inputs), reason }];
}

/**
 * Refuses a new mapping of an eksctl file whose ARN has the role's path: eksctl's entry for it never matches, so the role would get what
 * nobody has given it so far. Unless the resource is asked to adopt, or the role has it without the path already.
 *
 * @param isKnown whether the resource is in the state: for a replacement the engine calls check a second time, without old state.
 * @param given the ARN with the path.
 * @param changesMap whether the map would be changed.
 * @param changesEntry whether the access entry would be changed.
 */
export function checkGrant(
  olds: ResourceState,
  isKnown: boolean,
  inputs: ResourceState,
  given: unknown,
  changesMap: boolean | undefined,
  changesEntry: boolean | undefined,
  settings: Settings,
): dynamic.CheckFailure[] {
  const { mode, mapping } = inputs;
  const isThere = (isInMap(mode) && !changesMap) || (isInEntry(mode) && !changesEntry);
  const isSecondCheck = isKnown && Object.keys(olds.properties).length === 0;
  const isOurs = isSecondCheck || isSameEntry(olds, inputs, settings);
  if (mapping === undefined || isThere || isOurs || flagsOf(inputs, settings).adopt) {
    return [];
  }
  const reason = `arn ${quoted(given)} of the ClusterConfig has the role's path, for which eksctl writes an entry that never matches; this one would give access: ${describeSubject(mapping)} says ${describeMapping(mapping)}; if the role is to have that, write the ARN without the path in the file, or set adopt: true on the component`;
  return [{ property: "arn", reason }];
}

/** Whether two resources want what one access entry cannot say. */
export function areTwoEntries(own: Declaration, other: Declaration): boolean {
  const [a, b] = [own.mapping, other.mapping];
  return isInEntry(own.mode) && isInEntry(other.mode) && a !== undefined && b !== undefined && !sameContent(a, b);
}

/**
 * Refuses to move a mapping whose `ignoreChanges` lets it say something else where it is now. Where it goes it would say what the state
 * says, which somebody has changed.
 *
 * @param live what it says where it is now.
 */
export function checkIgnored(desired: Mapping, live: Mapping, says: string): dynamic.CheckFailure[] {
  if (sameContent(desired, live) || desired.kind === "account" || live.kind === "account") {
    return [];
  }
  const property = desired.username === live.username ? "groups" : "username";
  const reason = `the ignoreChanges of ${describeSubject(desired)} has kept what somebody else has changed: ${says}; a move would bring back ${describeMapping(desired)}; to move it, say in the program what should count, and leave out ignoreChanges until it has moved`;
  return [{ property, reason }];
}
