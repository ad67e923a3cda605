import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { deploymentOf } from "../support/engine/state.ts";
import { pluginDirectory, TestProject } from "../support/engine/testProject.ts";
import { outputOf, yamlProgram } from "../support/engine/yamlProgram.ts";
import { PluginProcess } from "../support/plugin/pluginProcess.ts";

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
    await project.configure({ "aws-auth:manfest": "aws-auth.yaml", "aws-auth:unreachable": "maybe" });
    await project.program(yamlProgram({ dev: { properties: dev } }));
    const preview = await project.preview();
    expect(preview.code).toBe(1);
    expect(preview.output).toContain(
      "property manfest value {aws-auth.yaml} has a problem: aws-auth:manfest is not a setting; valid settings: cluster",
    );
    expect(preview.output).toContain(
      'property unreachable value {maybe} has a problem: stack configuration aws-auth:unreachable "maybe" must be one of: error, warn',
    );
  });

  it("use explicit providers for several clusters, and replace a mapping whose provider names another", async () => {
    const provider = (manifest: string) => ({
      type: "pulumi:providers:aws-auth",
      properties: { manifest, noDuplicateARNs: false },
    });
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
    expect(preview.raw).toContain('~ manifest: "other.yaml" => "third.yaml"');
    expect(preview.raw).toContain("+-2 to replace");
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.read("third.yaml")).toContain(dev.arn);
    expect(await project.read("other.yaml")).toBe(manifestOf(seasonedData));
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });

  it("call the functions of the package", async () => {
    await project.configure({ "aws-auth:manifest": "aws-auth.yaml" });
    const call = (name: string, args: object) => ({ "fn::invoke": { function: `aws-auth:${name}`, arguments: args } });
    const ci = "arn:aws:iam::111122223333:role/ci";
    await project.program(
      `variables: ${JSON.stringify({ found: call("getIdentityMappings", { arn: ci }), why: call("explain", { arn: ci }) })}
outputs:
  found: ${outputOf("found")}
  why: ${outputOf("why")}
`,
    );
    expect(await project.up()).toMatchObject({ code: 0 });
    const { resources = [] } = await deploymentOf(project);
    expect(resources[0]?.outputs).toEqual({
      found: {
        mappings: [
          { kind: "role", arn: ci, username: "ci", groups: ["deployers"], position: 3, isShadowed: false, owners: [] },
        ],
      },
      why: {
        arn: ci,
        canonicalArn: ci,
        isMapped: true,
        username: "ci",
        groups: ["deployers"],
        givenBy: "mapRoles entry 3",
        owners: [],
        remarks: [expect.stringContaining("mapAccounts would still let it in")],
      },
    });
    await project.program(`variables: ${JSON.stringify({ why: call("explain", { arn: "nonsense" }) })}\n`);
    const preview = await project.preview();
    expect(preview).toMatchObject({
      code: 1,
      output: expect.stringContaining('arn "nonsense" is not an IAM identity'),
    });
  });

  it("use a plugin that somebody has started to debug it, whose messages appear as those of any other", async () => {
    await project.configure({ "aws-auth:manifest": "aws-auth.yaml" });
    const plugin = await PluginProcess.start(project.directory);
    const debugged = project.with({ PULUMI_DEBUG_PROVIDERS: `aws-auth:${plugin.port}` });
    const alice = { arn: "arn:aws:iam::111122223333:user/alice", username: "alice", groups: ["viewers", "oncall"] };
    await project.program(yamlProgram({ alice: { properties: alice } }));
    const preview = await debugged.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("already has an identical entry") });
    // The engine attaches to it for the preview of an update, and once more for the update.
    for (const name of ["alice", "renamed"]) {
      await project.program(yamlProgram({ [name]: { properties: alice } }));
      const up = await debugged.pulumi("up", "--yes");
      expect(up).toMatchObject({ code: 0, output: expect.stringContaining("+ 1 created") });
      const [ofPreview, ofUpdate] = up.output.split("Updating (test):").map((part) => part.includes("identical entry"));
      expect(ofUpdate).toBe(ofPreview);
    }
    expect(await debugged.destroy()).toMatchObject({ code: 0 });
    expect(plugin.isRunning).toBe(true);
    expect(plugin.stderr).toBe("");
    expect(await plugin.end()).toBe(0);
  });

  it("get the schema, with which the engine finds nothing wrong", async () => {
    const got = await project.cli("package", "get-schema", `${pluginDirectory}/pulumi-resource-aws-auth`);
    expect(got.code).toBe(0);
    await project.write("schema.json", got.raw.slice(got.raw.indexOf("{")));
    expect(await project.cli("schema", "check", "schema.json")).toMatchObject({ code: 0 });
  });
});
