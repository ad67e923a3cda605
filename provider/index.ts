/**
 * The provider that Pulumi's process for dynamic resources loads for type `pulumi-nodejs:dynamic/aws-auth:IdentityMapping`; the provider
 * protocol calls it `handler`. The resource plugin uses it too. It does not depend on the programs that use it.
 *
 * @module
 */
import type { dynamic } from "@pulumi/pulumi";
import { forDisplay, PartialStateError } from "./errors";
import { create as createMapping, remove as removeMapping, update as updateMapping } from "./lifecycle/apply";
import { check as checkMapping } from "./lifecycle/check";
import { diff as diffMapping } from "./lifecycle/diff";
import { findImport } from "./lifecycle/import";
import type { ResourceContext } from "./lifecycle/properties";
import { read as readMapping } from "./lifecycle/read";
import { currentRun } from "./lifecycle/run";
import { outputsOf, type Properties, parseState } from "./lifecycle/state";
import { wellFormed } from "./pulumi/values";
import { printable } from "./text/text";

/** Escapes the reasons of failures, which may contain text from the map, since the engine does not. */
export function check(olds: Properties, news: Properties, known?: ResourceContext): Promise<dynamic.CheckResult> {
  return forUsers(async () => {
    const { inputs, failures = [] } = await checkMapping(currentRun(), parseState(olds), news, known);
    return {
      inputs,
      failures: failures.map(({ property, reason }) => ({ property, reason: printable(reason) })),
    };
  });
}

export function diff(_id: string, olds: Properties, news: Properties): Promise<ReturnType<typeof diffMapping>> {
  return forUsers(async () => diffMapping(currentRun(), parseState(olds), parseState(news)));
}

export function create(inputs: Properties): Promise<dynamic.CreateResult> {
  return forUsers(() => createMapping(currentRun(), parseState(inputs)), inputs);
}

/** Reads the entry's current content. The URN is for messages, and dynamic resources do not have it. */
export function read(id: string, props: Properties, urn?: string): Promise<dynamic.ReadResult> {
  return forUsers(async () => wellFormed(await readMapping(currentRun(), id, parseState(props), urn)));
}

/** Finds the entry of an import, which dynamic resources do not support; undefined if there is none. */
export function find(id: string): Promise<dynamic.ReadResult | undefined> {
  return forUsers(async () => wellFormed(await findImport(currentRun(), id), printable));
}

/** The expected outputs of a create or an update, as far as the inputs are known. Dynamic resources have none in a preview. */
export function expectedOutputs(inputs: Properties): Properties {
  const state = parseState(inputs);
  return outputsOf(state, state.places);
}

export function update(id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
  return forUsers(() => updateMapping(currentRun(), id, parseState(olds), parseState(news)), news);
}

function deleteMapping(_id: string, props: Properties): Promise<void> {
  return forUsers(() => removeMapping(currentRun(), parseState(props)));
}

export { deleteMapping as delete };

/** Stores the stack configuration. Must not await anything, since the plugin accepts other calls meanwhile. */
export async function configure({ config }: dynamic.ConfigureRequest): Promise<void> {
  const run = currentRun();
  run.settings = { ...run.settings, config: (key: string) => config.get(key) };
}

/** @param inputs those of a create or update, whose `__provider` the process of dynamic resources also needs in a partial state. */
async function forUsers<T>(operate: () => Promise<T>, { __provider }: Properties = {}): Promise<T> {
  try {
    return await operate();
  } catch (error) {
    const shown = forDisplay(error);
    if (shown instanceof PartialStateError && __provider !== undefined) {
      Object.assign(shown.properties, { __provider });
    }
    throw shown;
  }
}
