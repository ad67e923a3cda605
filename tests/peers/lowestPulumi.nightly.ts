import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installProgram } from "../consumers/support/installedProgram.ts";
import { lowestPulumi, lowestVersions } from "../consumers/support/lowestVersions.ts";
import { destroyMappings, expectMappings } from "../consumers/support/roundTrip.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { messages, PluginProcess, Struct } from "../support/plugin/pluginProcess.ts";
import { unfolded } from "../support/unfolded.ts";

const file = "aws-auth.yaml";

describe("the lowest Pulumi that the package promises to work with, as engine and as SDK", { timeout: 600_000 }, () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await installProgram("typescript", { versions: lowestVersions, engine: "pulumi-lowest" });
  }, 600_000);
  afterAll(() => project?.remove());

  it("is the one of the peer dependency", async () => {
    expect(await project.cli("version")).toMatchObject({ code: 0, output: `v${lowestPulumi}\n` });
    const { version }: { version: string } = JSON.parse(await project.read("node_modules/@pulumi/pulumi/package.json"));
    expect(version).toBe(lowestPulumi);
  });

  it("previews mappings and makes them", async () => {
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 to create") });
    await expect(project.read(file)).rejects.toThrow("ENOENT");
    expect(await project.up()).toMatchObject({ code: 0 });
    await expectMappings(project, file);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("shows a change by hand and corrects it", async () => {
    await project.write(file, (await project.read(file)).replace("viewers", "system:masters"));
    const preview = await project.preview("--expect-no-changes");
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain("changed outside Pulumi: [viewers] => [system:masters]");
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    await expectMappings(project, file);
  });

  it("finds by a refresh that an entry is gone, and makes it again", async () => {
    const text = await project.read(file);
    await project.write(file, text.replace('    - "012345678901"\n', "    []\n"));
    expect(await project.refresh()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 1 created") });
    await expectMappings(project, file);
  });

  it("serves the resource plugin, but for components", async () => {
    const start = join(project.directory, "node_modules/pulumi-aws-auth/plugin/pulumi-resource-aws-auth");
    /** Lets a plugin do something, as in a run of its own. */
    const run = async <Result>(use: (plugin: PluginProcess) => Promise<Result>): Promise<Result> => {
      const plugin = await PluginProcess.start(project.directory, {}, [start]);
      try {
        await plugin.call("handshake", new messages.ProviderHandshakeRequest(), messages.ProviderHandshakeResponse);
        const configure = new messages.ConfigureRequest();
        configure.setArgs(Struct.fromJavaScript({ manifest: file }));
        await plugin.call("configure", configure, messages.ConfigureResponse);
        return await use(plugin);
      } finally {
        plugin.stop();
      }
    };
    const urn = "urn:pulumi:test::test::aws-auth:index:IdentityMapping::late";
    const created = await run(async (plugin) => {
      const check = new messages.CheckRequest();
      check.setUrn(urn);
      check.setNews(Struct.fromJavaScript({ arn: "arn:aws:iam::111122223333:role/late", groups: ["viewers"] }));
      const create = new messages.CreateRequest();
      create.setUrn(urn);
      create.setProperties((await plugin.call("check", check, messages.CheckResponse)).getInputs());
      return plugin.call("create", create, messages.CreateResponse);
    });
    expect(await project.read(file)).toContain("role/late");
    await run(async (plugin) => {
      const read = new messages.ReadRequest();
      read.setUrn(urn);
      read.setId(created.getId());
      read.setProperties(created.getProperties());
      const found = await plugin.call("read", read, messages.ReadResponse);
      expect(found.getProperties()?.toJavaScript()).toEqual(created.getProperties()?.toJavaScript());
      const remove = new messages.DeleteRequest();
      remove.setUrn(urn);
      remove.setId(created.getId());
      remove.setProperties(found.getProperties());
      expect(await plugin.send("delete", remove.serializeBinary())).toMatchObject({ code: 0 });
      const construct = new messages.ConstructRequest();
      construct.setType("aws-auth:index:IdentityMappings");
      construct.setName("team");
      construct.setMonitorendpoint("127.0.0.1:1");
      const { details } = await plugin.send("construct", construct.serializeBinary());
      expect(unfolded(details)).toContain(
        `components need @pulumi/pulumi 3.202.0 or newer beside pulumi-aws-auth, and not ${lowestPulumi};`,
      );
    });
    expect(await project.read(file)).not.toContain("role/late");
  });

  it("removes them", async () => {
    await destroyMappings(project, file);
  });
});
