import type { dynamic } from "@pulumi/pulumi";
import { isInEntry, isInMap } from "../accessEntries";
import { report } from "../engine/diagnostics";
import type { Mapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import { accessEntryProperty, type ResourceContext } from "./context";
import { entryClusterOf, principalArnOf, translationOf } from "./places/entryCluster";
import { describeUnknownPath } from "./places/entryMessages";
import { principalProperty, type ResourceState } from "./state";

/** A resource with its access entry, or why it has none. */
type Located = { readonly state: ResourceState } | { readonly failures: readonly dynamic.CheckFailure[] };

/**
 * Finds which access entry a mapping becomes: its ARN needs the role's path.
 *
 * @param given the `arn` of the program, which may have the path.
 * @param before the resource before this run.
 * @throws AwsAuthError any of the cluster codes.
 */
export async function locateEntry(
  session: ClusterSession,
  inputs: ResourceState,
  mapping: Mapping,
  given: unknown,
  before: ResourceState | undefined,
  { urn, isPreview, isRead }: ResourceContext,
): Promise<Located> {
  const at = await entryClusterOf(session);
  if (mapping.kind !== "account") {
    await at.entries.begin(mapping.arn, isPreview, isRead);
  }
  const { principalArn, isSure } = await principalArnOf(at, mapping, given);
  const translation = translationOf(mapping, at, principalArn);
  if (translation.kind === "refused") {
    return {
      failures: translation.refusals.map(({ property, reason, remedy }) => ({
        property,
        reason: `${reason}; ${remedy}; to keep the mapping in aws-auth, set its authenticationMode to CONFIG_MAP`,
      })),
    };
  }
  if (before === undefined || !isInEntry(before.mode)) {
    for (const note of [...translation.notes, ...pathNotes(inputs, principalArn)]) {
      await report("info", `${principalProperty(inputs)} ${JSON.stringify(principalArn)}: ${note}`, urn);
    }
    if (!isSure) {
      await report("warning", describeUnknownPath(principalArn, at.cluster), urn);
    }
  }
  const accessEntry = { principalArn };
  const properties = { ...inputs.properties, [accessEntryProperty]: accessEntry };
  return { state: { ...inputs, accessEntry, properties } };
}

/** What becomes of a role's path where a mapping is kept in both. */
function pathNotes({ mode, mapping }: ResourceState, principalArn: string): string[] {
  const isStripped = mapping !== undefined && mapping.kind !== "account" && mapping.arn !== principalArn;
  return isInMap(mode) && isStripped
    ? [`the access entry has the role's path, and aws-auth has ${JSON.stringify(mapping.arn)}, which is the same role`]
    : [];
}
