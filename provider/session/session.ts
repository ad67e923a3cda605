import type { AwsAuthMap } from "../awsAuthMap";
import type { ClusterConnection } from "../cluster/connect";
import type { ConfigMapStore } from "../cluster/store";
import type { Caller } from "../mapping";
import { CommitQueue, type Mutation } from "./commit";
import type { KnownEntries } from "./knownEntries";
import { KnownMap } from "./knownMap";

/** One run's session with one cluster: the known state of the cluster, and the writes. One read serves all checks. */
export class ClusterSession {
  readonly declarations: Declarations;
  readonly #store: ConfigMapStore;
  readonly #map: KnownMap;
  readonly #commits: CommitQueue;
  readonly #tell: (status: string) => void;
  readonly #openEntries: ClusterConnection["accessEntries"];
  #entries: Promise<KnownEntries> | undefined;
  /** The resolved account, by expected account. */
  readonly #accounts = new Map<string | undefined, string | undefined>();

  /**
   * @param tell shows the user what the run is waiting for.
   * @param openEntries opens the access entries of an EKS cluster.
   */
  constructor(
    store: ConfigMapStore,
    declarations: Declarations,
    tell: (status: string) => void = () => {},
    openEntries?: ClusterConnection["accessEntries"],
  ) {
    this.declarations = declarations;
    this.#store = store;
    this.#map = new KnownMap(store);
    this.#commits = new CommitQueue(this.#map);
    this.#tell = tell;
    this.#openEntries = openEntries;
  }

  get label(): string {
    return this.#store.label;
  }

  /**
   * The latest version of the map that this run knows.
   *
   * @param isFresh reads again, unless the last read has just failed. Default: false.
   */
  async document(isFresh = false): Promise<AwsAuthMap> {
    if (isFresh) {
      this.#map.forget();
    }
    return (await this.#map.current()).document;
  }

  /** Applies a change to the map, and returns once a version with the change is stored. */
  commit<T>(mutation: Mutation<T>): Promise<T> {
    return this.#commits.commit(mutation);
  }

  /** Returns the cluster's account, and checks it if one is expected: see {@link ConfigMapStore.account}. */
  async account(expected: string | undefined): Promise<string | undefined> {
    // Cached, since a cluster's account never changes and every resource needs it.
    if (!this.#accounts.has(expected)) {
      this.#accounts.set(expected, await this.#store.account(expected));
    }
    return this.#accounts.get(expected);
  }

  /** The access entries of an EKS cluster; undefined for other clusters. */
  accessEntries(): Promise<KnownEntries> | undefined {
    const open = this.#openEntries;
    if (open !== undefined) {
      this.#entries ??= Promise.all([open(), import("./knownEntries.js")]).then(
        ([api, { KnownEntries }]) => new KnownEntries(api, this.#tell),
      );
    }
    return this.#entries;
  }

  /** Whether the cluster may have access entries that this run cannot read, since a kubeconfig gives no access to the EKS API. */
  get hidesEntries(): boolean {
    return this.#openEntries === undefined && this.#store.isCluster;
  }

  /** The identity of this run in the cluster, if the cluster reports it. */
  caller(): Promise<Caller | undefined> {
    return this.#store.caller();
  }
}

/** One resource of the program, as `check` declares it. */
interface Declaration {
  readonly urn: string;
  /** The ID of its claim, which identifies it in `create` and `update`, since they get no URN. */
  readonly id: string;
  /** The principal, from `principalOf`. */
  readonly principal: string;
}

/**
 * The resources that this run declares on one cluster over any connection, and the results of their writes. `check`
 * declares each resource before it is written, and all of them before any is deleted.
 */
export class Declarations {
  readonly #byUrn = new Map<string, Declaration>();
  /** The IDs of the resources whose create or update has started but not succeeded, by principal. */
  readonly #unfinished = new Map<string, Set<string>>();
  readonly #written = new Set<string>();

  /** Declares a resource. A second `check`, as before a replacement, replaces the first declaration. */
  declare(declaration: Declaration): void {
    this.#byUrn.set(declaration.urn, declaration);
  }

  /** The resource that declared the principal before the one with this ID; undefined if there is none, so the latter may be written. */
  before(principal: string, id: string): Declaration | undefined {
    // In the order of the first `check`.
    const declared = [...this.#byUrn.values()].filter((declaration) => declaration.principal === principal);
    return declared.findIndex((declaration) => declaration.id === id) > 0 ? declared[0] : undefined;
  }

  /** Runs the create or update of a resource, which counts as failed until it succeeds. */
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

  /** Records that this run wrote the entry of a principal in a place. */
  wrote(place: string, principal: string): void {
    this.#written.add(`${place} ${principal}`);
  }

  hasWritten(place: string, principal: string): boolean {
    return this.#written.has(`${place} ${principal}`);
  }
}
