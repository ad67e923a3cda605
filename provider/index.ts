/**
 * The module that Pulumi's plugin process loads for every resource of type `pulumi-nodejs:dynamic/aws-auth:IdentityMapping`. It is
 * the object that the provider protocol calls `handler`, and knows nothing of the programs that it serves.
 *
 * @module
 */
import type { dynamic } from "@pulumi/pulumi";
import { check as checkInputs } from "./lifecycle/check";
import { run } from "./lifecycle/run";
import type { Properties } from "./lifecycle/state";
import { printable } from "./printable";

export { diff } from "./lifecycle/diff";
export { read } from "./lifecycle/read";
export { remove as delete } from "./lifecycle/remove";
export { create, update } from "./lifecycle/write";

/** The engine prints the reason of a failure as it is, and some of it is text of the map. */
export async function check(olds: Properties, news: Properties): Promise<dynamic.CheckResult> {
  const { failures = [], ...checked } = await checkInputs(olds, news);
  return { ...checked, failures: failures.map((failure) => ({ ...failure, reason: printable(failure.reason) })) };
}

/** Takes the stack's configuration over. It must not wait for anything: the plugin does not hold back other calls meanwhile. */
export async function configure({ config }: dynamic.ConfigureRequest): Promise<void> {
  run.settings = { ...run.settings, config: (key: string) => config.get(key) };
}
