import {
  accountOf,
  type ClusterRef,
  type ConfigMapStore,
  identityOf,
  isMissing,
  readRights,
  resolveClusterRef,
  type Settings,
  type Way,
  wayTo,
  withAccount,
} from "../cluster";
import { report, showStatus } from "../engine/diagnostics";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import { Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import type { ResourceContext } from "./context";
import { isSameEntry, type ResourceState } from "./state";

/** The state of one run of the engine. A process serves exactly one, unless somebody debugs it. */
export class Run {
  settings: Settings = { config: () => undefined, env: { ...process.env }, cwd: process.cwd() };
  readonly #sessions = new Map<string, Promise<ClusterSession>>();
  readonly #declarations = new Map<string, Declarations>();
  readonly #kept = new Map<string, ClusterSession>();

  /** The resources whose entries are out of sync, found by `check` for the following `diff`. */
  readonly outOfSync = new Set<string>();

  /** The resources in the state, by URN, as far as they have been checked. */
  readonly checked = new Map<string, ResourceState>();

  /** The resources in the state as they were read, by URN or {@link readKey}; undefined where several have the same. */
  readonly #read = new Map<string, ResourceState | undefined>();

  /** The session for a way to a cluster. Each way has its own, since its credentials may have other permissions. */
  async session(ref: ClusterRef): Promise<ClusterSession> {
    // The account is checked for each ref separately: the way is the same, whichever account is expected.
    const way = await wayTo(withAccount(ref, undefined), this.settings);
    const session = this.#sessions.get(way.key) ?? this.#open(way, ref);
    this.#sessions.set(way.key, session);
    return session;
  }

  /**
   * Stores the state of a resource, which no check gets if somebody has asked for its replacement.
   *
   * @param urn undefined in a dynamic resource.
   */
  keepRead(urn: string | undefined, state: ResourceState): void {
    const key = urn ?? readKey(state.claim.owner, state.principal);
    const isOther = this.#read.has(key) && this.#read.get(key)?.claim.id !== state.claim.id;
    this.#read.set(key, isOther ? undefined : state);
  }

  /** Drops what was read of a resource, since it is deleted. */
  forgetRead({ principal, claim }: ResourceState): void {
    for (const [key, read] of this.#read) {
      if (read?.principal === principal && read?.claim.id === claim.id) {
        this.#read.delete(key);
      }
    }
  }

  /** The state of a resource that was read with its URN. */
  readAs(urn: string): ResourceState | undefined {
    return this.#read.get(urn);
  }

  /** The state of a resource that was read, and not checked with its state. */
  readState({ urn, label }: ResourceContext, principal: string | undefined): ResourceState | undefined {
    if (urn === undefined || this.checked.has(urn)) {
      return undefined;
    }
    return this.readAs(urn) ?? this.#read.get(readKey(label, principal));
  }

  /** The resource before this run, if it is in the state, and for the same principal on the same cluster. */
  before(inputs: ResourceState, urn: string): ResourceState | undefined {
    const before = this.checked.get(urn);
    return before !== undefined && isSameEntry(before, inputs, this.settings) ? before : undefined;
  }

  /** Whether the program declares a resource with this label, for any principal on any cluster. */
  declares(label: string): boolean {
    return [...this.#declarations.values()].some((declarations) => declarations.hasLabel(label));
  }

  async #open(way: Way, ref: ClusterRef): Promise<ClusterSession> {
    const { store, connection, accessEntries } = way.open();
    for (const warning of store.warnings) {
      await report("warning", warning, undefined);
    }
    const cluster = await this.#identify(store, way, ref);
    // Shared by all ways to a cluster, since a resource may be created over one way, and its old name deleted over another.
    const declarations = this.#declarations.get(cluster) ?? new Declarations();
    this.#declarations.set(cluster, declarations);
    return new ClusterSession(
      store,
      declarations,
      (status) => void showStatus(status).catch(() => undefined),
      accessEntries,
      connection && (() => readRights(connection)),
    );
  }

  /** An EKS cluster with an unknown account that cannot be looked up is identified by the way to it. */
  async #identify(store: ConfigMapStore, way: Way, ref: ClusterRef): Promise<string> {
    if (ref.kind !== "eks") {
      return identityOf(ref);
    }
    const account = (await ignoreUserErrors(() => store.account())) ?? ref.account;
    return account === undefined ? way.key : identityOf(withAccount(ref, account));
  }

  /**
   * The cluster of an input or a state, with its account looked up, and its session.
   *
   * @throws AwsAuthError if it cannot be looked up, or is in another account than expected.
   */
  async locate(cluster: unknown): Promise<{ readonly ref: ClusterRef; readonly session: ClusterSession }> {
    const ref = await resolveClusterRef(cluster, this.settings);
    const session = await this.session(ref);
    const account = await session.account(accountOf(ref));
    return { ref: withAccount(ref, account), session };
  }

  async sessionOf(cluster: unknown): Promise<ClusterSession> {
    return (await this.locate(cluster)).session;
  }

  /**
   * The session of the cluster of a resource in the state, which was there once.
   *
   * @throws AwsAuthError `clusterGone` if its manifest does not exist any more.
   */
  async sessionOfState(cluster: unknown): Promise<ClusterSession> {
    const { ref, session } = await this.locate(cluster);
    if (isMissing(ref)) {
      // Fails where the directory is missing too, or may not be searched: the file may be there still.
      await session.document();
      throw new AwsAuthError("clusterGone", `manifest ${quoted(ref.manifest)} does not exist`);
    }
    return session;
  }

  /**
   * Stores the session that a `check` or a `read` found for the following `diff`.
   *
   * @param cluster the cluster in the checked inputs or the state. Together with the stack's settings it determines the way.
   */
  keepSession(cluster: unknown, session: ClusterSession): void {
    this.#kept.set(JSON.stringify(cluster), session);
  }

  /** The session that the last check or read with the same cluster found; if there is none, as {@link sessionOf}. */
  async keptSession(cluster: unknown): Promise<ClusterSession> {
    return this.#kept.get(JSON.stringify(cluster)) ?? this.sessionOf(cluster);
  }
}

/** A key of what identifies a resource that is read without its URN. */
function readKey(label: string | undefined, principal: string | undefined): string {
  return JSON.stringify([label, principal]);
}

let run = new Run();

export function currentRun(): Run {
  return run;
}

/** Begins another run in this process: a plugin that is being debugged serves one after the other. */
export function beginRun(): void {
  run = new Run();
}
