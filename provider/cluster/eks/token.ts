import type { EKSClient } from "@aws-sdk/client-eks";
import { presignCallerIdentity, regionalSts } from "./presignCallerIdentity";

/**
 * A bearer token for an EKS cluster's API server: a presigned request to STS that tells the cluster who we are.
 *
 * Its host is always the region's own, also where AWS_ENDPOINT_URL_STS names another: the authenticator, which is to send the
 * request, accepts no other host (verifyHost in its pkg/token).
 *
 * @param client gives the credentials, and the domain of the region's partition
 */
export async function eksToken(client: EKSClient, clusterName: string, region: string): Promise<string> {
  const url = await presignCallerIdentity(client, region, regionalSts(client, region), { "x-k8s-aws-id": clusterName });
  return `k8s-aws-v1.${Buffer.from(url.href).toString("base64url")}`;
}
