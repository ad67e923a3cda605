import type { dynamic } from "@pulumi/pulumi";
import type { Lockout } from "../access/lockout";
import { type AuthenticationMode, isInMap } from "../accessEntries";
import { isTolerated, type Settings } from "../cluster";
import { type AwsAuthDocument, assertReadable, keyOf } from "../document";
import { report } from "../engine/diagnostics";
import { AwsAuthError, isMapIgnored } from "../errors";
import { type Mapping, sameContent } from "../mapping";
import { isInConflict } from "../ownership";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { areTwoEntries, checkOverridden, checkShadowedMove } from "./checkOverridden";
import { isOfService, type ResourceContext } from "./context";
import {
  acceptChange,
  describeAdoption,
  describeChangedOutside,
  describeConflict,
  describeDrift,
  describeForbidden,
  describeHeld,
  describeIdentical,
  describeLeft,
  describeNamesake,
  describeRivalResource,
  describeShadowing,
  describeSubject,
} from "./describe";
import { documentIfReadable } from "./guardAccessEntry";
import { describeLockout, describeRefusal, guardPlan, isLockoutRefused } from "./lockout";
import { hasMoved } from "./orphan";
import { hasContentOf } from "./ownEntry";
import { claimantInCheck } from "./ownership";
import {
  assertFound,
  hasDrifted,
  type Intent,
  intentOf,
  isChange,
  isForbidden,
  type Plan,
  planEntry,
  planRemoval,
  type Removal,
  storedIntent,
} from "./plan";
import type { Run } from "./run";
import { type Flags, flagsOf, isSameEntry, keyOfInputs, principalProperty, type ResourceState } from "./state";
import { applyPlan } from "./write";

/** The properties that the plan displays and that never become outputs. */
const shownNames = ["drift", "adoption"] as const;

/** The changes that the plan displays, by property and subject. */
export type Shown = { readonly [name in (typeof shownNames)[number]]?: Readonly<Record<string, string>> };

/** Whether a property of checked inputs is there only to be displayed. */
export function isOnlyShown(property: string): boolean {
  return shownNames.some((name) => name === property);
}

/** The result of a check against the live map. */
export interface LiveCheck {
  readonly shown?: Shown;
  /** Whether the map is to be changed for the resource. */
  readonly isChange?: boolean;
  readonly failures: dynamic.CheckFailure[];
}

const nothing: LiveCheck = { failures: [] };

/**
 * Checks a resource against the program's other resources and the live map.
 *
 * @throws AwsAuthError if the map cannot be read.
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
  // Declared before the map is read, so that other resources know of it even if reading fails.
  const own = principal === undefined ? undefined : declare(run, session, principal, olds, inputs, context);
  const isNeeded = isInMap(inputs.mode) || own?.previous !== undefined;
  const document = await (isNeeded ? readLive(session, inputs.mode, settings) : documentIfReadable(session));
  if (own === undefined) {
    return nothing;
  }
  const property = principalProperty(inputs);
  const rival = session.declarations.others(own.principal, own.urn).find((other) => isRival(own, other));
  if (rival !== undefined) {
    return { failures: [{ property, reason: describeRivalResource(own, rival) }] };
  }
  if (desired === undefined || document === undefined) {
    return nothing;
  }
  const { previous, isReplacement } = own;
  if (!isInMap(inputs.mode)) {
    return previous === undefined
      ? { failures: checkOverridden(document, olds, inputs, desired, settings) }
      : checkLeaving(session, document, olds, inputs, previous, context, settings);
  }
  const claimant = claimantInCheck(inputs, previous !== undefined || isReplacement);
  const intent = intentOf(session, own, inputs, { desired, previous, claimant }, settings);
  return compare(run, session, document, own, intent, olds, inputs, context);
}

/** Whether others want an entry as it is that a resource leaves for another place, where it is to say something else. */
function isHeld({ kind, entry, wantedBy }: Removal, desired: Mapping, { adopt }: Flags): boolean {
  return kind === "keep" && wantedBy.length > 0 && !adopt && !hasContentOf(entry, desired);
}

/** Whether a resource leaves no room for another of its program with the same principal. */
function isAlone({ noDuplicateARNs, adopt }: Declaration): boolean {
  return noDuplicateARNs || adopt;
}

/**
 * Whether the program may not have both of two resources for one principal. Those of an AWS service, one for each namespace, want the same
 * entry.
 */
function isRival(own: Declaration, other: Declaration): boolean {
  const [a, b] = [own.mapping, other.mapping];
  const isSame = a !== undefined && b !== undefined && sameContent(a, b);
  const isService = [own, other].every(({ urn }) => isOfService(urn));
  return areTwoEntries(own, other) || ([own, other].some(isAlone) && !(isService && isSame));
}

/** Checks that the entry of a resource can leave aws-auth, once its access entry is there. */
async function checkLeaving(
  session: ClusterSession,
  document: AwsAuthDocument,
  olds: ResourceState,
  inputs: ResourceState,
  previous: Mapping,
  context: ResourceContext,
  settings: Settings,
): Promise<LiveCheck> {
  const claimant = claimantInCheck(olds, true);
  const removal = planRemoval(document, { ...storedIntent(session, olds, previous, settings), claimant });
  if (removal.kind === "changed") {
    const reason = describeChangedOutside(document, removal, previous, acceptChange);
    return { failures: [{ property: "authenticationMode", reason }] };
  }
  const { entry: own } = removal;
  assertFound(document, own, previous);
  const desired = inputs.mapping ?? previous;
  const failures = isHeld(removal, desired, flagsOf(inputs, settings))
    ? [{ property: principalProperty(inputs), reason: describeHeld(document, own, removal.wantedBy, desired) }]
    : checkShadowedMove(document, olds, inputs, desired, own, settings);
  // A run that was killed after the move has removed the entry itself.
  const isGone = removal.kind === "none" && removal.wantedBy.length === 0 && !(await hasMoved(session, olds));
  if (failures.length > 0 || !isGone) {
    return { isChange: removal.kind === "remove", failures };
  }
  const shown = { drift: describeDrift(previous, undefined, []) };
  await reportShown(shown, { desired: previous }, context);
  return { ...(context.isPreview && { shown }), failures };
}

/** Registers the mapping for the other resources of the run. */
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
  // For a replacement the engine calls check a second time, without old state.
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
    mode: inputs.mode,
    previous:
      earlier?.principal === principal ? earlier.previous : isOurs && isInMap(olds.mode) ? olds.mapping : undefined,
    isReplacement: run.inState.has(urn) && !isOurs,
    ...flagsOf(inputs, run.settings),
    ignored: context.ignoreChanges,
  };
  declarations.register(declaration);
  return declaration;
}

async function compare(
  run: Run,
  session: ClusterSession,
  document: AwsAuthDocument,
  own: Declaration,
  intent: Intent,
  olds: ResourceState,
  inputs: ResourceState,
  context: ResourceContext,
): Promise<LiveCheck> {
  assertReadable(document, keyOf(intent.desired));
  const plan = planEntry(document, intent);
  session.declarations.see(own.urn, plan.standing.siblings);
  const { previous } = intent;
  const hasNoEntry = previous === undefined;
  if (isForbidden(plan)) {
    return { failures: [{ property: principalProperty(inputs), reason: describeForbidden(document, plan, intent) }] };
  }
  if (isInConflict(plan, intent)) {
    return {
      failures: [
        { property: principalProperty(inputs), reason: describeConflict(document, plan, intent, inputs.claim.owner) },
      ],
    };
  }
  if (hasNoEntry && context.isGone !== true && plan.namesakes.length > 0) {
    await report("warning", describeNamesake(intent.desired, plan.namesakes), context.urn);
  }
  if (hasNoEntry && plan.left.length > 0 && intent.noDuplicateARNs) {
    await report("warning", describeLeft(document, plan, intent), context.urn);
  }
  const shadowed = checkShadowedMove(document, olds, inputs, intent.desired, plan.own, run.settings);
  if (shadowed.length > 0) {
    return { failures: shadowed };
  }
  if (plan.rivals.length > 0 && !intent.adopt && (hasNoEntry || plan.shadowedBy !== undefined)) {
    await report("warning", describeShadowing(document, plan, intent), context.urn);
  }
  if (!hasNoEntry) {
    assertFound(document, plan.own, previous);
  }
  const refused = await checkLockouts(session, document, plan, intent, inputs, context, run.settings);
  if (refused.length > 0) {
    return { failures: refused };
  }
  const takesOver =
    plan.removes.length > 0 || plan.displaced.length > 0 || (hasNoEntry && plan.own !== undefined && !plan.inSync);
  if (hasNoEntry && plan.own !== undefined && !takesOver) {
    // Reported under the stack, since the engine repeats the messages of a resource with each of its steps.
    await report("info", describeIdentical(document, plan, plan.own, intent), undefined);
  }
  const drift = !hasNoEntry && hasDrifted(plan, previous) ? describeDrift(previous, plan.own, intent.ignored) : {};
  const shown: Shown = {
    ...(Object.keys(drift).length > 0 && { drift }),
    ...(takesOver && { adoption: describeAdoption(document, plan) }),
  };
  const checked = { isChange: isChange(plan), failures: [] };
  if (Object.keys(shown).length === 0) {
    return checked;
  }
  // The following diff compares only inputs and state, which do not contain this.
  run.outOfSync.add(keyOfInputs(inputs, run.settings));
  await reportShown(shown, intent, context);
  return context.isPreview ? { ...checked, shown } : checked;
}

/** A preview without --diff does not show properties, and properties that an update stores would be shown forever. */
export async function reportShown(
  shown: Shown,
  { desired }: Pick<Intent, "desired">,
  { urn }: ResourceContext,
): Promise<void> {
  for (const name of shownNames) {
    const changes = Object.entries(shown[name] ?? {}).map(([subject, change]) => `${subject}: ${change}`);
    if (changes.length > 0) {
      const severity = name === "drift" ? "warning" : "info";
      await report(severity, `${name} of ${describeSubject(desired)}: ${changes.join("; ")}`, urn);
    }
  }
}

/** Reports lock-outs of a plan: as warnings, or as failures if the stack forbids them. */
async function checkLockouts(
  session: ClusterSession,
  document: AwsAuthDocument,
  plan: Plan,
  intent: Intent,
  inputs: ResourceState,
  context: ResourceContext,
  settings: Settings,
): Promise<dynamic.CheckFailure[]> {
  const failures: dynamic.CheckFailure[] = [];
  const apply = () => applyPlan(document, plan, intent, undefined).document;
  let lockouts: readonly Lockout[];
  try {
    lockouts = await guardPlan(session, document, plan, apply, settings);
  } catch (error) {
    // The write would fail in the same way.
    if (error instanceof AwsAuthError && error.code === "unsupportedEntry") {
      return [{ property: principalProperty(inputs), reason: error.message }];
    }
    throw error;
  }
  for (const lockout of lockouts) {
    const reason = describeLockout(document, lockout);
    if (isLockoutRefused(settings)) {
      failures.push({ property: propertyOf(lockout, inputs), reason: describeRefusal([reason], "") });
    } else {
      await report("warning", reason, context.urn);
    }
  }
  return failures;
}

/** The property whose change locks somebody out. */
function propertyOf({ before, after }: Lockout, inputs: ResourceState): "groups" | "username" | "arn" | "account" {
  const property = before.groups.every((group) => after?.groups.includes(group)) ? "username" : "groups";
  return inputs.properties[property] === undefined ? principalProperty(inputs) : property;
}

/**
 * The live map. Undefined if it cannot be reached and the stack's configuration tolerates that, or if the cluster ignores it and the
 * resource does not need it.
 */
async function readLive(
  session: ClusterSession,
  mode: AuthenticationMode,
  settings: Settings,
): Promise<AwsAuthDocument | undefined> {
  try {
    return await session.document();
  } catch (error) {
    if (!isInMap(mode) && isMapIgnored(error)) {
      return undefined;
    }
    if (isTolerated(error, settings)) {
      await report("warning", `${error.message}; duplicates and drift were not checked`, undefined);
      return undefined;
    }
    throw error;
  }
}
