import type { AwsAuthMap } from "../awsAuthMap";
import type { OpenCluster } from "../cluster/connect";
import type { ConfigMapStore } from "../cluster/store";
import type { Caller } from "../mapping";
import { CommitQueue, type Mutation } from "./commit";
import type { Declarations } from "./declarations";
import type { KnownEntries } from "./knownEntries";
import { KnownMap } from "./knownMap";

/** The session of one run with one cluster: what it knows of the cluster, and its writes. One read serves all checks. */
export class ClusterSession {
  readonly declarations: Declarations;
  readonly #store: ConfigMapStore;
  readonly #map: KnownMap;
  readonly #commits: CommitQueue;
  readonly #tell: (status: string) => void;
  readonly #openEntries: OpenCluster["accessEntries"];
  #entries: Promise<KnownEntries> | undefined;
  /** The account that was found, by expected account. */
  readonly #accounts = new Map<string | undefined, string | undefined>();

  /**
   * @param tell shows the user what the run is waiting for.
   * @param openEntries opens the access entries of an EKS cluster.
   */
  constructor(
    store: ConfigMapStore,
    declarations: Declarations,
    tell: (status: string) => void = () => {},
    openEntries?: OpenCluster["accessEntries"],
  ) {
    this.declarations = declarations;
    this.#store = store;
    this.#map = new KnownMap(store);
    this.#commits = new CommitQueue(this.#map);
    this.#tell = tell;
    this.#openEntries = openEntries;
  }

  /** The cluster's name in messages. */
  get label(): string {
    return this.#store.label;
  }

  /**
   * The latest version of the map that this run knows.
   *
   * @param isFresh reads it again, unless it could not be read just before. Default: false.
   */
  async document(isFresh = false): Promise<AwsAuthMap> {
    if (isFresh) {
      this.#map.forget();
    }
    return (await this.#map.current()).document;
  }

  /** Applies a change to the map, and returns once a version that contains it is stored. */
  commit<T>(mutation: Mutation<T>): Promise<T> {
    return this.#commits.commit(mutation);
  }

  /** Returns the cluster's account, and checks it if one is expected: see {@link ConfigMapStore.account}. */
  async account(expected: string | undefined): Promise<string | undefined> {
    // A cluster never changes its account, and every resource needs it.
    if (!this.#accounts.has(expected)) {
      this.#accounts.set(expected, await this.#store.account(expected));
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

  /** Whether the cluster may have access entries that this run cannot see, since a kubeconfig does not lead to the EKS API. */
  get hidesEntries(): boolean {
    return this.#openEntries === undefined && this.#store.isCluster;
  }

  /** The identity of this run in the cluster, if the cluster tells. */
  caller(): Promise<Caller | undefined> {
    return this.#store.caller();
  }
}
