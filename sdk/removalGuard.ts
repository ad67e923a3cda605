import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { lockoutProtection } from "../provider/cluster/settings";
import { layOut } from "../provider/layout";
import type { DeclaredMapping, StoredMapping } from "../provider/lifecycle/previewRemovals";
import type { Properties } from "../provider/lifecycle/state";
import { rememberSecrets, withoutSecrets } from "../provider/secretValues";
import { printable } from "../provider/text";
import { stackSettings } from "./settings";
import { GivenUp, type ReadLimits, storedMappings } from "./storedMappings";

/** Runs what a program can do without: whatever goes wrong in it is told to nobody but a debug log. */
async function quietly<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    tellDebug(error);
    return undefined;
  }
}

/** Keeps an error out of the program, and in a debug log. */
function tellDebug(error: unknown): void {
  try {
    const text = `pulumi-aws-auth did not look at removals: ${error instanceof Error ? error.stack : error}`;
    // There may be no engine left to log to.
    pulumi.log.debug(text).catch(() => undefined);
  } catch {
    // Then there is no log either.
  }
}

/** What a program gives for the properties of a mapping, apart from its cluster. */
type GivenProperties = { readonly [name in (typeof givenNames)[number]]?: Given | undefined };

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
  try {
    // A host of the Automation API goes on after its inline programs, and runs several of them.
    if (!pulumi.runtime.isDryRun() || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
      return;
    }
    const program = everyCopy[declared] ?? startLooking();
    program.declarations.push(declaration);
    // A preview gives the ID of what is there and stays; what is new, or replaced, gets one later.
    declaration.mapping.id.apply(() => quietly(async () => void program.kept.add(await declaration.urn)));
  } catch (error) {
    tellDebug(error);
  }
}

const declared: unique symbol = Symbol.for("pulumi-aws-auth.program");

/** Shared by all copies of this package in a program, each of which would take what the others declare for removed. */
const everyCopy: typeof globalThis & { [declared]?: Program } = globalThis;

interface Program {
  /** What the stack's state has, or the error in its place; undefined while it has not been asked for. */
  stored: Promise<StoredMapping[] | Error> | undefined;
  readonly declarations: Declaration[];
  /** The URNs of the mappings that are in the state already and are not replaced. */
  readonly kept: Set<string>;
}

/**
 * The engine reads the whole state for its response, with the outputs of all resources, beside its other work. Where that takes
 * long, nobody waits for it: the removal itself looks once more.
 */
const maxOthers = 100;

/** What is read by default, and where the stack says that a lock-out is an error. */
const readLimits = {
  warn: { bytes: 8 * 1024 * 1024, time: 10_000 },
  error: { bytes: 400 * 1024 * 1024, time: 60_000 },
} as const satisfies Record<string, ReadLimits>;

function startLooking(): Program {
  const program: Program = { stored: undefined, declarations: [], kept: new Set() };
  everyCopy[declared] = program;
  // The response comes while the program waits for its resources. By then it has made what it makes in one go.
  setTimeout(() => ask(program), 0);
  process.once("beforeExit", (code) => void (code === 0 && lookAtRemovals(program)));
  return program;
}

/** Asks what the state has, unless that is known to take long. */
function ask(program: Program): void {
  try {
    const protection = lockoutProtection(stackSettings());
    if (protection === "error" || !isLarge(program.declarations)) {
      program.stored ??= storedMappings(readLimits[protection]).catch((error) => asError(error));
    }
  } catch (error) {
    tellDebug(error);
  }
}

/** Whether the program has so much beside its mappings, which are small, that the state of the stack is likely to be large. */
function isLarge(declarations: readonly Declaration[]): boolean {
  const [first] = declarations;
  const found: unknown[] = [];
  for (let parent: unknown = first?.mapping; isObject(parent); parent = Reflect.get(parent, "__parentResource")) {
    found[0] = parent;
  }
  for (const resource of found) {
    const children: unknown = isObject(resource) ? Reflect.get(resource, "__childResources") : undefined;
    found.push(...(children instanceof Set ? children : []));
    if (found.length - declarations.length > maxOthers) {
      return true;
    }
  }
  return false;
}

/** Throws nothing but what it is there for. */
async function lookAtRemovals(program: Program): Promise<void> {
  const refusal = await quietly(() => findRefusal(program));
  if (refusal !== undefined) {
    throw failure(refusal);
  }
}

async function findRefusal(program: Program): Promise<string | undefined> {
  // Of a program that failed nobody knows what it would have declared.
  if (pulumi.log.hasErrors()) {
    return undefined;
  }
  ask(program);
  const { declarations, kept } = program;
  const stored =
    program.stored === undefined
      ? new GivenUp(`the program has more than ${maxOthers} resources beside its mappings`)
      : await program.stored;
  if (stored instanceof Error) {
    if (!(stored instanceof GivenUp)) {
      throw stored;
    }
    await pulumi.log.info(
      layOut(
        `${stored.message}: whether the removal of a mapping locks anybody out is not looked at before it is done; set aws-auth:lockoutProtection to error to have every preview look`,
      ),
    );
    return undefined;
  }
  if (stored.every(({ urn }) => kept.has(urn))) {
    return undefined;
  }
  // What reads clusters and maps is loaded only where something goes.
  const { previewRemovals } = await import("../provider/lifecycle/previewRemovals.js");
  const keptOn = new Map(
    stored.filter(({ urn }) => kept.has(urn)).map(({ urn, outputs }) => [urn, outputs["cluster"]]),
  );
  const checked = await Promise.all(declarations.map((declaration) => asChecked(declaration, keptOn)));
  const { warnings, refusal } = await previewRemovals(stored, checked, stackSettings());
  for (const { outputs } of stored) {
    rememberSecrets(outputs);
  }
  for (const warning of warnings) {
    await pulumi.log.warn(shown(warning));
  }
  return refusal === undefined ? undefined : shown(refusal);
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

function shown(text: string): string {
  return layOut(printable(withoutSecrets(text)));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
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
