/**
 * The provider that Pulumi's process for dynamic resources loads for type `pulumi-nodejs:dynamic/aws-auth:IdentityMapping`; the
 * provider protocol calls it `handler`. The resource plugin calls it too. It does not depend on the programs that use it.
 *
 * @module
 */
import type { dynamic } from "@pulumi/pulumi";
import { wellFormed } from "./engine/wellFormed";
import { forDisplay } from "./errors";
import { check as checkMapping, passedContext } from "./lifecycle/check";
import { checkSecrets } from "./lifecycle/checkInputs";
import type { ResourceContext } from "./lifecycle/context";
import { diff as diffMapping } from "./lifecycle/diff";
import { find as findMapping } from "./lifecycle/find";
import { read as readMapping, readIfReachable as readMappingIfReachable } from "./lifecycle/read";
import { create as createMapping, update as updateMapping } from "./lifecycle/reconcile";
import { remove as removeMapping } from "./lifecycle/remove";
import { currentRun } from "./lifecycle/run";
import { outputsOf, type Properties, parseState } from "./lifecycle/state";
import { printable } from "./text/text";

/**
 * Checks the inputs of a resource. The engine prints the reason of a failure unescaped, and it may contain text from the map.
 *
 * @param known the context of the resource, if the inputs do not carry it.
 */
export async function check(olds: Properties, news: Properties, known?: ResourceContext): Promise<dynamic.CheckResult> {
  const before = parseState(olds);
  const passed = known ?? passedContext(before, news);
  const secrets = checkSecrets(passed.secrets);
  if (secrets.length > 0) {
    return { inputs: {}, failures: secrets };
  }
  const asked = Object.keys(olds).length === 0 ? currentRun().readState(passed, parseState(news).principal) : undefined;
  const context = { ...passed, label: asked?.claim.owner ?? passed.label };
  return forUsers(async () => {
    if (asked !== undefined) {
      // As the engine does for every other replacement: with its state first.
      await checkMapping(currentRun(), asked, news, context);
    }
    const { inputs, failures = [] } = await checkMapping(currentRun(), before, news, context);
    return {
      inputs,
      failures: failures.map(({ property, reason }) => ({
        // The engine prints the value of the named property, even if it is secret.
        property: context.secrets.includes(property) ? "" : property,
        reason: printable(reason),
      })),
    };
  });
}

/** Decides whether a resource needs an update or a replacement. */
export function diff(_id: string, olds: Properties, news: Properties): Promise<dynamic.DiffResult> {
  return forUsers(() => diffMapping(currentRun(), parseState(olds), parseState(news)));
}

/** Adds the entry. */
export function create(inputs: Properties): Promise<dynamic.CreateResult> {
  return forUsers(() => createMapping(currentRun(), parseState(inputs)));
}

/**
 * Reads the entry's current content.
 *
 * @param urn the resource's; undefined in a dynamic resource.
 */
export function read(id: string, props: Properties, urn?: string): Promise<dynamic.ReadResult> {
  return forUsers(() => kept(readMapping(currentRun(), id, parseState(props)), urn));
}

/** The same, but keeps a resource whose cluster cannot be reached as it is if the settings say so. */
export function readIfReachable(id: string, props: Properties, urn?: string): Promise<dynamic.ReadResult> {
  return forUsers(() => kept(readMappingIfReachable(currentRun(), id, parseState(props)), urn));
}

/** Stores the state that was read for a check that gets none. */
async function kept(reading: Promise<dynamic.ReadResult>, urn: string | undefined): Promise<dynamic.ReadResult> {
  const found = wellFormed(await reading);
  if (found.id) {
    currentRun().keepRead(urn, parseState({ ...found.props }));
  }
  return found;
}

/** Finds the entry that an import names, which dynamic resources cannot do; undefined if there is none. */
export function find(id: string): Promise<dynamic.ReadResult | undefined> {
  return forUsers(() => findMapping(currentRun(), id));
}

/** The outputs to expect of a create or an update, as far as its inputs are known. Dynamic resources have none in a preview. */
export function expectedOutputs(inputs: Properties, olds: Properties = {}): Properties {
  const [state, { claim }] = [parseState(inputs), parseState(olds)];
  return outputsOf(state, claim.id, state.accessEntry);
}

/** Updates the entry. */
export function update(_id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
  return forUsers(() => updateMapping(currentRun(), parseState(olds), parseState(news)));
}

async function deleteMapping(id: string, props: Properties): Promise<void> {
  const state = parseState(props);
  currentRun().forgetRead(state);
  return forUsers(() => removeMapping(currentRun(), id, state));
}

export { deleteMapping as delete };

/** Stores the stack's configuration. It must not wait for anything, since the plugin accepts other calls meanwhile. */
export async function configure({ config }: dynamic.ConfigureRequest): Promise<void> {
  const run = currentRun();
  run.settings = { ...run.settings, config: (key: string) => config.get(key) };
}

/** Runs an operation, and formats its errors for display. */
async function forUsers<T>(operate: () => Promise<T>): Promise<T> {
  try {
    return await operate();
  } catch (error) {
    throw forDisplay(error);
  }
}
