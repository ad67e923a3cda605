import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { schemaOf } from "../../../provider/plugin/packageSchema.ts";
import { runCommand } from "../../support/consumers/packing.ts";
import { manifestOf, seasonedData } from "../../support/engine/manifest.ts";
import { TestProject } from "../../support/engine/testProject.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { type PackedPlugin, packedPlugin } from "../../support/plugin/packedPlugin.ts";
import { go } from "./go.ts";
import { setUpLimit } from "./language.ts";
import { describeLife } from "./life.ts";
import { python } from "./python.ts";

describe.each([python, go])("programs in $name", (language) => {
  describeLife(language);

  describe("on a file", () => {
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

    it("call the function, with values and with outputs", async () => {
      await language.write(project, language.functions);
      expect(await project.up()).toMatchObject({ code: 0 });
      const { output } = await project.pulumi("stack", "output", "--json");
      expect(JSON.parse(output)).toEqual({ username: "ci", groups: ["deployers"], position: 3, later: 1 });
    });

    it("have values that no preview knows, and explicit providers", async () => {
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

it("the C# SDK that Pulumi generates declares the resource with its inputs, the function and the modes", async () => {
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
