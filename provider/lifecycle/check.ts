import { isDeepStrictEqual } from "node:util";
import type { dynamic } from "@pulumi/pulumi";
import { mintId, ownerText, stemOf } from "../claims";
import { stateOf } from "../cluster/clusterRef";
import { isMissing } from "../cluster/connect";
import { invalidSetting } from "../cluster/settings";
import { withUrn } from "../errors";
import { isSet } from "../mapping";
import { report } from "../pulumi/diagnostics";
import { isUnknown } from "../pulumi/values";
import { quoted } from "../text/text";
import { checkInputs, checkSecrets, clusterProperty, failureOfError, findCluster } from "./checkInputs";
import { checkPlaces } from "./checkPlaces";
import { describeRival } from "./messages";
import { reportExpectedAccess } from "./planReports";
import {
  accessEntryProperty,
  claimProperty,
  contextInput,
  ignoredProperty,
  type ResourceContext,
  readContext,
  storedInMap,
} from "./properties";
import type { Run } from "./run";
import { type Properties, parseState, type ResourceState } from "./state";
import type { Me } from "./types";

/**
 * Validates the inputs of a resource: first without network access, then against the live cluster and the program's other resources. Runs
 * in every preview, and again before each create and update. Each stage (secrets, settings, inputs, places) reports its problems, each on its
 * property, and stops.
 *
 * @param olds the old inputs; empty for a new resource and for a replacement.
 * @param known the context of the resource, if the inputs do not contain it.
 * @returns the inputs to store: normalised, with the claim, and with the properties that only a preview shows.
 */
export async function check(
  run: Run,
  olds: ResourceState,
  news: Properties,
  known?: ResourceContext,
): Promise<dynamic.CheckResult> {
  const {
    __provider,
    [contextInput]: passed,
    [claimProperty]: _claim,
    [ignoredProperty]: _ignored,
    [accessEntryProperty]: _entry,
    ...given
  } = news;
  const context = known ?? contextOf(olds, passed);
  const secrets = checkSecrets(context.secrets);
  if (secrets.length > 0) {
    return { inputs: {}, failures: secrets };
  }
  const problem = invalidSetting(run.settings);
  if (problem !== undefined) {
    return { inputs: given, failures: [{ property: "", reason: problem }] };
  }
  const { mapping, ref, inputs: checked, failures } = await checkInputs(given, olds.cluster, run.settings);
  const me = meOf(olds.claimId, context.urn ?? mapping.principal ?? "", run.settings.config("aws-auth:owner"));
  run.program.add(me, context.urn);
  const { ignoreChanges } = context;
  const named = ({ property, reason }: dynamic.CheckFailure) => ({ property, reason: withUrn(reason, context.urn) });
  const inputs = {
    ...checked,
    [claimProperty]: me.id,
    ...(ignoreChanges.length > 0 && { [ignoredProperty]: ignoreChanges }),
  };
  if (failures.length > 0) {
    return { inputs, failures: failures.map(named) };
  }
  await warn(context, olds, inputs, mapping);
  const reports: (() => Promise<void>)[] = [];
  const tell = async () => {
    for (const one of reports) {
      await one();
    }
  };
  const tellInPreview = async () => (context.isPreview ? tell() : context.inPreview?.(tell));
  if (ref === undefined || isUnknown(given["authenticationMode"])) {
    const { principal } = mapping;
    reports.push(() => reportUnlocated(run, me.id, context.urn, { properties: inputs, principal }, olds));
    await tellInPreview();
    return { inputs };
  }
  try {
    const located = await findCluster(run, ref, olds.cluster, context.isRead);
    // Without this, a mistyped path would silently create a new map.
    if (isMissing(ref)) {
      const text = `manifest ${quoted(ref.manifest)} does not exist; "pulumi up" creates it`;
      reports.push(() => report("info", text, undefined));
    }
    const state = parseState({ ...inputs, cluster: stateOf(located.ref) }, mapping);
    const { session } = located;
    const placed = await checkPlaces({
      run,
      session,
      me,
      olds,
      state,
      given: given["arn"],
      isModeGiven: isSet(given["authenticationMode"]),
      context,
      reports,
    });
    await tellInPreview();
    return {
      inputs: { ...placed.state.properties, ...(context.isPreview && placed.shown) },
      failures: placed.failures.map(named),
    };
  } catch (error) {
    return { inputs, failures: [named(failureOfError(run.shortenRepeated(error), clusterProperty(given["cluster"])))] };
  }
}

/** Reports what a preview knows about a mapping whose cluster or mode it does not know. */
async function reportUnlocated(
  run: Run,
  id: string,
  urn: string | undefined,
  state: Pick<ResourceState, "properties" | "principal">,
  olds: ResourceState,
): Promise<void> {
  await reportExpectedAccess(undefined, urn, state, olds);
  const { principal } = state;
  if (principal === undefined) {
    return;
  }
  run.program.declare(id, undefined, principal);
  const rival = run.program.rivalOf(id, undefined, principal);
  if (rival !== undefined) {
    await report("warning", describeRival(state, rival, false), urn);
  }
}

/** A replacement gets a new ID, since `check` gets no old inputs for it. */
function meOf(id: string | undefined, urn: string, owner: string | undefined): Me {
  return { id: mintId(stemOf(owner, urn), id), stateId: id, owner: ownerText(owner, urn) };
}

/**
 * The context that the program passes. If a transformation sets `ignoreChanges: ["*"]`, the engine replaces all new
 * inputs with the old ones, which have no context.
 */
function contextOf({ ignored }: ResourceState, passed: unknown): ResourceContext {
  const context = readContext(passed);
  return passed === undefined ? { ...context, ignoreChanges: ignored } : context;
}

/** Warns about valid inputs that are probably a mistake, when they are new. */
async function warn(
  { urn }: ResourceContext,
  olds: ResourceState,
  inputs: Properties,
  { warnings, pathWarning, principal }: Awaited<ReturnType<typeof checkInputs>>["mapping"],
): Promise<void> {
  const isNew = (name: string) => !isDeepStrictEqual(olds.properties[name], inputs[name]);
  const isInMapAlone = [undefined, "CONFIG_MAP"].some((mode) => mode === inputs["authenticationMode"]);
  const ofPath = isNew("arn") && isInMapAlone && pathWarning !== undefined ? [pathWarning] : [];
  for (const warning of [...(storedInMap.some(isNew) ? warnings : []), ...ofPath]) {
    await report("warning", warning, urn);
  }
  if (isSet(inputs["adopt"]) && isUnknown(inputs["adopt"])) {
    const text = `adopt is not known yet for ${quoted(principal)}; this preview assumes true`;
    await report("info", text, urn);
  }
}
