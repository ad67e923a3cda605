import {
  accountOf,
  type ClusterRef,
  type OpenCluster,
  openCluster,
  openStore,
  resolveClusterRef,
  type Settings,
  stateOf,
  withAccount,
} from "../cluster";
import { type ExpectedItems, expectedItems } from "../document";
import { ignoreUserErrors } from "../errors";
import { Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";
import { parseState, type StoredMapping } from "./state";

/** A cluster of a run, opened to read. */
interface LiveCluster extends OpenCluster {
  readonly ref: ClusterRef;
  readonly session: ClusterSession;
}

/** The clusters of a run. Each is opened, and its map read, once. */
export class LiveClusters {
  readonly #settings: Settings;
  readonly #expected: ExpectedItems;
  readonly #learned = new Map<string | undefined, Promise<unknown>>();
  readonly #opened = new Map<string | undefined, Promise<LiveCluster>>();

  /** @param stored the mappings in the stack's state, which are likely to be in the maps. */
  constructor(settings: Settings, stored: readonly StoredMapping[]) {
    this.#settings = settings;
    this.#expected = expectedItems(stored.flatMap(({ outputs }) => parseState(outputs).mapping ?? []));
  }

  /**
   * The cluster of a state, or the stack's for undefined, with its account looked up.
   *
   * @returns undefined if the cluster cannot be read.
   */
  learned(cluster: unknown): Promise<unknown> {
    return once(this.#learned, cluster, () => ignoreUserErrors(() => this.#learn(cluster)));
  }

  /** @throws AwsAuthError with one of the cluster codes. */
  opened(cluster: unknown): Promise<LiveCluster> {
    return once(this.#opened, cluster, () => this.#open(cluster));
  }

  /** Reads the map of a cluster before it is needed, while the engine is busy. Failures are for whoever needs it. */
  async readAhead(cluster: unknown): Promise<void> {
    await ignoreUserErrors(async () => (await this.opened(await this.learned(cluster))).session.document());
  }

  async #learn(cluster: unknown): Promise<unknown> {
    const ref = await resolveClusterRef(cluster, this.#settings);
    const isKnown = ref.kind !== "eks" || accountOf(ref) !== undefined;
    return stateOf(isKnown ? ref : withAccount(ref, await (await openStore(ref, this.#settings)).account()));
  }

  async #open(cluster: unknown): Promise<LiveCluster> {
    const ref = await resolveClusterRef(cluster, this.#settings);
    const { store, connection } = await openCluster(ref, this.#settings);
    return {
      ref,
      store,
      connection,
      session: new ClusterSession(store, new Declarations(), undefined, undefined, this.#expected),
    };
  }
}

/** What is known for a cluster, or is asked for now. */
function once<T>(known: Map<string | undefined, Promise<T>>, cluster: unknown, ask: () => Promise<T>): Promise<T> {
  const key = JSON.stringify(cluster);
  const answer = known.get(key) ?? ask();
  known.set(key, answer);
  return answer;
}
