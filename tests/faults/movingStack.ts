import { check } from "../../provider/lifecycle/check.ts";
import { readContext, writeContext } from "../../provider/lifecycle/context.ts";
import { diff } from "../../provider/lifecycle/diff.ts";
import { create, update } from "../../provider/lifecycle/reconcile.ts";
import { Run } from "../../provider/lifecycle/run.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { stemOf } from "../../provider/ownership/index.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";

type Properties = Record<string, unknown>;

/** Inputs of an IdentityMapping, but for its cluster and mode, which the stack's configuration has. */
export interface MovingMapping {
  readonly arn: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly adopt?: boolean;
}

/** What a run came to. */
export interface Ran {
  /** What failed, by resource. */
  readonly errors: readonly unknown[];
  /** How many resources were written. */
  readonly changed: number;
}

/** A stack of mappings on an EKS cluster, each of whose runs is a new one that knows nothing but the state, as the engine makes it. */
export class MovingStack {
  readonly #cluster: string;
  readonly #mappings: Readonly<Record<string, MovingMapping>>;
  readonly #states = new Map<string, { readonly inputs: Properties; readonly outs: Properties }>();

  constructor(cluster: string, mappings: Readonly<Record<string, MovingMapping>>) {
    this.#cluster = cluster;
    this.#mappings = mappings;
  }

  /**
   * Brings all mappings into a mode. Like the engine, it checks one resource after the other, while those before are written; it
   * checks no more after a failure of one, and stores what was written.
   */
  async up(mode: AuthenticationMode): Promise<Ran> {
    const run = new Run();
    const config: Readonly<Record<string, string>> = {
      "aws-auth:cluster": this.#cluster,
      "aws:region": "eu-central-1",
      "aws-auth:authenticationMode": mode,
      "aws-auth:lockoutProtection": "warn",
    };
    run.settings = { config: (key) => config[key], env: process.env, cwd: "/" };
    const errors: unknown[] = [];
    let changed = 0;
    const writes: Promise<void>[] = [];
    for (const [name, args] of Object.entries(this.#mappings)) {
      const state = this.#states.get(name);
      const urn = `urn:pulumi:test::t::IdentityMapping::${name}`;
      const context = {
        ...readContext(undefined),
        urn,
        stem: stemOf("o", urn),
        label: `o/t/s ${name}`,
      };
      const olds = parseState(state?.inputs ?? {});
      const { inputs, failures = [] } = await check(run, olds, { ...args, __context: writeContext(context) }, context);
      if (failures.length > 0) {
        errors.push(...failures.map(({ reason }) => new Error(reason)));
        break;
      }
      const checked: Properties = inputs;
      const news = parseState(checked);
      const before = state && parseState(state.outs);
      const write = async () => {
        if (before !== undefined && !(await diff(run, before, news)).changes) {
          this.#states.set(name, { inputs: checked, outs: state?.outs ?? {} });
          return;
        }
        const { outs = {} } = before === undefined ? await create(run, news) : await update(run, before, news);
        this.#states.set(name, { inputs: checked, outs });
        changed++;
      };
      writes.push(write().catch((error: unknown) => void errors.push(error)));
    }
    await Promise.all(writes);
    return { errors, changed };
  }
}
