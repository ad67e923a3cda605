import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { deploymentOf } from "../support/engine/state.ts";
import { pluginDirectory, TestProject } from "../support/engine/testProject.ts";
import { outputOf, yamlProgram } from "../support/engine/yamlProgram.ts";

const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers"] };
const type = "aws-auth:IdentityMapping";

describe("programs with the resource plugin", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create({ language: "yaml" });
    await project.write("aws-auth.yaml", manifestOf(seasonedData));
    await project.write("other.yaml", manifestOf(seasonedData));
  });
  afterAll(() => project?.remove());

  it("fail in the preview for a misspelt setting and a bad value, each of which is named", async () => {
    await project.configure({ "aws-auth:manfest": "aws-auth.yaml", "aws-auth:lockoutProtection": "maybe" });
    await project.program(yamlProgram({ dev: { properties: dev } }));
    const preview = await project.preview();
    expect(preview.code).toBe(1);
    expect(preview.output).toContain(
      "property manfest value {aws-auth.yaml} has a problem: aws-auth:manfest is not a setting; valid settings: cluster",
    );
    expect(preview.output).toContain(
      'property lockoutProtection value {maybe} has a problem: stack configuration aws-auth:lockoutProtection "maybe" must be one of: error, warn, off',
    );
  });

  it("use explicit providers for several clusters, and replace a mapping whose provider names another", async () => {
    const provider = (manifest: string) => ({ type: "pulumi:providers:aws-auth", properties: { manifest } });
    const resources = (manifest: string) => ({
      elsewhere: provider(manifest),
      here: { type, properties: dev },
      there: { type, properties: dev, options: { provider: outputOf("elsewhere") } },
    });
    await project.configure({ "aws-auth:manifest": "aws-auth.yaml" });
    await project.program(`resources: ${JSON.stringify(resources("other.yaml"))}\n`);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
    for (const file of ["aws-auth.yaml", "other.yaml"]) {
      expect(await project.read(file)).toContain(dev.arn);
    }
    await project.program(`resources: ${JSON.stringify(resources("third.yaml"))}\n`);
    const preview = await project.preview();
    expect(preview.output).toContain('~ manifest: "other.yaml" => "third.yaml"');
    expect(preview.output).toContain("+-1 to replace");
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.read("third.yaml")).toContain(dev.arn);
    expect(await project.read("other.yaml")).toBe(manifestOf(seasonedData));
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });

  it("call the function of the package", async () => {
    await project.configure({ "aws-auth:manifest": "aws-auth.yaml" });
    const ci = "arn:aws:iam::111122223333:role/ci";
    const call = (arn: string) => ({ "fn::invoke": { function: "aws-auth:getIdentityMappings", arguments: { arn } } });
    await project.program(
      `variables: ${JSON.stringify({ found: call(ci) })}\noutputs:\n  found: ${outputOf("found")}\n`,
    );
    expect(await project.up()).toMatchObject({ code: 0 });
    const { resources = [] } = await deploymentOf(project);
    expect(resources[0]?.outputs).toEqual({
      found: {
        mappings: [
          { kind: "role", arn: ci, username: "ci", groups: ["deployers"], position: 3, isShadowed: false, owners: [] },
        ],
      },
    });
    await project.program(`variables: ${JSON.stringify({ found: call("nonsense") })}\n`);
    expect(await project.preview()).toMatchObject({
      code: 1,
      output: expect.stringContaining('arn "nonsense" is not an IAM identity'),
    });
  });

  it("get the schema, with which the engine finds nothing wrong", async () => {
    const got = await project.cli("package", "get-schema", `${pluginDirectory}/pulumi-resource-aws-auth`);
    expect(got.code).toBe(0);
    await project.write("schema.json", got.output.slice(got.output.indexOf("{")));
    expect(await project.cli("schema", "check", "schema.json")).toMatchObject({ code: 0 });
  });
});
