import type { EKSClient } from "@aws-sdk/client-eks";
import { redact } from "../../text/text";
import { agentFor } from "../agent";
import { type ApiResponse, sendRequest } from "../request";
import { endpointInEnv, type Settings } from "../settings";

/** How long the URL is valid, in seconds. The authenticator asks for a short time, and accepts tokens for 15 minutes in any case. */
const urlExpiresIn = 60;

/**
 * Presigns the STS request GetCallerIdentity. Needs no network once the credentials are available.
 *
 * @param client provides the credentials
 * @param sts the STS endpoint
 * @param headers further headers to sign, in lower case; the request must be sent with them
 */
async function presignCallerIdentity(
  client: EKSClient,
  region: string,
  sts: URL,
  headers: Readonly<Record<string, string>> = {},
): Promise<URL> {
  const url = new URL(sts);
  url.search = "Action=GetCallerIdentity&Version=2011-06-15";
  const signer = await signerOf(client, region, "sts");
  const { query } = await signer.presign(requestTo(url, headers), { expiresIn: urlExpiresIn });
  for (const [key, value] of Object.entries(query ?? {})) {
    url.searchParams.set(key, String(value));
  }
  return url;
}

/** Signs requests with a client's credentials. */
export async function signerOf({ config: { credentials, sha256 } }: EKSClient, region: string, service: string) {
  const { SignatureV4 } = await import("@smithy/signature-v4");
  return new SignatureV4({ credentials, sha256, region, service });
}

export function requestTo(url: URL, headers: Readonly<Record<string, string>> = {}) {
  const { protocol, hostname, pathname: path, searchParams, host } = url;
  const query = Object.fromEntries(searchParams);
  return { method: "GET", protocol, hostname, path, query, headers: { host, ...headers } };
}

/** The regional STS endpoint, in any partition. Derived from the SDK's EKS endpoint, which follows the same naming pattern. */
export function regionalSts(client: EKSClient, region: string): URL {
  const eks = client.config.endpointProvider({ Region: region }).url.hostname;
  return new URL(`https://${eks.replace(/^eks\./, "sts.")}/`);
}

/**
 * A bearer token for an EKS cluster's API server: a presigned STS request with which the cluster identifies the caller.
 *
 * Its host is always the regional endpoint, even if AWS_ENDPOINT_URL_STS is set, since the authenticator accepts no other host
 * (verifyHost in its pkg/token).
 *
 * @param client provides the credentials, and the domain of the region's partition
 */
export async function eksToken(client: EKSClient, clusterName: string, region: string): Promise<string> {
  const url = await presignCallerIdentity(client, region, regionalSts(client, region), { "x-k8s-aws-id": clusterName });
  return `k8s-aws-v1.${Buffer.from(url.href).toString("base64url")}`;
}

export interface CallerOfAws {
  /** 12 digits. */
  readonly account: string;
  /** Of a user, or of a role's session. */
  readonly arn: string;
}

/**
 * Who the AWS credentials are according to STS, which requires no permission for this. The account ID in the credentials themselves is
 * not reliable: the SDK takes it from AWS_ACCOUNT_ID or a profile, where a user can set any account.
 *
 * @throws Error or TransportError if STS does not return it.
 */
export async function callerOfAws(
  client: EKSClient,
  region: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<CallerOfAws> {
  const custom = endpointInEnv(settings, "STS");
  const sts = custom === undefined ? regionalSts(client, region) : new URL(custom);
  const url = await presignCallerIdentity(client, region, sts);
  const agent = agentFor(url, { rejectUnauthorized: true }, settings.env);
  const response = await sendRequest({ method: "GET", url }, { headers: {}, agent }, signal);
  const account = response.status === 200 ? valueIn(response, "Account") : undefined;
  if (account === undefined || !/^\d{12}$/.test(account)) {
    throw new Error(`HTTP status ${response.status}: ${redact(response.body)}`);
  }
  return { account, arn: valueIn(response, "Arn") ?? "" };
}

/** STS responds in JSON on request; some emulators support only XML. */
function valueIn({ body }: ApiResponse, name: "Account" | "Arn"): string | undefined {
  return new RegExp(`"${name}"\\s*:\\s*"([^"]+)"|<${name}>([^<]+)<`)
    .exec(body)
    ?.slice(1)
    .find((found) => found !== undefined);
}
