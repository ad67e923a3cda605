import { existsSync } from "node:fs";
import { type ClusterRef, openCluster, type Settings } from "./cluster";
import type { ApiConnection } from "./cluster/kubernetes/request";
import { type AwsAuthDocument, parseDocument } from "./document";

/** A live map, and where it was read. */
export interface ReadMap {
  /** The way to its API server; undefined for a manifest. */
  readonly connection: ApiConnection | undefined;
  /** Names the cluster in messages. */
  readonly label: string;
  /** What a user should know about the connection, one sentence each. */
  readonly warnings: readonly string[];
  /** All data keys of the ConfigMap. */
  readonly data: Readonly<Record<string, string>>;
  /** The mappings in it. */
  readonly document: AwsAuthDocument;
  /** Whether there is a ConfigMap at all. */
  readonly isThere: boolean;
}

/** A cluster whose map is about to be read. */
export interface OpenMap {
  /** The way to its API server; undefined for a manifest. */
  readonly connection: ApiConnection | undefined;
  /**
   * Finds out which account the cluster is in; undefined where it is in none.
   *
   * @throws AwsAuthError with one of the cluster codes.
   */
  account(expected: string | undefined): Promise<string | undefined>;
  /**
   * Reads the map once.
   *
   * @throws AwsAuthError with one of the cluster codes.
   */
  read(): Promise<ReadMap>;
}

/** Opens the map of a cluster for reading alone. */
export async function openMap(ref: ClusterRef, settings: Settings): Promise<OpenMap> {
  const { store, connection } = await openCluster(ref, settings);
  const { label, warnings } = store;
  return {
    connection,
    account: (expected) => store.account(expected),
    read: async () => {
      const { data, claims, places, version } = await store.read();
      const document = parseDocument(data, undefined, claims, { label, places });
      return { connection, label, warnings, data, document, isThere: version !== undefined };
    },
  };
}

/** What is wrong with a manifest that nobody has written yet; undefined for every other cluster. */
export function missingManifest(ref: ClusterRef): string | undefined {
  return ref.kind === "manifest" && !existsSync(ref.path)
    ? `there is no file ${JSON.stringify(ref.manifest)}; give the path of a ConfigMap manifest`
    : undefined;
}
