import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type AccessEntryCluster, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";
import { yamlProgram } from "../support/engine/yamlProgram.ts";
import { type PackedPlugin, packedPlugin } from "../support/plugin/packedPlugin.ts";
import { messages, PluginProcess } from "../support/plugin/pluginProcess.ts";

let packed: PackedPlugin;
beforeAll(async () => {
  packed = await packedPlugin();
});
afterAll(() => packed?.remove());

describe("the packed plugin on an EKS cluster", () => {
  let world: AccessEntryCluster;
  let project: TestProject;

  beforeAll(async () => {
    world = await startEntryCluster();
    world.aws.principals.create(roleOf("eng/dev"));
    project = await TestProject.create({
      language: "yaml",
      packedPlugin: packed.tarball,
      config: {
        "aws-auth:cluster": "prod",
        "aws-auth:region": "eu-central-1",
        "aws-auth:authenticationMode": "API_AND_CONFIG_MAP",
      },
      env: world.aws.env(world.deployer),
    });
  });
  afterAll(async () => {
    await project?.remove();
    await world?.stop();
  });

  it("has the AWS SDK with it: it logs in, and makes an access entry beside the one in the map", async () => {
    const properties = { arn: roleOf("dev"), username: "dev", groups: ["viewers"] };
    await project.program(yamlProgram({ dev: { properties } }));
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 to create") });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 created") });
    expect((await world.map.data())["mapRoles"]).toContain(roleOf("dev"));
    expect(world.aws.entries("prod").map(({ principalArn }) => principalArn)).toEqual([roleOf("eng/dev")]);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(world.aws.entries("prod")).toEqual([]);
  });
});

it("the packed plugin has what its components need of Pulumi's SDK", async () => {
  const project = await TestProject.create({ language: "yaml", packedPlugin: packed.tarball });
  onTestFinished(() => project.remove());
  await rm(join(project.directory, "node_modules"), { recursive: true });
  const config = {
    metadata: { name: "prod", region: "eu-central-1" },
    iamIdentityMappings: [{ arn: roleOf("dev"), username: "dev" }, { account: "111122223333" }],
  };
  const properties = { cluster: { manifest: "aws-auth.yaml" }, config };
  await project.program(`resources: ${JSON.stringify({ all: { type: "aws-auth:IdentityMappings", properties } })}\n`);
  expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
  expect(await project.read("aws-auth.yaml")).toContain(roleOf("dev"));
  expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
});

it("the packed folder runs as Pulumi's language host runs a plugin in Node.js", async () => {
  const modules = join(packed.folder, "node_modules", "@pulumi");
  await mkdir(modules, { recursive: true });
  // What an installation of its package.json brings.
  await symlink(join(repository, "node_modules", "@pulumi", "pulumi"), join(modules, "pulumi"));
  const runner = join(modules, "pulumi", "cmd", "run-plugin");
  const plugin = await PluginProcess.start(packed.directory, {}, [
    process.execPath,
    runner,
    packed.folder,
    "127.0.0.1:1",
  ]);
  onTestFinished(() => plugin.stop());
  const request = new messages.GetSchemaRequest();
  const response = await plugin.call("getSchema", request, messages.GetSchemaResponse);
  expect(JSON.parse(response.getSchema())).toMatchObject({ name: "aws-auth" });
});
