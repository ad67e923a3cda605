/** An HTTP response. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error as AWS reports it. */
export interface AwsFailure {
  /** HTTP status: 400, 403, 404, 429, 500, ... */
  readonly status: number;
  /** AWS error code, such as `AccessDeniedException`. */
  readonly code: string;
  readonly message: string;
}

/** The response of DescribeCluster for one cluster. */
export interface EksCluster {
  /** URL of the API server. */
  readonly endpoint: string;
  /** Certificate authority, base64. */
  readonly caData: string;
  /** `CONFIG_MAP`, `API_AND_CONFIG_MAP` or `API`; undefined leaves `accessConfig` out, as for very old clusters. */
  readonly authenticationMode?: string | undefined;
  /** Default `ACTIVE`. */
  readonly status?: string | undefined;
}

/** EKS's response to DescribeCluster. */
export function describeClusterResponse(
  name: string,
  cluster: EksCluster,
  region: string,
  account: string,
): HttpResponse {
  const { authenticationMode } = cluster;
  return json(200, {
    cluster: {
      name,
      arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
      endpoint: cluster.endpoint,
      certificateAuthority: { data: cluster.caData },
      status: cluster.status ?? "ACTIVE",
      version: "1.36",
      ...(authenticationMode === undefined ? {} : { accessConfig: { authenticationMode } }),
    },
  });
}

/** EKS's response to DescribeClusterVersions, which eksctl sends with every command. */
export function describeClusterVersionsResponse(): HttpResponse {
  const status = { status: "STANDARD_SUPPORT", versionStatus: "STANDARD_SUPPORT" };
  return json(200, { clusterVersions: [{ clusterVersion: "1.36", defaultVersion: true, ...status }] });
}

/** An error of EKS, whose SDK reads the code from a header. */
export function eksFailure(failure: AwsFailure, details: Readonly<Record<string, string>> = {}): HttpResponse {
  const { status, headers, body } = json(failure.status, { ...details, message: failure.message });
  return { status, headers: { ...headers, "x-amzn-errortype": failure.code }, body };
}

/** STS's response to GetCallerIdentity: XML, or JSON for those who ask for it, as aws-iam-authenticator does. */
export function callerIdentityResponse(arn: string, wantsJson: boolean): HttpResponse {
  const account = accountOf(arn);
  const userId = userIdOf(arn);
  if (wantsJson) {
    const result = { Account: account, Arn: arn, UserId: userId };
    const ResponseMetadata = { RequestId: requestId };
    return json(200, { GetCallerIdentityResponse: { GetCallerIdentityResult: result, ResponseMetadata } });
  }
  return xml(
    200,
    `<GetCallerIdentityResponse xmlns="${stsNamespace}"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>${userId}</UserId>` +
      `<Account>${account}</Account></GetCallerIdentityResult>${metadata}</GetCallerIdentityResponse>`,
  );
}

/** STS's response to AssumeRole: an hour's credentials whose caller is `arn`. */
export function assumeRoleResponse(arn: string, accessKeyId: string): HttpResponse {
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  return xml(
    200,
    `<AssumeRoleResponse xmlns="${stsNamespace}"><AssumeRoleResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId>` +
      `<SecretAccessKey>secret-of-${accessKeyId}</SecretAccessKey><SessionToken>session-of-${accessKeyId}</SessionToken>` +
      `<Expiration>${expiration}</Expiration></Credentials><AssumedRoleUser><Arn>${arn}</Arn>` +
      `<AssumedRoleId>${userIdOf(arn)}</AssumedRoleId></AssumedRoleUser></AssumeRoleResult>${metadata}</AssumeRoleResponse>`,
  );
}

/** An error of STS, in the same two forms. */
export function stsFailure({ status, code, message }: AwsFailure, wantsJson: boolean): HttpResponse {
  const type = status < 500 ? "Sender" : "Receiver";
  if (wantsJson) {
    return json(status, { Error: { Code: code, Message: message, Type: type }, RequestId: requestId });
  }
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return xml(
    status,
    `<ErrorResponse xmlns="${stsNamespace}">${error}<RequestId>${requestId}</RequestId></ErrorResponse>`,
  );
}

/** The account in an ARN. */
export function accountOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}

/** Role sessions have the session's name in their id, from where aws-iam-authenticator takes it. */
function userIdOf(arn: string): string {
  const session = /:assumed-role\/[^/]+\/(.+)$/.exec(arn)?.[1];
  return session === undefined ? "AIDATESTTESTTESTTEST1" : `AROATESTTESTTESTTEST1:${session}`;
}

const requestId = "00000000-0000-4000-8000-000000000000";
const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";
const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;

function json(status: number, value: unknown): HttpResponse {
  const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
  return { status, headers, body: JSON.stringify(value) };
}

function xml(status: number, body: string): HttpResponse {
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}
