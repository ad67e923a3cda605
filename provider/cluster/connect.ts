import { EksConnection } from "./eks/eksConnection";
import { KubeconfigConnection } from "./kubeconfig/kubeconfigConnection";
import { locateServer } from "./kubeconfig/locate";
import { defaultLimits } from "./kubernetes/backoff";
import { KubernetesStore } from "./kubernetes/kubernetesStore";
import { ManifestStore } from "./manifest/manifestStore";
import { type ClusterRef, identityOf } from "./ref/clusterRef";
import { lookUp, type Settings } from "./settings";
import type { ConfigMapStore } from "./store";

/**
 * Opens the place where a cluster's aws-auth lives. How to connect is looked up here: environment, resource, stack configuration,
 * in this order. Nothing is sent before the first read, except to find out where to.
 *
 * @param limits how long requests may take; a test can be less patient
 * @throws AwsAuthError with one of the cluster codes.
 */
export async function openStore(ref: ClusterRef, settings: Settings, limits = defaultLimits): Promise<ConfigMapStore> {
  switch (ref.kind) {
    case "manifest":
      return new ManifestStore(ref);
    case "kubeconfig": {
      const target = await locateServer(ref.server, ref, settings);
      return new KubernetesStore(new KubeconfigConnection(target, settings), limits);
    }
    case "eks":
      return new KubernetesStore(new EksConnection(ref, settings), limits);
  }
}

/**
 * What two refs have in common when one store can serve both. It is finer than the identity: clusters of one name in two accounts
 * are told apart by the profile or the role that leads to each, and a manifest by where it lies.
 */
export function connectionKey(ref: ClusterRef, settings: Settings): string {
  switch (ref.kind) {
    case "eks": {
      const profile = lookUp("profile", ref.profile, settings)?.value;
      const roleArn = lookUp("roleArn", ref.roleArn, settings)?.value;
      return JSON.stringify([identityOf(ref), profile, roleArn]);
    }
    case "kubeconfig":
      return identityOf(ref);
    case "manifest":
      return `manifest:${ref.path}`;
  }
}
