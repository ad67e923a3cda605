import type { Me, PlaceName } from "./types";

interface Resource {
  readonly me: Me;
  /** Undefined for a resource that is created without this SDK. */
  readonly urn: string | undefined;
  pending?: string | undefined;
  /** The cluster and the principal. */
  key?: string;
}

/**
 * The resources of one run, and the results of their writes. `check` declares each resource before it is written, and all of them before any
 * is deleted. `create` and `update` find them by the ID of their claim, since they get no URN.
 */
export class Program {
  readonly #byId = new Map<string, Resource>();
  /** By URN, in the order in which their principals became known. */
  readonly #declared = new Map<string, Resource>();
  /** The IDs of the resources whose create or update has started but not succeeded, by principal. */
  readonly #unfinished = new Map<string, Set<string>>();
  readonly #written = new Set<string>();

  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  add(me: Me, urn: string | undefined): void {
    this.#byId.set(me.id, { me, urn });
  }

  /** The resource with an ID; without its URN and owner if this run did not check it. */
  get(id: string): Readonly<Resource> {
    return this.#byId.get(id) ?? { me: { id, owner: id }, urn: undefined };
  }

  /** @param pending what `check` found to write, as a clause; inputs and state may agree nevertheless. */
  setPending(id: string, pending: string | undefined): void {
    Object.assign(this.#byId.get(id) ?? {}, { pending });
  }

  /** A second `check`, as before a replacement, replaces the first declaration. The cluster is undefined while it is unknown. */
  declare(id: string, cluster: string | undefined, principal: string): void {
    const resource = this.#byId.get(id);
    if (resource !== undefined) {
      resource.key = principalOnCluster(cluster, principal);
      this.#declared.set(resource.urn ?? id, resource);
    }
  }

  /** The URN of the resource that declared the principal before the one with this ID; undefined if the latter may be written. */
  rivalOf(id: string, cluster: string | undefined, principal: string): string | undefined {
    const wanted = principalOnCluster(cluster, principal);
    const declared = [...this.#declared.values()].filter(({ key }) => key === wanted);
    const [first] = declared;
    return declared.findIndex(({ me }) => me.id === id) > 0 ? (first?.urn ?? first?.me.id) : undefined;
  }

  /** Runs the create or update of a resource, which is recorded as failed until it succeeds without an error. */
  async attempt<T extends { readonly error?: unknown }>(
    cluster: string,
    principal: string,
    id: string,
    write: () => Promise<T>,
  ): Promise<T> {
    const key = principalOnCluster(cluster, principal);
    const unfinished = this.#unfinished.get(key) ?? new Set();
    this.#unfinished.set(key, unfinished.add(id));
    const result = await write();
    if (result.error === undefined) {
      unfinished.delete(id);
    }
    return result;
  }

  /** Whether another mapping of the principal failed in this run, or has not succeeded yet. */
  hasFailed(cluster: string, principal: string, exceptId: string | undefined): boolean {
    return [...(this.#unfinished.get(principalOnCluster(cluster, principal)) ?? [])].some((id) => id !== exceptId);
  }

  /** Records that this run wrote the entry of a principal in a place. */
  wrote(cluster: string, principal: string, place: PlaceName): void {
    this.#written.add(`${principalOnCluster(cluster, principal)} ${place}`);
  }

  hasWritten(cluster: string, principal: string, place: PlaceName): boolean {
    return this.#written.has(`${principalOnCluster(cluster, principal)} ${place}`);
  }
}

function principalOnCluster(cluster: string | undefined, principal: string): string {
  return `${cluster ?? "unknown"} ${principal}`;
}
