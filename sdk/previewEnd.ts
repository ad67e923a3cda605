import * as pulumi from "@pulumi/pulumi";
import { lockoutProtection, showsAccess } from "../provider/cluster/settings";
import { rememberSecrets, withoutSecrets } from "../provider/engine/secretValues";
import { type CheckedChange, contextInput, readChange } from "../provider/lifecycle/context";
import type { StoredMapping } from "../provider/lifecycle/state";
import { printable } from "../provider/text/text";
import { asChecked, type Declaration } from "./declaration";
import { stackSettings } from "./settings";
import { GivenUp, isOfPlugin, ownMappings, type ReadLimits, storedMappings } from "./storedMappings";

/** Runs an optional part of a program. Logs its errors only as debug messages. */
async function quietly<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    tellDebug(error);
    return undefined;
  }
}

/** Logs an error as a debug message instead of throwing it. */
function tellDebug(error: unknown): void {
  try {
    const text = `pulumi-aws-auth did not check removals: ${error instanceof Error ? error.stack : error}`;
    // The engine may be gone already.
    pulumi.log.debug(withoutSecrets(text)).catch(() => undefined);
  } catch {
    // Without an engine there is no log.
  }
}

/**
 * Makes a preview report what the run does to people's access, including the mappings that the program no longer declares: the engine
 * calls the provider for a removal only in an update. The work starts once the program has declared everything, which is when Node has
 * nothing left to do. The engine waits for work that starts then.
 *
 * @param declaration a mapping that the program declares.
 * @see https://github.com/pulumi/pulumi/pull/20070
 */
export function watchRun(declaration: Declaration): void {
  try {
    // A process that uses the Automation API continues after its inline programs, and may run several.
    if (process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
      return;
    }
    const program = everyCopy[declared] ?? startLooking();
    program.declarations.push(declaration);
    if (!pulumi.runtime.isDryRun()) {
      return;
    }
    // In a preview, an existing resource has an ID unless it is replaced. New and replaced ones get theirs later.
    declaration.mapping.id.apply(() => quietly(async () => void program.kept.add(await declaration.urn)));
    const { changed } = program;
    if (changed !== undefined) {
      whenChanged(declaration.mapping, (change) => changed.set(declaration, change));
    }
  } catch (error) {
    tellDebug(error);
  }
}

/** Watches a program that imports this package, since it may no longer declare a mapping. Called again, or elsewhere, it does nothing. */
export function watchProgram(): void {
  try {
    // The process of a policy pack has no stack, nor has one that a program starts.
    if (process.env["PULUMI_NODEJS_MONITOR"] !== undefined && pulumi.runtime.getStackResource() !== undefined) {
      everyCopy[declared] ??= startLooking();
    }
  } catch (error) {
    tellDebug(error);
  }
}

const declared: unique symbol = Symbol.for("pulumi-aws-auth.program");

/** Shared by all copies of this package in a program. Otherwise each would treat the others' mappings as removed. */
const everyCopy: typeof globalThis & { [declared]?: Program } = globalThis;

interface Program {
  /** In a preview, the mappings in the stack's state, or the error from reading it. */
  readonly stored: Promise<StoredMapping[] | Error> | undefined;
  readonly declarations: Declaration[];
  /** The URNs of mappings that exist in the state and are not replaced. */
  readonly kept: Set<string>;
  /**
   * The mappings for which there is, or may be, something to write, with what the provider found when it checked them. Absent if a copy
   * of version 0.1.0 declared the first mapping: that copy looks at the run, and at removals alone.
   */
  readonly changed?: Map<Declaration, CheckedChange>;
}

/** A program that this copy looks at, since it was the first. */
type OwnProgram = Required<Program>;

/** The limits for reading the state: by default, and if lock-outs are errors. */
const readLimits = {
  warn: { bytes: 8 * 1024 * 1024, time: 10_000 },
  error: { bytes: 400 * 1024 * 1024, time: 60_000 },
} as const satisfies Record<string, ReadLimits>;

function startLooking(): Program {
  const isPreview = pulumi.runtime.isDryRun();
  const program: OwnProgram = {
    stored: isPreview
      ? readState().catch((error) => (error instanceof Error ? error : new Error(String(error))))
      : undefined,
    declarations: [],
    kept: new Set(),
    changed: new Map(),
  };
  everyCopy[declared] = program;
  if (!isPreview) {
    void quietly(useOwnProvider);
  }
  process.once("beforeExit", (code) => void (code === 0 && lookAtRun(program)));
  return program;
}

/**
 * Has an update use the engine's own provider too, through which a preview reads the state: it is part of the plan that the preview saves,
 * and `pulumi up --plan` fails if the update does not make it.
 */
async function useOwnProvider(): Promise<void> {
  const urn = pulumi.runtime.getStackResource()?.urn;
  if (urn !== undefined) {
    await pulumi.runtime.invoke("pulumi:pulumi:getResource", { urn });
  }
}

/**
 * Has the last mappings of a stack removed with its current configuration. The engine configures a provider of which the program makes no
 * use as the last update did, so that the removal would miss a setting that was changed since. It does not matter that the provider has no
 * functions.
 */
async function useProvider({ stored = readState() }: Program): Promise<void> {
  const found = await stored;
  if (!(found instanceof Error) && !found.every(isOfPlugin)) {
    await pulumi.runtime.invoke("pulumi-nodejs:index:none", {}).catch(() => undefined);
  }
}

/** Reads the state. The engine responds while the program waits for its resources. */
async function readState(): Promise<StoredMapping[]> {
  return storedMappings(readLimits[lockoutProtection(stackSettings()) === "error" ? "error" : "warn"]);
}

/** Throws only lock-out errors. */
async function lookAtRun(program: OwnProgram): Promise<void> {
  if (program.declarations.length === 0) {
    await quietly(() => useProvider(program));
  }
  const refusal = await quietly(() => findRefusal(program));
  if (refusal !== undefined) {
    // Without a stack, which Pulumi prints for errors after the program has ended.
    throw Object.assign(new pulumi.RunError(refusal), { stack: refusal });
  }
}

async function findRefusal(program: OwnProgram): Promise<string | undefined> {
  // It is not known what a failed program would have declared.
  const found = await program.stored;
  if (found === undefined || pulumi.log.hasErrors()) {
    return undefined;
  }
  const { declarations, kept, changed } = program;
  const isSummarized = changed.size > 0 && showsAccess(stackSettings());
  if (found instanceof Error) {
    if (!(found instanceof GivenUp)) {
      throw found;
    }
    const unseen = isSummarized ? "who gains and loses access, and whether" : "whether";
    await pulumi.log.info(
      `${found.message}: this preview does not check ${unseen} the removal of a mapping locks anybody out; set aws-auth:lockoutProtection to error to make every preview check it`,
    );
    return undefined;
  }
  const stored = await ownMappings(found, kept);
  const isAllKept = stored.every(({ urn }) => kept.has(urn));
  if (!isSummarized && isAllKept) {
    return undefined;
  }
  // Loaded on demand, since usually nothing changes.
  const { previewRun } = await import("../provider/lifecycle/preview.js");
  const keptAs = new Map(stored.filter(({ urn }) => kept.has(urn)).map(({ urn, outputs }) => [urn, outputs]));
  const checked = await Promise.all(
    declarations.map(async (declaration) => {
      const urn = await declaration.urn;
      const inputs = keptAs.get(urn);
      // To wait for the outputs of a mapping takes as long as to create it. One that stays as it is says what the state says.
      return isAllKept && inputs !== undefined && !changed.has(declaration)
        ? { urn, inputs, ignoreChanges: declaration.ignoreChanges, isChanged: false }
        : asChecked(declaration, kept.has(urn), inputs, changed.get(declaration));
    }),
  );
  for (const properties of [...stored.map(({ outputs }) => outputs), ...checked.map(({ inputs = {} }) => inputs)]) {
    rememberSecrets(properties);
  }
  const { summaries, warnings, refusal } = await previewRun(stored, checked, stackSettings());
  for (const lines of summaries) {
    await pulumi.log.info(lines.map(shown).join("\n"));
  }
  for (const warning of warnings) {
    await pulumi.log.warn(shown(warning));
  }
  return refusal === undefined ? undefined : shown(refusal);
}

/** Calls back once it is known that there is, or may be, something to write for a mapping. */
function whenChanged(mapping: pulumi.CustomResource, tell: (change: CheckedChange) => void): void {
  const passed: unknown = Reflect.get(mapping, contextInput);
  if (pulumi.Output.isInstance(passed)) {
    // Nothing is called with what is not known, as it is for a mapping that stays as it is.
    passed.apply((value) => {
      const change = readChange(value);
      if (change !== undefined) {
        tell(change);
      }
    });
  }
}

function shown(text: string): string {
  return printable(withoutSecrets(text));
}
