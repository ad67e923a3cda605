import { deletesUnreachable } from "../cluster";
import { report } from "../diagnostics";
import { assertReadable, findEntries, keyOf, removeEntry } from "../document";
import { type Mapping, principalOf } from "../mapping";
import { describeSubject } from "./describe";
import { isClusterGone, isMapIgnored, isOutOfReach, withoutStack } from "./failure";
import { planRemoval } from "./plan";
import { run } from "./run";
import { mappingOf, type Properties } from "./state";

/**
 * Removes exactly the resource's own entry. An entry that is gone, or that another resource of the run has taken over, is success,
 * and so is a cluster that EKS no longer has.
 */
export async function remove(id: string, props: Properties): Promise<void> {
  const previous = mappingOf(props);
  if (previous === undefined) {
    return;
  }
  try {
    await removeFrom(props["cluster"], previous);
  } catch (error) {
    if (isClusterGone(error)) {
      await report("warning", `${error.message}; its mappings went with it`, undefined);
    } else if (isMapIgnored(error)) {
      await report("warning", `${error.message}; the entry of ${id} stays where it is, without effect`, undefined);
    } else if (isOutOfReach(error) && deletesUnreachable(run.settings)) {
      await report("warning", `${error.message}; ${id} is dropped from the state and stays in the cluster`, undefined);
    } else {
      throw withoutStack(error);
    }
  }
}

async function removeFrom(cluster: unknown, previous: Mapping): Promise<void> {
  const session = await run.sessionOf(cluster);
  const principal = principalOf(previous);
  const left = await session.commit((document) => {
    assertReadable(document, keyOf(previous));
    const others = session.claims.others(principal, undefined);
    const own = planRemoval(
      document,
      previous,
      others.flatMap(({ mapping }) => mapping ?? []),
    );
    const next = own === undefined ? document : removeEntry(document, own);
    return { document: next, result: own === undefined ? 0 : findEntries(next, principal).length - others.length };
  });
  if (left > 0) {
    const entries = left === 1 ? "1 entry" : `${left} entries`;
    const verbs = left === 1 ? ["remains", "gives"] : ["remain", "give"];
    await report(
      "warning",
      `${entries} for ${describeSubject(previous)} ${verbs[0]} in kube-system/aws-auth and still ${verbs[1]} access`,
      undefined,
    );
  }
}
