import { ignoreUserErrors } from "../errors";
import type { Places } from "../identity/clusterAccess";
import type { Mapping } from "../mapping";
import { type Reported, report } from "../pulumi/diagnostics";
import { isUnknown, wellFormed } from "../pulumi/values";
import type { ClusterSession } from "../session/session";
import { printable } from "../text/text";
import { withMapping } from "./guard";
import {
  describeAdoption,
  describeDrift,
  describeLosses,
  describeNote,
  describeShares,
  describeSubject,
} from "./messages";
import type { Step } from "./plan";
import type { PlanProperties } from "./properties";
import { parseState, type ResourceState } from "./state";
import type { Accepted } from "./types";

/** Reports the access that the principal gains and loses, resolved by the bindings of the cluster if they can be read. */
export async function reportAccess(
  session: ClusterSession | undefined,
  urn: string | undefined,
  mapping: Mapping,
  before: Places,
  after: Places,
  addition = "",
): Promise<void> {
  const { accessLine } = await import("../rights/accessLine.js");
  const rights = session && (await ignoreUserErrors(() => session.rights()));
  const line = accessLine(mapping.arn, before, after, rights);
  if (line !== undefined) {
    await report("info", line + addition, urn);
  }
}

/**
 * Reports the access that a mapping will grant through its known groups, while its identity or its cluster is unknown. Prints nothing for an
 * identity that the state has, since nothing is known to change for it.
 */
export async function reportExpectedAccess(
  session: ClusterSession | undefined,
  urn: string | undefined,
  { properties, principal }: Pick<ResourceState, "properties" | "principal">,
  olds: ResourceState,
): Promise<void> {
  if (principal !== undefined && principal === olds.principal) {
    return;
  }
  const { unknownPrincipal } = await import("../rights/accessLine.js");
  const { arn, account, username, groups } = properties;
  const given: readonly unknown[] = Array.isArray(groups) ? groups : [groups];
  const known = given.filter((group) => typeof group === "string" && !isUnknown(group));
  const identity = [arn, account].some(isUnknown) ? { arn: unknownPrincipal } : { arn, account };
  const { mapping } = parseState({ ...identity, groups: known, ...(!isUnknown(username) && { username }) });
  const hasUnknownGroups = given.some(isUnknown);
  if (mapping === undefined || (hasUnknownGroups && known.length === 0)) {
    return;
  }
  const nothing: Places = { entries: [], accessEntries: [], mode: undefined };
  const addition = hasUnknownGroups ? ", and more through groups that are not known yet" : "";
  await reportAccess(session, urn, mapping, nothing, withMapping(nothing, mapping), addition);
}

/** @param isNewOrImported whether the state has no claim of the resource, so that it cannot have lost one. */
export async function reportPlan(
  mapping: Mapping,
  steps: readonly Step[],
  of: Reported,
  isNewOrImported: boolean,
): Promise<PlanProperties> {
  const subject = describeSubject(mapping);
  const writes = steps.flatMap(({ write }) => write ?? []);
  for (const { notes, loses, shares, kind } of writes) {
    for (const note of notes) {
      const isOfAll = note.kind === "foundIdentical";
      const isInfo = isOfAll || note.kind === "renamed";
      await report(isInfo ? "info" : "warning", describeNote(subject, note), isOfAll ? undefined : of);
    }
    if (loses.length > 0) {
      await report("warning", describeLosses(subject, loses), of);
    }
    if (shares.length > 0 && kind === "claim") {
      await report("info", describeShares(subject, shares), of);
    }
  }
  return reportShown(subject, shownOf(writes, isNewOrImported), of);
}

/** Reports the changes that only a plan shows, and returns them. */
export async function reportShown(subject: string, shown: PlanProperties, of: Reported): Promise<PlanProperties> {
  for (const [name, changes] of Object.entries(shown)) {
    const text = Object.entries(changes).map(([subject, change]) => `${subject}: ${change}`);
    await report(name === "drift" ? "warning" : "info", `${name} of ${subject}: ${text.join("; ")}`, of);
  }
  return wellFormed(shown, printable);
}

function shownOf(decisions: readonly Accepted[], isNewOrImported: boolean): PlanProperties {
  const drifts = decisions.flatMap(({ drift }) => drift ?? []);
  const shown = drifts.filter(({ kind }) => kind !== "claimRemoved" || !isNewOrImported);
  const drift = Object.assign({}, ...shown.map(describeDrift));
  const adoption = Object.assign({}, ...decisions.map(describeAdoption));
  return {
    ...(Object.keys(drift).length > 0 && { drift }),
    ...(Object.keys(adoption).length > 0 && { adoption }),
  };
}
