import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsClients } from "./awsClients";

/** How long the URL is valid, in seconds. The authenticator accepts tokens for 15 minutes in any case. */
const urlExpiresIn = 60;

/**
 * A bearer token for an EKS cluster's API server: a presigned STS request GetCallerIdentity with which the cluster identifies the caller. Its
 * host is always the regional endpoint, even if AWS_ENDPOINT_URL_STS is set, since the authenticator accepts no other host.
 */
export async function eksToken(
  { eks, config: { credentials, region } }: AwsClients,
  clusterName: string,
): Promise<string> {
  // The endpoint of EKS follows the same pattern in every partition.
  const { hostname } = eks.config.endpointProvider({ Region: region }).url;
  const host = hostname.replace(/^eks\./, "sts.");
  const signer = new SignatureV4({ credentials, sha256: eks.config.sha256, region, service: "sts" });
  const request = {
    method: "GET",
    protocol: "https:",
    hostname: host,
    path: "/",
    query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    headers: { host, "x-k8s-aws-id": clusterName },
  };
  const { query } = await signer.presign(request, { expiresIn: urlExpiresIn });
  const url = new URL(`https://${host}/`);
  for (const [key, value] of Object.entries(query ?? {})) {
    url.searchParams.set(key, String(value));
  }
  return `k8s-aws-v1.${Buffer.from(url.href).toString("base64url")}`;
}
