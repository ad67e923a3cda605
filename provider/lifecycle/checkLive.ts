import type { dynamic } from "@pulumi/pulumi";
import type { Lockout } from "../authenticator";
import { type Settings, unreachablePolicy } from "../cluster";
import { report } from "../diagnostics";
import { type AwsAuthDocument, assertReadable, keyOf } from "../document";
import { AwsAuthError } from "../errors";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { claimantInCheck } from "./claimant";
import type { ResourceContext } from "./context";
import {
  describeAdoption,
  describeConflict,
  describeDrift,
  describeForbidden,
  describeIdentical,
  describeRivalResource,
  describeShadowing,
  describeSubject,
} from "./describe";
import { describeLockout, describeRefusal, guardPlan, isLockoutRefused } from "./lockout";
import { assertFound, hasDrifted, type Intent, intentOf, isConflict, isForbidden, type Plan, planEntry } from "./plan";
import type { Run } from "./run";
import { flagsOf, isSameEntry, keyOfInputs, principalProperty, type ResourceState } from "./state";

/** Properties that are there to be shown in the plan, and that never become outputs: what changes, by its subject. */
export interface Shown {
  readonly drift?: Readonly<Record<string, string>>;
  readonly adoption?: Readonly<Record<string, string>>;
}

/** What the live map adds to a check. */
interface LiveCheck {
  readonly shown?: Shown;
  readonly failures: dynamic.CheckFailure[];
}

const nothing: LiveCheck = { failures: [] };

/**
 * Compares what a resource wants with the other resources of the program, and with the live map.
 *
 * @throws AwsAuthError where the map cannot be read.
 */
export async function checkLive(
  run: Run,
  session: ClusterSession,
  olds: ResourceState,
  inputs: ResourceState,
  context: ResourceContext,
): Promise<LiveCheck> {
  const { settings } = run;
  const { principal, mapping: desired } = inputs;
  // It is declared before the map is read, so that the others of the program are told even where the map cannot be.
  const own = principal === undefined ? undefined : declare(run, session, principal, olds, inputs, context);
  const document = await readLive(session, settings);
  if (own === undefined) {
    return nothing;
  }
  const property = principalProperty(inputs);
  const rival = session.declarations
    .others(own.principal, own.urn)
    .find((other) => own.noDuplicateARNs || other.noDuplicateARNs);
  if (rival !== undefined) {
    return { failures: [{ property, reason: describeRivalResource(own, rival) }] };
  }
  if (desired === undefined || document === undefined) {
    return nothing;
  }
  const { label, previous, isReplacement } = own;
  const claimant = claimantInCheck(label, previous !== undefined || isReplacement);
  const intent = intentOf(session, own, inputs, { desired, previous, claimant }, settings);
  return compare(run, session, document, intent, inputs, context);
}

/** Tells the other resources of the run what this one maps. */
function declare(
  run: Run,
  { declarations }: ClusterSession,
  principal: string,
  olds: ResourceState,
  inputs: ResourceState,
  context: ResourceContext,
): Declaration {
  const urn = context.urn ?? `unnamed::${principal}`;
  const isOurs = isSameEntry(olds, inputs, run.settings);
  // For a replacement the engine checks once more, as if there were no old state.
  const hasState = Object.keys(olds.properties).length > 0;
  if (hasState) {
    run.inState.add(urn);
  }
  const earlier = hasState ? undefined : declarations.get(urn);
  const declaration = {
    urn,
    principal,
    subject: `${principalProperty(inputs)} ${JSON.stringify(inputs.properties[principalProperty(inputs)])}`,
    label: inputs.claim.owner,
    mapping: inputs.mapping,
    previous: earlier?.principal === principal ? earlier.previous : isOurs ? olds.mapping : undefined,
    isReplacement: run.inState.has(urn) && !isOurs,
    noDuplicateARNs: flagsOf(inputs, run.settings).noDuplicateARNs,
    ignored: context.ignoreChanges,
  };
  declarations.register(declaration);
  return declaration;
}

async function compare(
  run: Run,
  session: ClusterSession,
  document: AwsAuthDocument,
  intent: Intent,
  inputs: ResourceState,
  context: ResourceContext,
): Promise<LiveCheck> {
  assertReadable(document, keyOf(intent.desired));
  const plan = planEntry(document, intent);
  const { previous } = intent;
  const hasNoEntry = previous === undefined;
  if (isForbidden(plan)) {
    return { failures: [{ property: principalProperty(inputs), reason: describeForbidden(document, plan, intent) }] };
  }
  if (isConflict(plan, intent)) {
    return { failures: [{ property: principalProperty(inputs), reason: describeConflict(document, plan, intent) }] };
  }
  if (plan.rivals.length > 0 && !intent.adopt && (hasNoEntry || plan.shadowedBy !== undefined)) {
    await report("warning", describeShadowing(document, plan, intent), context.urn);
  }
  if (!hasNoEntry) {
    assertFound(document, plan.own, previous);
  }
  const refused = await checkLockouts(session, document, plan, inputs, context, run.settings);
  if (refused.length > 0) {
    return { failures: refused };
  }
  const takesOver =
    plan.removes.length > 0 || plan.displaced.length > 0 || (hasNoEntry && plan.own !== undefined && !plan.inSync);
  if (hasNoEntry && plan.own !== undefined && !takesOver) {
    // Under the stack: the engine repeats what it shows under a resource with each of its steps.
    await report("info", describeIdentical(document, plan, plan.own, intent), undefined);
  }
  const drift = !hasNoEntry && hasDrifted(plan, previous) ? describeDrift(previous, plan.own, intent.ignored) : {};
  const shown: Shown = {
    ...(Object.keys(drift).length > 0 && { drift }),
    ...(takesOver && { adoption: describeAdoption(document, plan) }),
  };
  if (Object.keys(shown).length === 0) {
    return nothing;
  }
  // The diff that follows compares inputs with the state alone, which know nothing of this.
  run.outOfSync.add(keyOfInputs(inputs, run.settings));
  await reportShown(shown, intent, context);
  return context.isPreview ? { failures: [], shown } : nothing;
}

/** A preview without --diff shows no properties, and what an update stores would be there to be shown for ever. */
async function reportShown(shown: Shown, { desired }: Intent, { urn }: ResourceContext): Promise<void> {
  for (const [kind, changes] of Object.entries(shown)) {
    const text = Object.entries(changes).map(([subject, change]) => `${subject}: ${change}`);
    await report(
      kind === "drift" ? "warning" : "info",
      `${kind} of ${describeSubject(desired)}: ${text.join("; ")}`,
      urn,
    );
  }
}

/** Warns of what a plan locks out or, where the stack refuses that, returns it as failures. */
async function checkLockouts(
  session: ClusterSession,
  document: AwsAuthDocument,
  plan: Plan,
  inputs: ResourceState,
  context: ResourceContext,
  settings: Settings,
): Promise<dynamic.CheckFailure[]> {
  const failures: dynamic.CheckFailure[] = [];
  for (const lockout of await guardPlan(session, document, plan, settings)) {
    const reason = describeLockout(document, lockout);
    if (isLockoutRefused(settings)) {
      failures.push({ property: propertyOf(lockout, inputs), reason: describeRefusal([reason], "") });
    } else {
      await report("warning", reason, context.urn);
    }
  }
  return failures;
}

/** The property through which a change locks somebody out. */
function propertyOf(
  { lost, before, after }: Lockout,
  inputs: ResourceState,
): "groups" | "username" | "arn" | "account" {
  const property =
    lost === "caller" && before.groups.every((group) => after?.groups.includes(group)) ? "username" : "groups";
  return inputs.properties[property] === undefined ? principalProperty(inputs) : property;
}

/** The live map; undefined where it cannot be reached, and the stack says to go on all the same. */
async function readLive(session: ClusterSession, settings: Settings): Promise<AwsAuthDocument | undefined> {
  try {
    return await session.document();
  } catch (error) {
    if (isTolerated(error, settings)) {
      await report("warning", `${error.message}; duplicates and drift were not checked`, undefined);
      return undefined;
    }
    throw error;
  }
}

/** Whether a check goes on without a cluster that cannot be reached, since the stack says so. */
export function isTolerated(error: unknown, settings: Settings): error is AwsAuthError {
  const isUnreachable = error instanceof AwsAuthError && error.code === "clusterUnreachable";
  return isUnreachable && unreachablePolicy(settings) === "warn";
}
