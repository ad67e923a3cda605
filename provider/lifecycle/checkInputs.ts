import type { dynamic } from "@pulumi/pulumi";
import { authenticationModes } from "../accessEntries";
import { type ClusterRef, defaultAuthenticationMode, type Settings } from "../cluster";
import { isUnknown, unknownValue } from "../engine/unknownValue";
import { isSet } from "../mapping";
import { holdsKubeconfig } from "../text/kubeconfigContent";
import { quoted } from "../text/text";
import { inputNames, storedInMap } from "./context";
import { noEntries } from "./places/accessEntryCluster";
import type { Properties } from "./state";

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

/** Refuses secrets that aws-auth would show. The engine prints the value of a property that is named, even if it is secret. */
export function checkSecrets(secrets: readonly string[]): dynamic.CheckFailure[] {
  return storedInMap
    .filter((name) => secrets.includes(name))
    .map((name) => ({
      property: "",
      reason: `${name} is secret, but aws-auth is readable by everyone who may read the ConfigMap; use pulumi.unsecret if that is intended`,
    }));
}

/** In a program without type checks, a misspelt input would otherwise be ignored silently. */
export function checkNames(given: Properties): dynamic.CheckFailure[] {
  return Object.keys(given)
    .filter((name) => !inputNames.some((known) => known === name))
    .map((property) => {
      const remedy = `valid inputs: ${inputNames.join(", ")}`;
      // The engine prints the value of the property.
      return {
        property: holdsKubeconfig(given[property]) ? "" : property,
        reason: `${quoted(property)} is not an input of an IdentityMapping; ${remedy}`,
      };
    });
}

/** The flags that the program set. Defaults do not belong in the state. */
export function givenFlags(inputs: Properties): Properties {
  return Object.fromEntries(flagNames.filter((name) => isSet(inputs[name])).map((name) => [name, inputs[name]]));
}

export function checkFlags(inputs: Properties): dynamic.CheckFailure[] {
  return flagNames
    .filter((name) => isSet(inputs[name]) && typeof inputs[name] !== "boolean" && !isUnknown(inputs[name]))
    .map((property) => ({
      property,
      reason: `${property} ${quoted(inputs[property])} must be true or false, without quotes`,
    }));
}

const flagNames = ["noDuplicateARNs", "adopt"] as const;
