import type { EKSClient } from "@aws-sdk/client-eks";
import { redact } from "../../text";
import { sendRequest } from "../kubernetes/request";
import { agentFor } from "../network";
import { fromEnv, type Settings } from "../settings";

/** A role or user as IAM knows it. */
export interface IamPrincipal {
  /** With its path. */
  readonly arn: string;
  readonly createdAt: Date;
}

/** IAM has one endpoint for each partition, in one region. */
const endpoints: ReadonlyMap<string, { readonly url: string; readonly region: string }> = new Map([
  ["aws", { url: "https://iam.amazonaws.com", region: "us-east-1" }],
  ["aws-cn", { url: "https://iam.cn-north-1.amazonaws.com.cn", region: "cn-north-1" }],
  ["aws-us-gov", { url: "https://iam.us-gov.amazonaws.com", region: "us-gov-west-1" }],
]);

/**
 * Asks IAM for a role or user of the credentials' account, by the name in an ARN. One signed request, since the SDK's client for IAM
 * would add more to an install than all the rest of this package.
 *
 * @returns undefined if there is none of that name.
 * @throws Error with the name that AWS gives the error, as the SDK's have it.
 */
export async function readIamPrincipal(
  client: EKSClient,
  arn: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<IamPrincipal | undefined> {
  const [, partition = "", , , , resource = ""] = arn.split(":");
  const kind = resource.startsWith("user/") ? "User" : "Role";
  const name = resource.slice(resource.lastIndexOf("/") + 1);
  const custom = fromEnv(settings, "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL")?.value;
  const known = endpoints.get(partition);
  if (known === undefined) {
    throw namedError("UnknownEndpoint", `the endpoint of IAM in partition ${partition} is not known`);
  }
  const url = new URL(custom ?? known.url);
  url.search = new URLSearchParams({ Action: `Get${kind}`, Version: "2010-05-08", [`${kind}Name`]: name }).toString();
  const headers = await signedHeaders(client, url, known.region);
  const agent = await agentFor(url, { rejectUnauthorized: true }, undefined, settings.env);
  const { status, body } = await sendRequest({ method: "GET", url }, { headers, agent }, signal);
  if (status === 200) {
    return principalIn(body);
  }
  const code = element(body, "Code") ?? "";
  if (code === "NoSuchEntity") {
    return undefined;
  }
  throw namedError(code, element(body, "Message") ?? `HTTP status ${status}: ${redact(body)}`);
}

async function signedHeaders(client: EKSClient, url: URL, region: string): Promise<Record<string, string>> {
  const { SignatureV4 } = await import("@smithy/signature-v4");
  const { credentials, sha256 } = client.config;
  const signer = new SignatureV4({ credentials, region, service: "iam", sha256 });
  const { headers } = await signer.sign({
    method: "GET",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host },
  });
  return headers;
}

function principalIn(body: string): IamPrincipal | undefined {
  const [arn, createdAt] = [element(body, "Arn"), element(body, "CreateDate")];
  return arn === undefined || createdAt === undefined ? undefined : { arn, createdAt: new Date(createdAt) };
}

/** The text of the first element of this name. IAM escapes what XML reserves. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof entities) => entities[entity]);
}

const entities = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" } as const;

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
