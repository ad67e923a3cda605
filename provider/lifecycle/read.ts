import type { dynamic } from "@pulumi/pulumi";
import type { AuthenticationMode } from "../accessEntries";
import { assertContext } from "../cluster";
import { report } from "../engine/diagnostics";
import { isClusterGone, isMapIgnored } from "../errors";
import { describeMapping, type Mapping, sameContent } from "../mapping";
import { printable } from "../text/text";
import { accessEntryProperty } from "./context";
import { accessEntryClusterOf, hasAccessEntry } from "./places/accessEntryCluster";
import type { MapPlace } from "./places/mapPlace";
import { describeSubject } from "./places/messages";
import { claimantOfState } from "./places/place";
import { Places } from "./places/places";
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
 * Reads a mapping where the state says that it is kept. One that is kept in two places and gone from one of them stays, kept in the
 * other alone, so that the next update makes it again.
 */
async function readKept(run: Run, id: string, state: ResourceState): Promise<dynamic.ReadResult> {
  await assertContext(state.cluster, run.settings);
  const session = await run.sessionOfState(state.cluster);
  // The engine compares what was read next.
  run.keepSession(state.cluster, session);
  const { map, entry } = new Places(session, run.settings);
  const claimant = claimantOfState(state);
  if (!entry.keeps(state)) {
    const inMap = await map.read(state);
    // A move that was killed before its end could be saved.
    const left = inMap === undefined ? await entry.findLeft(state, claimant) : undefined;
    if (inMap === undefined && left === undefined) {
      // As a delete tells, which an engine that reads before it deletes does not call then.
      await entry.warnOfOthers(state);
    }
    return left === undefined ? readAs(id, state, inMap) : movedTo(id, left.state.properties, "API");
  }
  const inEntry = await entry.read(state);
  if (!map.keeps(state)) {
    const left = inEntry === undefined ? await map.findLeft(state, claimant) : undefined;
    const inMap = left && readAs(id, left.state, await map.read(left.state));
    return inMap?.id ? movedTo(id, inMap.props ?? {}, "CONFIG_MAP") : readInEntry(map, id, state, inEntry);
  }
  const inMap = await map.read(state).catch((error: unknown) => {
    // Nothing is left that counts then but the access entry.
    if (isMapIgnored(error)) {
      return undefined;
    }
    throw error;
  });
  const found = await readInEntry(map, id, state, inEntry ?? inMap);
  if (inEntry === undefined || inMap === undefined) {
    return found.id ? movedTo(id, found.props ?? {}, inEntry === undefined ? "CONFIG_MAP" : "API") : found;
  }
  // The access entry counts.
  if (!sameContent(inEntry, state.mapping ?? inEntry)) {
    return found;
  }
  if (!hasAccessEntry(await accessEntryClusterOf(session), inMap, state)) {
    await report("warning", describeNoAccessEntry(inMap), undefined);
    return found;
  }
  return readAs(id, state, inMap);
}

/** As {@link readAs}. Without the access entry, which took precedence, entries of others in aws-auth let the principal in again. */
async function readInEntry(
  map: MapPlace,
  id: string,
  state: ResourceState,
  live: Mapping | undefined,
): Promise<dynamic.ReadResult> {
  if (live === undefined && state.mapping !== undefined) {
    await map.warnOfOthers(state.mapping);
  }
  return readAs(id, state, live);
}

/** Reports that a mapping in both places was changed in aws-auth to what no access entry says. */
function describeNoAccessEntry(inMap: Mapping): string {
  return `the entry of ${describeSubject(inMap)} in aws-auth says ${describeMapping(inMap)}, which no access entry says; the state keeps what this resource last said, and "pulumi up" restores it`;
}

/** A mapping that was found with this content; undefined: it is gone. */
function readAs(
  id: string,
  { properties: props, mapping: stored }: ResourceState,
  live: Mapping | undefined,
): dynamic.ReadResult {
  if (live === undefined) {
    return { id: "", props: {} };
  }
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
