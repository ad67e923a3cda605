import { existsSync } from "node:fs";
import { asAwsAuthError, hasCode } from "../errors";
import { type ClusterRef, clusterIdentity, type EksRef, type KubeconfigRef, type ManifestRef } from "./clusterRef";
import type { AccessEntryApi } from "./eks/accessEntryApi";
import type { EksConnection } from "./eks/eksConnection";
import type { ApiConnection, Limits } from "./http";
import { fromEnv, type Settings } from "./settings";
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
  /** The access entries of an EKS cluster; undefined for other clusters, and if EKS refuses to describe that of a kubeconfig. */
  readonly accessEntries: (() => Promise<AccessEntryApi | undefined>) | undefined;
  /** Why the cluster may have access entries that this connection cannot read, with the remedy; undefined if it has none. Asked once. */
  readonly hiddenEntries?: (() => Promise<string | undefined>) | undefined;
}

/** Loads only the modules that this kind of cluster needs. */
export async function connectionTo(ref: ClusterRef, settings: Settings, limits?: Limits): Promise<ClusterConnection> {
  switch (ref.kind) {
    case "eks":
      return connectToEks(ref, settings, limits);
    case "kubeconfig":
      return connectToServer(ref, settings, limits);
    case "manifest": {
      const { ManifestStore } = await import("./manifest/manifestStore.js");
      const store = new ManifestStore(ref);
      return { key: clusterIdentity(ref), store, apiServer: undefined, accessEntries: undefined };
    }
  }
}

async function connectToEks(ref: EksRef, settings: Settings, limits?: Limits): Promise<ClusterConnection> {
  const { KubernetesStore } = await import("./kubernetes/kubernetesStore.js");
  const { EksConnection } = await import("./eks/eksConnection.js");
  const { awsIdentityFor } = await import("./eks/awsClients.js");
  const { profile, roleArn } = awsIdentityFor(ref, settings);
  const apiServer = new EksConnection(ref, settings);
  return {
    key: JSON.stringify([ref.region, ref.name, profile, roleArn]),
    store: new KubernetesStore(apiServer, limits),
    apiServer,
    accessEntries: () => openEntries(ref, settings, apiServer),
  };
}

async function connectToServer(ref: KubeconfigRef, settings: Settings, limits?: Limits): Promise<ClusterConnection> {
  const { KubernetesStore } = await import("./kubernetes/kubernetesStore.js");
  const { locateStored } = await import("./kubeconfig/locate.js");
  const { KubeconfigConnection } = await import("./kubeconfig/kubeconfigConnection.js");
  const { eks } = ref;
  let located: ReturnType<typeof locateStored>;
  try {
    located = locateStored(ref, settings);
  } catch (error) {
    const isByEnv = fromEnv(settings, "AWS_AUTH_KUBECONFIG", "AWS_AUTH_CONTEXT") !== undefined;
    if (eks === undefined || ref.authority === undefined || isByEnv || !hasCode(error, "clusterChanged")) {
      throw error;
    }
    // EKS still finds the cluster in the state after its kubeconfig was written again for another one.
    const byName = await connectToEks(eks, settings, limits);
    const failure = await byName.store.account(undefined, ref.authority).then(() => undefined, asAwsAuthError);
    // A cluster that EKS does not find may be gone, which its account decides.
    if (failure !== undefined && failure.code !== "clusterNotFound") {
      throw failure.code === "clusterChanged" ? failure : error;
    }
    return byName;
  }
  const { target, authority } = located;
  const ofEks = eks && new (await import("./eks/eksConnection.js")).EksConnection(eks, settings, authority);
  const apiServer = new KubeconfigConnection(target, settings, ofEks);
  return {
    key: JSON.stringify([target, eks]),
    store: new KubernetesStore(apiServer, limits),
    apiServer,
    accessEntries: eks && (async () => openEntries(eks, settings, await apiServer.described())),
    hiddenEntries: () => apiServer.hiddenEntries(),
  };
}

async function openEntries(ref: EksRef, settings: Settings, connection: EksConnection | undefined) {
  const { AccessEntryApi } = await import("./eks/accessEntryApi.js");
  return connection && new AccessEntryApi(ref, settings, connection);
}

/** Whether a cluster is a manifest whose file does not exist. */
export function isMissing(ref: ClusterRef): ref is ManifestRef {
  return ref.kind === "manifest" && !existsSync(ref.realPath);
}
