import { authenticationModes } from "../accessEntries/accessEntry";
import { isClaimId } from "../claims";
import { holdsKubeconfig } from "../cluster/clusterInput";
import { isSameClusterState } from "../cluster/resolveClusterRef";
import type { Settings } from "../cluster/settings";
import { type Content, type Mapping, type ParsedMapping, parseMapping, principalOf } from "../mapping";
import { hasUnknown, isUnknown } from "../pulumi/values";
import { fieldsOf } from "../text/fields";
import { modeOf, placesOf } from "./mode";
import type { LocatedMapping } from "./places/place";
import { accessEntryProperty, claimProperty, ignoredIn, ignoredProperty, inputNames } from "./properties";
import type { Before, PlaceName, Want } from "./types";

/** Inputs or outputs of a resource as the engine passes them: plain values, some of which may be unknown. */
export type Properties = Readonly<Record<string, unknown>>;

/** The fields of a cluster that only specify how to reach it. Its other fields identify it. */
const connectionFields = ["profile", "roleArn", "kubeconfig", "context", "manifest"];

/**
 * The connection fields that differ. The content of a kubeconfig is treated as equal, since its token may differ in each run, and so do profile
 * and role in one that was made for EKS, since they are those of the user who runs.
 */
export function changedConnection(before: Properties, after: Properties): string[] {
  const isOfUser = (name: string) => {
    const clusters = [before, after];
    const isOfPlugin = name === "profile" || name === "roleArn";
    return clusters.every((cluster) =>
      isOfPlugin ? cluster["authority"] !== undefined : holdsKubeconfig(cluster[name]),
    );
  };
  return connectionFields.filter((name) => before[name] !== after[name] && !isOfUser(name));
}

/** A resource's parsed inputs or outputs. Each operation parses them once, at its start. */
export interface ResourceState extends Pick<ParsedMapping, "principal"> {
  /** Undefined if the fields do not describe a mapping, or if one of them is unknown. */
  readonly mapping: LocatedMapping | undefined;
  readonly properties: Properties;
  /** A `cluster` input, or its stored form. */
  readonly cluster: unknown;
  /** The places in which inputs want the mapping, and outputs have it. */
  readonly places: readonly PlaceName[];
  /** Whether the program or the stack sets a mode, which requires both places to be readable. */
  readonly isModeSet: boolean;
  /** The ID of the claim. Undefined in the state of an import, until its first update. */
  readonly claimId: string | undefined;
  readonly adopt: boolean;
  /** The program's `ignoreChanges`, stored since a delete needs it. */
  readonly ignored: readonly string[];
}

/** @param said the parsed fields of the mapping, if they are already available. */
export function parseState(
  properties: Properties,
  said: ParsedMapping = parseMapping(properties, isUnknown),
): ResourceState {
  const { cluster, authenticationMode: mode, adopt, [claimProperty]: id } = properties;
  const { principalArn: given } = fieldsOf(properties[accessEntryProperty]);
  const principalArn = typeof given === "string" ? given : undefined;
  return {
    mapping: said.mapping && { ...said.mapping, principal: principalOf(said.mapping), principalArn },
    principal: said.principal,
    properties,
    cluster,
    places: placesOf(authenticationModes.find((known) => known === mode) ?? "CONFIG_MAP"),
    isModeSet: mode !== undefined,
    claimId: isClaimId(id) ? id : undefined,
    // An unknown flag is treated as true, which refuses less, and is checked once it is known.
    adopt: adopt === true || isUnknown(adopt),
    ignored: ignoredIn(properties),
  };
}

/** The resource in a state; undefined if it is not a mapping. */
export function beforeOf({ mapping, ignored, places }: ResourceState): Before | undefined {
  return mapping && { content: mapping, ignored, places };
}

export function wantOf({ adopt, ignored, places }: ResourceState, mapping: Mapping): Want {
  return { content: mapping, adopt, ignored, places };
}

export function principalProperty({ properties }: Pick<ResourceState, "properties">): "arn" | "account" {
  return properties["account"] === undefined ? "arn" : "account";
}

/** Whether two resources are on the same cluster; false if unknown. */
export function isOnSameCluster(a: ResourceState, b: ResourceState, settings: Settings): boolean {
  return !hasUnknown(a.cluster) && !hasUnknown(b.cluster) && isSameClusterState(a.cluster, b.cluster, settings);
}

export function withCluster(state: ResourceState, cluster: unknown): ResourceState {
  return { ...state, cluster, properties: { ...state.properties, cluster } };
}

/** Sets the username and groups of a content; the ARN keeps its spelling. */
export function withContent(properties: Properties, { username, groups }: Content): Properties {
  const { username: _username, groups: _groups, ...rest } = properties;
  return { ...rest, ...(username && { username }), ...(groups.length > 0 && { groups }) };
}

/** @param reached the places that have the entry of the resource now, including those to be released. */
export function outputsOf({ properties }: ResourceState, reached: readonly PlaceName[]): Record<string, unknown> {
  const { authenticationMode: mode, [accessEntryProperty]: entry, ...rest } = stored(properties);
  const reachedMode = modeOf(reached);
  return {
    ...rest,
    ...((mode !== undefined || reachedMode !== "CONFIG_MAP") && { authenticationMode: reachedMode }),
    ...(reached.includes("entries") && entry !== undefined && { [accessEntryProperty]: entry }),
  };
}

/** The properties to store, without those that only a preview shows. */
export function stored(properties: Properties): Record<string, unknown> {
  const names = [...inputNames, claimProperty, ignoredProperty, accessEntryProperty];
  const found = names.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]] as const);
  return Object.fromEntries(found);
}
