import type { dynamic } from "@pulumi/pulumi";
import { type AuthenticationMode, isInEntry, isInMap } from "../accessEntries";
import { deletesUnreachable, isTolerated, type Settings } from "../cluster";
import { entryMapping } from "../document";
import { report } from "../engine/diagnostics";
import { isClusterGone, isMapIgnored, isOutOfReach } from "../errors";
import { type Mapping, sameContent } from "../mapping";
import type { ClusterSession } from "../session/session";
import { printable } from "../text/text";
import { accessEntryProperty } from "./context";
import { describeLeftClaim, describeTakenOver } from "./describe";
import { findOrphan, isLeftInMap } from "./orphan";
import { claimantOfState } from "./ownership";
import { assertFound, planEntry, storedIntent } from "./plan";
import { readAccessEntry } from "./readAccessEntry";
import type { Run } from "./run";
import { inputsOf, type Properties, type ResourceState, withUserAndGroups } from "./state";

/**
 * Reads the current content of the resource's entry; returns no ID if it is gone. Also returns differences as inputs, so that a
 * refresh shows a manual change property by property.
 */
export async function read(run: Run, id: string, state: ResourceState): Promise<dynamic.ReadResult> {
  try {
    return await readKept(run, id, state);
  } catch (error) {
    if (isClusterGone(error)) {
      await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
      return { id: "", props: {} };
    }
    if (isMapIgnored(error)) {
      await report("warning", `${error.message}; ${id} stays in the state as it is`, undefined);
      return { id, props: { ...state.properties } };
    }
    throw error;
  }
}

/**
 * The same for an engine that refreshes before every update and delete: settings that let these go on without the cluster let this keep
 * the resource as it is.
 */
export async function readIfReachable(run: Run, id: string, state: ResourceState): Promise<dynamic.ReadResult> {
  try {
    return await read(run, id, state);
  } catch (error) {
    const { settings } = run;
    if (isTolerated(error, settings) || (isOutOfReach(error) && deletesUnreachable(settings))) {
      await report("warning", `${error.message}; ${id} was not refreshed`, undefined);
      return { id, props: { ...state.properties } };
    }
    throw error;
  }
}

/**
 * Reads a mapping where the state says that it is kept. One that is kept in two places and gone from one of them stays, kept in the
 * other alone, so that the next update makes it again.
 */
async function readKept(run: Run, id: string, state: ResourceState): Promise<dynamic.ReadResult> {
  const session = await run.sessionOf(state.cluster);
  // The engine compares what was read next.
  run.keepSession(state.cluster, session);
  if (!isInEntry(state.mode)) {
    const inMap = await readEntry(session, id, state, run.settings);
    // A move that was killed before its end could be saved.
    const left = inMap.id === "" ? await findOrphan(session, state, claimantOfState(state), run.settings) : undefined;
    const accessEntry = left && { principalArn: left.live.principalArn, isMade: true };
    return left === undefined ? inMap : movedTo(id, { ...state.properties, [accessEntryProperty]: accessEntry }, "API");
  }
  const live = await readAccessEntry(session, state);
  if (!isInMap(state.mode)) {
    if (live !== undefined) {
      return readAs(id, state, live);
    }
    const inMap = (await isLeftInMap(session, state))
      ? await readEntry(session, id, state, run.settings)
      : { id: "", props: {} };
    return inMap.id === "" ? inMap : movedTo(id, inMap.props ?? {}, "CONFIG_MAP");
  }
  const inMap = await readEntry(session, id, state, run.settings).catch((error: unknown) => {
    // Nothing is left that counts then but the access entry.
    if (isMapIgnored(error)) {
      return { id: "", props: {} };
    }
    throw error;
  });
  if (live === undefined) {
    return inMap.id === "" ? inMap : movedTo(id, inMap.props ?? {}, "CONFIG_MAP");
  }
  if (inMap.id === "") {
    return movedTo(id, readAs(id, state, live).props ?? {}, "API");
  }
  // The access entry counts.
  return sameContent(live, state.mapping ?? live) ? inMap : readAs(id, state, live);
}

/** A mapping that was found with this content. */
function readAs(id: string, { properties: props, mapping: stored }: ResourceState, live: Mapping): dynamic.ReadResult {
  if (stored === undefined || sameContent(live, stored)) {
    // Without returned inputs the engine would keep the old ones, including drift that the last update has corrected.
    return { id, props: { ...props } };
  }
  const found = withUserAndGroups(props, shown(live, stored));
  return { id, props: found, inputs: inputsOf(found) };
}

function movedTo(id: string, properties: Properties, mode: AuthenticationMode): dynamic.ReadResult {
  const { authenticationMode: _mode, [accessEntryProperty]: entry, ...rest } = properties;
  const props = mode === "API" ? { ...rest, authenticationMode: mode, [accessEntryProperty]: entry } : rest;
  return { id, props, inputs: inputsOf(props) };
}

async function readEntry(
  session: ClusterSession,
  id: string,
  state: ResourceState,
  settings: Settings,
): Promise<dynamic.ReadResult> {
  const { mapping: stored, properties: props } = state;
  if (stored === undefined) {
    return { id: "", props: {} };
  }
  const document = await session.document();
  const { own, takenOverBy, standing } = planEntry(document, storedIntent(session, state, stored, settings));
  assertFound(document, own, stored);
  if (takenOverBy.length > 0) {
    // The entry belongs to those who took it over. A refresh must not bring their content into this state, since a destroy would
    // then remove it.
    await report("warning", describeTakenOver(stored, takenOverBy), undefined);
    return { id, props: { ...props } };
  }
  const live = own && entryMapping(own);
  if (live === undefined) {
    if (standing.own.length > 0) {
      await report("warning", describeLeftClaim(stored), undefined);
    }
    return { id: "", props: {} };
  }
  return readAs(id, state, live);
}

/**
 * Escapes the content for display, since the engine prints strings unescaped. Keeps content that equals the state, since the
 * resource would otherwise no longer find its entry.
 */
function shown(live: Mapping, stored: Mapping): Mapping {
  if (live.kind === "account" || stored.kind === "account") {
    return live;
  }
  const own = new Set([stored.username, ...stored.groups]);
  const escaped = (text: string) => (own.has(text) ? text : printable(text));
  const { username, groups } = live;
  return { ...live, ...(username !== undefined && { username: escaped(username) }), groups: groups.map(escaped) };
}
