import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { yamlProgram } from "../support/engine/yamlProgram.ts";

describe("the resource plugin on the lowest Pulumi, which refreshes nothing before an update", () => {
  let project: TestProject;
  const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers"] };

  beforeAll(async () => {
    const config = { "aws-auth:manifest": "aws-auth.yaml" };
    project = await TestProject.create({ engine: "pulumi-lowest", language: "yaml", config });
    await project.write("aws-auth.yaml", manifestOf(seasonedData));
  });
  afterAll(() => project?.remove());

  async function edit(before: string, after: string): Promise<void> {
    await project.write("aws-auth.yaml", (await project.read("aws-auth.yaml")).replace(before, after));
  }

  it("shows and corrects a hand edit, and leaves alone what the options ignore", async () => {
    await project.program(yamlProgram({ dev: { properties: dev } }));
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    await edit('"username": "dev"', '"username": "someone"');
    const preview = await project.preview();
    expect(preview.output).toContain(`drift of arn "${dev.arn}": username: changed outside Pulumi: dev => someone`);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    expect(await project.read("aws-auth.yaml")).toContain('"username": "dev"');
    await project.program(yamlProgram({ dev: { properties: dev, options: { ignoreChanges: ["groups"] } } }));
    expect(await project.up()).toMatchObject({ code: 0 });
    await edit('- "viewers"\n      "rolearn"', '- "intruders"\n      "rolearn"');
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toContain('- "intruders"');
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toBe(manifestOf(seasonedData));
  });
});
