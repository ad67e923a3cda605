import type { ApiConnection } from "../request";

/**
 * Whether a connection leads to an EKS cluster, be it through a tunnel. A kubeconfig does not tell to which one, only that it is one.
 */
export async function leadsToEks(connection: ApiConnection): Promise<boolean> {
  const { hostname } = await connection.endpoint(AbortSignal.timeout(endpointTime));
  return [hostname, connection.serverName?.toLowerCase() ?? ""].some((name) => eksEndpoint.test(name));
}

/** Why the access entries of such a cluster are not known. */
export const behindKubeconfig = "a kubeconfig does not lead to the EKS API";

/** In milliseconds. It is known by then. */
const endpointTime = 10_000;

/**
 * In every partition, each of which has domains of its own.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
 */
const eksEndpoint = /\.[a-z]{2,}(?:-[a-z]+)+-\d+\.eks\.|\.eks-cluster\.[\w-]+\.api\./;
