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
import type { Entry } from "../document";
import { attempt } from "../errors";
import { Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";

/**
 * The state of one run of the engine. A plugin process serves exactly one run and is told its configuration once, so that this lives
 * as long as the process.
 */
class Run {
  settings: Settings = { config: () => undefined, env: process.env, cwd: process.cwd() };
  readonly #sessions = new Map<string, Promise<ClusterSession>>();
  readonly #declarations = new Map<string, Declarations>();
  readonly #changes = new WeakMap<Declarations, Map<string, Entry | undefined>>();

  /** The resources whose entries are not as they should be, found by `check` for the `diff` that follows it. */
  readonly outOfSync = new Set<string>();

  /** The URNs of the resources that the state has, as far as `check` has got. */
  readonly inState = new Set<string>();

  /** What this run does to entries of a cluster that were there before it, as far as `check` has got; by principal. */
  changesOn({ declarations }: ClusterSession): Map<string, Entry | undefined> {
    const changes = this.#changes.get(declarations) ?? new Map<string, Entry | undefined>();
    this.#changes.set(declarations, changes);
    return changes;
  }

  /** The cluster that an input names, or the stack's configuration in its place. */
  resolve(cluster: unknown): Promise<ClusterRef> {
    return resolveClusterRef(cluster, this.settings);
  }

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
    const account = (await attempt(() => store.account())) ?? ref.account;
    return account === undefined ? way.key : identityOf(withAccount(ref, account));
  }

  /**
   * The cluster that an input or a state names, with the account that it turns out to be in, and the session with it.
   *
   * @throws AwsAuthError where it cannot be looked up, or is in another account than is said.
   */
  async locate(cluster: unknown): Promise<{ readonly ref: ClusterRef; readonly session: ClusterSession }> {
    const ref = await this.resolve(cluster);
    const session = await this.session(ref);
    const account = await session.account(accountOf(ref));
    return { ref: withAccount(ref, account), session };
  }

  /** The session with the cluster that an input or a state names. */
  async sessionOf(cluster: unknown): Promise<ClusterSession> {
    return (await this.locate(cluster)).session;
  }
}

/** The run that this process serves. */
export const run = new Run();
