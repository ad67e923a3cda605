import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { caData, open, withSts, world } from "./world.ts";

/** The presigned request in a bearer token. */
function urlIn(authorization: string | undefined): URL {
  const [, payload = ""] = /^Bearer k8s-aws-v1\.([\w-]+)$/.exec(authorization ?? "") ?? [];
  return new URL(Buffer.from(payload, "base64url").toString("utf8"));
}

describe("an EKS cluster", () => {
  it("is looked up once, and reached with a presigned request to its region's STS", async () => {
    const { aws, api } = await world();
    const store = await open();
    const base = await store.read();
    await store.write({ data: { mapRoles: "- a\n" } }, base);
    expect(api.data).toEqual({ mapRoles: "- a\n" });
    expect(aws.requests.map(({ operation, accessKeyId, region }) => [operation, accessKeyId, region])).toEqual([
      ["DescribeCluster", "AKIAENV", "eu-central-1"],
    ]);
    const url = urlIn(api.requests[0]?.headers.authorization);
    expect(url.origin).toBe("https://sts.eu-central-1.amazonaws.com");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: "GetCallerIdentity",
      Version: "2011-06-15",
      "X-Amz-Expires": "60",
      "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
      "X-Amz-Credential": expect.stringMatching(/^AKIAENV\/\d{8}\/eu-central-1\/sts\/aws4_request$/),
    });
    expect(api.requests[1]?.headers.authorization).toBe(api.requests[0]?.headers.authorization);
    expect(store.label).toBe('EKS cluster "prod" (eu-central-1)');
  });

  it.each([
    ["us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"],
    ["cn-north-1", "sts.cn-north-1.amazonaws.com.cn"],
    ["us-iso-east-1", "sts.us-iso-east-1.c2s.ic.gov"],
    ["us-isob-east-1", "sts.us-isob-east-1.sc2s.sgov.gov"],
    ["eusc-de-east-1", "sts.eusc-de-east-1.amazonaws.eu"],
  ])("in %s has its STS at %s", async (region, host) => {
    const { api } = await world();
    await (await open({ name: "prod", region })).read();
    expect(urlIn(api.requests[0]?.headers.authorization).host).toBe(host);
  });

  it("is reached with the profile and the role that are named", async () => {
    const { aws, api } = await world();
    const roleArn = "arn:aws:iam::111122223333:role/path/deploy";
    await (await open({ name: "prod", region: "eu-central-1", profile: "p", roleArn })).read();
    expect(aws.requests).toMatchObject([
      {
        operation: "AssumeRole",
        accessKeyId: "AKIAPROFILE",
        parameters: { RoleArn: roleArn, RoleSessionName: "pulumi-aws-auth" },
      },
      { operation: "DescribeCluster", accessKeyId: "ASIATEST1" },
    ]);
    expect(urlIn(api.requests[0]?.headers.authorization).searchParams.get("X-Amz-Credential")).toMatch(/^ASIATEST1\//);
    expect(urlIn(api.requests[0]?.headers.authorization).searchParams.has("X-Amz-Security-Token")).toBe(true);
  });

  it.each([
    ["the stack", {}, { "aws-auth:profile": "p" }, undefined],
    ["the AWS provider's configuration", {}, { "aws:profile": "p" }, undefined],
    ["the resource before the stack", {}, { "aws-auth:profile": "gone" }, "p"],
    ["the environment before all", { AWS_AUTH_PROFILE: "p" }, { "aws-auth:profile": "gone" }, "gone-as-well"],
  ])("takes the profile of %s", async (_title, env, config, profile) => {
    const { aws } = await world();
    await (await open({ name: "prod", region: "eu-central-1", profile }, { env, config })).read();
    expect(aws.requests[0]?.accessKeyId).toBe("AKIAPROFILE");
  });

  it("takes the profile's region when nothing else names one", async () => {
    const { aws } = await world({ AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined });
    const store = await open("prod", { config: { "aws-auth:profile": "p" } });
    expect(store.label).toBe('EKS cluster "prod" (eu-west-3)');
    await store.read();
    expect(aws.requests[0]?.region).toBe("eu-west-3");
  });

  it("needs a region", async () => {
    await world({ AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined });
    await expect(open("prod")).rejects.toMatchObject({
      code: "clusterNotNamed",
      message:
        'EKS cluster "prod" has no region: give cluster as { name, region }, or set aws-auth:region in the stack configuration, AWS_REGION, or a region in the AWS profile',
    });
  });

  it("gets a new token when its API server does not accept the old one", async () => {
    const { api } = await world();
    api.tricks.push({ status: 401 });
    expect((await (await open()).read()).version).toBe("1");
    expect(api.requests).toHaveLength(2);
  });

  it("names the identity that is not accepted", async () => {
    const { api } = await world();
    api.tricks.push({ status: 401 }, { status: 401 });
    await expect((await open()).read()).rejects.toMatchObject({
      code: "credentials",
      message: expect.stringMatching(
        /^EKS cluster "prod" \(eu-central-1\) does not accept the default AWS credentials \(API server 127.*401 Unauthorized\); use the identity that created the cluster, .*AWS_AUTH_PROFILE.*--run-program/,
      ),
    });
  });

  it("without an accessConfig counts as one that reads aws-auth", async () => {
    const { clusters, api } = await world();
    clusters.set("prod", { endpoint: api.url, caData });
    expect((await (await open()).read()).version).toBe("1");
  });
});

describe("an EKS cluster that cannot be used", () => {
  const remedy = /aws sso login.*AWS_AUTH_PROFILE.*--run-program/;

  it("is not found", async () => {
    const { aws } = await world();
    await expect((await open({ name: "gone", region: "eu-central-1" }, withSts())).read()).rejects.toMatchObject({
      code: "clusterNotFound",
      message: expect.stringMatching(
        /^EKS cluster "gone" \(eu-central-1\) does not exist in account 111122223333 of the default AWS credentials; correct the name or the region, or set AWS_AUTH_PROFILE/,
      ),
    });
    expect(aws.requests).toHaveLength(2);
  });

  it("ignores aws-auth", async () => {
    const { clusters, api } = await world();
    clusters.set("prod", { endpoint: api.url, caData, authenticationMode: "API" });
    await expect((await open()).read()).rejects.toMatchObject({
      code: "configMapIgnored",
      message:
        'EKS cluster "prod" (eu-central-1) has authentication mode API and ignores kube-system/aws-auth; set authenticationMode of the mapping to API',
    });
    expect(api.requests).toEqual([]);
  });

  it.each(["CREATING", "FAILED"])("has no endpoint in status %s", async (status) => {
    const { clusters } = await world();
    clusters.set("prod", { endpoint: "", caData: "", status });
    await expect((await open()).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: `EKS cluster "prod" (eu-central-1) has no API server yet, its status is ${status}; wait until it is ACTIVE`,
    });
  });

  it.each([
    [
      "DescribeCluster",
      { status: 403, code: "AccessDeniedException", message: "User is not authorized" },
      "accessDenied",
      /may not do eks:DescribeCluster \(User is not authorized\); allow it in IAM$/,
    ],
    [
      "DescribeCluster",
      { status: 403, code: "UnrecognizedClientException", message: "The security token is invalid" },
      "credentials",
      remedy,
    ],
    ["DescribeCluster", { status: 403, code: "ExpiredTokenException", message: "expired" }, "credentials", remedy],
    [
      "DescribeCluster",
      { status: 403, code: "InvalidSignatureException", message: "Signature expired" },
      "credentials",
      remedy,
    ],
    [
      "DescribeCluster",
      { status: 500, code: "ServerException", message: "oops" },
      "clusterUnreachable",
      /AWS does not respond to eks:DescribeCluster \(ServerException: oops\); try again later/,
    ],
    [
      "AssumeRole",
      { status: 403, code: "AccessDenied", message: "not authorized to perform: sts:AssumeRole" },
      "accessDenied",
      /role "arn:aws:iam::111122223333:role\/r" \(AWS_AUTH_ROLE_ARN\) assumed from the default AWS credentials may not do sts:AssumeRole/,
    ],
    ["AssumeRole", { status: 400, code: "ValidationError", message: "what?" }, "credentials", /what\?/],
    ["AssumeRole", { status: 403, code: "ExpiredToken", message: "expired" }, "credentials", remedy],
  ] as const)("since %s fails with %o", async (operation, failure, code, message) => {
    const { aws } = await world();
    aws.fail(operation, failure);
    const env = { AWS_AUTH_ROLE_ARN: "arn:aws:iam::111122223333:role/r" };
    await expect((await open(undefined, operation === "AssumeRole" ? { env } : {})).read()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("since AWS throttles until the time is over, which is no fault of the network", async () => {
    const { aws } = await world();
    aws.fail("DescribeCluster", { status: 429, code: "TooManyRequestsException", message: "slow down" });
    await expect((await open()).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(/eks:DescribeCluster \(TooManyRequestsException: slow down\); try again later$/),
    });
  });

  it("since throttling ends in time is no failure", async () => {
    const { aws } = await world();
    aws.fail("DescribeCluster", { status: 429, code: "TooManyRequestsException", message: "slow down" }, 1);
    expect((await (await open()).read()).version).toBe("1");
  });

  it.each([
    [
      "no credentials at all",
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      undefined,
      /: no valid AWS credentials in the default AWS credentials \(/,
    ],
  ])("with %s", async (_title, env, profile, message) => {
    await world(env);
    const failure = (await open({ name: "prod", region: "eu-central-1", profile })).read();
    await expect(failure).rejects.toMatchObject({ code: "credentials", message: expect.stringMatching(message) });
    await expect(failure).rejects.toMatchObject({ message: expect.stringMatching(remedy) });
  });

  it("names a profile that does not exist, and the files that were read", async () => {
    await world();
    const failure = (await open({ name: "prod", region: "eu-central-1", profile: "gone" })).read();
    await expect(failure).rejects.toMatchObject({
      code: "credentials",
      message: expect.stringMatching(
        /AWS profile "gone" \(the resource\) is not set up in \S+ or \S+; correct its name, or add it there$/,
      ),
    });
  });

  it("where nothing listens", async () => {
    await world({ AWS_ENDPOINT_URL_EKS: "http://127.0.0.1:9" });
    await expect((await open()).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(
        /^EKS cluster "prod" \(eu-central-1\): AWS in eu-central-1 cannot be reached with the default AWS credentials for eks:DescribeCluster: connection refused \(ECONNREFUSED\)/,
      ),
    });
  });

  it("where the credentials take too long, in time", async () => {
    await world();
    const before = performance.now();
    await expect((await open({ name: "prod", region: "eu-central-1", profile: "slow" })).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(
        /the source of AWS credentials cannot be reached with AWS profile "slow" .*: no response in time/,
      ),
    });
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it("in time if nothing responds", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await world({ AWS_ENDPOINT_URL_EKS: `http://127.0.0.1:${port}` });
    const before = performance.now();
    await expect((await open()).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(/no response in time/),
    });
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});
