import type { EKSClient } from "@aws-sdk/client-eks";
import { type ApiResponse, sendRequest } from "../kubernetes/sendRequest";
import { agentFor } from "../network/agent";
import { fromEnv, type Settings } from "../settings";
import { foreignText } from "../text";
import { presignCallerIdentity, regionalSts } from "./presignCallerIdentity";

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
    throw new Error(`HTTP status ${response.status}: ${foreignText(response.body)}`);
  }
  return account;
}

/** STS answers in JSON when it is asked to; some of its stand-ins know only XML. */
function accountIn(response: ApiResponse): string | undefined {
  return /"Account"\s*:\s*"(\d{12})"|<Account>(\d{12})</
    .exec(response.body)
    ?.slice(1)
    .find((found) => found !== undefined);
}
