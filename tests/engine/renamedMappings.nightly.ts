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

  it.each([
    ["with an alias", ', { aliases: [{ name: "dev" }] }', "~ 1 to update"],
    ["without one", "", "+ 1 to create"],
  ])("%s, shows in a preview what it gives", async (_title, options, count) => {
    await project.program(mapping("team", "system:masters", options));
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining(count) });
    expect(preview.output).toContain("role/dev: gains everything (group system:masters), loses group viewers");
  });
});
