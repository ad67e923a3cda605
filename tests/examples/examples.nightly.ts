import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "../support/aws/endpoint.ts";
import { startTokenReviewer, type TokenReviewer } from "../support/aws/tokenReview.ts";
import { grant, writerRules } from "../support/cluster/awsAuth.ts";
import { adminName, startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { splitClaims } from "../support/engine/manifest.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { exampleProject } from "../support/examples/exampleProject.ts";

let project: TestProject;
afterEach(() => project?.remove());

describe("the whole life of an example on files", () => {
  it.each([
    ["quickstart", { config: { "aws-auth:manifest": "aws-auth.yaml" } }],
    ["environments", { stack: "dev" }],
    ["adopt", { stack: "dev" }],
    ["gitops", { stack: "prod" }],
    ["policy", { stack: "dev" }],
  ])("%s: up, no change, destroy", async (name, options) => {
    project = await exampleProject(name, options);
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    if (name === "environments" || name === "policy") {
      expect(await project.destroy()).toMatchObject({ code: 1, output: expect.stringContaining("protected") });
      expect(await project.read("aws-auth.dev.yaml")).toContain("role/nodes");
      expect(await project.pulumi("state", "unprotect", "--all", "--yes")).toMatchObject({ code: 0 });
    }
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });
});

it("fleet: the same two roles in every cluster, up, no change, destroy", async () => {
  project = await exampleProject("fleet", { stack: "dev" });
  expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 7 created") });
  for (const name of ["berlin", "dublin", "ohio"]) {
    expect(splitClaims(await project.read(`aws-auth.${name}.yaml`)).claims).toBe(2);
  }
  expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  expect(await project.destroy()).toMatchObject({ code: 0 });
});

it("with-eks: nothing is known of the cluster yet, and the plan is clean", async () => {
  const config = { "aws-auth-with-eks:subnetIds": ["subnet-1", "subnet-2"] };
  project = await exampleProject("with-eks", { config, standIns: { kubeconfig: "" } });
  const { code, output } = await project.preview();
  expect(output).toContain("+ 6 to create");
  expect(output).toMatch(/IdentityMapping::developers\]\n +arn +: \[unknown\]\n +cluster +: \[unknown\]/);
  const ofStandIns = /^warning: using pulumi-resource-aws from \$PATH.*$/m;
  expect(output.replace(ofStandIns, "")).not.toMatch(/error|warning/i);
  expect(code).toBe(0);
});

it("drift-check: a change by hand ends the job's command with 7, and shows what its README shows", async () => {
  project = await exampleProject("drift-check", { stack: "dev" });
  expect(await project.up()).toMatchObject({ code: 0 });
  const map = await project.read("aws-auth.dev.yaml");
  await project.write("aws-auth.dev.yaml", map.replace("- viewers", "- admin"));
  const { code, output } = await project.preview("--expect-no-changes");
  expect(output).toContain('groups: "cluster has admin, on-call; up restores on-call, viewers"');
  expect(code).toBe(7);
  expect(await project.destroy("--refresh")).toMatchObject({ code: 0 });
});

describe("a preview of an example that needs a cluster", () => {
  let reviewer: TokenReviewer;
  let cluster: TestCluster;
  let aws: AwsEndpoint;
  beforeAll(async () => {
    reviewer = await startTokenReviewer({ AKIADEPLOYER: "deployer" }, "payments");
    cluster = await startCluster({
      users: [{ name: "deployer" }],
      authenticationTokenWebhookConfigFile: reviewer.configFile,
    });
    await grant(cluster, "deployer", writerRules);
    aws = await startAwsEndpoint({
      identity: "arn:aws:iam::111122223333:user/deployer",
      identities: new Map(),
      clusters: new Map([
        ["payments", { endpoint: cluster.server, caData: cluster.caData, authenticationMode: "CONFIG_MAP" }],
      ]),
    });
  });
  afterAll(async () => {
    await cluster?.stop();
    await reviewer?.stop();
    await aws?.stop();
  });

  it("eksctl-file: the cluster is the one that the file names", async () => {
    project = await exampleProject("eksctl-file", {
      standIns: { kubeconfig: cluster.kubeconfigFile() },
      env: {
        AWS_ENDPOINT_URL_EKS: aws.url,
        AWS_ENDPOINT_URL_STS: aws.url,
        AWS_ACCESS_KEY_ID: "AKIADEPLOYER",
        AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        AWS_EC2_METADATA_DISABLED: "true",
      },
    });
    const { code, output } = await project.preview();
    expect(output).toContain("+ 9 to create");
    expect(code).toBe(0);
  });

  it("emr: mapping, Role and RoleBinding go to the cluster of one context", async () => {
    const config = { "aws-auth-emr:context": adminName, "aws-auth-emr:account": "111122223333" };
    project = await exampleProject("emr", { config, standIns: { kubeconfig: cluster.kubeconfigFile() } });
    const { code, output } = await project.preview();
    expect(output).toContain("+ 7 to create");
    expect(output).toContain("AWSServiceRoleForAmazonEMRContainers");
    expect(code).toBe(0);
  });
});
