import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TokenWebhook } from "../support/authenticator/tokenWebhook.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { EksStandIn } from "../support/eks/standIn.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { unfolded } from "../support/unfolded.ts";

const account = "111122223333";
const arn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

const program = `
new IdentityMapping("admin", { arn: "${arn("admin")}", username: "admin", groups: ["system:masters", "auditors"] });
new IdentityMapping("dev", { arn: "${arn("eng/dev")}", username: "dev", groups: ["viewers"] });
new IdentityMapping("ops", { arn: "${arn("ops")}", username: "ops:{{SessionName}}", groups: ["ops"] });
`;

describe("a stack that moves from aws-auth to access entries and back", () => {
  const config = { "aws-auth:cluster": "prod", "aws:region": "eu-central-1" };
  let aws: EksStandIn;
  let authenticator: TokenWebhook;
  let cluster: TestCluster;
  let map: AwsAuthMap;
  let project: TestProject;

  beforeAll(async () => {
    aws = await EksStandIn.start();
    const deployer = aws.caller("deployer", aws.principals.create(`arn:aws:iam::${account}:user/deployer`).arn);
    for (const name of ["admin", "eng/dev", "teams/ops"]) {
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
    await map.reset({ mapRoles: "[]\n" });
    const { server: endpoint, caData } = cluster;
    aws.addCluster({ name: "prod", endpoint, caData, authenticationMode: "API_AND_CONFIG_MAP" });
    project = await TestProject.create({
      config,
      env: aws.env(deployer),
    });
    await project.program(program);
  });
  afterAll(async () => {
    await project?.remove();
    await authenticator?.stop();
    await cluster?.stop();
    await aws?.stop();
  });

  const inMode = (mode: string) => project.configure({ ...config, "aws-auth:authenticationMode": mode });

  it("goes there", async () => {
    const first = await project.up();
    expect(first).toMatchObject({ code: 0 });
    const before = await map.data();
    for (const mode of ["API_AND_CONFIG_MAP", "API"]) {
      await inMode(mode);
      const preview = await project.pulumi("preview");
      console.log(unfolded(preview.raw));
      const up = await project.up();
      console.log(unfolded(up.raw));
      expect(up).toMatchObject({ code: 0 });
      console.log(aws.entries("prod"), await map.data());
      const again = await project.pulumi("preview", "--expect-no-changes");
      expect(again).toMatchObject({ code: 0 });
    }
    await inMode("CONFIG_MAP");
    const up = await project.up();
    console.log(unfolded(up.raw));
    expect(up).toMatchObject({ code: 0 });
    console.log(aws.entries("prod"), await map.data());
    expect(await map.data()).toEqual(before);
  });
});
