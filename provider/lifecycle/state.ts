import { isSameClusterState, stateIdentity } from "../cluster";
import { type Mapping, parseIamArn, principalKey } from "../mapping";
import { secretsProperty } from "../secretValues";
import type { Claimant } from "./ownership";
import { run } from "./run";

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

/**
 * Whose claims are those of a resource that is checked in this run. Where its state has no ID, as one of 0.1.0, a claim under its label
 * is its own, made by a run that was killed before the state knew of it, unless another resource of the program bears that label.
 */
export function declaredClaimant(outputs: Properties, label: string | undefined, isShared: boolean): Claimant {
  const { id } = storedClaim(outputs);
  return id === undefined && isShared ? { id, label: undefined } : { id, label };
}

/** Whose claims are those of the resource with these outputs. */
export function claimantOf(outputs: Properties): Claimant {
  const { id, owner } = storedClaim(outputs);
  // Without an ID, as in a state of 0.1.0, every claim counts as somebody else's.
  return { id, label: id === undefined ? undefined : owner };
}

/**
 * The mapping that stored properties describe; undefined where they describe none, or where a part of it is not known yet.
 * Deliberately lenient: the state of every release stays readable, whatever today's rules are.
 */
export function mappingOf(properties: Properties): Mapping | undefined {
  const { arn, account, username, groups } = properties;
  if (typeof account === "string") {
    return isUnknown(account) ? undefined : { kind: "account", account };
  }
  const given = Array.isArray(groups) ? groups : [];
  if (typeof arn !== "string" || [arn, username, groups, ...given].some(isUnknown)) {
    return undefined;
  }
  return {
    kind: parseIamArn(arn).kind === "user" ? "user" : "role",
    arn,
    ...(typeof username === "string" && { username }),
    groups: given.filter((group) => typeof group === "string"),
  };
}

/** The principal that properties name, whatever else is unknown. */
export function principalOfState({ arn, account }: Properties): string | undefined {
  if (typeof account === "string") {
    return isUnknown(account) ? undefined : account;
  }
  return typeof arn === "string" && !isUnknown(arn) ? principalKey(arn) : undefined;
}

/** Whether two sets of properties name the same cluster; what is unknown may be another one. */
export function isSameCluster(a: Properties, b: Properties): boolean {
  const [left, right] = [a["cluster"], b["cluster"]];
  return !hasUnknown(left) && !hasUnknown(right) && isSameClusterState(left, right, run.settings);
}

/** Tells resources apart by their inputs, where an operation is not told whose they are. */
export function keyOfInputs({ cluster, arn, account, username, groups }: Properties): string {
  return JSON.stringify([stateIdentity(cluster, run.settings), arn, account, username, groups]);
}

/** The same properties, saying what `mapping` says. */
export function withMapping(properties: Properties, mapping: Mapping): Record<string, unknown> {
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
export function outputsOf(inputs: Properties, claimId: string | undefined): Record<string, unknown> {
  const { [claimProperty]: _claim, ...outputs } = keptInputs(inputs);
  const { owner, ignored } = storedClaim(inputs);
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

/** A mapping as the stack's state has it. */
export interface StoredMapping {
  readonly urn: string;
  readonly outputs: Properties;
}

/** A mapping as the program declares it. */
export interface DeclaredMapping {
  readonly urn: string;
  /** What `check` made of its inputs; undefined while a part of that is not known. */
  readonly inputs: Properties | undefined;
  /** The properties that the program leaves to others. */
  readonly ignoreChanges: readonly string[];
}

/**
 * What the state has and the program no longer declares: neither under its name, nor under another one. One whose name declares
 * something else now is replaced, and its old entry removed.
 */
export function removedFrom(stored: readonly StoredMapping[], declared: readonly DeclaredMapping[]): StoredMapping[] {
  const byUrn = new Map(declared.map((mapping) => [mapping.urn, mapping]));
  const before = new Map(stored.map(({ urn, outputs }) => [urn, outputs]));
  return stored.filter((mapping) => {
    const own = byUrn.get(mapping.urn);
    const isKept = own !== undefined && (own.inputs === undefined || isSameEntry(mapping.outputs, own.inputs));
    return !isKept && !declared.some((other) => takesOver(other, before.get(other.urn), mapping));
  });
}

/**
 * Whether another process may declare a mapping: a component of a package in another language runs in one of its own, and this
 * program does not see what it declares. True of a child of components of which no mapping of this program is a child.
 */
export function mayBeDeclaredElsewhere({ urn }: StoredMapping, declared: readonly DeclaredMapping[]): boolean {
  const parents = parentTypesOf(urn);
  return parents !== "" && !declared.some((mapping) => parentTypesOf(mapping.urn) === parents);
}

/** The types of the components that a resource is in, as its URN chains them; empty: it is in none. */
function parentTypesOf(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(0, Math.max(0, types.lastIndexOf("$")));
}

/** Whether two sets of properties are about the same principal of the same cluster. */
export function isSameEntry(a: Properties, b: Properties): boolean {
  return principalOfState(a) === principalOfState(b) && isSameCluster(a, b);
}

/**
 * Whether a mapping that is new where it stands is another's under a new name. What is not known yet may be, and a false alarm would
 * be worse than none: the removal itself looks again.
 */
function takesOver({ inputs }: DeclaredMapping, before: Properties | undefined, { outputs }: StoredMapping): boolean {
  if (inputs === undefined) {
    return before === undefined;
  }
  return isSameEntry(inputs, outputs) && (before === undefined || !isSameEntry(before, outputs));
}
