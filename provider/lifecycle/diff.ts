import type { dynamic } from "@pulumi/pulumi";
import { sameContent } from "../mapping";
import { run } from "./run";
import { isSameCluster, keyOfInputs, mappingOf, type Properties, principalOfState } from "./state";

/**
 * Decides what a resource needs. `check` has just compared the live map, so that nothing is read here. `adopt` and `noDuplicateARNs` are no part of the entry, and no change.
 *
 * @param olds the stored outputs.
 * @param news the checked inputs.
 */
export async function diff(_id: string, olds: Properties, news: Properties): Promise<dynamic.DiffResult> {
  const replaces = replacedBy(olds, news);
  return { changes: replaces.length > 0 || isChanged(olds, news), replaces };
}

/** Another identity or another cluster is another entry; an ARN in another spelling is not. */
function replacedBy(olds: Properties, news: Properties): string[] {
  const replaces = isSameCluster(olds, news) ? [] : ["cluster"];
  const principal = principalOfState(news);
  if (principal === undefined || principal !== principalOfState(olds)) {
    replaces.push(...["arn", "account"].filter((name) => olds[name] !== undefined || news[name] !== undefined));
  }
  return replaces;
}

function isChanged(olds: Properties, news: Properties): boolean {
  const [before, after] = [mappingOf(olds), mappingOf(news)];
  if (before === undefined || after === undefined) {
    return true;
  }
  const isRespelt = olds["arn"] !== news["arn"];
  return (
    !sameContent(before, after) || isRespelt || isReachedOtherwise(olds, news) || run.outOfSync.has(keyOfInputs(news))
  );
}

/**
 * What a program says on how to reach the cluster has to get into the outputs, which are all that a refresh or a destroy is given;
 * an update that writes nothing to the map is the only way there.
 */
function isReachedOtherwise(olds: Properties, news: Properties): boolean {
  return ["profile", "roleArn", "kubeconfig", "context", "manifest"].some(
    (field) => fieldOf(olds["cluster"], field) !== fieldOf(news["cluster"], field),
  );
}

function fieldOf(cluster: unknown, field: string): unknown {
  return typeof cluster === "object" && cluster !== null ? new Map(Object.entries(cluster)).get(field) : undefined;
}
