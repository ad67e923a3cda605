/** The provider as the engine calls it. */
export type Provider = Pick<
  typeof import("../../../provider/index.ts"),
  "check" | "diff" | "create" | "read" | "update" | "delete"
>;

/** Inputs of an IdentityMapping, but for its cluster. */
export interface MappingArgs {
  readonly arn?: string;
  readonly account?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
  readonly adopt?: boolean;
}

/** Whom a mapping is for. */
export type Subject = Pick<MappingArgs, "arn" | "account">;

/** A check failed since the key that the entry belongs in cannot be read. */
class MapRefused extends Error {
  readonly code = "unreadableKey";
}

type Properties = Record<string, unknown>;

interface Resource {
  readonly args: MappingArgs;
  /** What `check` made of them: the old inputs of the next run. */
  readonly inputs: Properties;
  readonly outs: Properties;
}

/**
 * A Pulumi program on one map, run after run: each change of it is a run of its own, in which the provider starts with nothing but
 * the state, checks every resource, and then does what the change takes.
 */
export class SimulatedProgram {
  readonly #provider: Provider;
  readonly #stack: string;
  readonly #isAlone: boolean;
  readonly #resources = new Map<string, Resource>();

  /** @param stack one of several on the map, so that its entries may have changed since it looked; none: it is alone. */
  constructor(provider: Provider, stack?: string) {
    this.#provider = provider;
    this.#stack = stack ?? "alone";
    this.#isAlone = stack === undefined;
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
    return this.#resource(name).inputs;
  }

  /** What a resource's entry says as far as the state knows. */
  stored(name: string): MappingArgs {
    return this.#resource(name).outs;
  }

  /** Adds a resource, or changes the inputs of one. Rejects with an error that has a code when the provider refuses. */
  async set(name: string, args: MappingArgs): Promise<void> {
    const cluster = nextCluster();
    await this.#checkOthers(name, cluster);
    const before = this.#resources.get(name);
    const { inputs, failures } = await this.#check(name, args, before, cluster);
    if (failures.some(({ property }) => property === "cluster")) {
      throw new MapRefused(JSON.stringify(failures));
    }
    const { drift: _drift, adoption: _adoption, ...kept } = inputs;
    const difference = failures.length > 0 ? undefined : await this.#diff(before, inputs, cluster);
    if (difference === "none") {
      this.#resources.set(name, { args, inputs: kept, outs: this.#resource(name).outs });
      return;
    }
    const { outs } =
      before === undefined
        ? await this.#provider.create(inputs)
        : await this.#provider.update("id", { ...before.outs, cluster }, inputs);
    // What a preview refuses must also be refused at the write.
    if (difference === undefined) {
      throw new Error(`written although it was refused: ${JSON.stringify(failures)}`);
    }
    this.#resources.set(name, { args, inputs: kept, outs: outs ?? {} });
  }

  /** Takes into the state what the map says. */
  async refresh(name: string): Promise<void> {
    const before = this.#resource(name);
    const {
      id,
      props = {},
      inputs = before.inputs,
    } = await this.#provider.read("id", {
      ...before.outs,
      cluster: nextCluster(),
    });
    if (id === "") {
      this.#resources.delete(name);
    } else {
      this.#resources.set(name, { args: before.args, inputs, outs: props });
    }
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
    for (const [name, resource] of this.#resources) {
      if (name === changed) {
        continue;
      }
      const { inputs, failures } = await this.#check(name, resource.args, resource, cluster);
      const difference = failures.length > 0 ? undefined : await this.#diff(resource, inputs, cluster);
      if (this.#isAlone && (difference !== "none" || inputs["drift"] !== undefined)) {
        throw new Error(`${name} is not as it was left: ${JSON.stringify({ failures, drift: inputs["drift"] })}`);
      }
    }
  }

  async #check(name: string, args: MappingArgs, before: Resource | undefined, cluster: object) {
    const context = JSON.stringify({ urn: `urn:pulumi:${this.#stack}::test::t::${name}`, isPreview: true });
    const olds = before === undefined ? {} : { ...before.inputs, cluster };
    const { inputs, failures = [] } = await this.#provider.check(olds, { ...args, cluster, __context: context });
    const checked: Properties = inputs;
    return { inputs: checked, failures };
  }

  /** What the engine would do; undefined where the provider refuses it. */
  async #diff(before: Resource | undefined, inputs: Properties, cluster: object) {
    if (before === undefined) {
      return "some";
    }
    try {
      const { changes, replaces = [] } = await this.#provider.diff("id", { ...before.outs, cluster }, inputs);
      if (replaces.length > 0) {
        throw new Error(`replaced for its ${replaces.join(" and ")}`);
      }
      return changes ? "some" : "none";
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "claimed") {
        return undefined;
      }
      throw error;
    }
  }

  #resource(name: string): Resource {
    const resource = this.#resources.get(name);
    if (resource === undefined) {
      throw new RangeError(`no resource ${name}`);
    }
    return resource;
  }
}

/** A name that no run had before gives a run a session and claims of its own, as a process of its own would. */
function nextCluster(): object {
  return { manifest: `/run-${++runs}` };
}

let runs = 0;
