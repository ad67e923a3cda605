import type { AuthenticationMode, LiveAccessEntry } from "../accessEntries/accessEntry";
import { parseMap } from "../awsAuthMap";
import type { ClusterRef } from "../cluster/clusterRef";
import type { OpenMap } from "../cluster/connect";
import { assertPresent, openMap, type ReadMap } from "../cluster/connect";
import { type Settings, withoutConfigHint } from "../cluster/settings";
import { AwsAuthError } from "../errors";
import type { ReadResult } from "../identity/clusterAccess";
import { type ClusterAccess, clusterAccess, hasAccessEntries } from "../identity/clusterAccess";
import type { KnownEntries } from "../session/knownEntries";

/** A cluster whose map and access entries are to be read. */
export interface OpenAccess extends OpenMap {
  /** The cluster's mode; undefined for a manifest or a kubeconfig, which do not use the EKS API. */
  mode(): Promise<AuthenticationMode | undefined>;
  /** The access entries of an EKS cluster; undefined for other clusters. */
  entries(): Promise<KnownEntries> | undefined;
}

export interface LiveAccess {
  readonly map: ReadMap;
  readonly access: ClusterAccess;
  /** Notes on access entries, one clause each. */
  readonly notes: readonly string[];
}

/**
 * Opens a cluster to read its aws-auth and access entries over one connection.
 *
 * @throws AwsAuthError `clusterNotFound` for a manifest that does not exist.
 */
export async function openAccess(ref: ClusterRef, settings: Settings): Promise<OpenAccess> {
  assertPresent(ref);
  if (ref.kind !== "eks") {
    return { ...(await openMap(ref, settings)), mode: async () => undefined, entries: () => undefined };
  }
  const { EksConnection } = await import("../cluster/eks/eksConnection.js");
  const connection = new EksConnection(ref, settings);
  const map = await openMap(ref, settings, connection);
  const mode = async () => (await connection.cluster()).authenticationMode;
  return {
    ...map,
    mode,
    entries: async () => {
      const [{ AccessEntryApi }, { KnownEntries }] = await Promise.all([
        import("../cluster/eks/accessEntryApi.js"),
        import("../session/knownEntries.js"),
      ]);
      return new KnownEntries(new AccessEntryApi(ref, settings, connection));
    },
    read: async () => ((await mode()) === "API" ? ignoredMap(connection) : map.read()),
  };
}

/** An empty map, for a cluster that ignores it. */
function ignoredMap(connection: NonNullable<ReadMap["connection"]>): ReadMap {
  return { connection, label: connection.label, data: {}, document: parseMap({}), isThere: true };
}

/**
 * Reads which identities have access to a cluster. Skips access entries in mode `CONFIG_MAP`. If they cannot be read, a
 * note reports it, and only the map is used.
 *
 * @param select returns the access entries that are needed.
 * @throws AwsAuthError with one of the cluster codes.
 */
export async function readAccess(
  open: OpenAccess,
  select: (entries: KnownEntries) => Promise<readonly LiveAccessEntry[]>,
): Promise<LiveAccess> {
  const [map, mode, entries] = await Promise.all([open.read(), open.mode(), readEntries(open, select)]);
  const isHidden = mode === undefined && open.connection !== undefined;
  const hidden = isHidden ? { unread: "a kubeconfig gives no access to the EKS API; use --cluster NAME" } : undefined;
  const access = clusterAccess(map.document, mode, hidden ?? entries);
  return { map, access, notes: notesOn(access, map.label) };
}

/** Reads access entries of a cluster; empty if it has none. */
export async function readEntries<T>(
  open: OpenAccess,
  select: (entries: KnownEntries) => Promise<readonly T[]>,
): Promise<ReadResult<readonly T[]>> {
  const entries = hasAccessEntries({ mode: await open.mode() }) ? open.entries() : undefined;
  return entries === undefined ? { value: [] } : readResult(async () => select(await entries));
}

/** Notes on incomplete results and on whether aws-auth has an effect, one clause each. */
export function notesOn({ mode, unread }: Pick<ClusterAccess, "mode" | "unread">, label: string): readonly string[] {
  return [
    ...(mode === "API" ? [`${label} has authentication mode API and ignores aws-auth`] : []),
    ...(unread === undefined
      ? []
      : [
          mode === "API"
            ? `access is unknown, since the access entries cannot be read: ${unread}`
            : `this may be incomplete, since the access entries, which take precedence over aws-auth, cannot be read: ${unread}`,
        ]),
  ];
}

/**
 * Reads something optional.
 *
 * @throws errors other than AwsAuthError, which are bugs.
 */
export async function readResult<T>(read: () => Promise<T>): Promise<ReadResult<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof AwsAuthError) {
      // The hint applies only to Pulumi programs.
      return { unread: withoutConfigHint(error.message) };
    }
    throw error;
  }
}
