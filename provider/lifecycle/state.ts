import { isSameClusterState, refusesDuplicates, type Settings, stateIdentity } from "../cluster";
import { type Mapping, type ParsedMapping, parseMapping } from "../mapping";
import { secretsProperty } from "../secretValues";

/**
 * How the engine marks a value that is not known until something else has been created: this string stands in its place, inside
 * lists and objects as well. It is part of the provider protocol.
 */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is not known yet, as a whole. */
export function isUnknown(value: unknown): boolean {
  return value === unknownValue;
}

/** Whether a value, or anything inside it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return isUnknown(value);
  }
  return Object.values(value).some(hasUnknown);
}

/** Inputs or outputs of a resource as the engine passes them: plain values, some of which may not be known yet. */
export type Properties = Readonly<Record<string, unknown>>;

/** The inputs that a program can set, and the only properties that become outputs. */
export const inputNames = ["cluster", "arn", "account", "username", "groups", "noDuplicateARNs", "adopt"] as const;

/** The property of inputs and outputs that says whose claim on the entry is the resource's; the engine shows none that begins like this. */
export const claimProperty = "__claim";

/** What a resource keeps of its claim. */
export interface StoredClaim {
  /** Tells the claim from all others. Only in outputs: `create` mints it. */
  readonly id?: string;
  /** Names the resource in the record of claims, for as long as it lives. */
  readonly owner?: string;
  /** The properties that the program leaves to others, which a delete has to know. */
  readonly ignored?: readonly string[];
}

/** What properties say of the resource's claim; nothing in a state of 0.1.0. */
export function storedClaim(properties: Properties): StoredClaim {
  const { [claimProperty]: stored } = properties;
  const { id, owner, ignored }: { [Name in keyof StoredClaim]?: unknown } =
    typeof stored === "object" && stored !== null ? stored : {};
  return {
    ...(typeof id === "string" && { id }),
    ...(typeof owner === "string" && { owner }),
    ...(Array.isArray(ignored) && { ignored: ignored.map(String) }),
  };
}

/** A resource as its inputs or outputs describe it: parsed once, where an operation is given them. */
export interface ResourceState extends ParsedMapping {
  readonly properties: Properties;
  /** A `cluster` input, or what is stored of one. */
  readonly cluster: unknown;
  readonly claim: StoredClaim;
}

/** @param said what the mapping's fields say, where that is known already. */
export function parseState(
  properties: Properties,
  { mapping, principal }: ParsedMapping = parseMapping(properties, isUnknown),
): ResourceState {
  return { mapping, principal, properties, cluster: properties["cluster"], claim: storedClaim(properties) };
}

/** The same resource on another cluster, or on one that is better known. */
export function withCluster({ properties, ...state }: ResourceState, cluster: unknown): ResourceState {
  return { ...state, cluster, properties: { ...properties, cluster } };
}

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
export function flagsOf({ properties: { noDuplicateARNs, adopt } }: ResourceState, settings: Settings): Flags {
  return {
    noDuplicateARNs: noDuplicateARNs === undefined ? refusesDuplicates(settings) : noDuplicateARNs === true,
    adopt: adopt === true,
  };
}

/** The property that names the principal of a resource. */
export function principalProperty({ properties }: ResourceState): "arn" | "account" {
  return properties["account"] === undefined ? "arn" : "account";
}

/** Whether two resources are on the same cluster; what is unknown may be another one. */
export function isOnSameCluster(a: ResourceState, b: ResourceState, settings: Settings): boolean {
  return !hasUnknown(a.cluster) && !hasUnknown(b.cluster) && isSameClusterState(a.cluster, b.cluster, settings);
}

/** Whether two resources are about the same principal of the same cluster. */
export function isSameEntry(a: ResourceState, b: ResourceState, settings: Settings): boolean {
  return a.principal === b.principal && isOnSameCluster(a, b, settings);
}

/** Tells resources apart by their inputs, where an operation is not told whose they are. */
export function keyOfInputs({ cluster, properties }: ResourceState, settings: Settings): string {
  const { arn, account, username, groups } = properties;
  return JSON.stringify([stateIdentity(cluster, settings), arn, account, username, groups]);
}

/** The same properties with the username and groups of `mapping`; the ARN stays as the state spells it. */
export function withUserAndGroups(properties: Properties, mapping: Mapping): Record<string, unknown> {
  const { username: _username, groups: _groups, ...rest } = properties;
  if (mapping.kind === "account") {
    return rest;
  }
  return {
    ...rest,
    ...(mapping.username && { username: mapping.username }),
    ...(mapping.groups.length > 0 && { groups: mapping.groups }),
  };
}

/** The part of checked inputs that becomes outputs, with the names of the secret ones: nothing that is there for display only. */
export function outputsOf(
  { properties, claim: { owner, ignored } }: ResourceState,
  claimId: string | undefined,
): Record<string, unknown> {
  const { [claimProperty]: _claim, ...outputs } = keptInputs(properties);
  const claim = { ...(claimId !== undefined && { id: claimId, owner }), ...(ignored !== undefined && { ignored }) };
  return { ...outputs, ...(Object.keys(claim).length > 0 && { [claimProperty]: claim }) };
}

/** The part of outputs that becomes inputs. */
export function inputsOf(outputs: Properties): Record<string, unknown> {
  const { [claimProperty]: _claim, ...inputs } = keptInputs(outputs);
  const { id: _id, ...claim } = storedClaim(outputs);
  return { ...inputs, ...(Object.keys(claim).length > 0 && { [claimProperty]: claim }) };
}

function keptInputs(properties: Properties): Record<string, unknown> {
  return Object.fromEntries(
    [...inputNames, claimProperty, secretsProperty]
      .filter((name) => properties[name] !== undefined)
      .map((name) => [name, properties[name]]),
  );
}
