/** The provider as the engine calls it. */
export type Provider = Pick<typeof import("../../../provider/index.ts"), "check" | "create" | "update" | "delete">;

/** Inputs of an IdentityMapping, but for its cluster. */
export interface MappingArgs {
  readonly arn?: string;
  readonly account?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
  readonly adopt?: boolean;
  readonly noDuplicateARNs?: boolean;
}

/** Whom a mapping is for. */
export type Subject = Pick<MappingArgs, "arn" | "account">;

/** A check failed since the key that the entry belongs in cannot be read. */
class MapRefused extends Error {
  readonly code = "unreadableKey";
}

interface Resource {
  readonly args: MappingArgs;
  readonly outs: Record<string, unknown>;
}

/**
 * A Pulumi program on one map, run after run: each change of it is a run of its own, in which the provider starts with nothing but
 * the state, checks every resource, and then does what the change takes.
 */
export class SimulatedProgram {
  readonly #provider: Provider;
  readonly #resources = new Map<string, Resource>();

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  /** The names of the resources. */
  get names(): readonly string[] {
    return [...this.#resources.keys()];
  }

  /** The inputs of a resource. */
  args(name: string): MappingArgs {
    return this.#resource(name).args;
  }

  /** What a resource's entry is to say, as `check` makes it of the inputs. */
  wanted(name: string): MappingArgs {
    return this.#resource(name).outs;
  }

  /** Adds a resource, or changes the inputs of one. Rejects with an error that has a code when the provider refuses. */
  async set(name: string, args: MappingArgs): Promise<void> {
    const cluster = nextCluster();
    await this.#checkOthers(name, cluster);
    const olds = this.#resources.get(name)?.outs;
    const { inputs, failures = [] } = await this.#check(name, args, olds, cluster);
    if (failures.some(({ property }) => property === "cluster")) throw new MapRefused(JSON.stringify(failures));
    const { outs } =
      olds === undefined
        ? await this.#provider.create(inputs)
        : await this.#provider.update("id", { ...olds, cluster }, inputs);
    // A conflict, which a preview refuses, must be refused as well when it comes to writing.
    if (failures.length > 0) throw new Error(`written although the check failed: ${JSON.stringify(failures)}`);
    this.#resources.set(name, { args, outs: outs ?? {} });
  }

  /** Removes a resource. */
  async remove(name: string): Promise<void> {
    const cluster = nextCluster();
    await this.#checkOthers(name, cluster);
    await this.#provider.delete("id", { ...this.#resource(name).outs, cluster });
    this.#resources.delete(name);
  }

  /** No resource takes what happened to another one for drift. */
  async #checkOthers(changed: string, cluster: object): Promise<void> {
    for (const [name, { args, outs }] of this.#resources) {
      if (name === changed) continue;
      const { inputs, failures = [] } = await this.#check(name, args, outs, cluster);
      if (failures.length > 0 || inputs.drift !== undefined) {
        throw new Error(`${name} is not as it was left: ${JSON.stringify({ failures, drift: inputs.drift })}`);
      }
    }
  }

  #check(name: string, args: MappingArgs, outs: Record<string, unknown> | undefined, cluster: object) {
    const context = JSON.stringify({ urn: `urn:pulumi:s::p::t::${name}`, isPreview: true });
    const olds = outs === undefined ? {} : { ...outs, cluster };
    return this.#provider.check(olds, { ...args, cluster, __context: context });
  }

  #resource(name: string): Resource {
    const resource = this.#resources.get(name);
    if (resource === undefined) throw new RangeError(`no resource ${name}`);
    return resource;
  }
}

/** A name that no run had before gives a run a session and claims of its own, as a process of its own would. */
function nextCluster(): object {
  return { manifest: `/run-${++runs}` };
}

let runs = 0;
