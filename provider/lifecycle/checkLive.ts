import type { dynamic } from "@pulumi/pulumi";
import { type ClusterRef, unreachablePolicy } from "../cluster";
import { report } from "../diagnostics";
import { type AwsAuthDocument, assertReadable, keyOf } from "../document";
import { AwsAuthError } from "../errors";
import type { Claim } from "../session/claims";
import type { ClusterSession } from "../session/session";
import type { ResourceContext } from "./context";
import {
  describeAdoption,
  describeConflict,
  describeIdentical,
  describeRivalResource,
  describeShadowing,
} from "./describe";
import { describeDrift } from "./drift";
import { flagsOf } from "./flags";
import { intentOf } from "./intent";
import { hasDrifted, type Intent, isConflict, planEntry } from "./plan";
import { run } from "./run";
import { isSameCluster, keyOfInputs, mappingOf, type Properties, principalOfState } from "./state";

/** What the live map adds to a check. */
export interface LiveCheck {
  /** Properties that are there to be shown in the plan, and that never become outputs. */
  readonly shown?: Properties;
  readonly failures: dynamic.CheckFailure[];
}

const nothing: LiveCheck = { failures: [] };

/**
 * Compares what a resource wants with the other resources of the program, and with the live map.
 *
 * @throws AwsAuthError where the map cannot be read.
 */
export async function checkLive(
  ref: ClusterRef,
  olds: Properties,
  inputs: Properties,
  context: ResourceContext,
): Promise<LiveCheck> {
  const live = await readLive(ref, context);
  const principal = principalOfState(inputs);
  if (live === undefined || principal === undefined) {
    return nothing;
  }
  const { claims } = live.session;
  const desired = mappingOf(inputs);
  const { noDuplicateARNs } = flagsOf(inputs);
  const claim: Claim = {
    urn: context.urn ?? `unnamed::${principal}`,
    principal,
    mapping: desired,
    noDuplicateARNs,
    ignored: context.ignoreChanges,
  };
  claims.register(claim);

  const property = subjectOf(inputs);
  const rival = claims.others(principal, claim.urn).find((other) => noDuplicateARNs || other.noDuplicateARNs);
  if (rival !== undefined) {
    const subject = `${property} ${JSON.stringify(inputs[property])}`;
    return { failures: [{ property, reason: describeRivalResource(subject, claim, rival) }] };
  }
  if (desired === undefined) {
    return nothing;
  }
  const isOurs = isSameCluster(olds, inputs) && principalOfState(olds) === principal;
  const previous = isOurs ? mappingOf(olds) : undefined;
  const intent = intentOf(claims, claim, desired, previous, inputs);
  return compare(live.document, intent, inputs, context);
}

async function compare(
  document: AwsAuthDocument,
  intent: Intent,
  inputs: Properties,
  context: ResourceContext,
): Promise<LiveCheck> {
  assertReadable(document, keyOf(intent.desired));
  const plan = planEntry(document, intent);
  const { previous } = intent;
  const isNew = previous === undefined;
  if (isConflict(plan, intent)) {
    return { failures: [{ property: subjectOf(inputs), reason: describeConflict(document, plan, intent) }] };
  }
  if (plan.rivals.length > 0 && !intent.adopt && (isNew || plan.shadowedBy !== undefined)) {
    await report("warning", describeShadowing(document, plan, intent), context.urn);
  }
  const takesOver = plan.removes.length > 0 || (isNew && plan.own !== undefined && !plan.inSync);
  if (isNew && plan.own !== undefined && !takesOver) {
    await report("info", describeIdentical(document, plan.own, intent), context.urn);
  }
  const drift = !isNew && hasDrifted(plan, previous) ? describeDrift(previous, plan.own, intent.ignored) : undefined;
  const shown = { ...(drift && { drift }), ...(takesOver && { adoption: describeAdoption(document, plan) }) };
  if (Object.keys(shown).length === 0) {
    return nothing;
  }
  run.outOfSync.add(keyOfInputs(inputs));
  if (context.isPreview) {
    return { failures: [], shown };
  }
  // What an update stores would be there to be shown for ever, so that it says the same in another way.
  const changes = Object.values(shown).flatMap((change) => Object.entries(change));
  await report("info", changes.map(([subject, change]) => `${subject}: ${change}`).join("; "), context.urn);
  return nothing;
}

/** The property that says whom a resource maps. */
function subjectOf(inputs: Properties): "arn" | "account" {
  return inputs["account"] === undefined ? "arn" : "account";
}

/** The live map; undefined where it cannot be reached, and the stack says to go on all the same. */
async function readLive(
  ref: ClusterRef,
  context: ResourceContext,
): Promise<{ session: ClusterSession; document: AwsAuthDocument } | undefined> {
  try {
    const session = await run.session(ref);
    return { session, document: await session.document() };
  } catch (error) {
    if (
      error instanceof AwsAuthError &&
      error.code === "clusterUnreachable" &&
      unreachablePolicy(run.settings) === "warn"
    ) {
      await report("warning", `${error.message}; duplicates and drift were not checked`, context.urn);
      return undefined;
    }
    throw error;
  }
}
