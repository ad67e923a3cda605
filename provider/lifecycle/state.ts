import { type AuthenticationMode, authenticationModes } from "../accessEntries";
import { isSameClusterState, knownCluster, refusesDuplicates, type Settings, stateIdentity } from "../cluster";
import { hasUnknown, isUnknown } from "../engine/unknownValue";
import { type Mapping, type ParsedMapping, parseMapping } from "../mapping";
import { fieldsOf } from "../text/fields";
import { accessEntryProperty, inputNames } from "./context";

/** Inputs or outputs of a resource as the engine passes them: plain values, some of which may not be known yet. */
export type Properties = Readonly<Record<string, unknown>>;

/** The fields of a cluster that only say how to reach it. Its other fields say which one it is. */
export const connectionFields = ["profile", "roleArn", "kubeconfig", "context", "manifest"];

export interface StoredAccessEntry {
  /** ARN of the principal, with the role's path. */
  readonly principalArn: string;
  /** Whether the resource made the entry, and did not find it. Only in outputs. */
  readonly isMade?: boolean;
}

export function storedAccessEntry(properties: Properties): StoredAccessEntry | undefined {
  const { principalArn, isMade } = fieldsOf(properties[accessEntryProperty]);
  return typeof principalArn === "string" ? { principalArn, ...(isMade === true && { isMade }) } : undefined;
}

/** Where a resource is kept. Checked inputs and outputs leave out the default. */
function modeOf({ authenticationMode }: Properties): AuthenticationMode {
  return authenticationModes.find((mode) => mode === authenticationMode) ?? "CONFIG_MAP";
}

/**
 * The property of inputs and outputs that stores the resource's claim, as `ID:LABEL`: the engine writes the whole state with every step, so
 * that it is short. The engine hides properties whose names begin with two underscores.
 */
export const claimProperty = "__claim";

/** The property of inputs and outputs that stores the properties in the program's `ignoreChanges`. */
export const ignoredProperty = "__ignored";

export interface StoredClaim {
  /**
   * The ID of the claim. Only in outputs, since `create` generates it, and in the inputs of a `create` in place of a resource whose entry
   * this run has found removed.
   */
  readonly id?: string | undefined;
  /** What the IDs of its claims begin with. Only in inputs, and only of a resource that is created since its program says so. */
  readonly stem?: string | undefined;
  /** The resource's label in the record of claims, which never changes. */
  readonly owner?: string | undefined;
  /** The properties in the program's `ignoreChanges`, which a delete needs to know. */
  readonly ignored?: readonly string[] | undefined;
}

/** The claim data in properties; empty in a state of 0.1.0. */
export function storedClaim(properties: Properties): StoredClaim {
  const { [claimProperty]: claim, [ignoredProperty]: ignored } = properties;
  const text = typeof claim === "string" && claim.includes(":") ? claim : ":";
  const end = text.indexOf(":");
  const first = text.slice(0, end);
  return {
    ...(first.endsWith(stemMark) ? { stem: first.slice(0, -stemMark.length) } : { id: first || undefined }),
    owner: text.slice(end + 1) || undefined,
    ignored: Array.isArray(ignored) ? ignored.map(String) : undefined,
  };
}

const stemMark = "-";

export function claimProperties({ id, stem, owner = "", ignored }: StoredClaim): Properties {
  const first = id ?? (stem === undefined ? "" : stem + stemMark);
  return {
    ...((first || owner) && { [claimProperty]: `${first}:${owner}` }),
    ...(ignored !== undefined && { [ignoredProperty]: ignored }),
  };
}

/** A resource's parsed inputs or outputs. Each operation parses them once, at its start. */
export interface ResourceState extends ParsedMapping {
  readonly properties: Properties;
  /** A `cluster` input, or its stored form. */
  readonly cluster: unknown;
  readonly claim: StoredClaim;
  readonly mode: AuthenticationMode;
  readonly accessEntry: StoredAccessEntry | undefined;
}

/** A resource, or a declaration of one, of which it is known where it is kept; undefined: nowhere. */
export type Placed = Pick<ResourceState, "mode"> | undefined;

export function isKeptInMap(placed: Placed): boolean {
  return placed !== undefined && placed.mode !== "API";
}

export function isKeptInAccessEntry(placed: Placed): boolean {
  return placed !== undefined && placed.mode !== "CONFIG_MAP";
}

export function isMoved(before: ResourceState, after: ResourceState): boolean {
  return before.mode !== after.mode;
}

/** @param said the parsed fields of the mapping, if they are available already. */
export function parseState(
  properties: Properties,
  { mapping, principal }: ParsedMapping = parseMapping(properties, isUnknown),
): ResourceState {
  return {
    mapping,
    principal,
    properties,
    cluster: properties["cluster"],
    claim: storedClaim(properties),
    mode: modeOf(properties),
    accessEntry: storedAccessEntry(properties),
  };
}

export function withCluster({ properties, ...state }: ResourceState, cluster: unknown): ResourceState {
  return { ...state, cluster, properties: { ...properties, cluster } };
}

/**
 * The same resource with its cluster as this version stores it, so that it can be compared.
 *
 * @throws AwsAuthError `clusterChanged` if an earlier version stored too little of it.
 */
export async function withKnownCluster(state: ResourceState, settings: Settings): Promise<ResourceState> {
  const cluster = await knownCluster(state.cluster, settings);
  return cluster === state.cluster ? state : withCluster(state, cluster);
}

export interface Flags {
  /** Default: the stack's `aws-auth:noDuplicateARNs`, else true. */
  readonly noDuplicateARNs: boolean;
  /** Default: false. */
  readonly adopt: boolean;
}

/**
 * The flags of a resource, with defaults. A flag that is not known yet counts as what refuses less, and is checked once it is known.
 *
 * @throws AwsAuthError `invalidInput` if the stack's configuration is neither true nor false.
 */
export function flagsOf({ properties: { noDuplicateARNs, adopt } }: ResourceState, settings: Settings): Flags {
  return {
    noDuplicateARNs: noDuplicateARNs === undefined ? refusesDuplicates(settings) : noDuplicateARNs === true,
    adopt: adopt === true || isUnknown(adopt),
  };
}

export function principalProperty({ properties }: ResourceState): "arn" | "account" {
  return properties["account"] === undefined ? "arn" : "account";
}

/** Whether two resources are on the same cluster; false if that is not known. */
export function isOnSameCluster(a: ResourceState, b: ResourceState, settings: Settings): boolean {
  return !hasUnknown(a.cluster) && !hasUnknown(b.cluster) && isSameClusterState(a.cluster, b.cluster, settings);
}

/** Whether two resources are for the same principal on the same cluster. */
export function isSameEntry(a: ResourceState, b: ResourceState, settings: Settings): boolean {
  return a.principal === b.principal && isOnSameCluster(a, b, settings);
}

/** A key that identifies a resource by its inputs, for operations that do not get its URN. */
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

/** The part of checked inputs that becomes outputs: without properties that are only for display. */
export function outputsOf(
  { properties, claim: { owner, ignored } }: ResourceState,
  id: string | undefined,
  accessEntry: StoredAccessEntry | undefined,
): Record<string, unknown> {
  return {
    ...keptInputs(properties),
    ...claimProperties({ ...(id !== undefined && { id, owner }), ignored: ignored?.length ? ignored : undefined }),
    ...(accessEntry !== undefined && { [accessEntryProperty]: accessEntry }),
  };
}

export function inputsOf(outputs: Properties): Record<string, unknown> {
  const { id: _id, ...claim } = storedClaim(outputs);
  const entry = storedAccessEntry(outputs);
  return {
    ...keptInputs(outputs),
    ...claimProperties(claim),
    ...(entry !== undefined && { [accessEntryProperty]: { principalArn: entry.principalArn } }),
  };
}

function keptInputs(properties: Properties): Record<string, unknown> {
  return Object.fromEntries(
    inputNames.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
  );
}
