import {
  type ClusterRef,
  connectionKey,
  openStore,
  resolveClusterRef,
  type Settings,
  stateIdentity,
  stateOf,
} from "../cluster";
import { report, showStatus } from "../diagnostics";
import type { Entry } from "../document";
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
  readonly #changes = new WeakMap<ClusterSession, Map<string, Entry | undefined>>();

  /** The resources whose entries are not as they should be, found by `check` for the `diff` that follows it. */
  readonly outOfSync = new Set<string>();

  /** The URNs of the resources that the state has, as far as `check` has got. */
  readonly inState = new Set<string>();

  /** What this run does to entries that were there before it, as far as `check` has got; by principal. */
  changesOn(session: ClusterSession): Map<string, Entry | undefined> {
    const changes = this.#changes.get(session) ?? new Map<string, Entry | undefined>();
    this.#changes.set(session, changes);
    return changes;
  }

  /** The cluster that an input names, or the stack's configuration in its place. */
  resolve(cluster: unknown): Promise<ClusterRef> {
    return resolveClusterRef(cluster, this.settings);
  }

  /** The one session with a cluster, however many resources there are on it. */
  session(ref: ClusterRef): Promise<ClusterSession> {
    const key = connectionKey(ref, this.settings);
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = this.#open(ref, key);
      this.#sessions.set(key, session);
    }
    return session;
  }

  /** Whether the program declares a resource of this label, for whatever principal, on whatever cluster. */
  declares(label: string): boolean {
    return [...this.#declarations.values()].some((declarations) => declarations.hasLabel(label));
  }

  async #open(ref: ClusterRef, key: string): Promise<ClusterSession> {
    const store = await openStore(ref, this.settings);
    for (const warning of store.warnings) {
      await report("warning", warning, undefined);
    }
    // Shared by all connections to one cluster: a resource may be created over one, and its old name deleted over another.
    const cluster = stateIdentity(stateOf(ref), this.settings) ?? key;
    const declarations = this.#declarations.get(cluster) ?? new Declarations();
    this.#declarations.set(cluster, declarations);
    return new ClusterSession(store, declarations, key, (status) => void showStatus(status).catch(() => undefined));
  }

  /** The session with the cluster that an input or a state names. */
  async sessionOf(cluster: unknown): Promise<ClusterSession> {
    return this.session(await this.resolve(cluster));
  }
}

/** The run that this process serves. */
export const run = new Run();
