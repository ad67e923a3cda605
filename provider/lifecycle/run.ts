import {
  accountOf,
  type ClusterRef,
  type ConfigMapStore,
  identityOf,
  resolveClusterRef,
  type Settings,
  type Way,
  wayTo,
  withAccount,
} from "../cluster";
import { report, showStatus } from "../diagnostics";
import { ignoreUserErrors } from "../errors";
import { Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";

/** Does something for every item, so many at a time, and gives the results in the items' order. */
export async function mapConcurrent<Item, Result>(
  items: readonly Item[],
  limit: number,
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const waiting = items.entries();
  const takeNext = async () => {
    for (const [index, item] of waiting) {
      results.set(index, await act(item));
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, takeNext));
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

/**
 * The state of one run of the engine. A plugin process serves exactly one run and is told its configuration once, so that this lives
 * as long as the process.
 */
export class Run {
  settings: Settings = { config: () => undefined, env: process.env, cwd: process.cwd() };
  readonly #sessions = new Map<string, Promise<ClusterSession>>();
  readonly #declarations = new Map<string, Declarations>();
  readonly #checked = new Map<string, ClusterSession>();
  readonly #prefetched = new Set<string>();

  /** The resources whose entries are not as they should be, found by `check` for the `diff` that follows it. */
  readonly outOfSync = new Set<string>();

  /** The URNs of the resources that the state has, as far as `check` has got. */
  readonly inState = new Set<string>();

  /** The one session over a way to a cluster: what leads over another way has other credentials, and may have other rights. */
  async session(ref: ClusterRef): Promise<ClusterSession> {
    // The account is asserted for each ref: credentials lead to one cluster, whichever is expected.
    const way = await wayTo(withAccount(ref, undefined), this.settings);
    const session = this.#sessions.get(way.key) ?? this.#open(way, ref);
    this.#sessions.set(way.key, session);
    return session;
  }

  /** Whether the program declares a resource of this label, for whatever principal, on whatever cluster. */
  declares(label: string): boolean {
    return [...this.#declarations.values()].some((declarations) => declarations.hasLabel(label));
  }

  async #open(way: Way, ref: ClusterRef): Promise<ClusterSession> {
    const store = way.open();
    for (const warning of store.warnings) {
      await report("warning", warning, undefined);
    }
    const cluster = await this.#identify(store, way, ref);
    // Shared by all ways to one cluster: a resource may be created over one, and its old name deleted over another.
    const declarations = this.#declarations.get(cluster) ?? new Declarations();
    this.#declarations.set(cluster, declarations);
    return new ClusterSession(store, declarations, (status) => void showStatus(status).catch(() => undefined));
  }

  /** An EKS cluster that cannot be looked up, and whose account nothing says, is told from others by the way to it. */
  async #identify(store: ConfigMapStore, way: Way, ref: ClusterRef): Promise<string> {
    if (ref.kind !== "eks") {
      return identityOf(ref);
    }
    const account = (await ignoreUserErrors(() => store.account())) ?? ref.account;
    return account === undefined ? way.key : identityOf(withAccount(ref, account));
  }

  /**
   * The cluster that an input or a state names, with the account that it turns out to be in, and the session with it.
   *
   * @throws AwsAuthError where it cannot be looked up, or is in another account than is said.
   */
  async locate(cluster: unknown): Promise<{ readonly ref: ClusterRef; readonly session: ClusterSession }> {
    const ref = await resolveClusterRef(cluster, this.settings);
    const session = await this.session(ref);
    const account = await session.account(accountOf(ref));
    return { ref: withAccount(ref, account), session };
  }

  /** The session with the cluster that an input or a state names. */
  async sessionOf(cluster: unknown): Promise<ClusterSession> {
    return (await this.locate(cluster)).session;
  }

  /**
   * Keeps the session that `check` found for the `diff` that follows it.
   *
   * @param cluster what the checked inputs say of the cluster: with the stack's settings, all that decides the way there.
   */
  keepChecked(cluster: unknown, session: ClusterSession): void {
    this.#checked.set(JSON.stringify(cluster), session);
  }

  /** The session over the way that the last check of a resource with this very cluster found; without one, as {@link sessionOf}. */
  async checkedSession(cluster: unknown): Promise<ClusterSession> {
    return this.#checked.get(JSON.stringify(cluster)) ?? this.sessionOf(cluster);
  }

  /**
   * Begins to read the maps of clusters that the program is going to ask for. The engine checks one resource after the other, so that
   * a program with many clusters would otherwise wait for each in turn.
   *
   * @param named the clusters, as JSON: the same for every resource that was made with them.
   */
  prefetch(named: string | undefined): void {
    if (named === undefined || this.#prefetched.has(named)) {
      return;
    }
    this.#prefetched.add(named);
    const clusters: unknown[] = JSON.parse(named);
    void mapConcurrent(clusters, clustersAtOnce, (cluster) =>
      this.sessionOf(cluster)
        .then((session) => session.document())
        // The resource that needs the cluster is told what is wrong with it.
        .catch(() => undefined),
    );
  }
}

/** The run that this process serves. */
export const run = new Run();

/** How many clusters are looked up side by side: each takes a call to EKS, whose limit is shared by the whole account, and a read. */
export const clustersAtOnce = 8;
