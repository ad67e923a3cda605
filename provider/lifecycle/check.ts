import { existsSync } from "node:fs";
import type { dynamic } from "@pulumi/pulumi";
import {
  accountOf,
  type ClusterRef,
  closestOf,
  holdsKubeconfig,
  isSameCluster,
  quoted,
  stateOf,
  storedRef,
  unreachablePolicy,
  withAccount,
} from "../cluster";
import { report } from "../diagnostics";
import { AwsAuthError } from "../errors";
import { validateMapping } from "../mapping";
import { secretsOf, secretsProperty } from "../secretValues";
import { checkLive } from "./checkLive";
import { contextInput, type ResourceContext, readContext } from "./context";
import { checkFlags, givenFlags } from "./intent";
import { lookAhead, run } from "./run";
import {
  claimProperty,
  hasUnknown,
  inputNames,
  isUnknown,
  type Properties,
  type StoredClaim,
  storedClaim,
  unknownValue,
} from "./state";

/**
 * The cluster of an input with its account: the one that the program gives, else the one that the state knows, else the one that the
 * credentials lead to. It is unknown only where the cluster cannot be reached, and the stack says to go on all the same.
 *
 * @param stored the cluster in the old inputs, if there are any.
 * @throws AwsAuthError `clusterChanged` where the credentials lead to another account, and any other of the cluster codes.
 */
async function withCheckedAccount(ref: ClusterRef, stored: unknown): Promise<ClusterRef> {
  const expected = accountOf(ref) ?? storedAccount(ref, stored);
  const session = await run.session(ref);
  try {
    return withAccount(ref, await session.account(expected));
  } catch (error) {
    if (
      error instanceof AwsAuthError &&
      error.code === "clusterUnreachable" &&
      unreachablePolicy(run.settings) === "warn"
    ) {
      return withAccount(ref, expected);
    }
    throw error;
  }
}

/** An account reached by a change of credentials alone is no change of the program, and must not replace a mapping. */
function storedAccount(ref: ClusterRef, stored: unknown): string | undefined {
  const before = storedRef(stored, run.settings);
  return before !== undefined && isSameCluster(before, ref) ? accountOf(before) : undefined;
}

/** Says once in a preview that a manifest is not there: a mistyped path would otherwise begin a map of its own without a word. */
async function tellOfNewManifest(ref: ClusterRef, { isPreview }: ResourceContext): Promise<void> {
  if (isPreview && ref.kind === "manifest" && !existsSync(ref.path)) {
    await report("info", `manifest ${quoted(ref.manifest)} does not exist; "pulumi up" creates it`, undefined);
  }
}

/**
 * Validates the inputs of a resource: first without any network, then against the live map and the other resources of the program.
 * It runs in every preview, and again before anything is written. All faults are reported at once, each on its own property.
 *
 * @returns the inputs to store: normalised, less what was only meant for `check`, and with what the plan should show besides.
 */
export async function check(olds: Properties, news: Properties): Promise<dynamic.CheckResult> {
  const { __provider, [contextInput]: _passed, [claimProperty]: _claim, [secretsProperty]: _secrets, ...given } = news;
  const context = contextOf(olds, news);
  lookAhead(context.clustersAhead);
  const mapping = validateMapping(given, isUnknown);
  const cluster = await checkCluster(given["cluster"]);
  const inputs = { ...cluster.inputs, ...mapping.fields, ...givenFlags(given), ...claimInput(olds, context) };
  const failures = [...checkNames(given), ...mapping.faults, ...checkFlags(given), ...cluster.failures];
  if (failures.length > 0) {
    return { inputs, failures };
  }
  for (const warning of mapping.warnings) {
    await report("warning", warning, context.urn);
  }
  if (cluster.ref === undefined) {
    return { inputs };
  }
  try {
    const ref = await withCheckedAccount(cluster.ref, olds["cluster"]);
    const placed = { ...inputs, cluster: stateOf(ref) };
    const { shown, failures } = await checkLive(ref, olds, placed, context);
    await tellOfNewManifest(ref, context);
    return { inputs: { ...placed, ...shown }, failures };
  } catch (error) {
    return { inputs, failures: [failureOf(error, clusterProperty(given["cluster"]))] };
  }
}

/**
 * What the program passes along. Under `ignoreChanges: ["*"]` the engine puts the old inputs in the place of all new ones, so that the
 * old inputs tell what they were made with.
 */
export function contextOf(olds: Properties, { [contextInput]: passed }: Properties): ResourceContext {
  const context = readContext(passed);
  const { ignored = [] } = storedClaim(olds);
  return passed === undefined ? { ...context, ignoreChanges: ignored, secrets: secretsOf(olds) } : context;
}

/** What a resource keeps for its claim: the label that it had from the beginning, and what a delete has to know of the options. */
function claimInput(olds: Properties, { label, ignoreChanges }: ResourceContext): Properties {
  const owner = storedClaim(olds).owner ?? label;
  const claim = {
    ...(owner !== undefined && { owner }),
    ...(ignoreChanges.length > 0 && { ignored: ignoreChanges }),
  } satisfies StoredClaim;
  return Object.keys(claim).length > 0 ? { [claimProperty]: claim } : {};
}

interface CheckedCluster {
  /** Undefined while a part of the input is not known yet. */
  readonly ref: ClusterRef | undefined;
  /** What is stored of it. */
  readonly inputs: Properties;
  readonly failures: readonly dynamic.CheckFailure[];
}

async function checkCluster(given: unknown): Promise<CheckedCluster> {
  if (hasUnknown(given)) {
    return { ref: undefined, inputs: { cluster: unknownValue }, failures: [] };
  }
  try {
    const ref = await run.resolve(given);
    return { ref, inputs: { cluster: stateOf(ref) }, failures: [] };
  } catch (error) {
    return { ref: undefined, inputs: {}, failures: [failureOf(error, clusterProperty(given))] };
  }
}

/** A misspelt input would otherwise be dropped without a word in a program that no compiler checks. */
function checkNames(given: Properties): dynamic.CheckFailure[] {
  return Object.keys(given)
    .filter((name) => !inputNames.some((known) => known === name))
    .map((property) => {
      const meant = closestOf(property, inputNames);
      const remedy = meant === undefined ? `the inputs are ${inputNames.join(", ")}` : `did you mean ${meant}?`;
      return { property, reason: `${quoted(property)} is not an input of an IdentityMapping; ${remedy}` };
    });
}

/**
 * Where a fault of the cluster is reported. The engine prints the value of the input that is named, secret or not, and an input that
 * is, or holds, a kubeconfig must not be printed: then no input is named.
 */
function clusterProperty(given: unknown): string {
  const isObject = typeof given === "object" && given !== null;
  const values = isObject ? Object.values(given) : [given];
  const isKnown = !isObject || Object.keys(given).every((key) => harmlessFields.includes(key));
  return isKnown && !values.some(holdsKubeconfig) ? "cluster" : "";
}

const harmlessFields = ["name", "region", "account", "profile", "roleArn", "context", "manifest"];

/** What a user can act on becomes a failure; anything else is a bug, and is passed on with its stack. */
function failureOf(error: unknown, property: string): dynamic.CheckFailure {
  if (error instanceof AwsAuthError) {
    return { property, reason: error.message };
  }
  throw error;
}
