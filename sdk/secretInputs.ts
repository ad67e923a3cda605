import * as pulumi from "@pulumi/pulumi";
import { secretNames } from "../provider/secretValues";

/** The inputs of a mapping that a program may mark as secret. */
export type SecretInputs = { readonly [name in (typeof secretNames)[number]]?: unknown };

/**
 * Which inputs are secret, as a whole or in a part. A provider is told no more than their values.
 *
 * @returns undefined at once where all of them are plain, which costs nothing. Never rejects: what is wrong with an input is told by
 * the resource that is made from it.
 */
export function secretsAmong(inputs: SecretInputs): Promise<string[]> | undefined {
  const names = secretNames.filter((name) => !isPlain(inputs[name]));
  if (names.length === 0) {
    return undefined;
  }
  return Promise.all(names.map((name) => isSecret(inputs[name]))).then((found) =>
    names.filter((_, index) => found[index] === true),
  );
}

/**
 * The groups as they are passed on. A list that holds a secret is one as a whole: of parts of a list the engine no longer knows which
 * are secret once a refresh has found others in it.
 */
export function groupsInput(groups: pulumi.Input<pulumi.Input<string>[]>): unknown {
  if (!Array.isArray(groups) || isPlain(groups)) {
    return groups;
  }
  return isSecret(groups).then((secret) => (secret ? pulumi.secret(pulumi.output(groups)) : groups));
}

/** Whether nothing of it has to be waited for, so that none of it can be secret. */
function isPlain(input: unknown): boolean {
  if (Array.isArray(input)) {
    return input.every(isPlain);
  }
  return !(input instanceof Promise || pulumi.Output.isInstance(input));
}

async function isSecret(input: unknown): Promise<boolean> {
  try {
    if (pulumi.Output.isInstance(input)) {
      return await pulumi.isSecret(pulumi.output(input));
    }
    // Of a promise that fails Pulumi would make several that do, and nobody listens to those.
    const value = await input;
    const parts = Array.isArray(value) ? value : pulumi.Output.isInstance(value) ? [value] : [];
    return (await Promise.all(parts.map(isSecret))).includes(true);
  } catch {
    return false;
  }
}
