import { check } from "../../provider/lifecycle/check.ts";
import { readContext, writeContext } from "../../provider/lifecycle/context.ts";
import { diff } from "../../provider/lifecycle/diff.ts";
import { find } from "../../provider/lifecycle/find.ts";
import { read } from "../../provider/lifecycle/read.ts";
import { create, update } from "../../provider/lifecycle/reconcile.ts";
import { remove } from "../../provider/lifecycle/remove.ts";
import { Run } from "../../provider/lifecycle/run.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { stemOf } from "../../provider/ownership/index.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";

type Properties = Record<string, unknown>;

/** A resource in the state. */
interface Stored {
  readonly id: string;
  readonly inputs: Properties;
  readonly outs: Properties;
}

/** What one run of a program declares: inputs of its mappings by name, and its stack's configuration. */
export interface Program {
  readonly mappings: Readonly<Record<string, Properties>>;
  /** Undefined: the stack does not say. */
  readonly mode: AuthenticationMode | undefined;
  readonly config?: Readonly<Record<string, string>>;
  readonly ignoreChanges?: readonly string[];
  /** As with `--continue-on-error`. */
  readonly continuesOnError?: boolean;
}

/** A stack, by default on an EKS cluster, whose program changes from run to run. Each run is a new one that knows nothing but the state. */
export class ProgramStack {
  readonly #cluster: string;
  readonly #label: string;
  readonly #organization: string;
  readonly states = new Map<string, Stored>();
  /** What was replaced, and is still to be deleted. */
  readonly replaced = new Map<string, Stored>();

  /** @param organization empty: nobody says it, as to the plugin. */
  constructor(cluster: string, label = "o/t/s", organization = "o") {
    this.#cluster = cluster;
    this.#label = label;
    this.#organization = organization;
  }

  /** What the checks of a preview refuse. */
  async preview(program: Program): Promise<readonly string[]> {
    return (await this.#preview(program)).refused;
  }

  /** What a preview shows: the mappings that are created, changed and replaced. */
  async plan(program: Program): Promise<Readonly<Record<string, "create" | "update" | "replace">>> {
    return (await this.#preview(program)).steps;
  }

  async #preview(program: Program) {
    const run = this.#run(program);
    const refused: string[] = [];
    const steps: Record<string, "create" | "update" | "replace"> = {};
    for (const name of Object.keys(program.mappings)) {
      const { failures, kind } = await this.#step(run, program, name, true);
      refused.push(...failures);
      Object.assign(steps, failures.length === 0 && kind !== "same" && { [name]: kind });
    }
    return { refused, steps };
  }

  /** Creates, updates and deletes what the program says, and returns what failed. After a failure it deletes nothing, like the engine. */
  async up(program: Program): Promise<readonly string[]> {
    const run = this.#run(program);
    const errors: string[] = [];
    const writes: Promise<void>[] = [];
    for (const name of Object.keys(program.mappings)) {
      const step = await this.#step(run, program, name, false).catch((error: Error) => ({ failures: [error.message] }));
      if (!("inputs" in step) || step.failures.length > 0) {
        errors.push(...step.failures);
        break;
      }
      writes.push(this.#write(run, name, step).catch((error: Error) => void errors.push(error.message)));
    }
    await Promise.all(writes);
    if (errors.length === 0 || program.continuesOnError === true) {
      const gone = [...this.states.keys()].filter((name) => !(name in program.mappings));
      errors.push(...(await this.#delete(run, this.replaced)), ...(await this.#delete(run, this.states, gone)));
    }
    return errors;
  }

  /** Deletes everything, without running the program. */
  async destroy(program: Omit<Program, "mappings">): Promise<readonly string[]> {
    const run = this.#run(program);
    return [...(await this.#delete(run, this.replaced)), ...(await this.#delete(run, this.states))];
  }

  async refresh(program: Omit<Program, "mappings">): Promise<readonly string[]> {
    const run = this.#run(program);
    const errors: string[] = [];
    for (const [name, { id, inputs, outs }] of this.states) {
      try {
        const found = await read(run, id, parseState(outs));
        if (found.id === "" || found.id === undefined) {
          this.states.delete(name);
        } else {
          this.states.set(name, { id, inputs: { ...(found.inputs ?? inputs) }, outs: { ...found.props } });
        }
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
    return errors;
  }

  /** What an import of an ID finds. */
  find(program: Omit<Program, "mappings">, id: string): ReturnType<typeof find> {
    return find(this.#run(program), id);
  }

  #run({ mode, config = {} }: Omit<Program, "mappings">): Run {
    const run = new Run();
    const values: Readonly<Record<string, string>> = {
      "aws-auth:cluster": this.#cluster,
      "aws:region": "eu-central-1",
      "aws-auth:lockoutProtection": "warn",
      ...(mode !== undefined && { "aws-auth:authenticationMode": mode }),
      ...config,
    };
    run.settings = { config: (key) => values[key], env: process.env, cwd: "/" };
    return run;
  }

  /** What the engine decides of a resource before it is written. */
  async #step(run: Run, program: Program, name: string, isPreview: boolean) {
    const before = this.states.get(name);
    const first = await this.#check(run, program, name, before?.inputs ?? {}, isPreview);
    if (before === undefined || first.failures.length > 0) {
      return { ...first, kind: "create" } as const;
    }
    const { changes, replaces = [] } = await diff(run, parseState(before.outs), parseState(first.inputs));
    if (replaces.length === 0) {
      return { ...first, kind: changes ? "update" : "same" } as const;
    }
    // The engine calls check a second time, without the state.
    return { ...(await this.#check(run, program, name, {}, isPreview)), kind: "replace" } as const;
  }

  async #check(
    run: Run,
    { mappings, ignoreChanges = [] }: Program,
    name: string,
    olds: Properties,
    isPreview: boolean,
  ) {
    const urn = `urn:pulumi:${this.#label}::t::IdentityMapping::${name}`;
    const context = {
      ...readContext(undefined),
      urn,
      stem: stemOf(this.#organization || undefined, urn),
      label: `${this.#label} ${name}`,
      ignoreChanges,
      isPreview,
    };
    const before = this.states.get(name);
    const given: Properties = { ...mappings[name], __context: writeContext(context) };
    for (const path of ignoreChanges) {
      if (before !== undefined) {
        given[path] = before.inputs[path];
      }
    }
    const { inputs, failures = [] } = await check(run, parseState(olds), given, context);
    return { inputs: inputs as Properties, failures: failures.map(({ reason }) => reason) };
  }

  async #write(
    run: Run,
    name: string,
    { inputs, kind }: { readonly inputs: Properties; readonly kind: "create" | "update" | "replace" | "same" },
  ): Promise<void> {
    const before = this.states.get(name);
    const news = parseState(inputs);
    if (before === undefined || kind === "replace") {
      const { id, outs = {} } = await create(run, news);
      this.states.set(name, { id, inputs, outs: { ...outs } });
      if (before !== undefined) {
        this.replaced.set(`${name} ${JSON.stringify(before.outs)}`, before);
      }
      return;
    }
    const outs = kind === "update" ? (await update(run, parseState(before.outs), news)).outs : before.outs;
    this.states.set(name, { id: before.id, inputs, outs: { ...outs } });
  }

  async #delete(run: Run, from: Map<string, Stored>, names = [...from.keys()]): Promise<string[]> {
    const errors: string[] = [];
    await Promise.all(
      names.map(async (name) => {
        const { id = "", outs = {} } = from.get(name) ?? {};
        try {
          await remove(run, id, parseState(outs));
          from.delete(name);
        } catch (error) {
          errors.push((error as Error).message);
        }
      }),
    );
    return errors;
  }
}
