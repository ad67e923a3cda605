import type { dynamic } from "@pulumi/pulumi";
import type { Settings } from "../cluster";
import { sameContent } from "../mapping";
import { isUnknown } from "../pulumi/values";
import { fieldsOf } from "../text/fields";
import type { Run } from "./run";
import { changedConnection, isOnSameCluster, type ResourceState } from "./state";

/**
 * Decides whether a resource needs an update or a replacement. Compares properties without I/O: `check` has just compared the live entry
 * and recorded what is out of sync. A refresh calls this without `check`. `adopt` is not part of the entry, so changing it needs no update.
 *
 * @param olds the stored outputs.
 * @param news the checked inputs; in a refresh, the old inputs.
 */
export function diff(run: Run, olds: ResourceState, news: ResourceState): dynamic.DiffResult {
  const replaces = replacedBy(olds, news, run.settings);
  return { changes: replaces.length > 0 || isChanged(run, olds, news), replaces };
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

function isChanged({ outOfSync }: Run, olds: ResourceState, news: ResourceState): boolean {
  const [before, after] = [olds.mapping, news.mapping];
  if (before === undefined || after === undefined || isUnknown(news.properties["authenticationMode"])) {
    return true;
  }
  return (
    !sameContent(before, after) ||
    olds.properties["arn"] !== news.properties["arn"] ||
    !sameItems(olds.places, news.places) ||
    olds.isModeSet !== news.isModeSet ||
    olds.id !== news.id ||
    !sameItems(olds.ignored, news.ignored) ||
    changedConnection(fieldsOf(olds.cluster), fieldsOf(news.cluster)).length > 0 ||
    (news.places.includes("entries") && olds.principalArn !== news.principalArn) ||
    (news.id !== undefined && outOfSync.has(news.id))
  );
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
