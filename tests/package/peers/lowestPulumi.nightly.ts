import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installProgram, lowestPulumi, lowestVersions } from "../../support/consumers/installedProgram.ts";
import { destroyMappings, expectMappings } from "../../support/consumers/roundTrip.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { PluginProcess } from "../../support/plugin/pluginProcess.ts";

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
    expect(preview.output).toContain("groups: cluster has system:masters; up restores viewers");
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    await expectMappings(project, file);
  });

  it("finds that an entry is gone, and adds it again", async () => {
    const text = await project.read(file);
    await project.write(file, text.replace('    - "012345678901"\n', "    []\n"));
    expect(await project.refresh()).toMatchObject({ code: 0 });
    expect((await project.preview()).output).toContain("entry: is gone from the cluster; up adds it again");
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    await expectMappings(project, file);
  });

  it("is too old for the resource plugin, which names the version that it needs", async () => {
    const start = join(project.directory, "node_modules/pulumi-aws-auth/plugin/pulumi-resource-aws-auth");
    const plugin = await PluginProcess.start(project.directory, {}, [start]);
    const { details } = await plugin.ask("handshake");
    expect(details).toBe(
      'the resource plugin aws-auth needs @pulumi/pulumi 3.262.0 or newer; run "npm install @pulumi/pulumi@latest" beside pulumi-aws-auth',
    );
    plugin.stop();
  });

  it("removes them", async () => {
    await destroyMappings(project, file);
  });
});
