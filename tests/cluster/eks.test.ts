import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "../support/aws/endpoint.ts";
import { startTokenReviewer, type TokenReviewer } from "../support/aws/tokenReview.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { mappingsIn } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";

const secretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

describe("EKS clusters by name, through the real AWS SDK", () => {
  let aws: AwsEndpoint;
  let reviewer: TokenReviewer;
  let cluster: TestCluster;
  let map: AwsAuthMap;
  let project: TestProject;
  const identities = new Map<string, string>();

  beforeAll(async () => {
    const arns = { deployer: "arn:aws:iam::111122223333:user/deployer" };
    reviewer = await startTokenReviewer({ AKIADEPLOYER: "deployer" }, "prod", arns);
    cluster = await startCluster({
      users: [{ name: "deployer" }],
      authenticationTokenWebhookConfigFile: reviewer.configFile,
    });
    map = new AwsAuthMap(cluster);
    await grant(cluster, "deployer", writerRules);
    const { server: endpoint, caData } = cluster;
    aws = await startAwsEndpoint({
      identity: "arn:aws:iam::111122223333:user/deployer",
      identities,
      clusters: new Map([
        ["prod", { endpoint, caData, authenticationMode: "CONFIG_MAP" }],
        ["modern", { endpoint, caData, authenticationMode: "API" }],
      ]),
    });
    project = await TestProject.create({
      config: { "aws-auth:cluster": "prod", "aws:region": "eu-central-1" },
      env: {
        AWS_ENDPOINT_URL_EKS: aws.url,
        AWS_ENDPOINT_URL_STS: aws.url,
        AWS_ACCESS_KEY_ID: "AKIADEPLOYER",
        AWS_SECRET_ACCESS_KEY: secretKey,
        AWS_EC2_METADATA_DISABLED: "true",
      },
    });
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
    await reviewer?.stop();
    await aws?.stop();
  });

  it("make, keep and remove mappings; the ConfigMap is created if there is none, and EKS is asked once a run", async () => {
    await map.reset(undefined);
    await project.program(`
      for (const name of ["a", "b", "c"]) {
        new IdentityMapping(name, { arn: "arn:aws:iam::111122223333:role/" + name, username: name });
      }
    `);
    const before = aws.requests.length;
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
    expect(aws.requests.slice(before).map(({ operation }) => operation)).toEqual(["DescribeCluster"]);
    expect((await map.data())["mapRoles"]?.match(/role\/[abc]/g)?.toSorted()).toEqual(["role/a", "role/b", "role/c"]);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });

    const state = await project.state();
    for (const secret of [cluster.server, cluster.caData, "k8s-aws-v1", secretKey, "AKIADEPLOYER"]) {
      expect(state).not.toContain(secret);
    }
    for (const { inputs } of mappingsIn(state)) {
      expect(inputs["cluster"]).toEqual({ name: "prod", region: "eu-central-1" });
    }
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await map.data()).toEqual({ mapRoles: "[]\n" });
  });

  it("can be named by the resource that makes them, whose ARN no preview knows before it exists", async () => {
    await project.destroy();
    await project.program(`
      class Late extends pulumi.dynamic.Resource {
        constructor(name, outs) {
          super({ create: async (inputs) => ({ id: name, outs: inputs }) }, name, { ...outs, arn: outs.arn });
        }
      }
      const made = new Late("cluster", { value: "arn:aws:eks:eu-central-1:111122223333:cluster/prod" });
      const arn = made.id.apply(() => "arn:aws:eks:eu-central-1:111122223333:cluster/prod");
      const cluster = { arn, name: pulumi.output("prod"), endpoint: pulumi.output("") };
      new IdentityMapping("a", { cluster, account: "012345678901" });
      new IdentityMapping("b", { cluster: { eksCluster: cluster }, account: "012345678902" });
    `);
    const before = aws.requests.length;
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("cluster   : [unknown]") });
    expect(aws.requests).toHaveLength(before);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
    expect((await map.data())["mapAccounts"]).toContain('- "012345678902"');
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });

  it("tell whose mapping is the caller's own, and a preview and a destroy that remove it warn of that", async () => {
    await map.reset({
      mapUsers: "- userarn: arn:aws:iam::111122223333:user/deployer\n  username: deployer\n  groups: [deployers]\n",
    });
    await project.program(`
      new IdentityMapping("other", { account: "012345678901" });
      if (process.env.CASE !== "removed") {
        const arn = "arn:aws:iam::111122223333:user/deployer";
        new IdentityMapping("deployer", { arn, username: "deployer", groups: ["deployers"] });
      }
    `);
    const own =
      'arn "arn:aws:iam::111122223333:user/deployer" is who this run logs in as, by mapUsers entry 1 (username "deployer", groups ["deployers"]), and this run';
    const remedy = "the run may lose its access with it; use other credentials, or keep that mapping";
    const up = await project.up();
    expect(up).toMatchObject({ code: 0 });
    expect(up.output).not.toContain("logs in as");
    const preview = await project.with({ CASE: "removed" }).preview();
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toContain(
      `warning: IdentityMapping "deployer": ${own} removes it, unless retainOnDelete or --target keeps it; ${remedy}\n`,
    );
    const destroy = await project.destroy();
    expect(destroy).toMatchObject({ code: 0 });
    expect(destroy.output).toContain(`warning: ${own} removed it; ${remedy}\n`);
  });

  it.each([
    [
      "another account's cluster of the same name",
      `"arn:aws:eks:eu-central-1:444455556666:cluster/prod"`,
      'EKS cluster "prod" (eu-central-1) of account 444455556666 cannot be reached with the AWS credentials of AWS_ACCESS_KEY_ID, of account 111122223333; set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN',
    ],
    [
      "a whole kubeconfig, without its content",
      `{ apiVersion: "v1", users: [{ token: "t0p-secret" }] }`,
      "cluster is a whole kubeconfig; give it as { kubeconfig: ... }",
    ],
    ["an unknown name", `"prdo"`, 'EKS cluster "prdo" (eu-central-1) does not exist'],
    [
      "a cluster that ignores the ConfigMap",
      `"modern"`,
      'EKS cluster "modern" (eu-central-1) has authentication mode API, which AWS does not let you leave, and ignores kube-system/aws-auth; make EKS access entries (aws.eks.AccessEntry) in the place of identity mappings',
    ],
  ])("fail the preview: %s", async (_title, name, text) => {
    await project.program(`new IdentityMapping("a", { cluster: ${name}, account: "012345678901" });`);
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(`has a problem: ${text}`);
    expect(output).not.toMatch(/^\s+at |t0p-secret/m);
  });

  it("that EKS no longer has hold no mappings: destroy succeeds with a warning", async () => {
    await project.program(`new IdentityMapping("a", { account: "012345678901" });`);
    expect(await project.up()).toMatchObject({ code: 0 });
    aws.fail("DescribeCluster", {
      status: 404,
      code: "ResourceNotFoundException",
      message: "No cluster found for name: prod.",
    });
    const destroy = await project.destroy();
    aws.recover("DescribeCluster");
    expect(destroy).toMatchObject({ code: 0 });
    expect(destroy.output).toContain('warning: EKS cluster "prod" (eu-central-1) does not exist');
  });

  it("are not taken for gone by credentials of another account: destroy fails, and keeps the mappings", async () => {
    await project.program(`
      const cluster = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
      new IdentityMapping("a", { cluster, account: "012345678901" });
    `);
    expect(await project.up()).toMatchObject({ code: 0 });
    const account = "111122223333";
    expect(mappingsIn(await project.state()).map(({ inputs }) => inputs["cluster"])).toEqual([
      { name: "prod", region: "eu-central-1", account },
    ]);
    identities.set("AKIADEPLOYER", "arn:aws:iam::444455556666:user/deployer");
    aws.fail("DescribeCluster", { status: 404, code: "ResourceNotFoundException", message: "No cluster found." });
    const refused = await project.destroy();
    aws.recover("DescribeCluster");
    identities.clear();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("of account 111122223333 cannot be reached with");
    expect(mappingsIn(await project.state())).toHaveLength(1);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect((await map.data())["mapAccounts"]).toBe("[]\n");
  });
});
