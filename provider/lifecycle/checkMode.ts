import type { dynamic } from "@pulumi/pulumi";
import { authenticationModes } from "../accessEntries";
import { type ClusterRef, defaultAuthenticationMode, type Settings } from "../cluster";
import { isUnknown, unknownValue } from "../engine/unknownValue";
import { isSet } from "../mapping";
import { quoted } from "../text/text";
import { noEntries } from "./accessEntry";
import type { Properties } from "./state";

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
