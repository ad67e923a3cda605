import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { awsIdentityFor } from "../../../../provider/cluster/eks/awsClients.ts";
import { caData, type FakeApiServer, listen } from "../../../support/cluster/apiServer.ts";
import { expectFailure } from "../../../support/cluster/kubeconfigs.ts";
import { open, world } from "./world.ts";

const prod = { name: "prod", region: "eu-central-1" };
const roleArn = "arn:aws:iam::111122223333:role/path/deploy";

/** The presigned request in the bearer token of a server's first request. */
function signedFor({ requests }: FakeApiServer): URL {
  const [, payload = ""] = /^Bearer k8s-aws-v1\.([\w-]+)$/.exec(requests[0]?.headers.authorization ?? "") ?? [];
  return new URL(Buffer.from(payload, "base64url").toString("utf8"));
}

describe("an EKS cluster", () => {
  it("is looked up once, and authenticates with a presigned request to STS in its region", async () => {
    const { aws, api } = await world();
    const store = await open();
    const base = await store.read();
    await store.write({ data: { mapRoles: "- a\n" } }, base);
    expect(api.data).toEqual({ mapRoles: "- a\n" });
    expect(aws.requests).toMatchObject([
      { operation: "DescribeCluster", accessKeyId: "AKIAENV", region: "eu-central-1" },
    ]);
    const url = signedFor(api);
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
  ])("in %s uses STS at %s", async (region, host) => {
    const { api } = await world();
    await (await open({ name: "prod", region })).read();
    expect(signedFor(api).host).toBe(host);
  });

  it("uses the given profile and role", async () => {
    const { aws, api } = await world();
    await (await open({ ...prod, profile: "p", roleArn })).read();
    const parameters = { RoleArn: roleArn, RoleSessionName: "pulumi-aws-auth" };
    expect(aws.requests).toMatchObject([
      { operation: "AssumeRole", accessKeyId: "AKIAPROFILE", parameters },
      { operation: "DescribeCluster", accessKeyId: "ASIATEST1" },
    ]);
    const { searchParams } = signedFor(api);
    expect(searchParams.get("X-Amz-Credential")).toMatch(/^ASIATEST1\//);
    expect(searchParams.has("X-Amz-Security-Token")).toBe(true);
  });

  it.each([
    ["the stack", {}, { "aws-auth:profile": "p" }, undefined],
    ["the AWS provider's configuration", {}, { "aws:profile": "p" }, undefined],
    ["the resource before the stack", {}, { "aws-auth:profile": "gone" }, "p"],
    ["the environment before all", { AWS_AUTH_PROFILE: "p" }, { "aws-auth:profile": "gone" }, "gone-as-well"],
  ])("uses the profile of %s", async (_title, env, config, profile) => {
    const { aws } = await world();
    await (await open({ ...prod, profile }, { env, config })).read();
    expect(aws.requests[0]?.accessKeyId).toBe("AKIAPROFILE");
  });

  const roles = (...list: readonly object[]) => ({ "aws:assumeRoles": JSON.stringify(list, undefined, 1) });
  const several = roles({ roleArn: "arn:aws:iam::111122223333:role/a" }, { roleArn });
  it.each<[string, env: object, config: object, own: string | undefined, role: string | undefined]>([
    ["@pulumi/aws 7", {}, roles({ roleArn }), undefined, roleArn],
    ["@pulumi/aws 7, with empty fields", {}, roles({ roleArn, externalId: "", tags: null }), undefined, roleArn],
    ["@pulumi/aws 6", {}, { "aws:assumeRole": JSON.stringify({ roleArn }) }, undefined, roleArn],
    ["@pulumi/aws 7, unless the list is empty", {}, { "aws:assumeRoles": "[ ]" }, undefined, undefined],
    ["the stack before @pulumi/aws", {}, { ...several, "aws-auth:roleArn": roleArn }, undefined, roleArn],
    ["the resource before @pulumi/aws", {}, several, roleArn, roleArn],
    ["the environment before @pulumi/aws", { AWS_AUTH_ROLE_ARN: roleArn }, several, undefined, roleArn],
  ])("assumes the role of %s", async (_title, env, config, own, role) => {
    const { aws } = await world();
    await (await open({ ...prod, roleArn: own }, { env: { ...env }, config: { ...config } })).read();
    const assumed = aws.requests.filter(({ operation }) => operation === "AssumeRole");
    expect(assumed.map(({ parameters }) => parameters["RoleArn"])).toEqual(role === undefined ? [] : [role]);
  });

  it("does not assume the role of @pulumi/aws from a profile of the resource", () => {
    const config = (key: string) => (key === "aws:assumeRoles" ? roles({ roleArn })[key] : undefined);
    const roleFrom = (own?: string) =>
      awsIdentityFor({ profile: own, roleArn: undefined }, { config, env: {}, cwd: "/" }).roleArn;
    expect([roleFrom("own"), roleFrom()]).toEqual([undefined, roleArn]);
  });

  it.each([
    ["several roles", several, "2 roles"],
    ["an external ID", roles({ roleArn, externalId: "s3cret" }), "roleArn, externalId"],
    ["another field", { "aws:assumeRole": JSON.stringify({ roleArn, policyArns: [] }) }, "roleArn, policyArns"],
    ["no ARN", roles({ sessionName: "x" }), "sessionName"],
    ["an ARN that is not a string", roles({ roleArn: { a: 1 } }), "roleArn"],
    ["a text that is not JSON", { "aws:assumeRoles": "s3cret" }, "no role"],
  ])("refuses the roles of @pulumi/aws with %s", async (_title, config, found) => {
    const { aws } = await world();
    const [source] = Object.keys(config);
    const message = `stack configuration ${source} must be one role with only roleArn, but has ${found}; set aws-auth:roleArn to the role to assume for the cluster`;
    await expectFailure(open(prod, { config }), "invalidInput", message);
    expect(aws.requests).toEqual([]);
    await expect(open({ manifest: "aws-auth.yaml" }, { config })).resolves.toBeDefined();
  });

  it("uses the region of the profile if nothing else sets one, and requires a region", async () => {
    const { aws } = await world({ AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined });
    const store = await open("prod", { config: { "aws-auth:profile": "p" } });
    expect(store.label).toBe('EKS cluster "prod" (eu-west-3)');
    await store.read();
    expect(aws.requests[0]?.region).toBe("eu-west-3");
    await expectFailure(
      open("prod"),
      "clusterNotNamed",
      'no region for EKS cluster "prod": set cluster to { name, region }, or set aws-auth:region in the stack configuration, AWS_REGION, or a region in the AWS profile',
    );
  });

  it("retries once with a new token after a 401, and then reports the identity", async () => {
    const { api } = await world();
    api.faults.push({ status: 401 });
    expect((await (await open()).read()).version).toBe("1");
    expect(api.requests).toHaveLength(2);
    api.faults.push({ status: 401 }, { status: 401 });
    await expectFailure(
      (await open()).read(),
      "credentials",
      /^EKS cluster "prod" \(eu-central-1\) rejects the default AWS credentials \(API server 127.*401 Unauthorized\); use an identity with access to the cluster; .*AWS_AUTH_PROFILE.*--run-program/,
    );
  });

  it("without an accessConfig is treated as one that uses aws-auth", async () => {
    const { clusters, api } = await world();
    clusters.set("prod", { endpoint: api.url, caData });
    expect((await (await open()).read()).version).toBe("1");
  });
});

describe("an EKS cluster that cannot be used", () => {
  it("is reported as not found", async () => {
    const { aws } = await world();
    await expectFailure(
      (await open({ ...prod, name: "gone" })).read(),
      "clusterNotFound",
      /^EKS cluster "gone" \(eu-central-1\) does not exist in account 111122223333 of the default AWS credentials; correct the name or the region, or set AWS_AUTH_PROFILE/,
    );
    expect(aws.requests).toHaveLength(2);
  });

  it.each([
    [
      { authenticationMode: "API" },
      "configMapIgnored",
      "has authentication mode API and ignores kube-system/aws-auth; set authenticationMode of the mapping to API",
    ],
    [
      { endpoint: "", caData: "", status: "CREATING" },
      "clusterUnreachable",
      "has no API server yet (status CREATING); wait until the cluster is ACTIVE",
    ],
  ] as const)("is refused with %o", async (cluster, code, message) => {
    const { clusters, api } = await world();
    clusters.set("prod", { endpoint: api.url, caData, ...cluster });
    await expectFailure((await open()).read(), code, `EKS cluster "prod" (eu-central-1) ${message}`);
    expect(api.requests).toEqual([]);
  });

  const remedy = /aws sso login.*AWS_AUTH_PROFILE.*--run-program/;
  const roleDenied =
    /role "arn:aws:iam::111122223333:role\/path\/deploy" \(AWS_AUTH_ROLE_ARN\) assumed from the default AWS credentials cannot perform sts:AssumeRole/;
  it.each([
    [
      "DescribeCluster",
      403,
      "AccessDeniedException",
      "accessDenied",
      /cannot perform eks:DescribeCluster \(why\); allow it/,
    ],
    ["DescribeCluster", 403, "UnrecognizedClientException", "credentials", remedy],
    ["DescribeCluster", 403, "ExpiredTokenException", "credentials", remedy],
    ["DescribeCluster", 403, "InvalidSignatureException", "credentials", remedy],
    [
      "DescribeCluster",
      500,
      "ServerException",
      "clusterUnreachable",
      /eks:DescribeCluster \(ServerException: why\); try/,
    ],
    ["DescribeCluster", 429, "TooManyRequestsException", "clusterUnreachable", /Exception: why\); try again later$/],
    ["AssumeRole", 403, "AccessDenied", "accessDenied", roleDenied],
    ["AssumeRole", 400, "ValidationError", "credentials", /why/],
    ["AssumeRole", 403, "ExpiredToken", "credentials", remedy],
  ] as const)("is reported if %s fails with %i %s", async (operation, status, name, code, message) => {
    const { aws } = await world();
    aws.fail(operation, { status, code: name, message: "why" });
    const env = operation === "AssumeRole" ? { AWS_AUTH_ROLE_ARN: roleArn } : {};
    await expectFailure((await open(prod, { env })).read(), code, message);
  });

  it("is read with a retry after throttling", async () => {
    const { aws } = await world();
    aws.fail("DescribeCluster", { status: 429, code: "TooManyRequestsException", message: "slow down" }, 1);
    expect((await (await open()).read()).version).toBe("1");
  });

  it("is reported without credentials, and with a missing profile and the files searched", async () => {
    await world({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
    await expectFailure(
      (await open()).read(),
      "credentials",
      /: cannot use the default AWS credentials \(.*aws sso login.*AWS_AUTH_PROFILE.*--run-program/,
    );
    await expectFailure(
      (await open({ ...prod, profile: "gone" })).read(),
      "credentials",
      /AWS profile "gone" \(the resource\) is not defined in \S+ or \S+; correct the name, or add the profile$/,
    );
  });

  it("is reported without a call if the proxy of the environment is not valid", async () => {
    const { aws } = await world();
    const message = /^HTTPS_PROXY is not the URL of an http, https or socks5 proxy; write /;
    await expectFailure((await open(prod, { env: { HTTPS_PROXY: "ftp://proxy" } })).read(), "invalidInput", message);
    expect(aws.requests).toEqual([]);
  });

  it("is reported if the connection to AWS is refused", async () => {
    await world({ AWS_ENDPOINT_URL_EKS: "http://127.0.0.1:9" });
    await expectFailure(
      (await open()).read(),
      "clusterUnreachable",
      /^EKS cluster "prod" \(eu-central-1\): AWS in eu-central-1 cannot be reached with the default AWS credentials for eks:DescribeCluster: connection refused \(ECONNREFUSED\)/,
    );
  });

  it("is reported if the credentials source or AWS does not respond", async () => {
    const silent = createServer(() => {});
    await world({ AWS_ENDPOINT_URL_EKS: `http://127.0.0.1:${await listen(silent)}` });
    await Promise.all([
      expectFailure(
        (await open({ ...prod, profile: "slow" })).read(),
        "clusterUnreachable",
        /the source of AWS credentials cannot be reached with AWS profile "slow" .*: timed out/,
      ),
      expectFailure((await open()).read(), "clusterUnreachable", /timed out/),
    ]);
  });
});
