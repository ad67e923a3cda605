/**
 * The module that Pulumi's plugin process loads for every resource of type `pulumi-nodejs:dynamic/aws-auth:IdentityMapping`. It is
 * the object that the provider protocol calls `handler`, and knows nothing of the programs that it serves. Whatever leaves it is seen
 * by people, so that what the program marks as secret is taken out here.
 *
 * @module
 */
import type { dynamic } from "@pulumi/pulumi";
import { forDisplay } from "./errors";
import { layOut } from "./layout";
import { check as checkMapping, passedContext } from "./lifecycle/check";
import { diff as diffMapping } from "./lifecycle/diff";
import { read as readMapping } from "./lifecycle/read";
import { remove as removeMapping } from "./lifecycle/remove";
import { run } from "./lifecycle/run";
import { type Properties, parseState } from "./lifecycle/state";
import { create as createMapping, update as updateMapping } from "./lifecycle/write";
import {
  hideSecretsIn,
  rememberSecrets,
  secretsOf,
  secretsProperty,
  withoutSecrets,
  withoutSecretsIn,
} from "./secretValues";
import { printable } from "./text";

/** The engine prints the reason of a failure as it is, and some of it is text of the map. */
export async function check(olds: Properties, news: Properties): Promise<dynamic.CheckResult> {
  const before = parseState(olds);
  const context = passedContext(before, news);
  const marked = { ...news, [secretsProperty]: context.secrets };
  const secrets = secretsOf(marked);
  return keepingSecrets([olds, marked], async () => {
    const { inputs, failures = [] } = await checkMapping(run, before, news, context);
    return {
      inputs: { ...withSecretsHidden(inputs), ...(secrets.length > 0 && { [secretsProperty]: secrets }) },
      failures: failures.map(({ property, reason }) => ({
        // The engine prints the value of the property that is named, secret or not.
        property: secrets.some((name) => name === property) ? "" : property,
        reason: layOut(printable(withoutSecrets(reason))),
      })),
    };
  });
}

/** Decides what a resource needs. */
export function diff(_id: string, olds: Properties, news: Properties): Promise<dynamic.DiffResult> {
  return keepingSecrets([olds, news], () => diffMapping(run, parseState(olds), parseState(news)));
}

/** Adds the entry. */
export function create(inputs: Properties): Promise<dynamic.CreateResult> {
  return keepingSecrets([inputs], () => createMapping(run, parseState(inputs)));
}

/** What the entry says now. */
export function read(id: string, props: Properties): Promise<dynamic.ReadResult> {
  return keepingSecrets([props], () => readMapping(run, id, parseState(props)));
}

/** Edits the entry. */
export function update(_id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
  return keepingSecrets([olds, news], () => updateMapping(run, parseState(olds), parseState(news)));
}

async function deleteMapping(id: string, props: Properties): Promise<void> {
  return keepingSecrets([props], () => removeMapping(run, id, parseState(props)));
}

export { deleteMapping as delete };

/** Takes the stack's configuration over. It must not wait for anything: the plugin does not hold back other calls meanwhile. */
export async function configure({ config }: dynamic.ConfigureRequest): Promise<void> {
  run.settings = { ...run.settings, config: (key: string) => config.get(key) };
}

/** Runs an operation on properties whose secrets no message of it shows, nor any error, which is laid out for people. */
async function keepingSecrets<T>(properties: readonly Properties[], operate: () => Promise<T>): Promise<T> {
  properties.forEach(rememberSecrets);
  try {
    return await operate();
  } catch (error) {
    throw forDisplay(hideSecretsIn(error));
  }
}

/** Checked inputs, with secrets hidden in what is there to be shown. */
function withSecretsHidden(inputs: Properties | undefined): Properties {
  const { drift, adoption, ...rest } = inputs ?? {};
  return {
    ...rest,
    ...(drift !== undefined && { drift: withoutSecretsIn(drift) }),
    ...(adoption !== undefined && { adoption: withoutSecretsIn(adoption) }),
  };
}
