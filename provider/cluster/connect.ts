import { existsSync } from "node:fs";
import { type ClusterRef, clusterIdentity, type ManifestRef } from "./clusterRef";
import type { AccessEntryApi } from "./eks/accessEntryApi";
import type { ApiConnection, Limits } from "./http";
import type { Settings } from "./settings";
import type { ConfigMapStore } from "./store";

/** The server of a cluster and the credentials for it. Nothing is sent before the first request. */
export interface ClusterConnection {
  /**
   * Equal for clusters that can share one connection. May contain credentials, so use it only for comparisons. Excludes
   * the account of an EKS cluster, since the credentials determine it.
   */
  readonly key: string;
  readonly store: ConfigMapStore;
  /** The API server, for reading other objects; undefined for a manifest. */
  readonly apiServer: ApiConnection | undefined;
  /** The access entries of an EKS cluster; undefined for other clusters. */
  readonly accessEntries: (() => Promise<AccessEntryApi>) | undefined;
  /**
   * Why the cluster may have access entries that this connection cannot read, as a clause with the remedy; undefined if
   * it has none. The server is asked once.
   */
  readonly hiddenEntries?: (() => Promise<string | undefined>) | undefined;
}

/**
 * Finds the server and the credentials in the environment, the resource and the stack configuration, in this order.
 * Loads only the modules that this kind of cluster needs.
 *
 * @param limits time limits of requests; tests use shorter ones.
 * @throws AwsAuthError `invalidKubeconfig` or `clusterChanged`.
 */
export async function connectionTo(ref: ClusterRef, settings: Settings, limits?: Limits): Promise<ClusterConnection> {
  if (ref.kind === "manifest") {
    const { ManifestStore } = await import("./manifest/manifestStore.js");
    return { key: clusterIdentity(ref), store: new ManifestStore(ref), apiServer: undefined, accessEntries: undefined };
  }
  const { KubernetesStore } = await import("./kubernetes/kubernetesStore.js");
  if (ref.kind === "kubeconfig") {
    const { locateStored } = await import("./kubeconfig/locate.js");
    const { KubeconfigConnection } = await import("./kubeconfig/kubeconfigConnection.js");
    const { hiddenEntriesOf } = await import("./kubernetes/eksServer.js");
    const { target } = locateStored(ref.server, ref, settings);
    const apiServer = new KubeconfigConnection(target, settings);
    const { server, tlsServerName = "" } = target.cluster;
    let hidden: Promise<string | undefined> | undefined;
    return {
      key: JSON.stringify(target),
      store: new KubernetesStore(apiServer, limits),
      apiServer,
      accessEntries: undefined,
      hiddenEntries: () => {
        hidden ??= hiddenEntriesOf(apiServer, [new URL(server).hostname, tlsServerName]);
        return hidden;
      },
    };
  }
  const { EksConnection } = await import("./eks/eksConnection.js");
  const { awsIdentityFor } = await import("./eks/awsClients.js");
  const { profile, roleArn } = awsIdentityFor(ref, settings);
  const apiServer = new EksConnection(ref, settings);
  return {
    key: JSON.stringify([ref.region, ref.name, profile, roleArn]),
    store: new KubernetesStore(apiServer, limits),
    apiServer,
    accessEntries: async () => {
      const { AccessEntryApi } = await import("./eks/accessEntryApi.js");
      return new AccessEntryApi(ref, settings, apiServer);
    },
  };
}

/** Whether a cluster is a manifest whose file does not exist. */
export function isMissing(ref: ClusterRef): ref is ManifestRef {
  return ref.kind === "manifest" && !existsSync(ref.path);
}
