import { describeAccessEntry, groupsInMap, mappingOf, sameAccessEntry } from "../accessEntries";
import { report } from "../engine/diagnostics";
import type { Mapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import { entryClusterOf, planEntryOf, tellUnknownPrincipals } from "./accessEntry";
import { describeSubject } from "./describe";
import { describeDeadEntry, describeEntryTakenOver } from "./describeAccessEntry";
import { claimantOfState } from "./ownership";
import type { ResourceState } from "./state";

/**
 * Reads the access entry of a resource as the mapping that it stands for.
 *
 * @returns undefined if it is gone; the mapping in the state if others have taken it over, or if it says what no mapping can.
 */
export async function readAccessEntry(session: ClusterSession, state: ResourceState): Promise<Mapping | undefined> {
  const { mapping } = state;
  const at = await entryClusterOf(session);
  const wish = {
    previous: state,
    claimant: claimantOfState(state),
    isAgreed: false,
    ignored: state.claim.ignored ?? [],
  };
  const { plan, content } = await planEntryOf(at, state, wish, false);
  if (plan.kind === "create" || mapping === undefined || mapping.kind === "account") {
    return undefined;
  }
  await tellUnknownPrincipals(at);
  const { live } = plan;
  if (plan.kind === "takenOver") {
    await report("warning", describeEntryTakenOver(plan, content), undefined);
    return mapping;
  }
  if ("isDead" in plan && plan.isDead) {
    await report("warning", describeDeadEntry(content, plan.kind === "conflict"), undefined);
  }
  if (sameAccessEntry(content, live)) {
    return mapping;
  }
  const { account, partition } = at.cluster;
  const found = mappingOf(live, { clusterAccount: account, partition });
  if (found === undefined || live.type !== content.type) {
    await report(
      "warning",
      `the access entry of ${describeSubject(mapping)} says ${describeAccessEntry(live)}, which no mapping says; the state keeps what this resource last said, and "pulumi up" restores it`,
      undefined,
    );
    return mapping;
  }
  return { ...mapping, username: live.username, groups: groupsInMap(live) };
}
