import { existsSync } from "node:fs";
import type { ClusterRights } from "../access/verdict";
import { type AwsAuthDocument, parseDocument } from "../document";
import { type ClusterRef, identityOf, type ManifestRef } from "./clusterRef";
import type { AccessEntryApi } from "./eks/accessEntryApi";
import { awsIdentityFor } from "./eks/awsIdentity";
import type { EksConnection } from "./eks/eksConnection";
import type { ApiConnection, Limits } from "./http";
import type { Settings } from "./settings";
import type { ConfigMapStore } from "./store";

/** A connection to a cluster that is not open yet: a server and the credentials to use. */
export interface Way {
  /**
   * Equal for two clusters that can share one connection. May contain credentials, so use it only for comparisons. Does not include the
   * account of an EKS cluster, since the credentials determine it.
   */
  readonly key: string;
  /**
   * Opens the cluster. Sends nothing before the first request.
   *
   * @param opened the connection to an EKS cluster, if there is one.
   */
  open(opened?: EksConnection): OpenCluster;
}

export interface OpenCluster {
  readonly store: ConfigMapStore;
  /** The connection to its API server, for reads of other objects; undefined for a manifest. */
  readonly connection: ApiConnection | undefined;
  /** The access entries of an EKS cluster, over the same connection; undefined for any other cluster. */
  readonly accessEntries: (() => Promise<AccessEntryApi>) | undefined;
}

/**
 * Finds the server and the credentials in the environment, the resource and the stack configuration, in this order. Loads only the
 * modules that this kind of cluster needs.
 *
 * @param limits how long requests may take; tests use shorter limits
 * @throws AwsAuthError `invalidKubeconfig` or `clusterChanged`.
 */
export async function wayTo(ref: ClusterRef, settings: Settings, limits?: Limits): Promise<Way> {
  if (ref.kind === "manifest") {
    const { ManifestStore } = await import("./manifest/manifestStore.js");
    const open = () => ({ store: new ManifestStore(ref), connection: undefined, accessEntries: undefined });
    return { key: identityOf(ref), open };
  }
  const { KubernetesStore } = await import("./kubernetes/kubernetesStore.js");
  const over = (connection: ApiConnection) => ({ store: new KubernetesStore(connection, limits), connection });
  if (ref.kind === "kubeconfig") {
    const [{ locateStored }, { KubeconfigConnection }] = await Promise.all([
      import("./kubeconfig/locate.js"),
      import("./kubeconfig/kubeconfigConnection.js"),
    ]);
    const { target } = locateStored(ref.server, ref, settings);
    const open = () => ({ ...over(new KubeconfigConnection(target, settings)), accessEntries: undefined });
    return { key: JSON.stringify(target), open };
  }
  const eks = await import("./eks/eksConnection.js");
  const { profile, roleArn } = awsIdentityFor(ref, settings);
  return {
    key: JSON.stringify([ref.region, ref.name, profile, roleArn]),
    open: (connection = new eks.EksConnection(ref, settings)) => {
      const accessEntries = async () => {
        const { AccessEntryApi } = await import("./eks/accessEntryApi.js");
        return new AccessEntryApi(ref, settings, connection);
      };
      return { ...over(connection), accessEntries };
    },
  };
}

/** Opens the store of a cluster's aws-auth alone. */
export async function openStore(ref: ClusterRef, settings: Settings, limits?: Limits): Promise<ConfigMapStore> {
  return (await wayTo(ref, settings, limits)).open().store;
}

/** A live map, and where it was read. */
export interface ReadMap extends Pick<OpenMap, "connection" | "label"> {
  /** What a user should know about the connection, one sentence each. */
  readonly warnings: readonly string[];
  /** All data keys of the ConfigMap. */
  readonly data: Readonly<Record<string, string>>;
  readonly document: AwsAuthDocument;
  /** Whether there is a ConfigMap at all. */
  readonly isThere: boolean;
}

/** A cluster whose map is about to be read. */
export interface OpenMap {
  /** Names the cluster in messages. */
  readonly label: string;
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

/**
 * Opens the map of a cluster for reading alone.
 *
 * @param opened the connection to an EKS cluster, if there is one.
 */
export async function openMap(ref: ClusterRef, settings: Settings, opened?: EksConnection): Promise<OpenMap> {
  const { store, connection } = (await wayTo(ref, settings)).open(opened);
  const { label, warnings } = store;
  return {
    label,
    connection,
    account: (expected) => store.account(expected),
    read: async () => {
      const { data, claims, places, version } = await store.read();
      const document = parseDocument(data, undefined, claims, { label, places });
      return { connection, label, warnings, data, document, isThere: version !== undefined };
    },
  };
}

/** What is wrong with a manifest of which {@link isMissing} is true; undefined for every other cluster. */
export function missingManifest(ref: ClusterRef): string | undefined {
  return isMissing(ref)
    ? `there is no file ${JSON.stringify(ref.manifest)}; give the path of a ConfigMap manifest`
    : undefined;
}

/** Whether a cluster is a manifest whose file does not exist. */
export function isMissing(ref: ClusterRef): ref is ManifestRef {
  return ref.kind === "manifest" && !existsSync(ref.path);
}

/** Reads who may do what in a cluster. Never throws where the cluster does not tell. */
export async function readRights(connection: ApiConnection): Promise<ClusterRights> {
  const [{ readRbac }, { Authorizer, noObjects }] = await Promise.all([
    import("./kubernetes/objects.js"),
    import("../rbac/index.js"),
  ]);
  const read = await readRbac(connection);
  return "objects" in read
    ? { authorizer: new Authorizer(read.objects), unread: undefined }
    : { authorizer: new Authorizer(noObjects), unread: read.unread };
}
