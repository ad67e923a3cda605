import type { ClusterAccess } from "../access/clusterAccess";
import { type OverriddenEntry, overriddenEntries } from "../access/compare";
import { describeAccessEntry } from "../accessEntries";
import { describeContent } from "../authenticator/placedEntry";
import { type Finding, findingAt } from "./lintEntry";

/**
 * Findings about entries that have no effect since the cluster has an access entry for their principal, or since it does not look into
 * the map at all; and a note where that is not known.
 *
 * @param label names the cluster.
 */
export function lintAccessEntries(access: ClusterAccess, label: string): Finding[] {
  const { mode, unread } = access;
  if (mode === "API") {
    const message = `${label} has authentication mode API and ignores aws-auth: nothing in it has an effect, and none of it was checked; access entries alone count`;
    return [{ rule: "map-ignored", severity: "note", message }];
  }
  if (unread !== undefined) {
    const message = `whether access entries win over entries of the map was not checked: ${unread}`;
    return [{ rule: "access-entries-unread", severity: "note", message }];
  }
  return [...overriddenEntries(access).values()].map(overridden);
}

function overridden({ placed, winner, isEqual }: OverriddenEntry): Finding {
  const wins = `this entry has no effect: the access entry of ${JSON.stringify(winner.principalArn)} wins`;
  return isEqual
    ? findingAt(placed, "overridden", "note", `${wins}, and says the same`)
    : findingAt(
        placed,
        "overridden",
        "warning",
        `${wins}: ${describeAccessEntry(winner)} counts, not ${describeContent(placed.entry)}; remove this entry, or make both say the same`,
      );
}
