import type { dynamic } from "@pulumi/pulumi";
import { authenticationModes } from "../accessEntries";
import { type ClusterRef, defaultAuthenticationMode, type Settings } from "../cluster";
import { report } from "../engine/diagnostics";
import { isUnknown, unknownValue } from "../engine/unknownValue";
import type { Mapping } from "../mapping";
import { isSet } from "../mapping";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import { accessEntryProperty, type ResourceContext } from "./context";
import { entryClusterOf, noEntries, principalArnOf, translationOf } from "./places/entryCluster";
import { describeModeMismatch, describeUnknownPath } from "./places/entryMessages";
import { isKeptInEntry, isKeptInMap, type Properties, principalProperty, type ResourceState } from "./state";

/** What a check of the mode finds. */
interface CheckedMode {
  /** The form in which it is stored: without the default of the stack, so that states of earlier versions do not change. */
  readonly inputs: Properties;
  readonly failures: readonly dynamic.CheckFailure[];
}

/** Checks where a mapping is kept: what the resource says, else the stack. */
export function checkMode(given: unknown, ref: ClusterRef | undefined, settings: Settings): CheckedMode {
  const property = "authenticationMode";
  if (isUnknown(given)) {
    return { inputs: { [property]: unknownValue }, failures: [] };
  }
  const value = isSet(given) ? given : defaultAuthenticationMode(settings);
  if (!authenticationModes.some((mode) => mode === value)) {
    const reason = `authenticationMode ${quoted(value)} must be one of: ${authenticationModes.join(", ")}`;
    return { inputs: {}, failures: [{ property, reason }] };
  }
  if (value === "CONFIG_MAP") {
    // Only where it is said are access entries looked for that a move has left.
    return { inputs: isSet(given) ? { [property]: value } : {}, failures: [] };
  }
  const isEks = ref === undefined || ref.kind === "eks";
  return {
    inputs: { [property]: value },
    failures: isEks ? [] : [{ property: isSet(given) ? property : "", reason: noEntries }],
  };
}

/**
 * Checks that the cluster's own authentication mode allows that of a resource.
 *
 * @param isGiven whether the resource gives its mode, and not the stack.
 * @returns undefined if it does.
 */
export async function checkClusterMode(
  session: ClusterSession,
  state: ResourceState,
  isGiven: boolean,
): Promise<dynamic.CheckFailure | undefined> {
  if (!isKeptInEntry(state)) {
    return undefined;
  }
  const { cluster, entries } = await entryClusterOf(session);
  const reason = describeModeMismatch(state.mode, cluster, entries.api.label);
  return reason === undefined ? undefined : { property: isGiven ? "authenticationMode" : "", reason };
}

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
  if (!isKeptInEntry(before)) {
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
function pathNotes(state: ResourceState, principalArn: string): string[] {
  const { mapping } = state;
  const isStripped = mapping !== undefined && mapping.kind !== "account" && mapping.arn !== principalArn;
  return isKeptInMap(state) && isStripped
    ? [`the access entry has the role's path, and aws-auth has ${JSON.stringify(mapping.arn)}, which is the same role`]
    : [];
}
