import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { DeclaredMapping, StoredMapping } from "../provider/lifecycle/removals";
import type { Properties } from "../provider/lifecycle/state";
import { printable } from "../provider/printable";
import { stackSettings } from "./stackSettings";
import { storedMappings } from "./storedMappings";

/** What a program gives for the properties of a mapping, apart from its cluster. */
export type GivenProperties = { readonly [name in (typeof givenNames)[number]]?: Given | undefined };

type Given = pulumi.Input<string | boolean | pulumi.Input<string>[]>;

const givenNames = ["arn", "account", "username", "groups", "noDuplicateARNs", "adopt"] as const;

/** A mapping as the program makes it. */
interface Declaration {
  readonly mapping: pulumi.CustomResource;
  readonly urn: string | Promise<string>;
  /** What it is made from. */
  readonly given: GivenProperties;
  readonly ignoreChanges: readonly string[];
}

/**
 * Has a preview look at the mappings that the program no longer declares: the engine tells the provider of a removal only when it is
 * to be done. That can be found out once the program has declared all that it does, which is when Node has nothing left to do; the
 * engine waits for what is begun then.
 *
 * @param declaration a mapping that the program declares.
 * @see https://github.com/pulumi/pulumi/pull/20070
 */
export function guardRemovals(declaration: Declaration): void {
  // A host of the Automation API goes on after its inline programs, and runs several of them.
  if (!pulumi.runtime.isDryRun() || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
    return;
  }
  const program = everyCopy[declared] ?? startLooking();
  program.declarations.push(declaration);
  // A preview gives the ID of what is there and stays; what is new, or replaced, gets one later.
  declaration.mapping.id.apply(async () => program.kept.add(await declaration.urn));
}

const declared: unique symbol = Symbol.for("pulumi-aws-auth.program");

/** Shared by all copies of this package in a program, each of which would take what the others declare for removed. */
const everyCopy: typeof globalThis & { [declared]?: Program } = globalThis;

interface Program {
  /** What the stack's state has; asked for early, since the answer comes while the program waits for its resources anyway. */
  readonly stored: Promise<StoredMapping[]>;
  readonly declarations: Declaration[];
  /** The URNs of the mappings that are in the state already and are not replaced. */
  readonly kept: Set<string>;
}

function startLooking(): Program {
  const program: Program = { stored: storedMappings(), declarations: [], kept: new Set() };
  everyCopy[declared] = program;
  process.once("beforeExit", (code) => void (code === 0 && lookAtRemovals(program)));
  return program;
}

async function lookAtRemovals(program: Program): Promise<void> {
  // Of a program that failed nobody knows what it would have declared.
  if (pulumi.log.hasErrors()) {
    return;
  }
  const { declarations, kept } = program;
  const stored = await program.stored;
  if (stored.every(({ urn }) => kept.has(urn))) {
    return;
  }
  // What reads clusters and maps is loaded only where something goes.
  const { guardRemovals } = await import("../provider/lifecycle/guardRemovals.js");
  const keptOn = new Map(
    stored.filter(({ urn }) => kept.has(urn)).map(({ urn, outputs }) => [urn, outputs["cluster"]]),
  );
  const checked = await Promise.all(declarations.map((declaration) => asChecked(declaration, keptOn)));
  const { warnings, refusal } = await guardRemovals(stored, checked, stackSettings());
  for (const warning of warnings) {
    await pulumi.log.warn(printable(warning));
  }
  if (refusal !== undefined) {
    throw failure(printable(refusal));
  }
}

type Outputs = { readonly [name in "cluster" | keyof GivenProperties]?: pulumi.Output<unknown> };

/**
 * What `check` made of a mapping: whatever is going to be known is known once the program has ended.
 *
 * @param keptOn the clusters of the mappings that stay, by URN. Pulumi has no output for what the program does not give.
 */
async function asChecked(
  { mapping, urn: promised, given, ignoreChanges }: Declaration,
  keptOn: ReadonlyMap<string, unknown>,
): Promise<DeclaredMapping> {
  const urn = await promised;
  const outputs: Outputs & pulumi.CustomResource = mapping;
  const checked = givenNames.map((name) => [name, known(given[name], outputs[name])]);
  let inputs: Properties | undefined;
  // Nothing is called with a value that is not known.
  pulumi.output({ ...Object.fromEntries(checked), cluster: outputs.cluster ?? keptOn.get(urn) }).apply((values) => {
    inputs = values;
  });
  await setImmediate();
  return { urn, inputs, ignoreChanges };
}

/** What `check` made of an input. What is not there afterwards is never known in a preview, so that it must not be waited for. */
function known(given: Given | undefined, checked: pulumi.Output<unknown> | undefined): pulumi.Output<unknown> {
  return pulumi.output(given).apply((value) => (isNothing(value) ? undefined : checked));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Pulumi prints the stack of whatever is thrown once the program has ended. */
function failure(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
