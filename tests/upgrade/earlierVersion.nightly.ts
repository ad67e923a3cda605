import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unpackInto } from "../consumers/support/unpack.ts";
import { splitClaims } from "../support/engine/manifest.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";
import { buildEarlierVersion } from "./earlierSources.ts";

const program = (group: string) => `
  new IdentityMapping("role", { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["${group}"] });
  new IdentityMapping("user", { arn: "arn:aws:iam::111122223333:user/alice", groups: ["on-call"] });
  new IdentityMapping("account", { account: "012345678901" });
`;

describe("a stack of the packed earlier version", { timeout: 600_000 }, () => {
  let earlier: { directory: string; commit: string };
  let project: TestProject;
  beforeAll(async () => {
    earlier = await buildEarlierVersion();
    console.log(`the earlier version is ${earlier.commit}`);
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
  }, 600_000);
  afterAll(async () => {
    await project?.remove();
    await rm(earlier.directory, { recursive: true, force: true });
  });

  it("is kept, updated and removed by this one", async () => {
    await unpackInto(project.directory, earlier.directory);
    await project.program(program("viewers"));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
    const made = await project.read("aws-auth.yaml");

    await installThisVersion(project.directory);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toBe(made);

    await project.program(program("editors"));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    // What is changed is claimed, and nothing else.
    expect(splitClaims(await project.read("aws-auth.yaml"))).toEqual({
      text: made.replace("viewers", "editors"),
      claims: 1,
    });
    expect(await project.destroy()).toMatchObject({ code: 0, output: expect.stringContaining("- 4 deleted") });
    const left = await project.read("aws-auth.yaml");
    expect(left).not.toContain("111122223333");
    expect(left).not.toContain("annotations");
  });
});

async function installThisVersion(directory: string): Promise<void> {
  const target = join(directory, "node_modules", "pulumi-aws-auth");
  await rm(target, { recursive: true });
  await mkdir(join(target, ".."), { recursive: true });
  await symlink(repository, target);
}
