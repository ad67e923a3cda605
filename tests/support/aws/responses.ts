/** An HTTP response. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error as AWS reports it. */
export interface AwsFailure {
  /** HTTP status. */
  readonly status: number;
  /** Such as `AccessDeniedException`. */
  readonly code: string;
  readonly message: string;
  /** Further fields of the body, such as `clusterName`. */
  readonly details?: Readonly<Record<string, string>>;
}

/** A cluster in the response of DescribeCluster. */
export interface EksCluster {
  /** URL of the API server. */
  readonly endpoint: string;
  /** Certificate authority, base64. */
  readonly caData: string;
  /** Undefined omits `accessConfig`, as for very old clusters. */
  readonly authenticationMode?: string | undefined;
  /** Default `ACTIVE`. */
  readonly status?: string | undefined;
  /** The role of the built-in node pools of Auto Mode; undefined without them. */
  readonly nodeRole?: string | undefined;
}

/** The response of DescribeCluster. */
export function describeClusterResponse(name: string, cluster: EksCluster, region: string, account: string) {
  const { endpoint, caData, authenticationMode, status = "ACTIVE", nodeRole } = cluster;
  return json({
    cluster: {
      name,
      arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
      endpoint,
      certificateAuthority: { data: caData },
      status,
      version: "1.36",
      ...(authenticationMode === undefined ? {} : { accessConfig: { authenticationMode } }),
      ...(nodeRole === undefined ? {} : { computeConfig: { enabled: true, nodeRoleArn: nodeRole } }),
    },
  });
}

/** The response of DescribeClusterVersions, which eksctl calls in every command. */
export function describeClusterVersionsResponse(): HttpResponse {
  const status = { status: "STANDARD_SUPPORT", versionStatus: "STANDARD_SUPPORT" };
  return json({ clusterVersions: [{ clusterVersion: "1.36", defaultVersion: true, ...status }] });
}

/** The response of GetCallerIdentity: XML, or JSON if requested, as by aws-iam-authenticator. */
export function callerIdentityResponse(Arn: string, uniqueId: string | undefined, wantsJson: boolean): HttpResponse {
  const result = { Arn, UserId: userIdOf(Arn, uniqueId), Account: accountOf(Arn) };
  if (!wantsJson) {
    return xml("GetCallerIdentity", result);
  }
  const ResponseMetadata = { RequestId: requestId };
  return json({ GetCallerIdentityResponse: { GetCallerIdentityResult: result, ResponseMetadata } });
}

/** The response of AssumeRole: credentials for `Arn` that expire in an hour. */
export function assumeRoleResponse(Arn: string, AccessKeyId: string): HttpResponse {
  const secrets = { SecretAccessKey: `secret-of-${AccessKeyId}`, SessionToken: `session-of-${AccessKeyId}` };
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  return xml("AssumeRole", {
    Credentials: { AccessKeyId, ...secrets, Expiration },
    AssumedRoleUser: { Arn, AssumedRoleId: userIdOf(Arn) },
  });
}

/** An error of EKS; the SDK reads the code from a header. */
export function eksFailure({ status, code, message, details }: AwsFailure): HttpResponse {
  const response = json({ ...details, message }, status);
  return { ...response, headers: { ...response.headers, "x-amzn-errortype": code } };
}

/** An error of STS or IAM: XML, or JSON if requested. */
export function queryFailure({ status, code, message }: AwsFailure, wantsJson = false): HttpResponse {
  const failure = { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message };
  return wantsJson
    ? json({ Error: failure, RequestId: requestId }, status)
    : xmlResponse(elements({ ErrorResponse: { Error: failure, RequestId: requestId } }), status);
}

/** The account in an ARN. */
export function accountOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}

/** The ID of a role session contains the session name, which aws-iam-authenticator reads from it. */
function userIdOf(arn: string, uniqueId?: string): string {
  const session = /:assumed-role\/[^/]+\/(.+)$/.exec(arn)?.[1];
  return session === undefined
    ? (uniqueId ?? "AIDATESTTESTTESTTEST1")
    : `${uniqueId ?? "AROATESTTESTTESTTEST1"}:${session}`;
}

export function json(value: unknown, status = 200): HttpResponse {
  const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
  return { status, headers, body: JSON.stringify(value) };
}

/** The response of an action of STS or IAM. */
export function xml(action: string, result: Elements): HttpResponse {
  const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return xmlResponse(elements({ [`${action}Response`]: content }), 200);
}

/** The content of an XML element; a list repeats the content of its items. */
export interface Elements {
  readonly [name: string]: string | Elements | readonly Elements[];
}

const requestId = "00000000-0000-4000-8000-000000000000";

function xmlResponse(body: string, status: number): HttpResponse {
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}

function elements(content: Elements): string {
  return Object.entries(content)
    .map(([name, value]) => {
      const text = typeof value === "string" ? escaped(value) : [value].flat().map(elements).join("");
      return `<${name}>${text}</${name}>`;
    })
    .join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
