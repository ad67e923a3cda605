import { existsSync } from "node:fs";
import { type AwsAuthMap, parseMap } from "../awsAuthMap";
import { AwsAuthError } from "../errors";
import type { ClusterRights } from "../rights/verdicts";
import { quoted } from "../text/text";
import { type ClusterRef, clusterIdentity, type ManifestRef } from "./clusterRef";
import type { AccessEntryApi } from "./eks/accessEntryApi";
import type { EksConnection } from "./eks/eksConnection";
import type { ApiConnection, Limits } from "./http";
import type { Settings } from "./settings";
import type { ConfigMapStore } from "./store";

/** A connection to a cluster that is not open yet: the server and the credentials. */
export interface Way {
  /**
   * Equal for clusters that can share one connection. May contain credentials, so use it only for comparisons. Excludes
   * the account of an EKS cluster, since the credentials determine it.
   */
  readonly key: string;
  /**
   * Opens the cluster. Sends nothing before the first request.
   *
   * @param opened an existing connection to an EKS cluster.
   */
  open(opened?: EksConnection): OpenCluster;
}

export interface OpenCluster {
  readonly store: ConfigMapStore;
  /** The connection to its API server, for reading other objects; undefined for a manifest. */
  readonly connection: ApiConnection | undefined;
  /** The access entries of an EKS cluster, over the same connection; undefined for other clusters. */
  readonly accessEntries: (() => Promise<AccessEntryApi>) | undefined;
}

/**
 * Finds the server and the credentials in the environment, the resource and the stack configuration, in this order.
 * Loads only the modules that this kind of cluster needs.
 *
 * @param limits time limits of requests; tests use shorter ones.
 * @throws AwsAuthError `invalidKubeconfig` or `clusterChanged`.
 */
export async function wayTo(ref: ClusterRef, settings: Settings, limits?: Limits): Promise<Way> {
  if (ref.kind === "manifest") {
    const { ManifestStore } = await import("./manifest/manifestStore.js");
    const open = () => ({ store: new ManifestStore(ref), connection: undefined, accessEntries: undefined });
    return { key: clusterIdentity(ref), open };
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
  const [eks, { awsIdentityFor }] = await Promise.all([
    import("./eks/eksConnection.js"),
    import("./eks/awsClients.js"),
  ]);
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

/** Opens only the store of a cluster's aws-auth. */
export async function openStore(ref: ClusterRef, settings: Settings, limits?: Limits): Promise<ConfigMapStore> {
  return (await wayTo(ref, settings, limits)).open().store;
}

export interface ReadMap extends Pick<OpenMap, "connection" | "label"> {
  /** All data keys of the ConfigMap. */
  readonly data: Readonly<Record<string, string>>;
  readonly document: AwsAuthMap;
  readonly isThere: boolean;
}

/** A cluster whose map is to be read. */
export interface OpenMap {
  readonly label: string;
  /** The connection to its API server; undefined for a manifest. */
  readonly connection: ApiConnection | undefined;
  /**
   * Returns the cluster's account; undefined for a cluster without one.
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
 * Opens the map of a cluster for reading only.
 *
 * @param opened an existing connection to an EKS cluster.
 */
export async function openMap(ref: ClusterRef, settings: Settings, opened?: EksConnection): Promise<OpenMap> {
  const { store, connection } = (await wayTo(ref, settings)).open(opened);
  const { label } = store;
  return {
    label,
    connection,
    account: (expected) => store.account(expected),
    read: async () => {
      const { data, claims, places, version } = await store.read();
      const document = parseMap(data, undefined, claims, { label, places });
      return { connection, label, data, document, isThere: version !== undefined };
    },
  };
}

/** @throws AwsAuthError `clusterNotFound` for a manifest that does not exist. */
export function assertPresent(ref: ClusterRef): void {
  if (isMissing(ref)) {
    const fault = `file ${quoted(ref.manifest)} does not exist`;
    throw new AwsAuthError("clusterNotFound", `${fault}; give the path of a ConfigMap manifest`);
  }
}

/** Whether a cluster is a manifest whose file does not exist. */
export function isMissing(ref: ClusterRef): ref is ManifestRef {
  return ref.kind === "manifest" && !existsSync(ref.path);
}

/** Reads the RBAC objects of a cluster. Reports a failure in the result instead of throwing. */
export async function readRights(connection: ApiConnection): Promise<ClusterRights> {
  const [{ readRbac }, { Authorizer }, { noObjects }] = await Promise.all([
    import("./kubernetes/objects.js"),
    import("../rights/authorizer.js"),
    import("../rights/bindings.js"),
  ]);
  const read = await readRbac(connection);
  return "objects" in read
    ? { authorizer: new Authorizer(read.objects), unread: undefined }
    : { authorizer: new Authorizer(noObjects), unread: read.unread };
}
