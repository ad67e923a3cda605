import { report } from "../engine/diagnostics";
import { ignoreUserErrors } from "../errors";
import { type Mapping, principalOf } from "../mapping";
import type { ClusterSession } from "../session/session";
import { type Change, documentOf, folded, loginMap, viewOfMap, withEntries } from "./clusterView";
import { type ResourceContext, reportInPreview } from "./context";

/** Reports what the changes of a mapping do to the access of its principal, in a preview. */
export async function reportAccess(
  session: ClusterSession,
  mapping: Mapping,
  changes: readonly Change[],
  context: ResourceContext,
): Promise<void> {
  await reportInPreview(context, async () => {
    const line = await ignoreUserErrors(() => describeChanges(session, mapping, changes));
    if (line !== undefined) {
      await report("info", line, context.urn);
    }
  });
}

async function describeChanges(session: ClusterSession, mapping: Mapping, changes: readonly Change[]) {
  const { accessLine } = await import("../access/accessLine.js");
  const principals = new Set([principalOf(mapping)]);
  const before = await withEntries(session, viewOfMap(await documentOf(session)), false, principals, false);
  const [was, is] = [loginMap(before), loginMap(folded(before, changes))];
  const principal = mapping.kind === "account" ? mapping.account : mapping.arn;
  return accessLine(principal, was, is, await session.rights());
}
