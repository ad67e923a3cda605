import type { dynamic } from "@pulumi/pulumi";
import { authenticationModes, isInEntry } from "../accessEntries";
import { type ClusterRef, defaultAuthenticationMode, type Settings } from "../cluster";
import { isUnknown, unknownValue } from "../engine/unknownValue";
import { isSet } from "../mapping";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import { entryClusterOf, noEntries } from "./places/entryCluster";
import { describeModeMismatch } from "./places/entryMessages";
import type { Properties, ResourceState } from "./state";

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
  { mode }: ResourceState,
  isGiven: boolean,
): Promise<dynamic.CheckFailure | undefined> {
  if (!isInEntry(mode)) {
    return undefined;
  }
  const { cluster, entries } = await entryClusterOf(session);
  const reason = describeModeMismatch(mode, cluster, entries.api.label);
  return reason === undefined ? undefined : { property: isGiven ? "authenticationMode" : "", reason };
}
