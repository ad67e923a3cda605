import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

const mapping = (name: string, group: string, options = "") =>
  `new IdentityMapping("${name}", { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["${group}"] }${options});\n`;

describe("a mapping that gets another name and other groups in one run", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: "[]\n" }));
    await project.program(mapping("dev", "viewers"));
    expect(await project.up()).toMatchObject({ code: 0 });
  });
  afterAll(() => project.remove());

  it("shows with an alias what it gives", async () => {
    await project.program(mapping("team", "system:masters", ', { aliases: [{ name: "dev" }] }'));
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 to update") });
    expect(preview.output).toContain("role/dev: gains everything (group system:masters), loses group viewers");
  });

  it("is refused without an alias, naming the old resource", async () => {
    await project.program(mapping("team", "system:masters"));
    const preview = await project.preview();
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain('claimed by "test/test dev"; set adopt: true to take it over');
  });
});
