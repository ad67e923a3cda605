import { symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { installProgram, lowestPulumi, lowestVersions } from "../../support/consumers/installedProgram.ts";
import { destroyMappings, expectMappings } from "../../support/consumers/roundTrip.ts";
import { readBlock } from "../../support/docs/markdown.ts";
import { repository, type TestProject } from "../../support/engine/testProject.ts";
import { exampleProject } from "../../support/exampleProject.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { PluginProcess } from "../../support/plugin/pluginProcess.ts";

const file = "aws-auth.yaml";
const analyzer = join(dirname(fileURLToPath(import.meta.url)), "bin");

describe("the lowest supported Pulumi, as engine and as SDK", { timeout: 600_000 }, () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await installProgram("typescript", { versions: lowestVersions, engine: "pulumi-lowest" });
  }, 600_000);
  afterAll(() => project?.remove());

  it("is the lowest version of the peer dependency", async () => {
    expect(await project.cli("version")).toMatchObject({ code: 0, output: `v${lowestPulumi}\n` });
    const { version }: { version: string } = JSON.parse(await project.read("node_modules/@pulumi/pulumi/package.json"));
    expect(version).toBe(lowestPulumi);
  });

  it("previews and creates mappings", async () => {
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 to create") });
    await expect(project.read(file)).rejects.toThrow("ENOENT");
    expect(await project.up()).toMatchObject({ code: 0 });
    await expectMappings(project, file);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("shows a change outside Pulumi and corrects it", async () => {
    await project.write(file, (await project.read(file)).replace("viewers", "system:masters"));
    const preview = await project.preview("--expect-no-changes");
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain('groups: the cluster has "system:masters"; pulumi up restores "viewers"');
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    await expectMappings(project, file);
  });

  it("reports a removed entry and adds it again", async () => {
    const text = await project.read(file);
    await project.write(file, text.replace('    - "012345678901"\n', "    []\n"));
    expect(await project.refresh()).toMatchObject({ code: 0 });
    expect((await project.preview()).output).toContain("+ 1 to create");
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 1 created") });
    await expectMappings(project, file);
  });

  it("is refused by the resource plugin, which reports the required version", async () => {
    const start = join(project.directory, "node_modules/pulumi-aws-auth/plugin/pulumi-resource-aws-auth");
    const plugin = await PluginProcess.start(project.directory, {}, [start]);
    const { details } = await plugin.ask("handshake");
    expect(details).toBe(
      'the resource plugin aws-auth requires @pulumi/pulumi 3.262.0 or later; run "npm install @pulumi/pulumi@latest" where pulumi-aws-auth is installed',
    );
    plugin.stop();
  });

  it("removes the mappings", async () => {
    await destroyMappings(project, file);
  });
});

describe("a policy pack on the lowest supported Pulumi", { timeout: 600_000 }, () => {
  let project: TestProject | undefined;
  afterEach(() => project?.remove());

  it("receives mappings by their class, with the inputs of the program", async () => {
    // A newer engine runs policy packs in the language host, and the newest one that the tests can build is too old.
    project = await installProgram("policies", { engine: "pulumi-lowest" });
    const { "pulumi-lowest": pulumi } = await ensureParts(["pulumi-lowest"]);
    const path = [analyzer, pulumi.directory, dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const { code, output } = await project.with({ PATH: path }).preview("--policy-pack", "pack");
    expect(code).not.toBe(0);
    expect(output).toContain("arn:aws:iam::111122223333:role/admin becomes admin in system:masters");
    expect(printedInputs(output, "admin")).toEqual({
      arn: "arn:aws:iam::111122223333:role/admin",
      cluster: { manifest: "aws-auth.yaml" },
      groups: ["system:masters"],
      username: "admin",
    });
    expect(printedInputs(output, "sandbox")).toEqual({
      account: "012345678901",
      cluster: { manifest: "aws-auth.yaml" },
    });
  });

  it("of examples/policy accepts its program and refuses the violation in its README", async () => {
    project = await exampleProject("policy", { stack: "dev", engine: "pulumi-lowest" });
    const { "pulumi-lowest": pulumi } = await ensureParts(["pulumi-lowest"]);
    const policy = join("node_modules", "@pulumi", "policy");
    await symlink(join(repository, policy), join(project.directory, policy));
    await project.write("pack/PulumiPolicy.yaml", "runtime: node-for-tests\nmain: index.ts\n");
    const path = [analyzer, pulumi.directory, dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const inPath = project.with({ PATH: path });
    const preview = () => inPath.preview("--policy-pack", "pack", "--policy-pack-config", "pack/config.json");
    expect(await preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 to create") });
    const program = await project.read("index.ts");
    await project.write("index.ts", program.replaceAll("platform-admins", "contractors"));
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    const shown = await readBlock("examples/policy/README.md", "mandatory:");
    expect(output).toContain(shown.replace(/^mandatory: /, "").trim());
  });
});

/** The inputs of a mapping that the pack printed, which must not include internal ones. */
function printedInputs(output: string, name: string): unknown {
  const text = new RegExp(`^ *${name} sees (\\{.*\\})$`, "m").exec(output)?.[1];
  return text === undefined ? undefined : JSON.parse(text);
}
