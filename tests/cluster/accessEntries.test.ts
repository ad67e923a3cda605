import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TokenWebhook } from "../support/authenticator/tokenWebhook.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { EksStandIn } from "../support/eks/standIn.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { unfolded } from "../support/unfolded.ts";

const account = "111122223333";
const arn = (name: string, of = account) => `arn:aws:iam::${of}:role/${name}`;

const program = `
const make = (name, args, options) => new IdentityMapping(name, { username: name, ...args }, options);
({
  reserved() { make("reserved", { arn: "${arn("admin")}", username: "system:admin", groups: ["system:monitoring"] }); },
  account() { new IdentityMapping("account", { account: "${account}" }); },
  service() { make("service", { arn: "${arn("aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch")}" }); },
  twice() {
    make("dev", { arn: "${arn("eng/dev")}", groups: ["viewers"] });
    make("other", { arn: "${arn("dev")}", groups: ["viewers"] });
  },
  dev() { make("dev", { arn: "${arn("eng/dev")}", groups: ["viewers"] }); },
  adopts() { make("dev", { arn: "${arn("eng/dev")}", groups: ["viewers"], adopt: true }); },
  manifest() { make("dev", { cluster: { manifest: "aws-auth.yaml" }, arn: "${arn("eng/dev")}", authenticationMode: "API" }); },
})[process.env.CASE]();
`;

describe("mappings in access entries", () => {
  const config = { "aws-auth:cluster": "prod", "aws:region": "eu-central-1" };
  let aws: EksStandIn;
  let authenticator: TokenWebhook;
  let cluster: TestCluster;
  let map: AwsAuthMap;
  let project: TestProject;

  beforeAll(async () => {
    aws = await EksStandIn.start();
    const deployer = aws.caller("deployer", aws.principals.create(`arn:aws:iam::${account}:user/deployer`).arn);
    for (const name of [
      "admin",
      "eng/dev",
      "teams/ops",
      "aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch",
    ]) {
      aws.principals.create(arn(name));
    }
    authenticator = await TokenWebhook.start({
      cluster: "prod",
      sts: aws.url,
      creator: { arn: deployer.arn, username: "deployer" },
    });
    cluster = await startCluster({
      users: [{ name: "deployer" }],
      authenticationTokenWebhookConfigFile: authenticator.configFile,
    });
    await authenticator.watch(cluster.kubeconfigFile());
    map = new AwsAuthMap(cluster);
    await grant(cluster, "deployer", writerRules);
    const { server: endpoint, caData } = cluster;
    for (const [name, authenticationMode] of [
      ["prod", "API_AND_CONFIG_MAP"],
      ["old", "CONFIG_MAP"],
    ] as const) {
      aws.addCluster({ name, endpoint, caData, authenticationMode });
    }
    project = await TestProject.create({ config, env: aws.env(deployer) });
    await project.program(program);
  });
  afterAll(async () => {
    await project?.remove();
    await authenticator?.stop();
    await cluster?.stop();
    await aws?.stop();
  });
  beforeEach(() => map.reset({ mapRoles: "[]\n" }));

  const inMode = (mode: string, more: object = {}) =>
    project.configure({ ...config, "aws-auth:authenticationMode": mode, ...more });
  const running = (name: string) => project.with({ CASE: name });
  const entries = () =>
    Object.fromEntries(
      aws
        .entries("prod")
        .map(({ principalArn, username, kubernetesGroups, policies }) => [
          principalArn.replace(/.*:/, ""),
          { username, kubernetesGroups, policies: policies.map(({ policyArn }) => policyArn.replace(/.*\//, "")) },
        ]),
    );

  it("are refused in the preview, each reason on its own property, where no access entry says the same", async () => {
    await inMode("API");
    for (const [name, ...texts] of [
      [
        "reserved",
        'property username value {system:admin} has a problem: username "system:admin"',
        "property groups value",
      ],
      ["account", `property account value {${account}} has a problem: account "${account}" has no access entry`],
      ["service", "is the role of an AWS service"],
    ] as const) {
      const { code, raw } = await running(name).pulumi("preview");
      expect(code).not.toBe(0);
      for (const text of texts) {
        expect(unfolded(raw)).toContain(text);
      }
    }
    expect(aws.entries("prod")).toEqual([]);
  });

  it("are refused where the cluster's mode has no access entries, and where it is no EKS cluster", async () => {
    await inMode("API", { "aws-auth:cluster": "old" });
    const { raw } = await running("dev").pulumi("preview");
    expect(unfolded(raw)).toContain(
      'authenticationMode API needs another mode of the cluster: EKS cluster "old" (eu-central-1) has CONFIG_MAP, which has no access entries; set accessConfig.authenticationMode of the aws.eks.Cluster to API_AND_CONFIG_MAP and update it first; EKS does not let you undo that',
    );
    await inMode("CONFIG_MAP");
    const manifest = await running("manifest").pulumi("preview");
    expect(unfolded(manifest.raw)).toContain("access entries belong to an EKS cluster");
  });

  it("are one for each identity, whatever path the ARN has", async () => {
    await inMode("API");
    const { code, raw } = await running("twice").pulumi("preview");
    expect(code).not.toBe(0);
    expect(unfolded(raw)).toContain("is mapped by two resources of this program");
  });

  it("conflict with an access entry of somebody else, which adopt takes over, and leave it where they found it", async () => {
    await inMode("API");
    aws.addServiceEntry("prod", arn("eng/dev"), { type: "STANDARD", username: "theirs", groups: ["x"] });
    const refused = await running("dev").pulumi("preview");
    expect(refused.code, refused.raw).not.toBe(0);
    expect(unfolded(refused.raw)).toContain(
      `arn "${arn("eng/dev")}" has an access entry already; it says username "theirs", groups ["x"]; this resource says username "dev", groups ["viewers"]; set adopt: true to take it over, or delete it`,
    );
    const preview = await running("adopts").pulumi("preview");
    expect(unfolded(preview.raw)).toContain(
      `adoption of arn "${arn("dev")}": access entry: username "theirs", groups ["x"] => username "dev", groups ["viewers"]`,
    );
    expect(await running("adopts").up()).toMatchObject({ code: 0 });
    expect(entries()).toEqual({ "role/eng/dev": { username: "dev", kubernetesGroups: ["viewers"], policies: [] } });
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });
});
