import type { dynamic } from "@pulumi/pulumi";
import { authenticationModes } from "../accessEntries/accessEntry";
import { holdsKubeconfig } from "../cluster/clusterInput";
import { accountOf, type ClusterRef, eksOf, isSameCluster, stateOf, withAccount } from "../cluster/clusterRef";
import { assertKnown, resolveClusterRef, storedRef } from "../cluster/resolveClusterRef";
import { defaultAuthenticationMode, isAuthenticationModeSet, type Settings } from "../cluster/settings";
import { AwsAuthError, asAwsAuthError, describeProblem, extended, hasCode } from "../errors";
import { duplicatesRefused, isSet, validateMapping } from "../mapping";
import { hasUnknown, isUnknown, unknownValue } from "../pulumi/values";
import { quoted } from "../text/text";
import { entriesNeedEks } from "./messages";
import { inputNames, storedInMap } from "./properties";
import { type Run, reachOf } from "./run";
import type { Properties } from "./state";

/** Validates all inputs without the cluster, and reports each problem on its own property. `ref` is undefined while it is unknown. */
export async function checkInputs(given: Properties, before: unknown, settings: Settings) {
  const mapping = validateMapping(given, isUnknown);
  const cluster = await checkCluster(given["cluster"], before, settings);
  const mode = checkMode(given["authenticationMode"], cluster.ref, settings);
  const { adopt } = given;
  return {
    mapping,
    ref: cluster.ref,
    inputs: { ...cluster.inputs, ...mapping.fields, ...(isSet(adopt) && { adopt }), ...mode.inputs },
    failures: [
      ...checkNames(given),
      ...mapping.problems.map((problem) => ({ property: problem.place, reason: describeProblem(problem) })),
      ...checkFlags(given),
      ...mode.failures,
      ...cluster.failures,
    ],
  };
}

/** Refuses secrets that aws-auth would expose. Specifies no property, since the engine would print its value. */
export function checkSecrets(secrets: readonly string[]): dynamic.CheckFailure[] {
  return storedInMap
    .filter((name) => secrets.includes(name))
    .map((name) => ({
      property: "",
      reason: `${name} is secret, but anyone who can read aws-auth can read it; use pulumi.unsecret if that is intended`,
    }));
}

/**
 * The account of the cluster comes from the program, then the state, then the credentials.
 *
 * @param isRead whether this run has read the mapping with the settings of the state.
 */
export async function findCluster(run: Run, ref: ClusterRef, stored: unknown, isRead = false) {
  const before = storedRef(stored, run.settings);
  assertKnown(before);
  const isSame = before !== undefined && isSameCluster(before, ref);
  const session = await run.session(ref);
  run.clusters.set(reachOf(ref), ref);
  if (before !== undefined && !isSame && !isRead) {
    await assertReached(run, before, stored);
  }
  // Changed credentials are not a change to the program, so their account must not replace a mapping.
  const known = isSame ? withAccount(before, accountOf(ref) ?? accountOf(before)) : ref;
  return { session, ref: withAccount(ref, await session.account(known)) };
}

/** Refuses to move a mapping from a cluster that cannot be reached, since its entry could not be removed there. */
async function assertReached(run: Run, { kind }: ClusterRef, left: unknown): Promise<void> {
  if (kind === "manifest") {
    return;
  }
  try {
    const { session } = await run.locateStored(left);
    await (kind === "kubeconfig" && session.document());
  } catch (error) {
    const remedy = `to move the mapping, first run "pulumi destroy --target URN" with ${kind === "eks" ? "the credentials" : "AWS_AUTH_KUBECONFIG set"} for its old cluster, or, if that cluster no longer exists, run "pulumi state delete URN"`;
    if (hasCode(error, "clusterGone")) {
      return;
    }
    const isExplained = kind === "kubeconfig" && hasCode(error, "clusterChanged");
    throw error instanceof AwsAuthError && !isExplained ? extended(error, remedy, "clusterChanged") : error;
  }
}

/** The mode of the resource, or otherwise of the stack. If neither sets it, it is not stored, so EKS need not be readable. */
function checkMode(given: unknown, ref: ClusterRef | undefined, settings: Settings) {
  const property = "authenticationMode";
  if (isUnknown(given)) {
    return { inputs: { [property]: unknownValue }, failures: [] };
  }
  const value = isSet(given) ? given : defaultAuthenticationMode(settings);
  if (!authenticationModes.some((mode) => mode === value)) {
    const reason = `authenticationMode ${quoted(value)} must be one of: ${authenticationModes.join(", ")}`;
    return { inputs: {}, failures: [{ property, reason }] };
  }
  const hasEntries = value === "CONFIG_MAP" || ref === undefined || eksOf(ref) !== undefined;
  return {
    inputs: isSet(given) || isAuthenticationModeSet(settings) ? { [property]: value } : {},
    failures: hasEntries ? [] : [{ property: isSet(given) ? property : "", reason: entriesNeedEks }],
  };
}

/** Without this, a misspelt input would be ignored silently in a program without type checks. */
function checkNames(given: Properties): dynamic.CheckFailure[] {
  return Object.keys(given)
    .filter((name) => !inputNames.some((known) => known === name))
    .map((name) => ({
      // The engine prints the value of a named property, and this one may be secret.
      property: "",
      reason: `${quoted(name)} is not an input of an IdentityMapping; valid inputs: ${inputNames.join(", ")}`,
    }));
}

function checkFlags(given: Properties): dynamic.CheckFailure[] {
  const flags = ["noDuplicateARNs", "adopt"] as const;
  const isFlag = (value: unknown) => !isSet(value) || typeof value === "boolean" || isUnknown(value);
  const failures = flags
    .filter((name) => !isFlag(given[name]))
    .map((property) => ({
      property,
      reason: `${property} ${quoted(given[property])} must be true or false, without quotes`,
    }));
  const reason = `${duplicatesRefused}, and set adopt: true to take over an existing entry`;
  const isRefused = given["noDuplicateARNs"] === false;
  return isRefused ? [...failures, { property: "noDuplicateARNs", reason }] : failures;
}

/** The cluster of an input, unknown while any part of it is, and its stored form. */
async function checkCluster(given: unknown, before: unknown, settings: Settings) {
  if (hasUnknown(given)) {
    return { ref: undefined, inputs: { cluster: unknownValue }, failures: [] };
  }
  try {
    const ref = await resolveClusterRef(given, settings, before);
    return { ref, inputs: { cluster: stateOf(ref) }, failures: [] };
  } catch (error) {
    return { ref: undefined, inputs: {}, failures: [failureOfError(error, clusterProperty(given))] };
  }
}

/**
 * The property on which to report a problem with the cluster. The engine prints the value of a named property even if
 * it is secret, so this is empty if the input contains a kubeconfig or if the program specifies no cluster.
 */
export function clusterProperty(given: unknown): string {
  if (!isSet(given)) {
    return "";
  }
  const isObject = typeof given === "object" && given !== null;
  const values = isObject ? Object.values(given) : [given];
  const isHarmless = !isObject || Object.keys(given).every((key) => harmlessFields.includes(key));
  return isHarmless && !values.some(holdsKubeconfig) ? "cluster" : "";
}

const harmlessFields = ["name", "region", "account", "profile", "roleArn", "context", "manifest"];

export function failureOfError(error: unknown, property: string): dynamic.CheckFailure {
  return { property, reason: asAwsAuthError(error).message };
}
