import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AccessEntryCluster, account, roleOf as arn, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";

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
  let world: AccessEntryCluster;
  let project: TestProject;

  beforeAll(async () => {
    world = await startEntryCluster();
    const { aws, proxy, cluster } = world;
    for (const name of ["admin", "eng/dev", "aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"]) {
      aws.principals.create(arn(name));
    }
    aws.addCluster({ name: "old", endpoint: proxy.url, caData: cluster.caData, authenticationMode: "CONFIG_MAP" });
    project = await world.add("test", program);
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.map.reset({ mapRoles: "[]\n" }));

  const running = (name: string) => project.with({ CASE: name });
  const entries = () =>
    Object.fromEntries(
      world.aws
        .entries("prod")
        .map(({ principalArn, username, kubernetesGroups, policies }) => [
          principalArn.replace(/.*:/, ""),
          { username, kubernetesGroups, policies: policies.map(({ policyArn }) => policyArn.replace(/.*\//, "")) },
        ]),
    );

  it("are refused in the preview if they cannot be access entries, each reason on its own property", async () => {
    await world.inMode(project, "API");
    for (const [name, ...texts] of [
      [
        "reserved",
        'property username value {system:admin} has a problem: username "system:admin"',
        "property groups value",
      ],
      ["account", `property account value {${account}} has a problem: account "${account}" has no access entry`],
      ["service", "is the role of an AWS service"],
    ] as const) {
      const { code, output } = await running(name).pulumi("preview");
      expect(code).not.toBe(0);
      for (const text of texts) {
        expect(output).toContain(text);
      }
    }
    expect(world.aws.entries("prod")).toEqual([]);
  });

  it("are refused where the cluster's mode has no access entries, and where it is no EKS cluster", async () => {
    await world.inMode(project, "API", { "aws-auth:cluster": "old" });
    const { output } = await running("dev").pulumi("preview");
    expect(output).toContain("authenticationMode API does not fit the cluster, whose mode is CONFIG_MAP");
    await world.inMode(project, "CONFIG_MAP");
    const manifest = await running("manifest").pulumi("preview");
    expect(manifest.output).toContain("access entries need an EKS cluster");
  });

  it("are one for each identity, whatever path the ARN has", async () => {
    await world.inMode(project, "API");
    const { code, output } = await running("twice").pulumi("preview");
    expect(code).not.toBe(0);
    expect(output).toContain("is also mapped by");
  });

  it("conflict with an access entry of another owner, which adopt takes over", async () => {
    await world.inMode(project, "API");
    world.aws.addServiceEntry("prod", arn("eng/dev"), { type: "STANDARD", username: "theirs", groups: ["x"] });
    const refused = await running("dev").pulumi("preview");
    expect(refused.code, refused.output).not.toBe(0);
    expect(refused.output).toContain(
      `arn "${arn("dev")}" is already mapped (access entry of ${arn("eng/dev")}: username "theirs", groups ["x"]); set adopt: true to take it over, or remove the other entry`,
    );
    const preview = await running("adopts").pulumi("preview");
    expect(preview.output).toContain(
      `adoption of arn "${arn("dev")}": access entry of ${arn("eng/dev")}: username "theirs", groups ["x"] => username "dev", groups ["viewers"]`,
    );
    expect(await running("adopts").up()).toMatchObject({ code: 0 });
    expect(entries()).toEqual({ "role/eng/dev": { username: "dev", kubernetesGroups: ["viewers"], policies: [] } });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(entries()).toEqual({});
  });
});
