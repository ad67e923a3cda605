import type { ConfigMapStore } from "../cluster/store";
import type { AwsAuthDocument } from "../document";
import type { Caller } from "../mapping";
import { commitGroup, type Pending } from "./commit";
import type { Declarations } from "./declarations";
import { KnownMap, tellIfSlow } from "./knownMap";

/**
 * One change to the document. It is called again on every newer version of the document until one of them is stored, so it
 * decides everything from its argument; what it throws fails this change alone.
 */
export type Mutation<T> = (document: AwsAuthDocument) => { readonly document: AwsAuthDocument; readonly result: T };

/**
 * How long a group waits for the changes that are about to come: as long as the last write took, but at most so many milliseconds, and
 * not at all where that was less than the least. The engine sends the next changes when it has saved what became of the last ones,
 * one after the other; without the wait every other write to a server far away would be for the fastest of them alone.
 */
const gathering = { most: 100, least: 20 };

/**
 * All that one run does on one cluster. One read serves every check; writes are committed in groups: while one is under way the
 * next changes gather, and then one write carries them all.
 */
export class ClusterSession {
  readonly #store: ConfigMapStore;
  /** Who maps what on the cluster. */
  readonly declarations: Declarations;
  readonly #map: KnownMap;
  readonly #tell: (status: string) => void;
  /** The account that was found, by the one that was expected. */
  readonly #accounts = new Map<string | undefined, string | undefined>();
  #queue: Pending[] = [];
  /** How many changes the engine had under way when the last group was written. */
  #underWay = 0;
  /** Ends the wait for them. */
  #gathered: (() => void) | undefined;
  #isDraining = false;

  /** @param tell shows a user what the run is waiting for, while it is. */
  constructor(store: ConfigMapStore, declarations: Declarations, tell: (status: string) => void = () => {}) {
    this.#store = store;
    this.declarations = declarations;
    this.#tell = tell;
    this.#map = new KnownMap(store, tell);
  }

  /** The newest version of the document that this run knows. */
  async document(): Promise<AwsAuthDocument> {
    return (await this.#map.current()).document;
  }

  /** Makes sure that this is the cluster of an account, and says which one it is in: see {@link ConfigMapStore.account}. */
  async account(expected: string | undefined): Promise<string | undefined> {
    // A cluster stays in its account, and every resource asks.
    if (!this.#accounts.has(expected)) {
      const { label } = this.#store;
      const tell = () => this.#tell(`waiting for EKS to look up ${label}`);
      this.#accounts.set(expected, await tellIfSlow(this.#store.account(expected), tell));
    }
    return this.#accounts.get(expected);
  }

  /** Who the cluster takes this run for, where it says so. */
  caller(): Promise<Caller | undefined> {
    return this.#store.caller();
  }

  /** Applies a change and returns once a version of the ConfigMap that holds it is stored. */
  commit<T>(mutation: Mutation<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#queue.push({
        apply: (document) => {
          const next = mutation(document);
          result = next.result;
          return next.document;
        },
        settle: () => resolve(result),
        fail: reject,
      });
      if (this.#queue.length >= this.#underWay) {
        this.#gathered?.();
      }
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) {
      return;
    }
    this.#isDraining = true;
    while (this.#queue.length > 0) {
      await this.#gather();
      await this.#writeQueue();
    }
    this.#isDraining = false;
  }

  /** Waits for as many changes as were under way before. */
  async #gather(): Promise<void> {
    if (this.#map.lastWrite < gathering.least || this.#queue.length >= this.#underWay) {
      return;
    }
    const limit = Math.min(this.#map.lastWrite, gathering.most);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limit);
      this.#gathered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#gathered = undefined;
  }

  /** Writes what waits as one group; it never throws, since each change is told its own outcome. */
  async #writeQueue(): Promise<void> {
    let taken = 0;
    const take = () => {
      taken += this.#queue.length;
      return this.#queue.splice(0);
    };
    await commitGroup({ map: this.#map, take, tell: this.#tell });
    this.#underWay = taken + this.#queue.length;
  }
}
