import type { dynamic } from "@pulumi/pulumi";
import { report } from "../diagnostics";
import { entryMapping } from "../document";
import { type Mapping, sameContent } from "../mapping";
import { printable } from "../text";
import { describeLeftClaim, describeTakenOver } from "./describe";
import { intentOf } from "./intent";
import { planEntry } from "./plan";
import { assertFound } from "./planRemoval";
import { isClusterGone, isMapIgnored, run, withoutStack } from "./run";
import { claimantOf, inputsOf, mappingOf, type Properties, withMapping } from "./state";

/**
 * What the resource's entry says now; no ID if it is gone. What differs is returned as inputs as well, which is what makes a refresh
 * show a hand edit property by property.
 */
export async function read(id: string, props: Properties): Promise<dynamic.ReadResult> {
  try {
    return await readEntry(id, props);
  } catch (error) {
    if (isClusterGone(error)) {
      await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
      return { id: "", props: {} };
    }
    if (isMapIgnored(error)) {
      await report("warning", `${error.message}; ${id} stays in the state as it is`, undefined);
      return { id, props: { ...props } };
    }
    throw withoutStack(error);
  }
}

async function readEntry(id: string, props: Properties): Promise<dynamic.ReadResult> {
  const stored = mappingOf(props);
  if (stored === undefined) {
    return { id: "", props: {} };
  }
  const session = await run.sessionOf(props["cluster"]);
  const document = await session.document();
  const intent = intentOf(session, undefined, stored, stored, { ...props, adopt: false }, claimantOf(props));
  const { own, takenOverBy, standing } = planEntry(document, intent);
  assertFound(document, own, stored);
  if (takenOverBy.length > 0) {
    // What others made of it is theirs: a refresh must not bring it into this state, where a destroy would remove it.
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
  if (sameContent(live, stored)) {
    // Without inputs the engine keeps those that it has, with the drift that the last update showed and mended.
    return { id, props: { ...props } };
  }
  const found = withMapping(props, shown(live, stored));
  return { id, props: found, inputs: inputsOf(found) };
}

/** The engine prints a text as it is, whatever a terminal makes of it. What the resource said itself stays, or its entry would be lost. */
function shown(live: Mapping, stored: Mapping): Mapping {
  if (live.kind === "account" || stored.kind === "account") {
    return live;
  }
  const own = new Set([stored.username, ...stored.groups]);
  const escaped = (text: string) => (own.has(text) ? text : printable(text));
  const { username, groups } = live;
  return { ...live, ...(username !== undefined && { username: escaped(username) }), groups: groups.map(escaped) };
}
