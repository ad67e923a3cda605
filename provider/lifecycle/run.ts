import { Slots } from "../async";
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
import { AwsAuthError, type AwsAuthErrorCode, ignoreUserErrors, PartialStateError } from "../errors";
import { report, showStatus } from "../pulumi/diagnostics";
import type { ClusterRights } from "../rights/verdicts";
import { ClusterSession, Declarations } from "../session/session";
import { quoted } from "../text/text";
import type { Me } from "./types";

/** The state of one run of the engine. A process serves exactly one. */
export class Run {
  settings: Settings = { config: () => undefined, env: { ...process.env }, cwd: process.cwd() };
  readonly #wayTo: typeof wayTo;
  readonly #sessions = new Map<string, Promise<ClusterSession>>();
  readonly #declarations = new Map<string, Declarations>();

  /**
   * Makes changes that may lock anyone out one after the other, in both places. `KnownEntries.turns` orders access entries alone, and also
   * those of new administrators, which no guard judges.
   */
  readonly lockoutTurns = new Slots(1);
  readonly #failures = new Set<string>();
  readonly #rights = new Map<ClusterSession, () => Promise<ClusterRights>>();

  /** @param open finds the connection to a cluster; tests have clusters of their own. */
  constructor(open = wayTo) {
    this.#wayTo = open;
  }

  /** The resources of the program by the ID of their claim, since only `check` gets a URN. */
  readonly resources = new Map<string, { readonly urn: string | undefined; readonly me: Me }>();

  /** The IDs of the resources that `check` has something to write for, although inputs and state may agree. */
  readonly outOfSync = new Set<string>();

  /** The same error; where it stopped another mapping before for the same cause, one that does not repeat it. */
  once(error: unknown): unknown {
    if (!(error instanceof AwsAuthError) || error instanceof PartialStateError || !shared.includes(error.code)) {
      return error;
    }
    if (this.#failures.has(error.message)) {
      return new AwsAuthError(error.code, "it failed for the same reason as another mapping of this run", {
        cause: error,
      });
    }
    this.#failures.add(error.message);
    return error;
  }

  /** The session for a connection to a cluster. Each has its own, since its credentials may have other permissions. */
  async session(ref: ClusterRef): Promise<ClusterSession> {
    // The account is checked for each ref separately: the connection is the same, whichever account is expected.
    const way = await this.#wayTo(withAccount(ref, undefined), this.settings);
    const session = this.#sessions.get(way.key) ?? this.#open(way, ref);
    this.#sessions.set(way.key, session);
    return session;
  }

  /** The bindings and roles of a cluster, read once; undefined for a manifest. */
  async rights(session: ClusterSession): Promise<ClusterRights | undefined> {
    return this.#rights.get(session)?.();
  }

  async #open(way: Way, ref: ClusterRef): Promise<ClusterSession> {
    const { store, connection, accessEntries } = way.open();
    for (const warning of store.warnings) {
      await report("warning", warning, undefined);
    }
    const cluster = await this.#identify(store, way, ref);
    // Shared by all connections to a cluster, since a resource may be created over one, and its old name deleted over another.
    const declarations = this.#declarations.get(cluster) ?? new Declarations();
    this.#declarations.set(cluster, declarations);
    const tell = (status: string) => void showStatus(status).catch(() => undefined);
    const session = new ClusterSession(store, declarations, tell, accessEntries);
    if (connection !== undefined) {
      let rights: Promise<ClusterRights> | undefined;
      this.#rights.set(session, () => {
        rights ??= readRights(connection);
        return rights;
      });
    }
    return session;
  }

  /** An EKS cluster with an unknown account that cannot be looked up is identified by the connection. */
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

  /**
   * The session of the cluster of a resource in the state, which was there once.
   *
   * @throws AwsAuthError `clusterGone` if its manifest no longer exists.
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
}

/** Errors of the connection, which fail every mapping in the same way. */
const shared: readonly AwsAuthErrorCode[] = ["accessDenied", "clusterUnreachable", "credentials", "clusterNotFound"];

const run = new Run();

export function currentRun(): Run {
  return run;
}
