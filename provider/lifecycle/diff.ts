import type { Settings } from "../cluster/settings";
import { sameContent } from "../mapping";
import { isUnknown } from "../pulumi/values";
import { fieldsOf } from "../text/fields";
import type { Run } from "./run";
import { changedConnection, isOnSameCluster, type ResourceState } from "./state";

/**
 * Decides whether a resource needs an update or a replacement. Compares properties without I/O: `check` has just compared the live entry
 * and recorded what is out of sync. A refresh calls this without `check`, with the `drift` that `read` returned. `adopt` is not part of the
 * entry, so changing it needs no update.
 *
 * @param olds the stored outputs.
 * @param news the checked inputs; in a refresh, the old inputs.
 * @returns also what an update does that no property shows, as a clause.
 */
export function diff(run: Run, olds: ResourceState, news: ResourceState) {
  const replaces = replacedBy(olds, news, run.settings);
  const unseen = unseenChange(run, olds, news);
  // A stored drift may have been repaired since, so it is ignored once `check` has compared the entry.
  const isDrifted = olds.properties["drift"] !== undefined && run.program.get(news.claimId ?? "").urn === undefined;
  const changes = replaces.length > 0 || isChanged(olds, news) || isDrifted || unseen !== undefined;
  return { changes, replaces, unseen };
}

function unseenChange({ program }: Run, olds: ResourceState, news: ResourceState): string | undefined {
  const [before, after] = [fieldsOf(olds.cluster), fieldsOf(news.cluster)];
  const isKnown = (field: string) => before[field] !== undefined || after[field] === undefined;
  const stored = Object.entries({
    "how its cluster is identified": ["server", "authority", "account"].every(isKnown),
    "the ID of its claim": olds.claimId === news.claimId,
    ignoreChanges: sameItems(olds.ignored, news.ignored),
    "the ARN of its access entry":
      !news.places.includes("entries") || olds.mapping?.principalArn === news.mapping?.principalArn,
  }).flatMap(([name, isSame]) => (isSame ? [] : name));
  return program.get(news.claimId ?? "").pending ?? (stored.length > 0 ? `stores ${stored.join(" and ")}` : undefined);
}

/** Another identity or cluster needs another entry. Another spelling of the same ARN does not. */
function replacedBy(olds: ResourceState, news: ResourceState, settings: Settings): string[] {
  const replaces = isOnSameCluster(olds, news, settings) ? [] : ["cluster"];
  if (news.principal === undefined || news.principal !== olds.principal) {
    const isGiven = (name: string) => [olds, news].some(({ properties }) => properties[name] !== undefined);
    replaces.push(...["arn", "account"].filter(isGiven));
  }
  return replaces;
}

function isChanged(olds: ResourceState, news: ResourceState): boolean {
  const [before, after] = [olds.mapping, news.mapping];
  if (before === undefined || after === undefined || isUnknown(news.properties["authenticationMode"])) {
    return true;
  }
  return (
    !sameContent(before, after) ||
    olds.properties["arn"] !== news.properties["arn"] ||
    !sameItems(olds.places, news.places) ||
    olds.isModeSet !== news.isModeSet ||
    changedConnection(fieldsOf(olds.cluster), fieldsOf(news.cluster)).length > 0
  );
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
