/** One resource of the program, as `check` knows it. */
interface Declaration {
  readonly urn: string;
  /** The ID of its claim, by which `create` and `update` know it: they get no URN. */
  readonly id: string;
  /** The principal, from `principalOf`. */
  readonly principal: string;
}

/**
 * What the resources of this run declare, and what became of them, for one cluster, however it is reached. `check` declares each
 * resource before it is written, and all of them before anything is deleted.
 */
export class Declarations {
  readonly #byUrn = new Map<string, Declaration>();
  /** By principal: the IDs of the resources whose create or update has begun and has not succeeded. */
  readonly #unfinished = new Map<string, Set<string>>();
  readonly #written = new Set<string>();

  /** Declares a resource. A second `check` of a resource, as before its replacement, replaces its first declaration. */
  declare(declaration: Declaration): void {
    this.#byUrn.set(declaration.urn, declaration);
  }

  /** The resource that declared the principal before the one with this ID, which is refused; undefined if that one may be written. */
  before(principal: string, id: string): Declaration | undefined {
    // In the order of their first `check`.
    const declared = [...this.#byUrn.values()].filter((declaration) => declaration.principal === principal);
    return declared.findIndex((declaration) => declaration.id === id) > 0 ? declared[0] : undefined;
  }

  /** Runs the create or update of a resource, which counts as failed unless it succeeds. */
  async attempt<T>(principal: string, id: string, write: () => Promise<T>): Promise<T> {
    const unfinished = this.#unfinished.get(principal) ?? new Set();
    this.#unfinished.set(principal, unfinished.add(id));
    const result = await write();
    unfinished.delete(id);
    return result;
  }

  /** Whether another mapping of the principal failed in this run, or has not succeeded yet. */
  hasFailed(principal: string, exceptId: string | undefined): boolean {
    return [...(this.#unfinished.get(principal) ?? [])].some((id) => id !== exceptId);
  }

  /** Remembers that this run wrote the entry of a principal in a place. */
  wrote(place: string, principal: string): void {
    this.#written.add(`${place} ${principal}`);
  }

  hasWritten(place: string, principal: string): boolean {
    return this.#written.has(`${place} ${principal}`);
  }
}
