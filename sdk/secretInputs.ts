import * as pulumi from "@pulumi/pulumi";
import type { secretNames } from "../provider/engine/secretValues";
import { isFields } from "../provider/text/fields";

/** The inputs of a mapping that a program may mark as secret. */
export type SecretInputs = { readonly [name in (typeof secretNames)[number]]?: unknown };

/** The inputs that are never secret, or whose secret parts nobody prints. Any other name is misspelt, and its value may be secret. */
const openNames = ["cluster", "noDuplicateARNs", "adopt", "authenticationMode"];

/**
 * Finds the inputs that are secret, in whole or in part, since a provider gets only their values.
 *
 * @returns undefined, synchronously and at no cost, if all of them are plain. Never rejects, since the resource itself reports
 * errors of its inputs.
 */
export function secretsAmong(inputs: SecretInputs): Promise<string[]> | undefined {
  const given = Object.entries(inputs).filter(([name, input]) => !openNames.includes(name) && !isPlain(input));
  if (given.length === 0) {
    return undefined;
  }
  return Promise.all(given.map(([, input]) => isSecret(input))).then((found) =>
    given.flatMap(([name], index) => (found[index] === true ? [name] : [])),
  );
}

/**
 * The groups to pass on. A list with a secret item is secret as a whole, since the engine loses track of secret items once a
 * refresh finds other ones.
 */
export function groupsInput(groups: pulumi.Input<pulumi.Input<string>[]>): unknown {
  if (!Array.isArray(groups) || isPlain(groups)) {
    return groups;
  }
  return isSecret(groups).then((secret) => (secret ? pulumi.secret(pulumi.output(groups)) : groups));
}

/**
 * The input that makes the engine encrypt what the provider stores of a mapping's access entry, which contains the ARN: the engine
 * takes a property for secret if the input of its name is. `check` replaces the value.
 *
 * @returns undefined, synchronously and at no cost, if the ARN is plain.
 */
export function accessEntryInput(arn: unknown): unknown {
  return isPlain(arn) ? undefined : isSecret(arn).then((secret) => (secret ? pulumi.secret("") : undefined));
}

/** Whether it contains no promises and outputs, and therefore no secrets. */
function isPlain(input: unknown): boolean {
  return !(input instanceof Promise || pulumi.Output.isInstance(input)) && partsOf(input).every(isPlain);
}

/** The parts of a list, or of an object, which no input should be. A resource is none: it may wait for the mapping. */
function partsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    return value;
  }
  return isFields(value) && Object.getPrototypeOf(value) === Object.prototype ? Object.values(value) : [];
}

async function isSecret(input: unknown): Promise<boolean> {
  try {
    if (pulumi.Output.isInstance(input)) {
      return await pulumi.isSecret(pulumi.output(input));
    }
    // Awaited first, since Pulumi would derive several promises from a rejected one, whose rejections would be unhandled.
    const value = await input;
    const parts = pulumi.Output.isInstance(value) ? [value] : partsOf(value);
    return (await Promise.all(parts.map(isSecret))).includes(true);
  } catch {
    return false;
  }
}
