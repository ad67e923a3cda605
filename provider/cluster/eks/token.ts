import type { EKSClient } from "@aws-sdk/client-eks";

/** How long, in seconds, the URL in a token is good for; the authenticator asks for a short time, and gives 15 minutes anyway. */
const urlExpiresIn = 60;

/**
 * A bearer token for an EKS cluster's API server: a presigned request to STS that tells the cluster who we are. Making it needs no
 * network once the credentials are there.
 *
 * Its host is always the region's own, also where AWS_ENDPOINT_URL_STS names another: the authenticator, which is to send the
 * request, accepts no other host (verifyHost in its pkg/token).
 *
 * @param client gives the credentials, and the domain of the region's partition
 */
export async function eksToken(client: EKSClient, clusterName: string, region: string): Promise<string> {
  const { SignatureV4 } = await import("@smithy/signature-v4");
  const hostname = stsHost(client, region);
  const signer = new SignatureV4({
    credentials: client.config.credentials,
    region,
    service: "sts",
    sha256: client.config.sha256,
  });
  const { query, path } = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: hostname, "x-k8s-aws-id": clusterName },
    },
    { expiresIn: urlExpiresIn },
  );
  const url = new URL(path, `https://${hostname}`);
  for (const [key, value] of Object.entries(query ?? {})) {
    url.searchParams.set(key, String(value));
  }
  return `k8s-aws-v1.${Buffer.from(url.href).toString("base64url")}`;
}

/** The region's STS, in any partition: the SDK knows where its EKS is, and both are named alike. */
function stsHost(client: EKSClient, region: string): string {
  const eks = client.config.endpointProvider({ Region: region }).url.hostname;
  return eks.replace(/^eks\./, "sts.");
}
