import * as pulumi from "@pulumi/pulumi";
import type { DeclaredMapping, StoredMapping } from "../provider/lifecycle/removals";
import { printable } from "../provider/printable";
import { stackSettings } from "./stackSettings";
import { storedMappings } from "./storedMappings";

/** What a program gives for the properties of a mapping, apart from its cluster. */
export type GivenProperties = { readonly [name in (typeof givenNames)[number]]?: Given | undefined };

type Given = pulumi.Input<string | boolean | pulumi.Input<string>[]>;

const givenNames = ["arn", "account", "username", "groups", "noDuplicateARNs", "adopt"] as const;

/**
 * Has a preview look at the mappings that the program no longer declares: the engine tells the provider of a removal only when it is
 * to be done. That can be found out once the program has declared all that it does, which is when Node has nothing left to do; the
 * engine waits for what is begun then.
 *
 * @param mapping a resource that the program declares.
 * @param given what it is made from.
 * @see https://github.com/pulumi/pulumi/pull/20070
 */
export function guardRemovals(
  mapping: pulumi.CustomResource,
  given: GivenProperties,
  ignoreChanges: readonly string[],
): void {
  // A host of the Automation API goes on after its inline programs, and runs several of them.
  if (!pulumi.runtime.isDryRun() || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
    return;
  }
  declare(everyCopy[declared] ?? startLooking(), mapping, given, ignoreChanges);
}

const declared: unique symbol = Symbol.for("pulumi-aws-auth.declared");

/** Shared by all copies of this package in a program, each of which would take what the others declare for removed. */
const everyCopy: typeof globalThis & { [declared]?: Program } = globalThis;

/** What a program declares, by URN. */
type Program = Map<string, DeclaredMapping>;

function startLooking(): Program {
  const program: Program = new Map();
  everyCopy[declared] = program;
  process.once("beforeExit", (code) => void (code === 0 && lookAtRemovals(program)));
  return program;
}

type Outputs = { readonly [name in "cluster" | keyof GivenProperties]?: pulumi.Output<unknown> };

function declare(
  into: Program,
  mapping: pulumi.CustomResource,
  given: GivenProperties,
  ignoreChanges: readonly string[],
): void {
  const outputs: Outputs & pulumi.CustomResource = mapping;
  mapping.urn.apply((urn) => into.set(urn, { inputs: undefined, ...into.get(urn), urn, ignoreChanges }));
  const checked = givenNames.map((name) => [name, known(given[name], outputs[name])]);
  // Nothing is called with a value that is not known yet.
  pulumi
    .all([mapping.urn, { ...Object.fromEntries(checked), cluster: outputs.cluster }])
    .apply(([urn, inputs]) => into.set(urn, { urn, inputs, ignoreChanges }));
}

/** What `check` made of an input. What is not there afterwards is never known in a preview, so that it must not be waited for. */
function known(given: Given | undefined, checked: pulumi.Output<unknown> | undefined): pulumi.Output<unknown> {
  return pulumi.output(given).apply((value) => (isNothing(value) ? undefined : checked));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

async function lookAtRemovals(program: Program): Promise<void> {
  // Of a program that failed nobody knows what it would have declared.
  if (pulumi.log.hasErrors()) {
    return;
  }
  const stored = await storedMappings();
  if (stored.every((mapping) => isDeclared(mapping, program))) {
    return;
  }
  // What reads clusters and maps is loaded only where something goes.
  const { guardRemovals } = await import("../provider/lifecycle/guardRemovals.js");
  const { warnings, refusal } = await guardRemovals(stored, [...program.values()], stackSettings());
  for (const warning of warnings) {
    await pulumi.log.warn(printable(warning));
  }
  if (refusal !== undefined) {
    throw failure(printable(refusal));
  }
}

function isDeclared({ urn, outputs }: StoredMapping, program: Program): boolean {
  const mapping = program.get(urn);
  const same = (name: string) => JSON.stringify(mapping?.inputs?.[name]) === JSON.stringify(outputs[name]);
  return mapping !== undefined && (mapping.inputs === undefined || ["cluster", "arn", "account"].every(same));
}

/** Pulumi prints the stack of whatever is thrown once the program has ended. */
function failure(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
