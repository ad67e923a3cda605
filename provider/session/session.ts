import { CachedLookup } from "../async";
import type { AwsAuthMap } from "../awsAuthMap";
import { accountOf, type ClusterRef } from "../cluster/clusterRef";
import type { ClusterConnection } from "../cluster/connect";
import { readRights } from "../cluster/kubernetes/objects";
import type { ConfigMapStore } from "../cluster/store";
import type { Caller } from "../mapping";
import type { ClusterRights } from "../rights/verdicts";
import { CommitQueue, type Mutation } from "./commit";
import type { KnownEntries } from "./knownEntries";
import { KnownMap } from "./knownMap";

/** One run's session with one cluster: the known state of the cluster, and the writes. One read serves all checks. */
export class ClusterSession {
  /** Identifies the cluster over any connection. */
  readonly cluster: string;
  readonly #store: ConfigMapStore;
  readonly #map: KnownMap;
  readonly #commits: CommitQueue;
  readonly #tell: (status: string) => void;
  readonly #connection: Partial<ClusterConnection>;
  readonly #entries = new CachedLookup<KnownEntries | undefined>();
  readonly #rights = new CachedLookup<ClusterRights | undefined>();

  /** @param tell shows the user what the run is waiting for. @param connection provides the access entries of an EKS cluster, and the API server. */
  constructor(
    store: ConfigMapStore,
    cluster: string,
    tell: (status: string) => void = () => {},
    connection: Partial<ClusterConnection> = {},
  ) {
    this.cluster = cluster;
    this.#store = store;
    this.#map = new KnownMap(store);
    this.#commits = new CommitQueue(this.#map);
    this.#tell = tell;
    this.#connection = connection;
  }

  get label(): string {
    return this.#store.label;
  }

  /** @param isFresh reads again, unless the last read has just failed. Default: false. */
  async document(isFresh = false): Promise<AwsAuthMap> {
    if (isFresh) {
      this.#map.forget();
    }
    return (await this.#map.current()).document;
  }

  commit<T>(mutation: Mutation<T>): Promise<T> {
    return this.#commits.commit(mutation);
  }

  /** Returns the cluster's account, and compares what is known of the cluster: see {@link ConfigMapStore.account}. */
  account(known: ClusterRef): Promise<string | undefined> {
    return this.#store.account(accountOf(known), known.kind === "kubeconfig" ? known.authority : undefined);
  }

  /** The access entries of an EKS cluster; undefined for other clusters, and if they are hidden. */
  accessEntries(): Promise<KnownEntries | undefined> {
    return this.#entries.get(async () => {
      const api = await this.#connection.accessEntries?.();
      return api && new (await import("./knownEntries.js")).KnownEntries(api, this.#tell);
    });
  }

  /** Why the cluster may have access entries that this run cannot read: see {@link ClusterConnection.hiddenEntries}. */
  async hiddenEntries(): Promise<string | undefined> {
    return this.#connection.hiddenEntries?.();
  }

  /** The bindings and roles of the cluster, read once; undefined for a manifest. */
  rights(): Promise<ClusterRights | undefined> {
    const { apiServer } = this.#connection;
    return this.#rights.get(async () => apiServer && readRights(apiServer));
  }

  caller(): Promise<Caller | undefined> {
    return this.#store.caller();
  }
}
