import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../../../support/aws/endpoint.ts";
import { type FakeApiServer, startApiServer } from "../apiServer.ts";
import { impatient, kubeconfigOf, settingsOf, temporaryFolder } from "../support.ts";

const identity = "arn:aws:iam::111122223333:user/me";
const caData = Buffer.from("not looked at over http").toString("base64");

interface World {
  readonly aws: AwsEndpoint;
  readonly api: FakeApiServer;
  readonly clusters: Map<string, { endpoint: string; caData: string; authenticationMode?: string; status?: string }>;
}

/** A cluster "prod" behind a local EKS, and an environment that the AWS SDK finds nothing else in. */
async function world(env: Record<string, string | undefined> = {}): Promise<World> {
  const api = await startApiServer({ mapRoles: "[]\n" });
  const clusters = new Map([["prod", { endpoint: api.url, caData, authenticationMode: "API_AND_CONFIG_MAP" }]]);
  const aws = await startAwsEndpoint({ clusters, identity });
  onTestFinished(() => aws.stop());
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, "config"),
    "[profile p]\nregion = eu-west-3\n[profile no-keys]\n[profile slow]\ncredential_process = sleep 5\n",
  );
  await writeFile(join(folder, "credentials"), "[p]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n");
  setEnv({
    AWS_ENDPOINT_URL_EKS: aws.url,
    AWS_ENDPOINT_URL_STS: aws.url,
    AWS_ACCESS_KEY_ID: "AKIAENV",
    AWS_SECRET_ACCESS_KEY: "s3cret",
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PROFILE: undefined,
    ...env,
  });
  return { aws, api, clusters };
}

function setEnv(values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    const set = (to: string | undefined) => {
      if (to === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = to;
      }
    };
    set(value);
    onTestFinished(() => set(before));
  }
}

async function open(
  input: unknown = { name: "prod", region: "eu-central-1" },
  extra: Parameters<typeof settingsOf>[0] = {},
) {
  const settings = settingsOf({
    ...extra,
    env: { AWS_ACCESS_KEY_ID: process.env["AWS_ACCESS_KEY_ID"] ?? "", ...extra.env },
  });
  return openStore(await resolveClusterRef(input, settings), settings, impatient);
}

/** The SDK reads the process's own environment, and the rest what a test gives. */
function withSts() {
  return { env: { AWS_ENDPOINT_URL_STS: process.env["AWS_ENDPOINT_URL_STS"] ?? "" } };
}

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
        'EKS cluster "prod" has no region: give cluster as { name, region }, or set aws-auth:region or aws:region in the stack configuration, AWS_REGION, or a region in the AWS profile',
    });
  });

  it("gets a new token when its API server does not accept the old one", async () => {
    const { api } = await world();
    api.tricks.push({ status: 401 });
    expect((await (await open()).read()).version).toBe("1");
    expect(api.requests).toHaveLength(2);
  });

  it("says who is not accepted", async () => {
    const { api } = await world();
    api.tricks.push({ status: 401 }, { status: 401 });
    await expect((await open()).read()).rejects.toMatchObject({
      code: "credentials",
      message: expect.stringMatching(
        /^EKS cluster "prod" \(eu-central-1\) does not accept the AWS credentials of AWS_ACCESS_KEY_ID \(API server 127.*401 Unauthorized\); use the identity that made the cluster, .*AWS_AUTH_PROFILE.*--run-program/,
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
      message:
        'EKS cluster "gone" (eu-central-1) does not exist for the AWS credentials of AWS_ACCESS_KEY_ID, of account 111122223333; correct the name or the region, or set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials of the cluster\'s account; if it is gone, aws-auth:deleteUnreachable lets a destroy go on without it (refresh and destroy see the stack configuration of the last up, unless given --run-program; environment variables are always the current ones)',
    });
    expect(aws.requests).toHaveLength(2);
  });

  it("is not found, and STS does not say in which account", async () => {
    const { aws } = await world();
    aws.fail("GetCallerIdentity", { status: 403, code: "AccessDenied", message: "explicit deny" });
    await expect((await open({ name: "gone", region: "eu-central-1" }, withSts())).read()).rejects.toMatchObject({
      code: "clusterNotFound",
      message: expect.stringMatching(/AWS_ACCESS_KEY_ID, and STS does not say of which account \(HTTP.*explicit deny/),
    });
  });

  it("ignores aws-auth", async () => {
    const { clusters, api } = await world();
    clusters.set("prod", { endpoint: api.url, caData, authenticationMode: "API" });
    await expect((await open()).read()).rejects.toMatchObject({
      code: "configMapIgnored",
      message:
        'EKS cluster "prod" (eu-central-1) has authentication mode API, which AWS does not let you leave, and ignores kube-system/aws-auth; make EKS access entries (aws.eks.AccessEntry) in the place of identity mappings',
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
      /EKS does not answer DescribeCluster \(ServerException: oops\); try again later/,
    ],
    [
      "DescribeCluster",
      { status: 429, code: "TooManyRequestsException", message: "slow down" },
      "clusterUnreachable",
      /TooManyRequestsException/,
    ],
    [
      "AssumeRole",
      { status: 403, code: "AccessDenied", message: "not authorized to perform: sts:AssumeRole" },
      "accessDenied",
      /role "arn:aws:iam::111122223333:role\/r" \(AWS_AUTH_ROLE_ARN\) assumed from the AWS credentials of AWS_ACCESS_KEY_ID may not do sts:AssumeRole/,
    ],
    [
      "AssumeRole",
      { status: 400, code: "ValidationError", message: "what?" },
      "credentials",
      /ValidationError: what\?/,
    ],
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

  it("since throttling ends in time is no fault", async () => {
    const { aws } = await world();
    aws.fail("DescribeCluster", { status: 429, code: "TooManyRequestsException", message: "slow down" }, 1);
    expect((await (await open()).read()).version).toBe("1");
  });

  it.each([
    [
      "no credentials at all",
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      undefined,
      /the default AWS credentials gives no valid AWS credentials/,
    ],
    [
      "a profile that is not there",
      {},
      "gone",
      /AWS profile "gone" \(the resource\) gives no valid AWS credentials .*aws sso login --profile gone/,
    ],
    ["a profile without credentials", {}, "no-keys", /AWS profile "no-keys"/],
  ])("with %s", async (_title, env, profile, message) => {
    await world(env);
    const fault = (await open({ name: "prod", region: "eu-central-1", profile })).read();
    await expect(fault).rejects.toMatchObject({ code: "credentials", message: expect.stringMatching(message) });
    await expect(fault).rejects.toMatchObject({ message: expect.stringMatching(remedy) });
  });

  it("where nothing listens", async () => {
    await world({ AWS_ENDPOINT_URL_EKS: "http://127.0.0.1:9" });
    await expect((await open()).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(
        /^EKS cluster "prod" \(eu-central-1\): the EKS API in eu-central-1 cannot be reached with the AWS credentials of AWS_ACCESS_KEY_ID: connection refused \(ECONNREFUSED\)/,
      ),
    });
  });

  it("where the credentials take too long, in time", async () => {
    await world();
    const before = performance.now();
    await expect((await open({ name: "prod", region: "eu-central-1", profile: "slow" })).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(
        /the source of AWS credentials cannot be reached with AWS profile "slow" .*: no answer in time/,
      ),
    });
    expect(performance.now() - before).toBeLessThan(4_000);
  });

  it("where nobody answers, in time", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await world({ AWS_ENDPOINT_URL_EKS: `http://127.0.0.1:${port}` });
    const before = performance.now();
    await expect((await open()).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(/no answer in time/),
    });
    expect(performance.now() - before).toBeLessThan(4_000);
  });
});

describe("an EKS cluster of a known account", () => {
  const arnIn = (account: string, name = "prod") => `arn:aws:eks:eu-central-1:${account}:cluster/${name}`;
  const openIn = (account: string, name?: string) => open(arnIn(account, name), withSts());
  const operations = ({ aws }: World) => aws.requests.map(({ operation }) => operation);

  it("is reached with that account's credentials, with one request", async () => {
    const started = await world();
    expect((await (await openIn("111122223333")).read()).version).toBe("1");
    expect(operations(started)).toEqual(["DescribeCluster"]);
  });

  it("is not the cluster of that name in another account", async () => {
    const started = await world();
    await expect((await openIn("444455556666")).read()).rejects.toMatchObject({
      code: "clusterChanged",
      message:
        'EKS cluster "prod" (eu-central-1) of account 444455556666 cannot be reached with the AWS credentials of AWS_ACCESS_KEY_ID, of account 111122223333; set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials of account 444455556666, or, if the other cluster is meant, name it in the program or the stack; aws-auth:deleteUnreachable lets a destroy go on without the cluster (refresh and destroy see the stack configuration of the last up, unless given --run-program; environment variables are always the current ones)',
    });
    expect(started.api.requests).toEqual([]);
  });

  it("is not gone because another account has none of that name", async () => {
    // Where anybody may have put the account that they mean, it is no proof.
    const started = await world({ AWS_ACCOUNT_ID: "444455556666" });
    await expect((await openIn("444455556666", "gone")).read()).rejects.toMatchObject({
      code: "clusterChanged",
      message: expect.stringMatching(
        /^EKS cluster "gone" .* of account 444455556666 cannot be reached .*, of account 111122223333; /,
      ),
    });
    expect(operations(started)).toEqual(["DescribeCluster", "GetCallerIdentity"]);
    expect(started.aws.requests[1]).toMatchObject({ accessKeyId: "AKIAENV", region: "eu-central-1", service: "sts" });
  });

  it("is gone when its own account has none of that name", async () => {
    await world();
    await expect((await openIn("111122223333", "gone")).read()).rejects.toMatchObject({
      code: "clusterGone",
      message:
        'EKS cluster "gone" (eu-central-1) of account 111122223333 does not exist, as EKS says to the AWS credentials of AWS_ACCESS_KEY_ID; if another cluster is meant, correct the name or the region',
    });
  });

  it("is not known to be gone when STS does not say whose the credentials are", async () => {
    const { aws } = await world();
    aws.fail("GetCallerIdentity", { status: 403, code: "AccessDenied", message: "explicit deny" });
    await expect((await openIn("111122223333", "gone")).read()).rejects.toMatchObject({
      code: "credentials",
      message: expect.stringMatching(
        /^EKS cluster "gone" .* of account 111122223333 is not found with the AWS credentials of AWS_ACCESS_KEY_ID, and STS does not say of which account \(HTTP status 403: .*explicit deny.*\); set AWS_AUTH_PROFILE/,
      ),
    });
  });

  it("is not known to be gone when STS cannot be reached", async () => {
    await world({ AWS_ENDPOINT_URL_STS: "http://127.0.0.1:9" });
    await expect((await openIn("111122223333", "gone")).read()).rejects.toMatchObject({
      code: "credentials",
      message: expect.stringMatching(/connection refused \(ECONNREFUSED\)/),
    });
  });
});

describe("the account of an EKS cluster", () => {
  const gone = { name: "gone", region: "eu-central-1" };
  const operations = ({ aws }: World) => aws.requests.map(({ operation }) => operation);

  it("is learned by the request that a read needs anyway, and asserted for each who asks", async () => {
    const started = await world();
    const store = await open(undefined, withSts());
    expect(await store.account()).toBe("111122223333");
    expect(await store.account("111122223333")).toBe("111122223333");
    await expect(store.account("444455556666")).rejects.toMatchObject({ code: "clusterChanged" });
    expect((await store.read()).version).toBe("1");
    expect(operations(started)).toEqual(["DescribeCluster"]);
  });

  it("decides for each who asks whether a cluster that is not found is gone; AWS is asked once", async () => {
    const started = await world();
    const store = await open(gone, withSts());
    await expect(store.account()).rejects.toMatchObject({ code: "clusterNotFound" });
    await expect(store.account("111122223333")).rejects.toMatchObject({ code: "clusterGone" });
    await expect(store.account("444455556666")).rejects.toMatchObject({ code: "clusterChanged" });
    await expect(store.read()).rejects.toMatchObject({ code: "clusterNotFound" });
    expect(operations(started)).toEqual(["DescribeCluster", "GetCallerIdentity"]);
  });

  it("is asked for again some time after a failure", async () => {
    const { aws } = await world();
    aws.fail("DescribeCluster", { status: 403, code: "AccessDeniedException", message: "no" }, 1);
    const store = await open();
    await expect(store.account()).rejects.toMatchObject({ code: "accessDenied" });
    await expect(store.account()).rejects.toMatchObject({ code: "accessDenied" });
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 11_000);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await store.account()).toBe("111122223333");
  });

  it("is another one's before it is told that its cluster ignores aws-auth", async () => {
    const { clusters, api } = await world();
    clusters.set("prod", { endpoint: api.url, caData, authenticationMode: "API" });
    const store = await open();
    await expect(store.account("444455556666")).rejects.toMatchObject({ code: "clusterChanged" });
    expect(await store.account("111122223333")).toBe("111122223333");
    await expect(store.read()).rejects.toMatchObject({ code: "configMapIgnored" });
  });

  it("is none of a cluster that a kubeconfig or a manifest names", async () => {
    const kubeconfig = kubeconfigOf({ a: "https://a.example" });
    for (const input of [{ kubeconfig }, { manifest: "m.yaml" }]) {
      expect(await (await open(input)).account()).toBeUndefined();
    }
  });
});
