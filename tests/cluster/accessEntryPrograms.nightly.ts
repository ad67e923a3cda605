import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AwsCaller } from "../support/aws/caller.ts";
import type { AwsAuthMap } from "../support/cluster/awsAuth.ts";
import { type AccessEntryCluster, account, roleOf as arn, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { EksStandIn } from "../support/eks/standIn.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { projectWithStandIns } from "../support/standIns/projectWithStandIns.ts";
import { unfolded } from "../support/unfolded.ts";

const program = `
const { IdentityMappings, ServiceIdentityMapping } = awsAuth;
const dev = (args) => new IdentityMapping("dev", { username: "dev", groups: ["viewers"], ...args });
({
  team() {
    const iamIdentityMappings = [
      { arn: "${arn("eng/dev")}", username: "dev", groups: ["viewers"] },
      { arn: "${arn("bare")}", groups: ["bare"] },
      { serviceName: "emr-containers", namespace: "spark" },
    ];
    new IdentityMappings("team", { cluster: "prod", config: { iamIdentityMappings }, adopt: true });
  },
  adopts() { dev({ arn: "${arn("eng/theirs")}", adopt: true }); },
  pathless() { dev({ arn: "${arn("dev")}" }); },
  abroad() { dev({ arn: "${arn("dev", "444455556666")}" }); },
  service() {
    new ServiceIdentityMapping("emr", { cluster: "new", serviceName: "emr-containers", namespace: "spark" });
  },
})[process.env.CASE]();
`;

describe("programs on access entries", () => {
  const config = { "aws-auth:cluster": "prod", "aws:region": "eu-central-1", "kubernetes:context": "admin" };
  let world: AccessEntryCluster;
  let aws: EksStandIn;
  let deployer: AwsCaller;
  let map: AwsAuthMap;
  let project: TestProject;

  beforeAll(async () => {
    world = await startEntryCluster();
    ({ aws, deployer, map } = world);
    for (const name of ["eng/dev", "eng/theirs", "bare"]) {
      aws.principals.create(arn(name));
    }
    const { cluster, proxy } = world;
    await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: "spark" } });
    aws.addCluster({ name: "new", endpoint: proxy.url, caData: cluster.caData, authenticationMode: "API" });
    const made = await projectWithStandIns({ kubeconfig: cluster.kubeconfigFile(), config });
    project = made.with(aws.env(deployer));
    await project.program(program);
  });
  afterAll(async () => {
    await project?.remove();
    await world?.stop();
  });

  const inMode = async (name: string, mode: string, more: object = {}) => {
    await project.configure({ ...config, "aws-auth:authenticationMode": mode, ...more });
    return project.with({ CASE: name });
  };
  const previewOf = async (name: string, mode: string, more: object = {}) => {
    const { code, raw } = await (await inMode(name, mode, more)).pulumi("preview");
    return { code, text: unfolded(raw) };
  };

  const stripped = "which the authenticator never matches";
  const stays = "since EKS refuses an access entry for the role of an AWS service; EMR makes its own";

  it("move components with the stack, and leave services in aws-auth", async () => {
    const before = await previewOf("team", "CONFIG_MAP");
    expect(before.text).toContain(`arn "${arn("eng/dev")}" has the path "eng/", ${stripped}`);
    expect(before.text).not.toContain(stays);
    expect(await (await inMode("team", "CONFIG_MAP")).up()).toMatchObject({ code: 0 });

    const both = await previewOf("team", "API_AND_CONFIG_MAP");
    expect(both.text).toContain("~ 2 to update");
    expect(both.text).toContain(
      `arn "${arn("eng/dev")}": the access entry has the role's path, and aws-auth has "${arn("dev")}", which is the same role`,
    );
    expect(both.text).not.toContain(stripped);
    expect(both.text).toContain(
      `this mapping stays in aws-auth in authenticationMode API_AND_CONFIG_MAP too, ${stays}`,
    );

    const moved = await inMode("team", "API");
    expect(await moved.up()).toMatchObject({ code: 0 });
    expect(
      aws
        .entries("prod")
        .map(({ principalArn }) => principalArn)
        .toSorted(),
    ).toEqual([arn("bare"), arn("eng/dev")]);
    expect((await map.data())["mapRoles"]).toBe(
      `- rolearn: ${arn("AWSServiceRoleForAmazonEMRContainers")}\n  username: emr-containers\n`,
    );
    const after = await moved.pulumi("preview", "--expect-no-changes");
    expect(after.code).toBe(0);
    expect(unfolded(after.raw)).not.toContain(stripped);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(aws.entries("prod")).toEqual([]);
  });

  it("show what adopting an access entry of a role with a path changes", async () => {
    aws.addServiceEntry("prod", arn("eng/theirs"), { type: "STANDARD", username: "theirs", groups: ["x"] });
    const { code, text } = await previewOf("adopts", "API");
    expect(text).toContain("role/theirs: gains group viewers (no binding), loses group x (no binding)");
    expect(code).toBe(0);
  });

  it("are told of a role that may have a path, and what EKS refuses without it", async () => {
    const abroad = await previewOf("abroad", "API");
    expect(abroad.text).toContain(
      `arn "${arn("dev", "444455556666")}" has no path, and whether the role has one is not known: IAM tells this run only of roles of account ${account}; if it has one, give the ARN with it, since EKS refuses the ARN without`,
    );
    expect((await previewOf("pathless", "API")).text).not.toContain("has no path");
    aws.permit(deployer, ["eks:*", "sts:*"]);
    const { code, raw } = await (await inMode("pathless", "API")).up();
    aws.permit(deployer, ["*"]);
    expect(code).not.toBe(0);
    expect(unfolded(raw)).toContain(
      `arn "${arn("dev")}" has no path, and whether the role has one is not known: IAM does not know the role in account ${account}, or does not let this run ask (iam:GetRole)`,
    );
    expect(unfolded(raw)).toContain(
      "invalid principal.); the role or user has to exist, and the ARN of a role to have the role's path",
    );
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });

  it("are refused a service's mapping where the cluster ignores aws-auth, and both where the stack asks for both", async () => {
    const service = await previewOf("service", "API");
    expect(service.code).not.toBe(0);
    expect(service.text).toContain(
      `and ignores kube-system/aws-auth; arn "${arn("AWSServiceRoleForAmazonEMRContainers")}" is the role of an AWS service, for which EKS refuses an access entry of anybody else; remove the mapping, and let the service make its own access entry`,
    );
    const both = await previewOf("adopts", "API_AND_CONFIG_MAP", { "aws-auth:cluster": "new" });
    expect(both.text).toContain(
      `resource 'dev' has a problem: authenticationMode API_AND_CONFIG_MAP needs another mode of the cluster: EKS cluster "new" (eu-central-1) has API, which ignores aws-auth; set authenticationMode of the mapping, or aws-auth:authenticationMode of the stack, to API`,
    );
  });
});
