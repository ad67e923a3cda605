import type { ClusterRights } from "../access/verdict";
import type { OpenCluster } from "../cluster/connect";
import type { ConfigMapStore } from "../cluster/store";
import type { AwsAuthDocument } from "../document";
import type { Caller } from "../mapping";
import { commitGroup, type Pending } from "./commit";
import type { Declarations } from "./declarations";
import type { KnownEntries } from "./knownEntries";
import { KnownMap, tellIfSlow } from "./knownMap";

/**
 * One change to the document. It is called for every newer version of the document until one is stored, so it must depend only on
 * its argument. An error that it throws fails only this change.
 */
export type Mutation<T> = (document: AwsAuthDocument) => { readonly document: AwsAuthDocument; readonly result: T };

/** The first write of a burst of changes waits until none has arrived for `quiet` milliseconds, and `most` milliseconds altogether. */
const gathering = { quiet: 25, most: 250 };

/**
 * The session of one run with one cluster. One read serves all checks. Changes are written in groups: while a write is in progress,
 * further changes accumulate, and the next write contains all of them.
 */
export class ClusterSession {
  readonly #store: ConfigMapStore;
  readonly declarations: Declarations;
  readonly #map: KnownMap;
  readonly #tell: (status: string) => void;
  /** The account that was found, by expected account. */
  readonly #accounts = new Map<string | undefined, string | undefined>();
  #queue: Pending[] = [];
  #lastArrival = 0;
  #isDraining = false;
  readonly #openEntries: OpenCluster["accessEntries"];
  #entries: Promise<KnownEntries> | undefined;
  readonly #readRights: (() => Promise<ClusterRights>) | undefined;
  #rights: Promise<ClusterRights> | undefined;

  /**
   * @param tell shows the user what the run is waiting for.
   * @param openEntries opens the access entries of an EKS cluster.
   * @param readRights reads the roles and bindings; undefined for a manifest.
   */
  constructor(
    store: ConfigMapStore,
    declarations: Declarations,
    tell: (status: string) => void = () => {},
    openEntries?: OpenCluster["accessEntries"],
    readRights?: () => Promise<ClusterRights>,
  ) {
    this.#readRights = readRights;
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

  /** Makes the next {@link document} read the map again, unless it could not be read just before. */
  forgetMap(): void {
    this.#map.forgetRead();
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

  /** The roles and bindings of the cluster, read once; undefined for a manifest. */
  rights(): Promise<ClusterRights> | undefined {
    this.#rights ??= this.#readRights?.();
    return this.#rights;
  }

  /** Whether it has access entries that this run cannot see, since it does not go by the EKS API. */
  async hidesEntries(): Promise<boolean> {
    return this.#openEntries === undefined && (await this.#store.leadsToEks?.()) === true;
  }

  /** The identity of this run in the cluster, if the cluster tells. */
  caller(): Promise<Caller | undefined> {
    return this.#store.caller();
  }

  /** Whether the cluster lets this run in now: see {@link ConfigMapStore.isLetIn}. */
  isLetIn(): Promise<boolean> {
    return this.#store.isLetIn();
  }

  /** Applies a change, and returns once a version of the ConfigMap that contains it is stored. */
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
      this.#lastArrival = performance.now();
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) {
      return;
    }
    this.#isDraining = true;
    await this.#gather();
    while (this.#queue.length > 0) {
      // Never throws, since each change gets its own outcome.
      await commitGroup({ map: this.#map, take: () => this.#queue.splice(0), tell: this.#tell });
    }
    this.#isDraining = false;
  }

  /** Waits for the other changes of a burst, which the engine sends one by one: it saves its state before each. */
  async #gather(): Promise<void> {
    const end = performance.now() + gathering.most;
    let left: number = gathering.quiet;
    while (left > 0) {
      await new Promise((resolve) => setTimeout(resolve, left));
      left = Math.min(this.#lastArrival + gathering.quiet, end) - performance.now();
    }
  }
}
