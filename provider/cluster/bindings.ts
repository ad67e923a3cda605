import { AwsAuthError } from "../errors";
import { EksConnection } from "./eks/eksConnection";
import { KubeconfigConnection } from "./kubeconfig/kubeconfigConnection";
import { locateServer } from "./kubeconfig/locate";
import { type BoundGroups, readBoundGroups } from "./kubernetes/boundGroups";
import type { ApiConnection } from "./kubernetes/connection";
import { TransportError } from "./kubernetes/sendRequest";
import type { ClusterRef } from "./ref/clusterRef";
import type { Settings } from "./settings";

/**
 * The groups that have rights in a cluster. Never throws for what the cluster refuses or does not answer: this is a question on the
 * side. Undefined for a manifest, which has no cluster to ask.
 */
export async function boundGroupsOf(ref: ClusterRef, settings: Settings): Promise<BoundGroups | undefined> {
  if (ref.kind === "manifest") return undefined;
  try {
    return await readBoundGroups(await connectionTo(ref, settings));
  } catch (error) {
    if (error instanceof AwsAuthError) return { unread: error.message };
    if (error instanceof TransportError || error instanceof SyntaxError) {
      return { unread: "the API server did not answer in full" };
    }
    throw error;
  }
}

async function connectionTo(
  ref: Exclude<ClusterRef, { kind: "manifest" }>,
  settings: Settings,
): Promise<ApiConnection> {
  if (ref.kind === "eks") return new EksConnection(ref, settings);
  return new KubeconfigConnection(await locateServer(ref.server, ref, settings), settings);
}
