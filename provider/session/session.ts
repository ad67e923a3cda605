import type { OpenWay } from "../cluster/connect";
import type { ConfigMapStore } from "../cluster/store";
import type { AwsAuthDocument } from "../document";
import type { Caller } from "../mapping";
import { commitGroup, type Pending } from "./commit";
import type { Declarations } from "./declarations";
import type { KnownEntries } from "./knownEntries";
import { KnownMap, tellIfSlow } from "./knownMap";
import { Pace } from "./pace";
import type { Turn } from "./turns";

/**
 * One change to the document. It is called for every newer version of the document until one is stored, so it must depend only on
 * its argument. An error that it throws fails only this change.
 */
export type Mutation<T> = (document: AwsAuthDocument) => { readonly document: AwsAuthDocument; readonly result: T };

/**
 * The session of one run with one cluster. One read serves all checks. Changes are written in groups: while a write is in progress,
 * further changes accumulate, and the next write contains all of them.
 */
export class ClusterSession {
  readonly #store: ConfigMapStore;
  /** The declarations for the cluster. */
  readonly declarations: Declarations;
  readonly #map: KnownMap;
  readonly #tell: (status: string) => void;
  /** The account that was found, by expected account. */
  readonly #accounts = new Map<string | undefined, string | undefined>();
  #queue: Pending[] = [];
  readonly #pace = new Pace();
  /** How many changes are in progress. */
  #inProgress = 0;
  /** Called when a change or a question arrives. */
  #came: (() => void) | undefined;
  #isDraining = false;
  readonly #openEntries: OpenWay["accessEntries"];
  #entries: Promise<KnownEntries> | undefined;

  /**
   * @param tell shows the user what the run is waiting for.
   * @param openEntries opens the access entries of an EKS cluster.
   */
  constructor(
    store: ConfigMapStore,
    declarations: Declarations,
    tell: (status: string) => void = () => {},
    openEntries?: OpenWay["accessEntries"],
  ) {
    this.#store = store;
    this.#openEntries = openEntries;
    this.declarations = declarations;
    this.#tell = tell;
    this.#map = new KnownMap(store, tell);
  }

  /** The latest version of the document that this run knows. */
  async document(): Promise<AwsAuthDocument> {
    return (await this.#map.current()).document;
  }

  /** Returns the cluster's account, and checks it if one is expected: see {@link ConfigMapStore.account}. */
  async account(expected: string | undefined): Promise<string | undefined> {
    // Cached, since a cluster never changes its account and every resource needs it.
    if (!this.#accounts.has(expected)) {
      const { label } = this.#store;
      const tell = () => this.#tell(`waiting for EKS to look up ${label}`);
      this.#accounts.set(expected, await tellIfSlow(this.#store.account(expected), tell));
    }
    return this.#accounts.get(expected);
  }

  /** The access entries of an EKS cluster; undefined for any other cluster, which has none. */
  accessEntries(): Promise<KnownEntries> | undefined {
    const open = this.#openEntries;
    if (open !== undefined) {
      this.#entries ??= Promise.all([open(), import("./knownEntries.js")]).then(
        ([api, { KnownEntries }]) => new KnownEntries(api, this.#tell),
      );
    }
    return this.#entries;
  }

  /** The identity of this run in the cluster, if the cluster tells. */
  caller(): Promise<Caller | undefined> {
    return this.#store.caller();
  }

  /** Makes a change of a mapping in access entries in its turn. */
  inTurn<T>(turn: Turn, change: () => Promise<T>): Promise<T> {
    return this.declarations.turns.run(turn, change, this.#tell);
  }

  /** The engine asks about a resource, whose change may follow: see {@link Pace}. */
  expectChange(): void {
    this.#pace.questionArrives();
    this.#came?.();
  }

  /** Applies a change, and returns once a version of the ConfigMap that contains it is stored. */
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
      this.#inProgress++;
      this.#pace.changeArrives(this.#inProgress);
      this.#came?.();
      void this.#drain();
    });
    return outcome.finally(() => {
      this.#inProgress--;
    });
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) {
      return;
    }
    this.#isDraining = true;
    while (this.#queue.length > 0) {
      const isInVain = await this.#gather();
      await this.#writeQueue(isInVain);
    }
    this.#isDraining = false;
  }

  /**
   * Waits for the changes of a group, as long as they keep arriving. A question does not start the wait again, but may make it longer, since
   * its change may follow.
   *
   * @returns whether it waited for more than have arrived.
   */
  async #gather(): Promise<boolean> {
    let comes = true;
    while (comes && this.#queue.length < this.#pace.groupSize) {
      const limit = this.#pace.timeLeft;
      comes = limit > 0 && (await this.#nextComes(limit));
    }
    return !comes;
  }

  /** Waits for the next change or question; false if none arrives in time. */
  #nextComes(limit: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limit);
      this.#came = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** Writes the waiting changes as one group. Never throws, since each change gets its own outcome. */
  async #writeQueue(isInVain: boolean): Promise<void> {
    const start = performance.now();
    const take = () => this.#queue.splice(0);
    await commitGroup({ map: this.#map, take, tell: this.#tell });
    this.#pace.groupIsWritten(performance.now() - start, isInVain, this.#queue.length);
  }
}
