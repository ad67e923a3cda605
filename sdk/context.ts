import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { holdsKubeconfig } from "../provider/cluster/clusterInput";
import { writeContext } from "../provider/lifecycle/context";
import { secretNames } from "../provider/secretValues";
import { printable } from "../provider/text";
import type { Cluster } from "./cluster";
import { userError } from "./messages";

/** The length of the head start, in milliseconds: enough to send a request to the engine. */
const duration = 2;

let others: Promise<void> | undefined;

/**
 * Gives the first mapping of a program a head start. The engine starts the plugin for it, which takes as long as Pulumi's SDK needs
 * to prepare a thousand more. Without a head start the SDK would send no mapping before it has prepared all that are created in the
 * same turn.
 *
 * @param inputs the mapping's inputs. A mapping whose inputs are promises or outputs is not delayed, since their errors would be
 * unhandled meanwhile.
 * @returns a promise for other mappings to wait for; undefined for the first.
 */
export function headStart(inputs: object): Promise<void> | undefined {
  if (Object.values(inputs).some((input) => input instanceof Promise || pulumi.Output.isInstance(input))) {
    return undefined;
  }
  // Only a program run by the CLI has a plugin. A unit test has none, and may use fake timers.
  if (others !== undefined || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
    return others;
  }
  others = setTimeout(duration).then(() => {
    others = undefined;
  });
  return undefined;
}

/** The EKS clusters of the resources that are created in one turn of the event loop, and their serialized form. */
interface Turn {
  readonly clusters: Map<string, unknown>;
  readonly text: Promise<string | undefined>;
}

let turn: Turn | undefined;

/**
 * Collects the EKS clusters of a program, so that the provider can look them up concurrently. Every resource with a cluster passes
 * on all of them, since it is not known which resource the engine checks first. They are one string, which is cheapest.
 *
 * @returns the clusters of all resources of this turn as JSON, if there are several; undefined, synchronously, for a resource
 * without a cluster. Not an output, which would make resources depend on each other.
 */
export function prefetchOf(cluster: Cluster | undefined): Promise<string | undefined> | undefined {
  if (!isPlainEksCluster(cluster)) {
    return undefined;
  }
  turn ??= newTurn();
  turn.clusters.set(JSON.stringify(cluster), cluster);
  return turn.text;
}

function newTurn(): Turn {
  const clusters = new Map<string, unknown>();
  const text = Promise.resolve().then(() => {
    turn = undefined;
    return clusters.size > 1 ? JSON.stringify([...clusters.values()]) : undefined;
  });
  return { clusters, text };
}

/** Whether it is an EKS cluster of plain values. Kubeconfigs are excluded: reading them is fast, and their content is secret. */
function isPlainEksCluster(cluster: unknown): boolean {
  if (typeof cluster === "string") {
    return !holdsKubeconfig(cluster);
  }
  return (
    typeof cluster === "object" &&
    cluster !== null &&
    "name" in cluster &&
    Object.values(cluster).every((value) => typeof value === "string" && !holdsKubeconfig(value))
  );
}

/** The inputs of a mapping that a program may mark as secret. */
type SecretInputs = { readonly [name in (typeof secretNames)[number]]?: unknown };

/**
 * Finds the inputs that are secret, in whole or in part, since a provider gets only their values.
 *
 * @returns undefined, synchronously and at no cost, if all of them are plain. Never rejects, since the resource itself reports
 * errors of its inputs.
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
 * The groups to pass on. A list with a secret item is secret as a whole, since the engine loses track of secret items once a
 * refresh finds other ones.
 */
export function groupsInput(groups: pulumi.Input<pulumi.Input<string>[]>): unknown {
  if (!Array.isArray(groups) || isPlain(groups)) {
    return groups;
  }
  return isSecret(groups).then((secret) => (secret ? pulumi.secret(pulumi.output(groups)) : groups));
}

/** Whether it contains no promises and outputs, and therefore no secrets. */
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
    // Awaited first, since Pulumi would derive several promises from a rejected one, whose rejections would be unhandled.
    const value = await input;
    const parts = Array.isArray(value) ? value : pulumi.Output.isInstance(value) ? [value] : [];
    return (await Promise.all(parts.map(isSecret))).includes(true);
  } catch {
    return false;
  }
}

/**
 * The context to pass to `check` with a mapping: a string, or a promise if part of it is one or if another mapping goes first. Not
 * an output, which could make the mapping depend on other resources.
 */
export function contextOf(
  urn: string | Promise<string>,
  name: string,
  inputs: { readonly cluster?: Cluster } & SecretInputs,
  ignoreChanges: readonly string[],
): string | Promise<string> {
  const isPreview = pulumi.runtime.isDryRun();
  const label = labelOf(name);
  const ahead = prefetchOf(inputs.cluster);
  const others = headStart(inputs);
  const hidden = secretsAmong(inputs);
  if (typeof urn === "string" && ahead === undefined && others === undefined && hidden === undefined) {
    return writeContext({ urn, label, ignoreChanges, isPreview, secrets: [], prefetch: undefined });
  }
  return Promise.all([urn, ahead, others, hidden]).then(([urn, prefetch, , secrets = []]) =>
    writeContext({ urn, label, ignoreChanges, isPreview, secrets, prefetch }),
  );
}

/** The label of a resource in the record of claims: its stack, or the value of `aws-auth:owner`, and its name. */
function labelOf(name: string): string {
  return printable(`${pulumi.runtime.getConfig("aws-auth:owner") || fullStackName()} ${name}`);
}

function fullStackName(): string {
  const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
  try {
    return `${pulumi.getOrganization()}/${stack}`;
  } catch {
    // Unit tests with mocks lack an organization.
    return stack;
  }
}

/** The directory in which the program started. Pulumi starts the plugin there too. A program may change its directory later. */
const programDirectory = process.cwd();

/** The directories from which the package was found, since every resource checks this. */
const found = new Set<string>();

/**
 * Fails if the plugin would not find this package from the program's directory. With pnpm and Plug'n'Play, a dependency of a
 * dependency is not found there. The plugin itself would only print a stack trace.
 *
 * @throws RunError with the package to install.
 */
export function checkProviderIsFound(directory: string = programDirectory): void {
  // An inline program of the Automation API has its own process, whose directory may differ from the plugin's.
  if (found.has(directory) || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
    return;
  }
  try {
    createRequire(join(directory, "index.js")).resolve("pulumi-aws-auth/provider");
    found.add(directory);
  } catch {
    throw userError(
      `the package pulumi-aws-auth is not found from the program's directory "${directory}", where Pulumi's plugin looks for it; add it to the program's own dependencies: run "npm install pulumi-aws-auth", or the same with your package manager`,
    );
  }
}

/** The type of an identity mapping. The engine sends types with this prefix to the dynamic provider's plugin. */
export const resourceType = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";
