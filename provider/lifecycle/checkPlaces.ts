import type { dynamic } from "@pulumi/pulumi";
import { givenPrincipalArn } from "../accessEntries/accessEntry";
import { translate } from "../accessEntries/translate";
import { AwsAuthError } from "../errors";
import type { Places } from "../identity/clusterAccess";
import { type Content, ignores, type Mapping } from "../mapping";
import { report } from "../pulumi/diagnostics";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import { reportAccess, reportExpectedAccess } from "./accessReports";
import { checkClusterMode, checkOut, checkStep, isLeftBehind, planStep, type Step, type StepRefusal } from "./across";
import { accessEntryProperty, type ResourceContext, type Shown } from "./context";
import { decide } from "./decide";
import { guardOf, viewOf, viewWith } from "./guard";
import {
  describeAdoption,
  describeDrift,
  describeLosses,
  describeNote,
  describeRefusal,
  describeRival,
  describeShares,
  describeStep,
  describeSubject,
  describeWrites,
} from "./messages";
import { type Observed, observe, sightOf } from "./observe";
import { tryWrite } from "./places/map";
import type { Run } from "./run";
import { isOnSameCluster, locatedMapping, modeOf, principalProperty, type ResourceState, wantOf } from "./state";
import { type Accepted, type Me, type PlaceName, placeNames } from "./types";

interface PlacesCheck {
  /** The inputs, with the ARN of the access entry. */
  readonly state: ResourceState;
  readonly failures: readonly dynamic.CheckFailure[];
  readonly shown?: Shown;
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

/**
 * Checks a resource against the program's other resources, and against the entries of its principal in both places.
 *
 * @throws AwsAuthError if a place that it needs cannot be read.
 */
export async function checkPlaces(checking: Checking): Promise<PlacesCheck> {
  const { run, session, me, olds, state, context } = checking;
  const { mapping, principal } = state;
  const property = principalProperty(state);
  const refused = (reason: string, on: string = property): PlacesCheck => ({
    state,
    failures: [{ property: on, reason }],
  });
  if (principal !== undefined) {
    // Declare before reading, so that other resources see this one even if reading fails.
    session.declarations.declare({ urn: context.urn ?? me.id, id: me.id, principal });
    const rival = session.declarations.before(principal, me.id);
    if (rival !== undefined) {
      return refused(describeRival(state, rival.urn));
    }
  }
  if (mapping === undefined || principal === undefined) {
    if (principal === undefined) {
      checking.reports.push(() => reportExpectedAccess(run, session, context.urn, state, olds));
    }
    return { state, failures: [] };
  }
  const subject = describeSubject(mapping);
  const mode = modeOf(state.places);
  // The stack's mode belongs to no input.
  const modeProperty = checking.isModeGiven ? "authenticationMode" : "";
  const clusterMode = (await (await session.accessEntries())?.cluster())?.authenticationMode;
  const from = isSameEntry(olds, state, run) ? olds.places : [];
  const before = from.length > 0 ? olds.mapping : undefined;
  const misfit = checkClusterMode(mode, clusterMode);
  if (misfit !== undefined) {
    return refused(describeStep(subject, misfit), modeProperty);
  }
  const step = planStep(from, mode, clusterMode);
  if (step !== undefined && "code" in step) {
    return refused(describeStep(subject, step), modeProperty);
  }
  const located = await locateEntry(checking, mapping);
  if ("failures" in located) {
    return located;
  }
  const { state: placed } = located;
  const { views } = await observe(session, locatedMapping(placed, mapping), placed, placed.places);
  const want = wantOf(placed, mapping);
  const decisions = new Map<PlaceName, Accepted>();
  for (const place of placed.places) {
    const decision = decide(want, from.includes(place) ? before : undefined, me, sightOf(views, place));
    if (decision.kind === "refused") {
      return refused(describeRefusal(subject, decision));
    }
    decisions.set(place, decision);
    if (place === "map" && decision.kind === "write") {
      try {
        await tryWrite(session, locatedMapping(placed, mapping), me, decision);
      } catch (error) {
        return refused(reasonOf(error));
      }
    }
  }
  const stepRefusal = step && before && refusalOfStep(checking, step, before, decisions.get(step.stays), views);
  if (stepRefusal !== undefined) {
    return refused(describeStep(subject, stepRefusal), modeProperty);
  }
  const isCreate = from.length === 0;
  const left = placeNames.find(
    (place) => !placed.places.includes(place) && !from.includes(place) && isLeftBehind(views[place], me, isCreate),
  );
  if (left !== undefined && isCreate) {
    return refused(describeStep(subject, { code: "leftBehind", place: left }));
  }
  if (left !== undefined || [...decisions.values()].some(({ kind }) => kind !== "same")) {
    run.outOfSync.set(me.id, describeWrites(decisions, left));
  } else {
    run.outOfSync.delete(me.id);
  }
  return { state: placed, ...(await judge({ ...checking, state: placed }, mapping, decisions)) };
}

/** Returns the message of an error that the user can fix. Rethrows any other error. */
function reasonOf(error: unknown): string {
  if (error instanceof AwsAuthError) {
    return error.message;
  }
  throw error;
}

/** Returns why a mode change is refused. */
function refusalOfStep(
  { session, state, me }: Checking,
  step: Step,
  before: Content,
  staying: Accepted | undefined,
  views: Observed["views"],
): StepRefusal | undefined {
  const { mapping, ignored, principal } = state;
  if (staying === undefined || mapping === undefined || principal === undefined) {
    return undefined;
  }
  const { kind, stays } = step;
  const ignoresContent = ignores(ignored, "username") || ignores(ignored, "groups");
  const refusal = checkStep(step, { before, after: mapping, ignoresContent, staying });
  const isJustWritten = session.declarations.hasWritten(stays, principal);
  const out = { stays, view: views[stays], previous: before, isJustWritten, ...me };
  return refusal ?? (kind === "out" ? checkOut(out) : undefined);
}

/** Reports what the decisions change, and checks whether they lock anyone out. */
async function judge(
  checking: Checking,
  mapping: Mapping,
  decisions: ReadonlyMap<PlaceName, Accepted>,
): Promise<Pick<PlacesCheck, "failures" | "shown">> {
  const { run, session, state, context, reports } = checking;
  const { urn } = context;
  const { principal = "" } = state;
  const subject = describeSubject(mapping);
  const writes = [...decisions].filter(([, { kind }]) => kind === "add" || kind === "write");
  if (writes.length > 0) {
    const guard = await guardOf(run, session, state);
    const before = await viewOf(session, principal, guard !== undefined);
    let after: Places = before;
    for (const [place, { content }] of writes) {
      after = await viewWith(session, after, place, locatedMapping(state, mapping), content);
    }
    try {
      guard?.judge(before, after);
    } catch (error) {
      return { failures: [{ property: principalProperty(state), reason: reasonOf(error) }] };
    }
    await guard?.warn(urn);
    reports.push(() => reportAccess(run, session, urn, mapping, before, after));
  }
  for (const { notes, loses, shares, kind } of decisions.values()) {
    for (const note of notes) {
      const isOfAll = note.kind === "foundIdentical";
      const isInfo = isOfAll || note.kind === "renamed";
      await report(isInfo ? "info" : "warning", describeNote(subject, note), isOfAll ? undefined : urn);
    }
    if (loses.length > 0) {
      await report("warning", describeLosses(subject, loses), urn);
    }
    if (shares.length > 0 && kind === "claim") {
      await report("info", describeShares(subject, shares), urn);
    }
  }
  const shown = shownOf([...decisions.values()], checking.olds.id === undefined);
  for (const [name, changes] of Object.entries(shown)) {
    const text = Object.entries(changes).map(([subject, change]) => `${subject}: ${change}`);
    await report(name === "drift" ? "warning" : "info", `${name} of ${subject}: ${text.join("; ")}`, urn);
  }
  return { failures: [], shown };
}

/** The changes that the plan shows for both places. An imported resource has no claim yet, so it cannot have lost one. */
function shownOf(decisions: readonly Accepted[], isUnclaimed: boolean): Shown {
  const drifts = decisions.flatMap(({ drift }) => drift ?? []);
  const shown = drifts.filter(({ kind }) => kind !== "claimRemoved" || !isUnclaimed);
  const drift = Object.assign({}, ...shown.map(describeDrift));
  const adoption = Object.assign({}, ...decisions.map(describeAdoption));
  return {
    ...(Object.keys(drift).length > 0 && { drift }),
    ...(Object.keys(adoption).length > 0 && { adoption }),
  };
}

/**
 * Finds the access entry of a mapping. Its ARN needs the role's path, which is in the program, the state, the access
 * entry or IAM.
 */
async function locateEntry(
  { session, state, olds, given, context, run }: Checking,
  mapping: Mapping,
): Promise<PlacesCheck | { readonly state: ResourceState }> {
  const entries = state.places.includes("entries") ? await session.accessEntries() : undefined;
  if (entries === undefined) {
    return { state };
  }
  const isKnown = isSameEntry(olds, state, run) && olds.principalArn !== undefined;
  const principalArn =
    mapping.kind === "account"
      ? ""
      : ((typeof given === "string" ? givenPrincipalArn(given, mapping.arn) : undefined) ??
        (isKnown ? olds.principalArn : undefined) ??
        (await entries.withPath(mapping.arn)) ??
        mapping.arn);
  const translation = translate(mapping, principalArn, await entries.cluster());
  if (translation.kind === "refused") {
    const isBound = isKnown || (await entries.cluster()).authenticationMode === "API";
    const failures = translation.refusals.map(({ property, reason, remedy }) => ({
      property,
      reason: `${reason}; ${remedy}${isBound ? "" : ", or set its authenticationMode to CONFIG_MAP"}`,
    }));
    return { state, failures };
  }
  for (const note of isKnown ? [] : translation.notes) {
    await report("info", `arn ${quoted(principalArn)}: ${note}`, context.urn);
  }
  const properties = { ...state.properties, [accessEntryProperty]: { principalArn } };
  return { state: { ...state, principalArn, properties } };
}

function isSameEntry(olds: ResourceState, state: ResourceState, { settings }: Run): boolean {
  return olds.principal === state.principal && isOnSameCluster(olds, state, settings);
}
