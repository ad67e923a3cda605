import type { dynamic } from "@pulumi/pulumi";
import { describeAccessEntry, describeAccessEntryDrift, isInEntry, isInMap, samePrincipalArn } from "../accessEntries";
import { report } from "../engine/diagnostics";
import type { Mapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import {
  contentOf,
  type EntryCluster,
  type EntryWish,
  entryClusterOf,
  ignoredOf,
  isAgreed,
  planEntryOf,
  previousEntry,
  principalArnOf,
  tellUnknownPrincipals,
  translationOf,
} from "./accessEntry";
import { type LiveCheck, reportShown, type Shown } from "./checkLive";
import { checkLeft, checkReturn, guardEntry, isOtherInMap } from "./checkMove";
import { accessEntryProperty, type ResourceContext } from "./context";
import { describeNamesake } from "./describe";
import {
  describeEntryConflict,
  describeEntryHeld,
  describeEntryOfProgram,
  describeEntryTakenOver,
  describeModeMismatch,
  describeMovedPrincipal,
  describeUnknownPath,
} from "./describeAccessEntry";
import { isMove } from "./inTurn";
import { claimantInCheck } from "./ownership";
import type { Run } from "./run";
import {
  flagsOf,
  isSameEntry,
  keyOfInputs,
  principalProperty,
  type ResourceState,
  type StoredAccessEntry,
} from "./state";

/** The result of a check against the live access entries. */
interface EntryCheck extends LiveCheck {
  /** What the inputs store of the access entry. */
  readonly accessEntry?: StoredAccessEntry;
}

/**
 * Checks a resource against the cluster's access entries, if its mode has one.
 *
 * @param given the `arn` of the program, which may have the role's path.
 * @throws AwsAuthError if they cannot be read.
 */
export async function checkAccessEntry(
  run: Run,
  session: ClusterSession,
  olds: ResourceState,
  inputs: ResourceState,
  given: unknown,
  context: ResourceContext,
): Promise<EntryCheck> {
  const isOurs = isSameEntry(olds, inputs, run.settings);
  if (isOurs && isInEntry(olds.mode) && context.urn !== undefined) {
    run.inEntry.set(context.urn, olds);
  }
  const announce = () => {
    if (isMove(isOurs ? olds : undefined, inputs)) {
      session.declarations.turns.expect(keyOfInputs(inputs, run.settings));
    }
  };
  if (!isInEntry(inputs.mode)) {
    const isInState = isOurs || run.inState.has(context.urn ?? "");
    if (!isInEntry(olds.mode) && (isOurs || !isInState)) {
      return checkLeft(run, session, inputs, isOurs, context);
    }
    const failures = isOurs ? await checkReturn(run, session, olds, inputs, context) : [];
    if (failures.length === 0) {
      announce();
    }
    return { isChange: isOurs, failures };
  }
  const at = await entryClusterOf(session);
  const { mapping } = inputs;
  if (mapping === undefined) {
    return { failures: [] };
  }
  if (mapping.kind !== "account") {
    await at.entries.begin(mapping.arn, context.isPreview, context.isRead);
  }
  const { principalArn, isSure } = await principalArnOf(at, mapping, given);
  const translation = translationOf(mapping, at, principalArn);
  if (translation.kind === "refused") {
    return {
      failures: translation.refusals.map(({ property, reason, remedy }) => ({
        property,
        reason: `${reason}; ${remedy}; to keep the mapping in aws-auth, set its authenticationMode to CONFIG_MAP`,
      })),
    };
  }
  if (!(isOurs && isInEntry(olds.mode))) {
    for (const note of [...translation.notes, ...pathNotes(inputs, principalArn)]) {
      await report("info", `${principalProperty(inputs)} ${JSON.stringify(principalArn)}: ${note}`, context.urn);
    }
    if (!isSure) {
      await report("warning", describeUnknownPath(principalArn, at.cluster), context.urn);
    }
  }
  const accessEntry = { principalArn };
  const located = {
    ...inputs,
    accessEntry,
    properties: { ...inputs.properties, [accessEntryProperty]: accessEntry },
  };
  const checked = await compare(run, session, at, located, mapping, context);
  if (checked.failures.length === 0) {
    announce();
  }
  return { ...checked, accessEntry };
}

/** What becomes of a role's path where a mapping is kept in both. */
function pathNotes({ mode, mapping }: ResourceState, principalArn: string): string[] {
  const isStripped = mapping !== undefined && mapping.kind !== "account" && mapping.arn !== principalArn;
  return isInMap(mode) && isStripped
    ? [`the access entry has the role's path, and aws-auth has ${JSON.stringify(mapping.arn)}, which is the same role`]
    : [];
}

/**
 * Checks that the cluster's own authentication mode allows that of a resource.
 *
 * @param isGiven whether the resource gives its mode, and not the stack.
 * @returns undefined if it does.
 */
export async function checkClusterMode(
  session: ClusterSession,
  { mode }: ResourceState,
  isGiven: boolean,
): Promise<dynamic.CheckFailure | undefined> {
  if (!isInEntry(mode)) {
    return undefined;
  }
  const { cluster, entries } = await entryClusterOf(session);
  const reason = describeModeMismatch(mode, cluster, entries.api.label);
  return reason === undefined ? undefined : { property: isGiven ? "authenticationMode" : "", reason };
}

async function compare(
  run: Run,
  session: ClusterSession,
  at: EntryCluster,
  inputs: ResourceState,
  mapping: Mapping,
  context: ResourceContext,
): Promise<LiveCheck> {
  const previous = previousEntry(run, inputs, context.urn);
  const wish: EntryWish = {
    previous,
    claimant: claimantInCheck(inputs, run.inState.has(context.urn ?? "")),
    isAgreed: isAgreed(session, inputs, context.urn),
    ignored: context.ignoreChanges,
  };
  const { plan, content, principal } = await planEntryOf(at, inputs, wish, flagsOf(inputs, run.settings).adopt);
  await tellUnknownPrincipals(at);
  const property = principalProperty(inputs);
  if (principal !== undefined && !samePrincipalArn(principal.arn, content.principalArn)) {
    return { failures: [{ property, reason: describeMovedPrincipal(content, principal.arn) }] };
  }
  const failure = failureOf(plan, content, property);
  if (failure !== undefined) {
    return { failures: [failure] };
  }
  session.declarations.see(context.urn ?? "", "standing" in plan ? plan.standing.siblings : []);
  const earlier = previous === undefined && context.isGone !== true && "standing" in plan ? plan.standing.earlier : [];
  if (earlier.length > 0 && !isInMap(inputs.mode)) {
    await report("warning", describeNamesake(mapping, earlier), context.urn);
  }
  if (previous === undefined && plan.kind === "update" && plan.standing.siblings.length > 0) {
    await report("warning", describeEntryOfProgram(plan, content), context.urn);
  }
  const live = "live" in plan ? plan.live : undefined;
  // What a new one takes from an entry in aws-auth that stays, the check of the map has found.
  const isOverriding = plan.kind === "create" && !isInMap(inputs.mode) && (await isOtherInMap(session, mapping));
  if (plan.kind === "update" || plan.kind === "recreate" || isOverriding) {
    const failures = await guardEntry(run, session, at, plan.wanted, context);
    if (failures.length > 0) {
      return { failures };
    }
  }
  const drift =
    previous === undefined
      ? {}
      : describeAccessEntryDrift(contentOf(at, previous), live, ignoredOf(context.ignoreChanges), principal?.createdAt);
  const nameOf = (name: string) => (isInMap(inputs.mode) && name !== "accessEntry" ? `accessEntry.${name}` : name);
  const isAdoption = previous === undefined && (plan.kind === "update" || plan.kind === "recreate");
  const shown: Shown = {
    ...(Object.keys(drift).length > 0 && {
      drift: Object.fromEntries(Object.entries(drift).map(([name, change]) => [nameOf(name), change])),
    }),
    ...(isAdoption &&
      live !== undefined && {
        adoption: { "access entry": `${describeAccessEntry(live)} => ${describeAccessEntry(content)}` },
      }),
  };
  const isChange = plan.kind !== "inSync";
  if (isChange) {
    run.outOfSync.add(keyOfInputs(inputs, run.settings));
  }
  await reportShown(shown, { desired: mapping }, context);
  return { ...(context.isPreview && { shown }), isChange, failures: [] };
}

function failureOf(
  plan: Awaited<ReturnType<typeof planEntryOf>>["plan"],
  content: ReturnType<typeof contentOf>,
  property: string,
): dynamic.CheckFailure | undefined {
  switch (plan.kind) {
    case "conflict":
      return { property, reason: describeEntryConflict(plan, content) };
    case "held":
      return { property, reason: describeEntryHeld(plan, content) };
    case "takenOver":
      return { property, reason: describeEntryTakenOver(plan, content) };
    default:
      return undefined;
  }
}
