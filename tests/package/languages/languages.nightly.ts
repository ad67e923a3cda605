import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { schemaOf } from "../../../provider/plugin/packageSchema.ts";
import { runCommand } from "../../support/consumers/packing.ts";
import { readBlock } from "../../support/docs/markdown.ts";
import { manifestOf, seasonedData, splitClaims } from "../../support/engine/manifest.ts";
import { TestProject } from "../../support/engine/testProject.ts";
import { exampleNames, exampleProject, installExample } from "../../support/exampleProject.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { type PackedPlugin, packedPlugin } from "../../support/plugin/packedPlugin.ts";
import { go } from "./go.ts";
import { setUpLimit } from "./language.ts";
import { describeLifecycle } from "./lifecycle.ts";
import { python } from "./python.ts";

const languages = { python, go };
const names = Object.keys(languages) as (keyof typeof languages)[];

describe.each([python, go])("programs in $name", (language) => {
  describeLifecycle(language);

  describe("on a manifest", () => {
    let packed: PackedPlugin;
    let project: TestProject;

    beforeAll(async () => {
      packed = await packedPlugin();
      const config = { "aws-auth:manifest": "aws-auth.yaml" };
      project = await TestProject.create({ ...(await language.options()), packedPlugin: packed.tarball, config });
      for (const file of ["aws-auth.yaml", "other.yaml"]) {
        await project.write(file, manifestOf(seasonedData));
      }
      await language.setUp(project);
    }, setUpLimit);
    afterAll(async () => {
      await project?.remove();
      await packed?.remove();
    });

    it("call the function with values and with outputs", async () => {
      await language.write(project, language.functions);
      expect(await project.up()).toMatchObject({ code: 0 });
      const { output } = await project.pulumi("stack", "output", "--json");
      expect(JSON.parse(output)).toEqual({ username: "ci", groups: ["deployers"], position: 3, later: 1 });
    });

    it("support values that are unknown in previews, and explicit providers", async () => {
      await language.write(project, language.values);
      const preview = await project.preview();
      expect(preview).toMatchObject({ code: 0, output: expect.stringMatching(/username *: \[unknown\]/) });
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
      const [here, there] = [await project.read("aws-auth.yaml"), await project.read("other.yaml")];
      for (const username of ["first", "late-first"]) {
        expect(here).toContain(`username: ${username}\n`);
        expect(there).not.toContain(username);
      }
      expect(there).toContain("username: there\n");
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      expect(await project.destroy()).toMatchObject({ code: 0 });
      expect(await project.read("aws-auth.yaml")).toBe(manifestOf(seasonedData));
      expect(await project.read("other.yaml")).toBe(manifestOf(seasonedData));
    });
  });
});

it("the generated C# SDK declares the resource with its inputs, the function and the authentication modes", async () => {
  const { "generate-dotnet": generator } = await ensureParts(["generate-dotnet"]);
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-csharp-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const schema = schemaOf({ version: "1.2.3" });
  await writeFile(join(directory, "schema.json"), JSON.stringify(schema));
  await mkdir(join(directory, "csharp"));
  await runCommand(generator.file, ["schema.json", "csharp"], { cwd: directory });
  const files = readdirSync(join(directory, "csharp"), { recursive: true, withFileTypes: true });
  const sdk = files
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))
    .join("\n");
  expect(sdk).toMatch(/^namespace Pulumi\.AwsAuth\r?$/m);
  expect(sdk).toContain("public partial class IdentityMapping : global::Pulumi.CustomResource");
  expect(sdk).toContain("public static class GetIdentityMappings");
  expect(sdk).toContain("public static AuthenticationMode ApiAndConfigMap");
  const inputs = Object.keys(schema.resources["aws-auth:index:IdentityMapping"].inputProperties);
  expect(inputs.filter((name) => !new RegExp(`\\b${name}\\b`, "i").test(sdk))).toEqual([]);
});

it("every example in another language is tested here, except YAML, which every run tests", () => {
  expect(exampleNames().others).toEqual([...names, "yaml"].toSorted());
});

// With empty caches, the installation takes minutes.
describe("an example copied from the package and installed", { timeout: 600_000 }, () => {
  let project: TestProject;
  afterEach(() => project?.remove());

  it.each(names)("%s: runs its README's commands and up, shows no change, and is destroyed", async (name) => {
    project = await exampleIn(name);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
    expect(splitClaims(await project.read("aws-auth.yaml")).claims).toBe(3);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("4 unchanged") });
    const found = await project.pulumi("stack", "output", "found");
    expect(JSON.parse(found.output)).toEqual([
      "arn:aws:iam::111122223333:role/platform-admins",
      "arn:aws:iam::111122223333:user/on-call",
      null,
    ]);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });

  it("python: imports an entry as documented, without changing the map", async () => {
    project = await exampleIn("python");
    const arn = "arn:aws:iam::111122223333:role/admin";
    const before = manifestOf({ mapRoles: `- rolearn: ${arn}\n  username: admin\n  groups: [system:masters]\n` });
    await project.write("aws-auth.yaml", before);
    const [, command = "", ...args] = (await readBlock("docs/other-languages.md", "pulumi import")).trim().split(" ");
    expect(args).toContain(arn);
    const imported = await project.pulumi(command, ...args, "--yes", "--skip-preview");
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 1 imported") });
    expect(imported.output).toContain(`arn="${arn}"`);
    expect(await project.read("aws-auth.yaml")).toBe(before);
  });
});

/** Installs an example, with the SDK that the command in its README generates. */
async function exampleIn(name: keyof typeof languages): Promise<TestProject> {
  const config = { "aws-auth:manifest": "aws-auth.yaml" };
  const project = await exampleProject(name, { config, ...(await languages[name].options()), install: installExample });
  const line = await readBlock(`examples/${name}/README.md`, "pulumi package add");
  const [, command = "", ...args] = line.trim().split(" ");
  expect(await project.cli(command, ...args)).toMatchObject({ code: 0 });
  return project;
}
