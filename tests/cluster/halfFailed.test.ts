import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessEntryCluster, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { withoutOptions } from "../support/variants/declared.ts";
import { variants } from "../support/variants/variant.ts";

describe.each(variants)("a run that fails after its first write, through the $name", (variant) => {
  let world: AccessEntryCluster;
  let project: TestProject;

  beforeAll(async () => {
    world = await startEntryCluster();
    world.aws.principals.create(roleOf("dev"));
    project = await world.add("half", "", variant);
    await world.inMode(project, "API_AND_CONFIG_MAP");
  });
  afterAll(() => world?.stop());

  const declare = (group: string) =>
    project.program(variant.program(withoutOptions({ dev: { arn: roleOf("dev"), username: "dev", groups: [group] } })));
  /** Allows the run all calls, and of those that write access entries only these and a delete. */
  const permit = (...verbs: readonly string[]) => {
    const reads = ["DescribeCluster", "ListAccessEntries", "DescribeAccessEntry", "ListAssociatedAccessPolicies"];
    const writes = ["DeleteAccessEntry", "TagResource", "UntagResource", ...verbs.map((verb) => `${verb}AccessEntry`)];
    const others = ["iam:GetRole", "sts:GetCallerIdentity"];
    world.aws.permit(world.deployer, [...[...reads, ...writes].map((name) => `eks:${name}`), ...others]);
  };

  it("is completed by the next up, and its destroy leaves nothing behind", async () => {
    await declare("viewers");
    permit("Update");
    expect(await project.up()).toMatchObject({ output: expect.stringContaining("eks:CreateAccessEntry") });
    expect(await world.map.data()).toMatchObject({ mapRoles: expect.stringContaining("viewers") });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(JSON.stringify(await world.map.read())).not.toContain("role/dev");

    permit("Create", "Update");
    expect(await project.up()).toMatchObject({ code: 0 });
    await declare("editors");
    permit("Create");
    expect(await project.up()).toMatchObject({ output: expect.stringContaining("eks:UpdateAccessEntry") });
    permit("Create", "Update");
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(JSON.stringify(await world.map.read())).not.toContain("role/dev");
  });
});
