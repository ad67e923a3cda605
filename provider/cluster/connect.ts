import { EksConnection } from "./eks/eksConnection";
import { KubeconfigConnection } from "./kubeconfig/kubeconfigConnection";
import { locateServer } from "./kubeconfig/locate";
import { KubernetesStore } from "./kubernetes/kubernetesStore";
import { ManifestStore } from "./manifest/manifestStore";
import type { ClusterRef } from "./ref/clusterRef";
import type { Settings } from "./settings";
import type { ConfigMapStore } from "./store";

/**
 * Opens the place where a cluster's aws-auth lives. How to connect is looked up here: environment, resource, stack configuration,
 * in this order. Nothing is sent before the first read, except to find out where to.
 *
 * @throws AwsAuthError with one of the cluster codes.
 */
export async function openStore(ref: ClusterRef, settings: Settings): Promise<ConfigMapStore> {
  switch (ref.kind) {
    case "manifest":
      return new ManifestStore(ref);
    case "kubeconfig": {
      const target = await locateServer(ref.server, ref, settings);
      return new KubernetesStore(new KubeconfigConnection(target, settings));
    }
    case "eks":
      return new KubernetesStore(new EksConnection(ref, settings));
  }
}
