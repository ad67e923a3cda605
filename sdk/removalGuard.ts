import * as pulumi from "@pulumi/pulumi";
import type { DeclaredMapping, StoredMapping } from "../provider/lifecycle/removals";
import { resourceType } from "./resourceType";
import { stackSettings } from "./stackSettings";

/**
 * Has a preview look at the mappings that the program no longer declares: the engine tells the provider of a removal only when it is
 * to be done. That can be found out once the program has declared all that it does, which is when Node has nothing left to do; the
 * engine waits for what is begun then.
 *
 * @param mapping a resource that the program declares.
 * @see https://github.com/pulumi/pulumi/pull/20070
 */
export function guardRemovals(mapping: pulumi.CustomResource, ignoreChanges: readonly string[]): void {
  if (!pulumi.runtime.isDryRun()) {
    return;
  }
  if (declared === undefined) {
    declared = new Map();
    process.once("beforeExit", (code) => void (code === 0 && lookAtRemovals()));
  }
  declare(declared, mapping, ignoreChanges);
}

/** By URN, so that a process that previews many times keeps each mapping once. */
let declared: Map<string, DeclaredMapping> | undefined;

type Outputs = { readonly [name in (typeof outputNames)[number]]?: pulumi.Output<unknown> };

const outputNames = ["cluster", "arn", "account", "username", "groups", "noDuplicateARNs", "adopt"] as const;

function declare(into: Map<string, DeclaredMapping>, mapping: pulumi.CustomResource, ignoreChanges: readonly string[]) {
  const outputs: Outputs & pulumi.CustomResource = mapping;
  mapping.urn.apply((urn) => into.set(urn, { inputs: undefined, ...into.get(urn), urn, ignoreChanges }));
  // Nothing is called with a value that is not known yet.
  pulumi
    .all([mapping.urn, Object.fromEntries(outputNames.map((name) => [name, outputs[name]]))])
    .apply(([urn, inputs]) => into.set(urn, { urn, inputs, ignoreChanges }));
}

async function lookAtRemovals(): Promise<void> {
  // Of a program that failed, or that a host of its own ran, nobody knows what it would have declared.
  if (!pulumi.runtime.isDryRun() || pulumi.log.hasErrors()) {
    return;
  }
  const program = declared ?? new Map<string, DeclaredMapping>();
  const stored = await storedMappings();
  if (stored.every((mapping) => isDeclared(mapping, program))) {
    return;
  }
  // What reads clusters and maps is loaded only where something goes.
  const { guardRemovals } = await import("../provider/lifecycle/guardRemovals.js");
  const { messages, isRefused } = await guardRemovals(stored, [...program.values()], stackSettings());
  if (isRefused) {
    throw refusal(messages.join("; "));
  }
  for (const message of messages) {
    await pulumi.log.warn(message);
  }
}

function isDeclared({ urn, outputs }: StoredMapping, program: ReadonlyMap<string, DeclaredMapping>): boolean {
  const mapping = program.get(urn);
  const same = (name: string) => JSON.stringify(mapping?.inputs?.[name]) === JSON.stringify(outputs[name]);
  return mapping !== undefined && (mapping.inputs === undefined || ["cluster", "arn", "account"].every(same));
}

/** The mappings in the stack's state; none where the engine cannot say, since nothing that a preview does may depend on it. */
async function storedMappings(): Promise<StoredMapping[]> {
  const state: StackResources = await pulumi.runtime
    .invoke("pulumi:pulumi:readStackResourceOutputs", { stackName: pulumi.getStack() })
    .catch(() => ({}));
  return Object.entries(state.outputs ?? {})
    .filter(([, { type }]) => type === resourceType)
    .map(([urn, { outputs }]) => ({ urn, outputs }));
}

/** What the engine says of a stack's resources. */
interface StackResources {
  readonly outputs?: Readonly<Record<string, { readonly type: string; readonly outputs: StoredMapping["outputs"] }>>;
}

/** Pulumi prints the stack of whatever is thrown once the program has ended. */
function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
