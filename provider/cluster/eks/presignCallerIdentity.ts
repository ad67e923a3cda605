import type { EKSClient } from "@aws-sdk/client-eks";

/** How long, in seconds, the URL is good for; the authenticator asks for a short time, and gives 15 minutes anyway. */
const urlExpiresIn = 60;

/**
 * A request to STS, signed in its URL, for which STS says whose the credentials are. Making it needs no network once the credentials
 * are there.
 *
 * @param client gives the credentials
 * @param sts where the request goes
 * @param headers more headers to sign, lower case; the request has to be sent with them
 */
export async function presignCallerIdentity(
  client: EKSClient,
  region: string,
  sts: URL,
  headers: Readonly<Record<string, string>>,
): Promise<URL> {
  const { SignatureV4 } = await import("@smithy/signature-v4");
  const signer = new SignatureV4({
    credentials: client.config.credentials,
    region,
    service: "sts",
    sha256: client.config.sha256,
  });
  const { query, path } = await signer.presign(
    {
      method: "GET",
      protocol: sts.protocol,
      hostname: sts.hostname,
      path: sts.pathname,
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: sts.host, ...headers },
    },
    { expiresIn: urlExpiresIn },
  );
  const url = new URL(path, sts);
  for (const [key, value] of Object.entries(query ?? {})) {
    url.searchParams.set(key, String(value));
  }
  return url;
}

/** The region's STS, in any partition: the SDK knows where its EKS is, and both are named alike. */
export function regionalSts(client: EKSClient, region: string): URL {
  const eks = client.config.endpointProvider({ Region: region }).url.hostname;
  return new URL(`https://${eks.replace(/^eks\./, "sts.")}/`);
}
