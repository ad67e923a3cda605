import * as pulumi from "@pulumi/pulumi";
import type { ResourceContext } from "../provider/lifecycle/context";

/**
 * The context to pass to `check` with a mapping: a string, or a promise if part of it is one. Not an output, which could make the
 * mapping depend on other resources.
 */
export function contextOf(
  urn: string | Promise<string>,
  inputs: object,
  ignoreChanges: readonly string[],
): string | Promise<string> {
  const isPreview = pulumi.runtime.isDryRun();
  const secrets = secretsAmong(inputs);
  // One string, since each field of an object would cost as much time as another input.
  const write = (urn: string, secrets: readonly string[]) =>
    JSON.stringify({ urn, ignoreChanges, isPreview, secrets } satisfies ResourceContext);
  return typeof urn === "string" && secrets === undefined
    ? write(urn, [])
    : Promise.all([urn, secrets ?? []]).then((known) => write(...known));
}

/**
 * Finds the inputs that are secret, in whole or in part: a dynamic provider gets only the values.
 *
 * @returns undefined, synchronously, if all of them are plain. Never rejects, since the resource reports errors of its inputs.
 */
function secretsAmong(inputs: object): Promise<string[]> | undefined {
  const given = Object.entries(inputs).filter(([name, input]) => name !== "cluster" && !isPlain(input));
  return given.length === 0
    ? undefined
    : Promise.all(given.map(async ([name, input]) => ((await isSecret(input)) ? [name] : []))).then((all) =>
        all.flat(),
      );
}

function isPlain(input: unknown): boolean {
  return Array.isArray(input) ? input.every(isPlain) : !(input instanceof Promise || pulumi.Output.isInstance(input));
}

async function isSecret(input: unknown): Promise<boolean> {
  try {
    // Awaited first, since Pulumi would derive several promises from a rejected one, whose rejections would be unhandled.
    const value: unknown = pulumi.Output.isInstance(input) ? input : await input;
    return Array.isArray(value)
      ? (await Promise.all(value.map(isSecret))).includes(true)
      : pulumi.Output.isInstance(value) && (await pulumi.isSecret(pulumi.output(value)));
  } catch {
    return false;
  }
}
