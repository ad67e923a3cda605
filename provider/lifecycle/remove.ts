import { deletesUnreachable } from "../cluster";
import { report } from "../diagnostics";
import { findEntries, removeEntry } from "../document";
import { type Mapping, principalOf } from "../mapping";
import { describeSubject } from "./describe";
import { describeLockout } from "./describeLockout";
import { isClusterGone, isMapIgnored, isOutOfReach, withoutStack } from "./failure";
import { flagsOf } from "./flags";
import { callerFor, guardRemoval } from "./guard";
import { assertFound, planRemoval } from "./plan";
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
    await removeEntryOf(props, previous);
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

async function removeEntryOf(props: Properties, previous: Mapping): Promise<void> {
  const session = await run.sessionOf(props["cluster"]);
  const others = session.claims.others(principalOf(previous), undefined);
  const claimed = others.flatMap(({ mapping }) => mapping ?? []);
  const { noDuplicateARNs } = flagsOf(props);
  const caller = await callerFor(session, previous);
  let wasThere = false;
  let lockedOut: readonly string[] = [];
  await session.commit((document) => {
    // An attempt whose answer was lost may have removed the entry: then nothing else is to be taken for it.
    const own = planRemoval(document, { previous, claimed, noDuplicateARNs: noDuplicateARNs && !wasThere });
    if (own === undefined) {
      assertFound(document, own, previous);
      return { document, result: undefined };
    }
    wasThere = true;
    lockedOut = guardRemoval(document, own, previous, caller).map((lockout) =>
      describeLockout(document, lockout, "done"),
    );
    return { document: removeEntry(document, own), result: undefined };
  });
  for (const warning of lockedOut) {
    await report("warning", warning, undefined);
  }
  const left = findEntries(await session.document(), principalOf(previous)).length - others.length;
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
