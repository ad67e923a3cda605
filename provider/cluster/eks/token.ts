import type { EKSClient } from "@aws-sdk/client-eks";
import { redact } from "../../text";
import { type ApiResponse, sendRequest } from "../kubernetes/request";
import { agentFor } from "../network";
import { fromEnv, type Settings } from "../settings";

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
async function presignCallerIdentity(
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
function regionalSts(client: EKSClient, region: string): URL {
  const eks = client.config.endpointProvider({ Region: region }).url.hostname;
  return new URL(`https://${eks.replace(/^eks\./, "sts.")}/`);
}

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

/**
 * The account that AWS credentials are of, asked of STS: it needs no permission. What the credentials themselves say of it is no
 * proof, since the SDK takes that from AWS_ACCOUNT_ID or a profile, where anybody may have put the account that they mean.
 *
 * @throws Error, or TransportError, when STS does not say.
 */
export async function callerAccount(
  client: EKSClient,
  region: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<string> {
  const custom = fromEnv(settings, "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL")?.value;
  const sts = custom === undefined ? regionalSts(client, region) : new URL(custom);
  const url = await presignCallerIdentity(client, region, sts, {});
  const agent = await agentFor(url, { rejectUnauthorized: true }, undefined, settings.env);
  const response = await sendRequest({ method: "GET", url }, { headers: {}, agent }, signal);
  const account = response.status === 200 ? accountIn(response) : undefined;
  if (account === undefined) {
    throw new Error(`HTTP status ${response.status}: ${redact(response.body)}`);
  }
  return account;
}

/** STS responds in JSON when it is asked to; some of its stand-ins know only XML. */
function accountIn(response: ApiResponse): string | undefined {
  return /"Account"\s*:\s*"(\d{12})"|<Account>(\d{12})</
    .exec(response.body)
    ?.slice(1)
    .find((found) => found !== undefined);
}
