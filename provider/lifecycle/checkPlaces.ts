import type { dynamic } from "@pulumi/pulumi";
import { absenceOf, givenPrincipalArn } from "../accessEntries/accessEntry";
import { type TranslationRefusal, translate } from "../accessEntries/translate";
import { stemIn } from "../claims";
import { asAwsAuthError, describeProblem } from "../errors";
import { sameContent } from "../mapping";
import { report } from "../pulumi/diagnostics";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import { accessAfter, currentAccess, guardOf } from "./guard";
import { describeRival, describeSteps, describeSubject, refusalError } from "./messages";
import { modeChangeOf } from "./mode";
import { observe, reportIamRefusal } from "./observe";
import { tryWrite } from "./places/map";
import type { LocatedMapping } from "./places/place";
import { planOf, type Step } from "./plan";
import { reportAccess, reportExpectedAccess, reportPlan } from "./planReports";
import { accessEntryProperty, type PlanProperties, type ResourceContext } from "./properties";
import type { Run } from "./run";
import { beforeOf, isOnSameCluster, principalProperty, type ResourceState, wantOf } from "./state";
import { changesEntry, type Me, type Refusal } from "./types";

interface PlacesCheck {
  /** The inputs, with the ARN of the access entry. */
  readonly state: ResourceState;
  readonly failures: readonly dynamic.CheckFailure[];
  readonly shown?: PlanProperties;
}

interface Checking {
  readonly run: Run;
  readonly session: ClusterSession;
  readonly me: Me;
  readonly olds: ResourceState;
  readonly state: ResourceState;
  /** The `arn` of the program, which may include the role's path. */
  readonly given: unknown;
  /** Whether the resource sets the mode, rather than the stack. */
  readonly isModeGiven: boolean;
  readonly context: ResourceContext;
  /** Reports to print if this is a preview. */
  readonly reports: (() => Promise<void>)[];
}

/** Checks a resource against the program's other resources, and against the entries of its principal in both places. */
export async function checkPlaces(checking: Checking): Promise<PlacesCheck> {
  const { run, session, me, olds, state, context } = checking;
  const { mapping, principal } = state;
  const refused = (reason: string, property: string = principalProperty(state)): PlacesCheck => ({
    state,
    failures: [{ property, reason }],
  });
  if (principal !== undefined) {
    // Declare before reading, so that other resources see this one even if reading fails.
    run.program.declare(me.id, session.cluster, principal);
    const rival = run.program.rivalOf(me.id, session.cluster, principal);
    if (rival !== undefined) {
      return refused(describeRival(state, rival));
    }
  }
  if (mapping === undefined || principal === undefined) {
    if (principal === undefined) {
      checking.reports.push(() => reportExpectedAccess(session, context.urn, state, olds));
    }
    return { state, failures: [] };
  }
  const refusedBy = (refusal: Refusal) => {
    const isOfMode = !("entries" in refusal || refusal.code === "leftBehind");
    // The stack's mode belongs to no input.
    const property = checking.isModeGiven ? "authenticationMode" : "";
    return refused(refusalError(describeSubject(mapping), refusal).message, isOfMode ? property : undefined);
  };
  const before = isSameEntry(olds, state, run) ? beforeOf(olds) : undefined;
  const clusterMode = (await (await session.accessEntries())?.cluster())?.authenticationMode;
  const change = modeChangeOf(before?.places ?? [], state.places, clusterMode);
  if (change.kind === "refused") {
    return refusedBy(change);
  }
  const found = await locateEntry(checking, mapping);
  if ("failures" in found) {
    return found;
  }
  const { state: placed, mapping: located } = found;
  const { views, situation } = await observe(run, session, located, placed, placed.places);
  const { steps, refusal } = planOf(wantOf(placed, mapping), before, me, views, situation, change);
  const isChanged = before === undefined || change.kind !== "none" || !sameContent(before.content, mapping);
  await reportIam(session, located, isChanged, context.urn);
  if (refusal !== undefined) {
    return refusedBy(refusal);
  }
  const inMap = steps.find(({ place }) => place === "map")?.write;
  try {
    if (inMap?.kind === "write") {
      await tryWrite(session, located, me, inMap);
    }
  } catch (error) {
    return refused(asAwsAuthError(error).message);
  }
  const isPending = steps.some(({ write }) => write?.kind !== "same");
  run.program.setPending(me.id, isPending ? describeSteps(steps) : undefined);
  const lockout = await judge({ ...checking, state: placed }, located, steps);
  if (lockout !== undefined) {
    return refused(lockout);
  }
  return {
    state: placed,
    failures: [],
    shown: await reportPlan(mapping, steps, { urn: context.urn, id: stemIn(me.id) }, olds.claimId === undefined),
  };
}

/** Warns if IAM does not have the role or user of a mapping that the program adds or changes, or that IAM does not allow the check. */
async function reportIam(
  session: ClusterSession,
  mapping: LocatedMapping,
  isChanged: boolean,
  urn: string | undefined,
): Promise<void> {
  const entries = mapping.kind === "account" ? undefined : await session.accessEntries();
  const found = isChanged ? await entries?.principal(mapping.arn) : "unknown";
  if (entries !== undefined && found !== "unknown") {
    const { arn, principalArn = arn } = mapping;
    const absence = absenceOf(principalArn, found, mapping.principalArn !== undefined);
    if (absence !== undefined) {
      const end = found === undefined ? ", unless this program creates the role or user" : "";
      await report("warning", `${describeSubject(mapping)}: ${absence}; correct the ARN${end}`, urn);
    }
  }
  await reportIamRefusal(session);
}

/** Returns why a plan would lock anyone out; otherwise reports what the identity gains and loses. */
async function judge(checking: Checking, mapping: LocatedMapping, steps: readonly Step[]): Promise<string | undefined> {
  const { run, session, state, context, reports } = checking;
  const isWrite = ({ write }: Step) => write !== undefined && changesEntry(write);
  if (!steps.some((step) => isWrite(step) || step.release?.kind === "remove")) {
    return undefined;
  }
  const guard = await guardOf(run, session, state);
  const before = await currentAccess(session, mapping.principal, guard !== undefined);
  const after = accessAfter(before, steps, mapping, await (await session.accessEntries())?.cluster());
  try {
    guard?.judge(before, after);
  } catch (error) {
    return asAwsAuthError(error).message;
  }
  await guard?.warn(context.urn);
  if (steps.some(isWrite)) {
    reports.push(() => reportAccess(session, context.urn, mapping, before, after));
  }
  return undefined;
}

/** The ARN of an access entry needs the role's path, which is in the program, the state, the access entry or IAM. */
async function locateEntry(
  { session, state, olds, given, context, run }: Checking,
  mapping: LocatedMapping,
): Promise<PlacesCheck | { readonly state: ResourceState; readonly mapping: LocatedMapping }> {
  const entries = state.places.includes("entries") ? await session.accessEntries() : undefined;
  if (entries === undefined) {
    return { state, mapping };
  }
  const known = isSameEntry(olds, state, run) ? olds.mapping?.principalArn : undefined;
  const principalArn =
    mapping.kind === "account"
      ? ""
      : ((typeof given === "string" ? givenPrincipalArn(given, mapping.arn) : undefined) ??
        known ??
        (await entries.withPath(mapping.arn)) ??
        mapping.arn);
  const translation = translate(mapping, principalArn, await entries.cluster());
  if (translation.kind === "refused") {
    const isBound = known !== undefined || (await entries.cluster()).authenticationMode === "API";
    const end = isBound ? "" : ", or set authenticationMode to CONFIG_MAP for this mapping";
    const failureOf = (refusal: TranslationRefusal) => ({
      property: refusal.place,
      reason: describeProblem(refusal) + end,
    });
    return { state, failures: translation.refusals.map(failureOf) };
  }
  for (const note of known === undefined ? translation.notes : []) {
    await report("info", `arn ${quoted(principalArn)}: ${note}`, context.urn);
  }
  const properties = { ...state.properties, [accessEntryProperty]: { principalArn } };
  const located = { ...mapping, principalArn };
  return { state: { ...state, mapping: located, properties }, mapping: located };
}

function isSameEntry(olds: ResourceState, state: ResourceState, { settings }: Run): boolean {
  return olds.principal === state.principal && isOnSameCluster(olds, state, settings);
}
