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

/** How long it is, in milliseconds: until a request is on its way to the engine. */
const duration = 2;

let others: Promise<void> | undefined;

/**
 * Gives the first of the mappings that a program makes in one go a head start. The engine starts the plugin for it, which takes as
 * long as Pulumi's SDK needs to prepare a thousand more, and the SDK sends none of what it prepares in one go before it has prepared
 * all of it.
 *
 * @param inputs what the mapping is made from. One that waits for any of it goes its own way: nobody would listen for a failure of
 * that meanwhile.
 * @returns what another mapping waits for; undefined for the first.
 */
export function headStart(inputs: object): Promise<void> | undefined {
  if (Object.values(inputs).some((input) => input instanceof Promise || pulumi.Output.isInstance(input))) {
    return undefined;
  }
  // Only a program that the CLI runs has a plugin to wait for: a unit test has none, and may have stopped the clock.
  if (others !== undefined || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
    return others;
  }
  others = setTimeout(duration).then(() => {
    others = undefined;
  });
  return undefined;
}

/** The EKS clusters of the resources that are made in one turn of the program, and what is passed of them. */
interface Turn {
  readonly clusters: Map<string, unknown>;
  readonly text: Promise<string | undefined>;
}

let turn: Turn | undefined;

/**
 * Collects the EKS clusters that a program names, so that the provider can look them up side by side. Every resource that names one
 * passes them all on, since nobody knows which the engine checks first; as one string, which costs least.
 *
 * @returns the clusters of all resources of this turn of the program as JSON, where there are several; undefined at once for a
 * resource that names none. A plain promise: as an output, it would make resources depend on each other.
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

/** Whether all of it is known now, and none of it is a kubeconfig: those are read in no time, and their content is a secret. */
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

/**
 * What goes along with a mapping for `check`: a string, or a promise where a part of it is one or where other mappings go first. It
 * is no output, which could make the mapping depend on other resources.
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

/** Names a resource in the record of claims on the map: its stack, which `aws-auth:owner` may call otherwise, and its name. */
function labelOf(name: string): string {
  return printable(`${pulumi.runtime.getConfig("aws-auth:owner") || fullStackName()} ${name}`);
}

function fullStackName(): string {
  const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
  try {
    return `${pulumi.getOrganization()}/${stack}`;
  } catch {
    // Unit tests with mocks have no organization.
    return stack;
  }
}

/** Where the program started, and where Pulumi starts the plugin that runs the provider; a program may leave it later. */
const programDirectory = process.cwd();

/** The directories from which the package was found: a program asks with each of its resources. */
const found = new Set<string>();

/**
 * Fails where the plugin would not find this package: from the program's directory, since that is all it knows. A package that only a
 * dependency depends on is not there under pnpm and Plug'n'Play. The plugin itself can only say so with a stack trace.
 *
 * @throws RunError that says what to install.
 */
export function checkProviderIsFound(directory: string = programDirectory): void {
  // An inline program of the Automation API has a process of its own, which may run elsewhere than the plugin.
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

/** The type of an identity mapping: the engine sends every type that begins like this to the dynamic provider's plugin. */
export const resourceType = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";
