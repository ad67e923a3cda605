import type { AwsAuthMap } from "../awsAuthMap";
import type { OpenCluster } from "../cluster/connect";
import type { ConfigMapStore } from "../cluster/store";
import type { Caller } from "../mapping";
import { CommitQueue, type Mutation } from "./commit";
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
