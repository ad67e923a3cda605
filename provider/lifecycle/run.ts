import { Slots } from "../async";
import { accountOf, type ClusterRef, clusterIdentity, eksOf, stateOf, withAccount } from "../cluster/clusterRef";
import { type ClusterConnection, connectionTo, isMissing } from "../cluster/connect";
import { assertKnown, resolveClusterRef } from "../cluster/resolveClusterRef";
import type { Settings } from "../cluster/settings";
import { AwsAuthError, type AwsAuthErrorCode, hasCode, ignoreUserErrors, PartialStateError } from "../errors";
import { report, showStatus } from "../pulumi/diagnostics";
import { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import { Program } from "./program";

/** The state of one run of the engine. A process serves exactly one run. */
export class Run {
  settings: Settings = { config: () => undefined, env: { ...process.env }, cwd: process.cwd() };
  readonly #connectionTo: typeof connectionTo;
  readonly #sessions = new Map<string, Promise<ClusterSession>>();

  /**
   * Serializes the changes in both places that may lock anyone out. `KnownEntries.turns` serializes only access
   * entries, including those of new administrators, which no guard judges.
   */
  readonly lockoutTurns = new Slots(1);
  readonly #failures = new Set<string>();

  /** @param open finds the connection to a cluster; tests pass their own. */
  constructor(open = connectionTo) {
    this.#connectionTo = open;
  }

  readonly program = new Program();

  /** The clusters of the program by {@link reachOf}, since the token in the state's kubeconfig may have expired. */
  readonly clusters = new Map<string, ClusterRef>();

  /** Returns the error, or a short one if another mapping of this run has already reported the same cause. */
  shortenRepeated(error: unknown): unknown {
    if (!(error instanceof AwsAuthError) || error instanceof PartialStateError || !shared.includes(error.code)) {
      return error;
    }
    if (this.#failures.has(error.message)) {
      return new AwsAuthError(error.code, "same error as for another mapping in this run", {
        cause: error,
      });
    }
    this.#failures.add(error.message);
    return error;
  }

  /** The session for a connection to a cluster. Each connection has its own, since its credentials may have other permissions. */
  async session(ref: ClusterRef): Promise<ClusterSession> {
    // The account is checked per ref, since the connection does not depend on the expected account.
    const connection = await this.#connectionTo(withAccount(ref, undefined), this.settings);
    const session = this.#sessions.get(connection.key) ?? openSession(connection, ref);
    this.#sessions.set(connection.key, session);
    return session;
  }

  /** The cluster of an input or a state, with its account, and its session. */
  async locate(cluster: unknown): Promise<{ readonly ref: ClusterRef; readonly session: ClusterSession }> {
    const ref = await resolveClusterRef(cluster, this.settings);
    const session = await this.session(ref);
    const account = await session.account(ref);
    return { ref: withAccount(ref, account), session };
  }

  /** @throws AwsAuthError `clusterGone` if the manifest in the state no longer exists. */
  async locateStored(cluster: unknown) {
    const stored = await resolveClusterRef(cluster, this.settings);
    assertKnown(stored);
    const { ref, session } = await this.locate(stateOf(this.clusters.get(reachOf(stored)) ?? stored));
    if (isMissing(ref)) {
      // This throws if the directory is missing or unreadable, since the file may still exist.
      await session.document();
      throw new AwsAuthError("clusterGone", `manifest ${quoted(ref.manifest)} does not exist`);
    }
    return { ref: withAccount(stored, accountOf(ref)), session };
  }
}

async function openSession(connection: ClusterConnection, ref: ClusterRef): Promise<ClusterSession> {
  const { store, key } = connection;
  const isEks = eksOf(ref) !== undefined;
  const account = isEks ? ((await ignoreUserErrors(() => store.account())) ?? accountOf(ref)) : undefined;
  // An EKS cluster whose account is not known is identified by the connection.
  const cluster = isEks && account === undefined ? key : clusterIdentity(withAccount(ref, account));
  const tell = (status: string) => void showStatus(status).catch(() => undefined);
  return new ClusterSession(store, cluster, tell, connection);
}

/** Reports that a cluster is gone, so that its mappings are treated as deleted. Rethrows any other error. */
export async function reportGone(error: unknown): Promise<void> {
  if (!hasCode(error, "clusterGone")) {
    throw error;
  }
  await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
}

/** Identifies a cluster and how to reach it, except for the kubeconfig. */
export function reachOf(ref: ClusterRef): string {
  return JSON.stringify({ ...stateOf(ref), kubeconfig: undefined });
}

/** Connection errors, which fail every mapping in the same way. */
const shared: readonly AwsAuthErrorCode[] = [
  "accessDenied",
  "clusterUnreachable",
  "credentials",
  "clusterNotFound",
  "notFound",
];

const run = new Run();

export function currentRun(): Run {
  return run;
}
