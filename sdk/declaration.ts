import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { defaultAuthenticationMode } from "../provider/cluster/settings";
import { secretsProperty } from "../provider/engine/secretValues";
import type { DeclaredMapping } from "../provider/lifecycle/clusterRuns";
import { accessEntryProperty, type CheckedChange } from "../provider/lifecycle/context";
import type { Properties } from "../provider/lifecycle/state";
import { stemFor } from "./context";
import { secretsAmong } from "./secretInputs";
import { stackSettings } from "./settings";

/** The inputs of a mapping in the program, without its cluster. */
type GivenProperties = { readonly [name in (typeof givenNames)[number] | "authenticationMode"]?: Given | undefined };

type Given = pulumi.Input<string | boolean | pulumi.Input<string>[]>;

const givenNames = ["arn", "account", "username", "groups", "noDuplicateARNs", "adopt"] as const;

/** A mapping that the program creates. */
export interface Declaration {
  readonly mapping: pulumi.CustomResource;
  readonly urn: string | Promise<string>;
  /** Its inputs. */
  readonly given: GivenProperties;
  readonly ignoreChanges: readonly string[];
}

type Outputs = {
  readonly [name in "cluster" | typeof accessEntryProperty | keyof GivenProperties]?: pulumi.Output<unknown>;
};

/**
 * The inputs of a mapping as returned by `check`. Everything that can become known is known once the program has ended.
 *
 * @param isKept whether the engine has the mapping in the state, under this name or an earlier one.
 * @param kept its outputs there under this name, since Pulumi has no output for an input that the program omits.
 * @param change what `check` found; undefined if nothing has to be changed.
 */
export async function asChecked(
  declaration: Declaration,
  isKept: boolean,
  kept: Properties | undefined,
  change: CheckedChange | undefined,
): Promise<DeclaredMapping> {
  const { mapping, urn: promised, given, ignoreChanges } = declaration;
  const urn = await promised;
  const outputs: Outputs & pulumi.CustomResource = mapping;
  const checked = givenNames.map((name) => [name, known(given[name], outputs[name])]);
  const where = whereKept(outputs, given.authenticationMode, kept, change);
  let inputs: Properties | undefined;
  // The callback is not called if a value is unknown.
  pulumi
    .output({ ...Object.fromEntries(checked), cluster: outputs.cluster ?? kept?.["cluster"], ...where })
    .apply((values) => {
      inputs = values;
    });
  await setImmediate();
  const secrets = await secretsAmong(given);
  if (inputs !== undefined && secrets !== undefined) {
    inputs = { ...inputs, [secretsProperty]: secrets };
  }
  return { urn, inputs, ignoreChanges, isChanged: change !== undefined, stem: isKept ? undefined : stemFor(urn) };
}

/** Where a mapping is kept, which the stack may say, and its access entry, which no input says. */
function whereKept(
  outputs: Outputs,
  given: Given | undefined,
  kept: Properties | undefined,
  change: CheckedChange | undefined,
): { readonly authenticationMode: unknown; readonly [accessEntryProperty]?: unknown } {
  if (change === undefined) {
    return kept === undefined
      ? { authenticationMode: given ?? defaultAuthenticationMode(stackSettings()) }
      : { authenticationMode: kept["authenticationMode"], [accessEntryProperty]: kept[accessEntryProperty] };
  }
  const { authenticationMode, principalArn } = change;
  if (authenticationMode === "CONFIG_MAP") {
    // The mode is not known either while the given one is not.
    return { authenticationMode: pulumi.output(given).apply(() => authenticationMode) };
  }
  // A secret ARN is in an output of its own.
  return {
    authenticationMode,
    [accessEntryProperty]: principalArn === undefined ? outputs[accessEntryProperty] : { principalArn },
  };
}

/**
 * An input as returned by `check`. An input that `check` removed never becomes known in a preview, so it must not be awaited.
 *
 * @param given as the program gives it; undefined: only a transformation may do so.
 */
function known(given: Given | undefined, checked: pulumi.Output<unknown> | undefined): pulumi.Output<unknown> {
  return given === undefined
    ? pulumi.output(checked)
    : pulumi.output(given).apply((value) => (isNothing(value) ? undefined : checked));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
