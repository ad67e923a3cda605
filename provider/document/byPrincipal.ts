import { groupBy } from "../groupBy";

/** What is kept of a version that was asked. */
interface Asked<Item> {
  questions: number;
  index?: ReadonlyMap<string | undefined, readonly Item[]>;
}

/**
 * From which question on a version is worth an index. The one that a run reads is asked about every resource, while each one that it
 * writes is asked a few times for each change of the next group, and an index of each would only be garbage.
 */
const worthAnIndex = 64;

/** Finds what belongs to a principal, in versions of something that never change. */
export class ByPrincipal<Version extends object, Item extends { readonly principal?: string | undefined }> {
  readonly #search: (version: Version, principal: string) => readonly Item[];
  readonly #all: (version: Version) => readonly Item[];
  readonly #asked = new WeakMap<Version, Asked<Item>>();

  /**
   * @param search finds one principal's items.
   * @param all gives every item; a principal's are in the same order in both.
   */
  constructor(
    search: (version: Version, principal: string) => readonly Item[],
    all: (version: Version) => readonly Item[],
  ) {
    this.#search = search;
    this.#all = all;
  }

  /** The items of a principal. */
  find(version: Version, principal: string): readonly Item[] {
    const asked: Asked<Item> = this.#asked.get(version) ?? { questions: 0 };
    this.#asked.set(version, asked);
    if (++asked.questions < worthAnIndex) return this.#search(version, principal);
    asked.index ??= groupBy(this.#all(version), (item) => item.principal);
    return asked.index.get(principal) ?? [];
  }
}
