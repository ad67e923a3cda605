import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readBlock } from "../../support/docs/markdown.ts";
import { manifestOf, seasonedData } from "../../support/engine/manifest.ts";
import { TestProject } from "../../support/engine/testProject.ts";
import { exampleNames } from "../../support/exampleProject.ts";
import { type PackedPlugin, packedPlugin } from "../../support/plugin/packedPlugin.ts";
import { go } from "./go.ts";
import { arn } from "./language.ts";
import { python } from "./python.ts";

const languages = [python, go];
const config = { "aws-auth:manifest": "aws-auth.yaml" };

// With empty caches, the set-up downloads and compiles the SDKs.
describe.each(languages)("programs in $name", { timeout: 1_200_000 }, (language) => {
  let packed: PackedPlugin;
  let project: TestProject;
  beforeAll(async () => {
    packed = await packedPlugin();
  });
  afterEach(() => project?.remove());
  afterAll(() => packed?.remove());

  it("with the packed plugin call the function, support unknown values and explicit providers, and import an entry as documented", async () => {
    project = await TestProject.create({ ...(await language.options()), packedPlugin: packed.tarball, config });
    for (const file of ["aws-auth.yaml", "other.yaml"]) {
      await project.write(file, manifestOf(seasonedData));
    }
    await language.setUp(project);
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringMatching(/username *: \[unknown\]/) });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 5 created") });
    const { output } = await project.pulumi("stack", "output", "--json");
    expect(JSON.parse(output)).toEqual({ username: "ci", groups: ["deployers"], position: 3, later: 1 });
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

    const before = manifestOf({
      mapRoles: `- {rolearn: ${arn("admin")}, username: admin, groups: ["system:masters"]}\n`,
    });
    await project.write("aws-auth.yaml", before);
    const [, command = "", ...args] = (await readBlock("docs/other-languages.md", "pulumi import")).trim().split(" ");
    const imported = await project.cli(command, ...args, "--stack", "test", "--yes", "--skip-preview");
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 1 imported") });
    expect(imported.output).toContain(language.imported);
    expect(await project.read("aws-auth.yaml")).toBe(before);
  });
});

it("the rehearsal runs every example in another language, except YAML, which every run tests, and those without a host here", () => {
  expect(exampleNames().others).toEqual(
    ["csharp", ...languages.map(({ name }) => name), "hcl", "java", "yaml"].toSorted(),
  );
});
