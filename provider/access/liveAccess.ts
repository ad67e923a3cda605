import type { AuthenticationMode, LiveAccessEntry } from "../accessEntries";
import { type ClusterRef, openMap, type ReadMap, type Settings } from "../cluster";
import type { OpenMap } from "../cluster/connect";
import { readResult } from "../cluster/readResult";
import { parseDocument } from "../document";
import type { ReadResult } from "../readResult";
import type { KnownEntries } from "../session/knownEntries";
import { type ClusterAccess, clusterAccess, hasAccessEntries } from "./clusterAccess";

/** A cluster whose map and access entries are about to be read. */
export interface OpenAccess extends OpenMap {
  /** The cluster's mode; undefined where the EKS API is not asked: for a manifest, or a kubeconfig. */
  mode(): Promise<AuthenticationMode | undefined>;
  /** The access entries of an EKS cluster; undefined for any other. */
  entries(): Promise<KnownEntries> | undefined;
}

export interface LiveAccess {
  readonly map: ReadMap;
  readonly access: ClusterAccess;
  /** What to know about access entries, one clause each. */
  readonly notes: readonly string[];
}

/** Opens a cluster to read its aws-auth and its access entries, over one connection. */
export async function openAccess(ref: ClusterRef, settings: Settings): Promise<OpenAccess> {
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

/** The map of a cluster that ignores it. */
function ignoredMap(connection: NonNullable<ReadMap["connection"]>): ReadMap {
  const { label, warnings } = connection;
  return { connection, label, warnings, data: {}, document: parseDocument({}), isThere: true };
}

/**
 * Reads who has access to a cluster. Does not read access entries in mode `CONFIG_MAP`. If they cannot be read, a note reports it, and
 * only the map counts.
 *
 * @param select the access entries that are needed.
 * @throws AwsAuthError with one of the cluster codes.
 */
export async function readAccess(
  open: OpenAccess,
  select: (entries: KnownEntries) => Promise<readonly LiveAccessEntry[]>,
): Promise<LiveAccess> {
  const [map, mode, entries] = await Promise.all([open.read(), open.mode(), readEntries(open, select)]);
  const isHidden = mode === undefined && open.connection !== undefined;
  const hidden = isHidden
    ? { unread: "a kubeconfig does not lead to the EKS API; name the EKS cluster with --cluster" }
    : undefined;
  const access = clusterAccess(map.document, mode, hidden ?? entries);
  return { map, access, notes: notesOn(access, map.label) };
}

/** What is to be known of the access entries of a cluster; empty where there are none. */
export async function readEntries<T>(
  open: OpenAccess,
  select: (entries: KnownEntries) => Promise<readonly T[]>,
): Promise<ReadResult<readonly T[]>> {
  const entries = hasAccessEntries({ mode: await open.mode() }) ? open.entries() : undefined;
  return entries === undefined ? { value: [] } : readResult(async () => select(await entries));
}

/** What limits an answer, or decides which of the two counts, one clause each. */
export function notesOn({ mode, unread }: Pick<ClusterAccess, "mode" | "unread">, label: string): readonly string[] {
  return [
    ...(mode === "API"
      ? [`${label} has authentication mode API: access entries alone count, and aws-auth does not`]
      : []),
    ...(unread === undefined
      ? []
      : [
          mode === "API"
            ? `who gets in is not known, since the access entries cannot be read: ${unread}`
            : `this may not be all, since the access entries, which win over aws-auth, cannot be read: ${unread}`,
        ]),
  ];
}
