import { vi } from "vitest";
import { PartialStateError } from "../../../provider/errors.ts";
import { create, remove, update } from "../../../provider/lifecycle/apply.ts";
import { check } from "../../../provider/lifecycle/check.ts";
import { diff } from "../../../provider/lifecycle/diff.ts";
import { read } from "../../../provider/lifecycle/read.ts";
import { Run } from "../../../provider/lifecycle/run.ts";
import { parseState } from "../../../provider/lifecycle/state.ts";
import type { Fault, World } from "./world.ts";

type Properties = Readonly<Record<string, unknown>>;

/** A resource in the state. */
interface Stored {
  readonly id: string;
  readonly inputs: Properties;
  readonly outs: Properties;
  /** Whether its create or update failed half-way: the next `up` always updates it. */
  readonly isPartial: boolean;
}

/** A program and the options of its run. */
export interface Program {
  /** The inputs of its mappings, by resource name. */
  readonly mappings: Readonly<Record<string, Properties>>;
  readonly ignoreChanges?: readonly string[];
  /** The resources in `--replace`. */
  readonly replace?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The stack configuration, in place of that for a {@link World}. */
  readonly config?: Readonly<Record<string, string>>;
}

type Kind = "create" | "update" | "replace" | "same";

/** The output of a preview. */
export interface Preview {
  readonly refused: readonly string[];
  readonly steps: Readonly<Record<string, Kind>>;
  readonly shown: Readonly<Record<string, Properties>>;
  /** The messages of the provider, `severity: text`. */
  readonly messages: readonly string[];
}

/** A run on the cluster of a {@link World}, which the stack configuration selects. */
export function runOn(world: World, authenticationMode?: string): Run {
  const run = new Run(world.connectionTo);
  const config: Readonly<Record<string, string | undefined>> = {
    "aws-auth:cluster": "prod",
    "aws:region": "eu-central-1",
    "aws-auth:authenticationMode": authenticationMode,
  };
  run.settings = { config: (key) => config[key], env: {}, cwd: "/" };
  return run;
}

/** A stack on a {@link World}: the only imitation of the engine. Each run is a new process whose only input is the state. */
export class Stack {
  readonly states = new Map<string, Stored>();
  /** Replaced resources that are still to be deleted. */
  readonly replaced = new Map<string, Stored>();
  /** The messages of the last run, `severity: text`. */
  messages: string[] = [];
  /** The setting `aws-auth:owner`. */
  owner: string | undefined;
  readonly #world: World;
  /** The stack's name; another one renames the stack. */
  name: string;

  /** @param name of the stack, in project "infra". */
  constructor(world: World, name = "prod") {
    this.#world = world;
    this.name = name;
  }

  async preview(program: Program): Promise<Preview> {
    const run = this.#begin(undefined, program);
    const refused: string[] = [];
    const steps: Record<string, Kind> = {};
    const shown: Record<string, Properties> = {};
    for (const name of Object.keys(program.mappings)) {
      const { failures, kind, inputs } = await this.#step(run, program, name, true);
      refused.push(...failures);
      steps[name] = kind;
      const { drift, adoption } = inputs;
      shown[name] = { ...(drift !== undefined && { drift }), ...(adoption !== undefined && { adoption }) };
    }
    return { refused, steps, shown, messages: this.messages };
  }

  /**
   * Creates, updates and deletes the resources of the program, and returns the failures. Like the engine, it deletes nothing after a
   * failure.
   *
   * @param between called between the check of a mapping and its write.
   */
  async up(program: Program, fault?: Fault, between = () => {}): Promise<readonly string[]> {
    const run = this.#begin(fault, program);
    const errors: string[] = [];
    const writes: Promise<void>[] = [];
    for (const name of Object.keys(program.mappings)) {
      try {
        const step = await this.#step(run, program, name, false);
        errors.push(...step.failures);
        if (step.failures.length === 0) {
          between();
          writes.push(this.#write(run, name, step).catch((error: Error) => void errors.push(error.message)));
        }
      } catch (error) {
        errors.push(String(error));
      }
      if (errors.length > 0) {
        break;
      }
    }
    await Promise.all(writes);
    if (errors.length === 0) {
      const gone = [...this.states.keys()].filter((name) => !(name in program.mappings));
      errors.push(...(await this.#delete(run, this.replaced)), ...(await this.#delete(run, this.states, gone)));
    }
    return errors;
  }

  /** Deletes all resources, without running the program. */
  async destroy(env: Readonly<Record<string, string>> = {}, fault?: Fault): Promise<readonly string[]> {
    const run = this.#begin(fault, { env });
    return [...(await this.#delete(run, this.replaced)), ...(await this.#delete(run, this.states))];
  }

  /** Renames a resource in the program, with an alias. */
  rename(before: string, after: string): void {
    const stored = this.states.get(before);
    if (stored !== undefined) {
      this.states.delete(before);
      this.states.set(after, stored);
    }
  }

  /** A stack of another name with a copy of the state, as `pulumi stack export` and `import` make it. */
  copy(name: string): Stack {
    const copy = new Stack(this.#world, name);
    for (const [resource, stored] of this.states) {
      copy.states.set(resource, stored);
    }
    return copy;
  }

  /** @returns the names of the resources that the refresh shows as changed or gone. */
  async refresh(): Promise<readonly string[]> {
    const run = this.#begin();
    const changed: string[] = [];
    for (const stored of [this.states, this.replaced]) {
      for (const [name, { id, inputs, outs }] of stored) {
        const found = await read(run, id, parseState(outs));
        if (!found.id || diff(run, parseState({ ...found.props }), parseState(inputs)).changes) {
          changed.push(name);
        }
        if (!found.id) {
          stored.delete(name);
        } else {
          stored.set(name, { id, inputs: found.inputs ?? inputs, outs: { ...found.props }, isPartial: false });
        }
      }
    }
    return changed;
  }

  #begin(fault?: Fault, { env = {}, config }: Pick<Program, "env" | "config"> = {}): Run {
    this.messages = [];
    captureMessages(this.messages);
    this.#world.begin(fault);
    const run = runOn(this.#world);
    const known = config === undefined ? run.settings.config : (key: string) => config[key];
    run.settings = { ...run.settings, env, config: (key) => (key === "aws-auth:owner" ? this.owner : known(key)) };
    return run;
  }

  /** The engine's decision on a resource before it is written. */
  async #step(run: Run, program: Program, name: string, isPreview: boolean) {
    const before = this.states.get(name);
    const isAsked = program.replace?.includes(name) === true;
    const first = await this.#check(run, program, name, isAsked ? {} : (before?.inputs ?? {}), before, isPreview);
    if (before === undefined || first.failures.length > 0) {
      return { ...first, kind: "create" as Kind, before };
    }
    const { changes, replaces = [] } = diff(run, parseState(before.outs), parseState(first.inputs));
    if (replaces.length === 0 && !isAsked) {
      const kind: Kind = changes || before.isPartial ? "update" : "same";
      return { ...first, kind, before };
    }
    // The engine calls check a second time, without the state.
    const second = isAsked ? first : await this.#check(run, program, name, {}, before, isPreview);
    return { ...second, kind: "replace" as Kind, before };
  }

  async #check(
    run: Run,
    { mappings, ignoreChanges = [] }: Program,
    name: string,
    olds: Properties,
    before: Stored | undefined,
    isPreview: boolean,
  ) {
    const urn = `urn:pulumi:${this.name}::infra::aws-auth:index:IdentityMapping::${name}`;
    const kept = before === undefined ? [] : ignoreChanges.map((path) => [path, before.inputs[path]] as const);
    const given = { ...mappings[name], ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)) };
    const context = { urn, ignoreChanges, isPreview, secrets: [] };
    const { inputs = {}, failures = [] } = await check(run, parseState(olds), given, context);
    const checked: Properties = inputs;
    return { inputs: checked, failures: failures.map(({ reason }) => reason) };
  }

  async #write(
    run: Run,
    name: string,
    { inputs, kind, before }: { readonly inputs: Properties; readonly kind: Kind; readonly before: Stored | undefined },
  ): Promise<void> {
    const news = parseState(inputs);
    const write = async () => {
      if (before === undefined || kind === "replace") {
        return create(run, news);
      }
      const { id, outs } = before;
      return { id, outs: kind === "same" ? outs : (await update(run, id, parseState(outs), news)).outs };
    };
    const store = (id: string, outs: Properties, isPartial: boolean) => {
      if (kind === "replace" && before !== undefined) {
        this.replaced.set(`${name} ${String(before.outs["__claim"])}`, before);
      }
      this.states.set(name, { id, inputs, outs, isPartial });
    };
    try {
      const { id, outs = {} } = await write();
      this.#assertAlive();
      store(id, { ...outs }, false);
    } catch (error) {
      if (error instanceof PartialStateError && !this.#world.isKilled) {
        store(error.id, error.properties, true);
      }
      throw error;
    }
  }

  async #delete(run: Run, from: Map<string, Stored>, names = [...from.keys()]): Promise<string[]> {
    const errors: string[] = [];
    await Promise.all(
      names.map(async (name) => {
        try {
          await remove(run, parseState(from.get(name)?.outs ?? {}));
          this.#assertAlive();
          from.delete(name);
        } catch (error) {
          errors.push(error instanceof Error ? error.message : String(error));
        }
      }),
    );
    return errors;
  }

  /** A killed run does not save its state. */
  #assertAlive(): void {
    if (this.#world.isKilled) {
      throw new Error("killed");
    }
  }
}

/** Collects the messages to the user in a list, which is cleared first; each message is one line. */
export function captureMessages(messages: string[]): void {
  messages.length = 0;
  vi.spyOn(console, "error").mockImplementation((text) => void messages.push(String(text).replace(/\s+/g, " ")));
}
