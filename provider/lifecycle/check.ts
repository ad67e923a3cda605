import type { dynamic } from "@pulumi/pulumi";
import {
  accountOf,
  assertSettings,
  type ClusterRef,
  isMissing,
  isSameCluster,
  isTolerated,
  resolveClusterRef,
  type Settings,
  stateOf,
  storedRef,
  withAccount,
} from "../cluster";
import { report } from "../engine/diagnostics";
import { hasUnknown, isUnknown, unknownValue } from "../engine/unknownValue";
import { AwsAuthError, isMapIgnored } from "../errors";
import { isSet, type Mapping, parseIamArn, validateMapping } from "../mapping";
import { holdsKubeconfig } from "../text/kubeconfigContent";
import { quoted } from "../text/text";
import { checkFlags, checkMode, checkNames, givenFlags } from "./checkInputs";
import { checkPlaces } from "./checkPlaces";
import {
  accessEntryProperty,
  contextInput,
  isOfService,
  type ResourceContext,
  readContext,
  reportInPreview,
} from "./context";
import { checkClusterMode } from "./places/accessEntryCluster";
import { explainIgnored } from "./places/accessEntryMessages";
import { describeSubject } from "./places/messages";
import type { Run } from "./run";
import {
  claimProperties,
  claimProperty,
  ignoredProperty,
  type Properties,
  parseState,
  type ResourceState,
  withKnownCluster,
} from "./state";

/**
 * The cluster of an input, with its account: that from the program, else from the state, else from the credentials. It stays
 * unknown only if the cluster cannot be reached and the stack's configuration tolerates that. Also its session.
 *
 * @param stored the cluster in the old inputs, if any.
 * @throws AwsAuthError `clusterChanged` if the credentials are for another account, or any other of the cluster codes.
 */
async function findCluster(run: Run, ref: ClusterRef, stored: unknown) {
  const expected = accountOf(ref) ?? storedAccount(ref, stored, run.settings);
  const session = await run.session(ref);
  try {
    const located = withAccount(ref, await session.account(expected));
    run.keepSession(stateOf(located), session);
    return { ref: located, session };
  } catch (error) {
    if (isTolerated(error, run.settings)) {
      return { ref: withAccount(ref, expected), session };
    }
    throw error;
  }
}

/** Other credentials alone are not a change of the program, so their account must not replace a mapping. */
function storedAccount(ref: ClusterRef, stored: unknown, settings: Settings): string | undefined {
  const before = storedRef(stored, settings);
  return before !== undefined && isSameCluster(before, ref) ? accountOf(before) : undefined;
}

/**
 * Validates the inputs of a resource: first without network access, then against the live map and the program's other resources.
 * Runs in every preview, and again before anything is written. Reports all problems at once, each on its own property.
 *
 * @param olds the old inputs; empty for a new resource.
 * @param context the context that the program passes along with the inputs, from {@link passedContext}.
 * @returns the inputs to store: normalised, without the context, and with the properties that the plan should show.
 */
export async function check(
  run: Run,
  olds: ResourceState,
  news: Properties,
  context: ResourceContext,
): Promise<dynamic.CheckResult> {
  const {
    __provider,
    [contextInput]: _passed,
    [claimProperty]: _claim,
    [ignoredProperty]: _ignored,
    [accessEntryProperty]: _entry,
    ...given
  } = news;
  const settingProblems = problemsOfSettings(run.settings);
  if (settingProblems.length > 0) {
    return { inputs: given, failures: settingProblems };
  }
  const mapping = validateMapping(given, isUnknown);
  const cluster = await checkCluster(given["cluster"], olds.cluster, run.settings);
  const mode = checkMode(given["authenticationMode"], cluster.ref, run.settings);
  const inputs = {
    ...cluster.inputs,
    ...mapping.fields,
    ...givenFlags(given),
    ...mode.inputs,
    ...claimInput(olds, context),
  };
  const failures = [
    ...checkNames(given),
    ...mapping.problems,
    ...checkFlags(given),
    ...mode.failures,
    ...cluster.failures,
  ];
  if (failures.length > 0) {
    return { inputs, failures };
  }
  const isModeUnknown = isUnknown(given["authenticationMode"]);
  const isInMapAlone = (mode.inputs["authenticationMode"] ?? "CONFIG_MAP") === "CONFIG_MAP";
  const isNewArn = olds.properties["arn"] !== mapping.fields["arn"];
  for (const warning of [...mapping.warnings, ...(isInMapAlone && isNewArn ? [mapping.pathWarning] : [])]) {
    if (warning !== undefined) {
      await report("warning", warning, context.urn);
    }
  }
  if (cluster.ref === undefined || isModeUnknown) {
    return { inputs };
  }
  try {
    const { ref, session } = await findCluster(run, cluster.ref, olds.cluster);
    const placed = parseState({ ...inputs, cluster: stateOf(ref) }, mapping);
    const foreign =
      isNewArn && isOfService(context.urn) ? describeForeignService(placed.mapping, accountOf(ref)) : undefined;
    if (foreign !== undefined) {
      await report("warning", foreign, context.urn);
    }
    const mismatch = await checkClusterMode(session, placed, isSet(given["authenticationMode"]));
    if (mismatch !== undefined) {
      return { inputs, failures: [mismatch] };
    }
    if (placed.mapping !== undefined && isUnknown(given["adopt"])) {
      const text = `adopt of ${describeSubject(placed.mapping)} is not known yet: this preview takes it for true; if it is not, "pulumi up" fails where an entry is not this resource's to change`;
      await report("info", text, context.urn);
    }
    const { failures, shown, accessEntry } = await checkPlaces(
      run,
      session,
      await withKnownCluster(olds, run.settings),
      placed,
      given["arn"],
      context,
    );
    // Otherwise a mistyped path would silently create a new map.
    if (isMissing(ref)) {
      const text = `manifest ${quoted(ref.manifest)} does not exist; "pulumi up" creates it`;
      await reportInPreview(context, () => report("info", text, undefined));
    }
    const checked = { ...placed.properties, ...(accessEntry !== undefined && { [accessEntryProperty]: accessEntry }) };
    return {
      inputs: { ...checked, ...shown },
      failures: [...failures],
    };
  } catch (error) {
    const explained = isMapIgnored(error) ? explainIgnored(error, mapping.mapping) : error;
    return { inputs, failures: [failureOf(explained, clusterProperty(given["cluster"]))] };
  }
}

/**
 * The context that the program passes along. With `ignoreChanges: ["*"]` of a transformation the engine replaces all new inputs by the
 * old ones, context included, so that it comes from the old inputs.
 */
export function passedContext(
  { claim: { ignored = [] } }: ResourceState,
  { [contextInput]: passed }: Properties,
): ResourceContext {
  const context = readContext(passed);
  return passed === undefined ? { ...context, ignoreChanges: ignored } : context;
}

/** The data that a resource stores for its claim: its original label, and the options that a delete needs. */
function claimInput({ claim }: ResourceState, { label, stem, ignoreChanges }: ResourceContext): Properties {
  const ignored = ignoreChanges.length > 0 ? ignoreChanges : undefined;
  // Inputs of earlier versions stay as they are. Outputs, which have an ID, are those of what is replaced.
  const isNew = claim.owner === undefined || claim.id !== undefined;
  return claimProperties({ owner: claim.owner ?? label, stem: isNew ? stem : claim.stem, ignored });
}

/** Tells of a service's role in another account than the cluster's, such as that of an AWS provider: it gives that account access. */
function describeForeignService(mapping: Mapping | undefined, account: string | undefined): string | undefined {
  if (mapping?.kind !== "role" || account === undefined) {
    return undefined;
  }
  const role = parseIamArn(mapping.arn);
  return role.kind === "invalid" || role.account === account
    ? undefined
    : `${describeSubject(mapping)} is a role of account ${role.account}, whose service gets access, and the cluster is in account ${account}, whose service gets none; give the cluster's ARN or account, or roleArn`;
}

/** The cluster of an input, which is not known while a part of that is not, and the form in which it is stored. */
async function checkCluster(given: unknown, before: unknown, settings: Settings) {
  if (hasUnknown(given)) {
    return { ref: undefined, inputs: { cluster: unknownValue }, failures: [] };
  }
  try {
    const ref = await resolveClusterRef(given, settings, before);
    return { ref, inputs: { cluster: stateOf(ref) }, failures: [] };
  } catch (error) {
    return { ref: undefined, inputs: {}, failures: [failureOf(error, clusterProperty(given))] };
  }
}

/**
 * The property on which to report a problem with the cluster. The engine prints the value of that property, even if it is secret,
 * so this is empty for an input that contains a kubeconfig, and if the program gives no cluster.
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

/** The problems of the stack's configuration, which are the same for all resources of a run. They belong to no input. */
function problemsOfSettings(settings: Settings): dynamic.CheckFailure[] {
  try {
    assertSettings(settings);
    return [];
  } catch (error) {
    return [failureOf(error, "")];
  }
}

/** Converts an error that the user can fix to a failure. Rethrows any other error, which is a bug, with its stack. */
function failureOf(error: unknown, property: string): dynamic.CheckFailure {
  if (error instanceof AwsAuthError) {
    return { property, reason: error.message };
  }
  throw error;
}
