import { existsSync } from "node:fs";
import type { dynamic } from "@pulumi/pulumi";
import {
  accountOf,
  assertSettings,
  type ClusterRef,
  holdsKubeconfig,
  isSameCluster,
  resolveClusterRef,
  type Settings,
  stateOf,
  storedRef,
  withAccount,
} from "../cluster";
import { report } from "../diagnostics";
import { AwsAuthError } from "../errors";
import { isSet, validateMapping } from "../mapping";
import { secretsOf, secretsProperty } from "../secretValues";
import type { ClusterSession } from "../session/session";
import { closestOf, quoted } from "../text";
import { checkLive, isTolerated } from "./checkLive";
import { contextInput, type ResourceContext, readContext } from "./context";
import type { Run } from "./run";
import {
  claimProperty,
  hasUnknown,
  inputNames,
  isUnknown,
  type Properties,
  parseState,
  type ResourceState,
  type StoredClaim,
  unknownValue,
} from "./state";

/** A cluster with its account, as far as that can be told, and the session with it. */
interface Located {
  readonly ref: ClusterRef;
  readonly session: ClusterSession;
}

/**
 * The cluster of an input with its account: the one that the program gives, else the one that the state knows, else the one that the
 * credentials lead to. It is unknown only where the cluster cannot be reached, and the stack says to go on all the same.
 *
 * @param stored the cluster in the old inputs, if there are any.
 * @throws AwsAuthError `clusterChanged` where the credentials lead to another account, and any other of the cluster codes.
 */
async function findCluster(run: Run, ref: ClusterRef, stored: unknown): Promise<Located> {
  const expected = accountOf(ref) ?? storedAccount(ref, stored, run.settings);
  const session = await run.session(ref);
  try {
    const located = withAccount(ref, await session.account(expected));
    run.keepChecked(stateOf(located), session);
    return { ref: located, session };
  } catch (error) {
    if (isTolerated(error, run.settings)) {
      return { ref: withAccount(ref, expected), session };
    }
    throw error;
  }
}

/** An account reached by a change of credentials alone is no change of the program, and must not replace a mapping. */
function storedAccount(ref: ClusterRef, stored: unknown, settings: Settings): string | undefined {
  const before = storedRef(stored, settings);
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
 * It runs in every preview, and again before anything is written. All problems are reported at once, each on its own property.
 *
 * @param olds the old inputs; empty for a resource that is new.
 * @param context what the program passes along with the inputs, from {@link passedContext}.
 * @returns the inputs to store: normalised, less what was only meant for `check`, and with what the plan should show besides.
 */
export async function check(
  run: Run,
  olds: ResourceState,
  news: Properties,
  context: ResourceContext,
): Promise<dynamic.CheckResult> {
  const { __provider, [contextInput]: _passed, [claimProperty]: _claim, [secretsProperty]: _secrets, ...given } = news;
  run.prefetch(context.prefetch);
  const settingProblems = problemsOfSettings(run.settings);
  if (settingProblems.length > 0) {
    return { inputs: given, failures: settingProblems };
  }
  const mapping = validateMapping(given, isUnknown);
  const cluster = await checkCluster(given["cluster"], run.settings);
  const inputs = { ...cluster.inputs, ...mapping.fields, ...givenFlags(given), ...claimInput(olds, context) };
  const failures = [...checkNames(given), ...mapping.problems, ...checkFlags(given), ...cluster.failures];
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
    const { ref, session } = await findCluster(run, cluster.ref, olds.cluster);
    const placed = parseState({ ...inputs, cluster: stateOf(ref) }, mapping);
    const { shown, failures } = await checkLive(run, session, olds, placed, context);
    await tellOfNewManifest(ref, context);
    return { inputs: { ...placed.properties, ...shown }, failures };
  } catch (error) {
    return { inputs, failures: [failureOf(error, clusterProperty(given["cluster"]))] };
  }
}

/**
 * What the program passes along. Under `ignoreChanges: ["*"]` the engine puts the old inputs in the place of all new ones, so that
 * the old inputs tell what they were made with.
 */
export function passedContext(
  { properties, claim: { ignored = [] } }: ResourceState,
  { [contextInput]: passed }: Properties,
): ResourceContext {
  const context = readContext(passed);
  return passed === undefined ? { ...context, ignoreChanges: ignored, secrets: secretsOf(properties) } : context;
}

/** What a resource keeps for its claim: the label that it had from the beginning, and what a delete has to know of the options. */
function claimInput(olds: ResourceState, { label, ignoreChanges }: ResourceContext): Properties {
  const owner = olds.claim.owner ?? label;
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

async function checkCluster(given: unknown, settings: Settings): Promise<CheckedCluster> {
  if (hasUnknown(given)) {
    return { ref: undefined, inputs: { cluster: unknownValue }, failures: [] };
  }
  try {
    const ref = await resolveClusterRef(given, settings);
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
      // The fields of the map and of other tools, which no edit distance leads to ours.
      const meant = /^(?:role|user)_?arn$/i.test(property) ? "arn" : closestOf(property, inputNames);
      const remedy = meant === undefined ? `the inputs are ${inputNames.join(", ")}` : `did you mean ${meant}?`;
      return { property, reason: `${quoted(property)} is not an input of an IdentityMapping; ${remedy}` };
    });
}

/** The switches as the program gave them: a default does not belong in the state. */
function givenFlags(inputs: Properties): Properties {
  return Object.fromEntries(flagNames.filter((name) => isSet(inputs[name])).map((name) => [name, inputs[name]]));
}

/** What is wrong with the switches themselves. */
function checkFlags(inputs: Properties): dynamic.CheckFailure[] {
  return flagNames
    .filter((name) => isSet(inputs[name]) && typeof inputs[name] !== "boolean" && !isUnknown(inputs[name]))
    .map((property) => ({
      property,
      reason: `${property} ${quoted(inputs[property])} must be true or false, without quotes`,
    }));
}

const flagNames = ["noDuplicateARNs", "adopt"] as const;

/**
 * Where a problem of the cluster is reported. The engine prints the value of the input that is named, secret or not, and an input
 * that is, or holds, a kubeconfig must not be printed: then no input is named, nor where the program gives none.
 */
function clusterProperty(given: unknown): string {
  if (!isSet(given)) {
    return "";
  }
  const isObject = typeof given === "object" && given !== null;
  const values = isObject ? Object.values(given) : [given];
  const isKnown = !isObject || Object.keys(given).every((key) => harmlessFields.includes(key));
  return isKnown && !values.some(holdsKubeconfig) ? "cluster" : "";
}

const harmlessFields = ["name", "region", "account", "profile", "roleArn", "context", "manifest"];

/** What is wrong with the stack's configuration is no problem of an input. */
function problemsOfSettings(settings: Settings): dynamic.CheckFailure[] {
  try {
    assertSettings(settings);
    return [];
  } catch (error) {
    return [failureOf(error, "")];
  }
}

/** What a user can act on becomes a failure; anything else is a bug, and is passed on with its stack. */
function failureOf(error: unknown, property: string): dynamic.CheckFailure {
  if (error instanceof AwsAuthError) {
    return { property, reason: error.message };
  }
  throw error;
}
