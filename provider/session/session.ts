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
 * How long a group waits for each change that is about to come: twice the longest pause before a change of the last few groups, but at
 * least and at most so many milliseconds. The engine sends the next changes one by one, as it saves what became of the last ones, and is
 * busy meanwhile; without the wait most writes would be for one change alone, and each carries the whole map.
 */
const patience = { least: 10, most: 250, groups: 4 };

/** A group that was written. */
interface Group {
  /** How many changes the engine had under way by then. */
  readonly underWay: number;
  /** The longest pause before one of them came, in milliseconds. */
  readonly pause: number;
}

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
  /** The last few groups. */
  #groups: readonly Group[] = [];
  /** The longest pause before a change since the last of them. */
  #pause = 0;
  /** How many changes have not been told their outcome, and the most of these since the last group. */
  #open = 0;
  #mostOpen = 0;
  /** When the last change came, or a group was written: what came after that was asked for after that. */
  #lastEvent = performance.now();
  /** Tells that a change came. */
  #came: (() => void) | undefined;
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
    const outcome = new Promise<T>((resolve, reject) => {
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
      this.#open++;
      this.#mostOpen = Math.max(this.#mostOpen, this.#open);
      this.#pause = Math.max(this.#pause, this.#passed());
      this.#came?.();
      void this.#drain();
    });
    return outcome.finally(() => {
      this.#open--;
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

  /** Waits for as many changes as were under way before, as long as they keep coming. */
  async #gather(): Promise<void> {
    const underWay = Math.max(...this.#groups.map((group) => group.underWay));
    const pause = Math.max(...this.#groups.map((group) => group.pause));
    const limit = Math.min(Math.max(2 * pause, patience.least), patience.most);
    let comes = true;
    while (comes && this.#queue.length < underWay) {
      comes = await this.#nextComes(limit);
    }
  }

  /** Waits for the next change; false where none comes in time. */
  #nextComes(limit: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limit);
      this.#came = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** How long ago the last change came or a group was written, in milliseconds; from now on that counts from now. */
  #passed(): number {
    const [before, now] = [this.#lastEvent, performance.now()];
    this.#lastEvent = now;
    return now - before;
  }

  /** Writes what waits as one group; it never throws, since each change is told its own outcome. */
  async #writeQueue(): Promise<void> {
    const take = () => this.#queue.splice(0);
    await commitGroup({ map: this.#map, take, tell: this.#tell });
    const group = { underWay: this.#mostOpen, pause: this.#pause };
    this.#groups = [...this.#groups, group].slice(-patience.groups);
    this.#mostOpen = this.#queue.length;
    this.#pause = 0;
    this.#passed();
  }
}
