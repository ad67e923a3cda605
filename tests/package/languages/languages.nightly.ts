import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readBlock } from "../../support/docs/markdown.ts";
import { manifestOf, seasonedData, splitClaims } from "../../support/engine/manifest.ts";
import { TestProject } from "../../support/engine/testProject.ts";
import { exampleNames, exampleProject } from "../../support/exampleProject.ts";
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

  /** Runs a documented command. */
  function run(line: string, ...more: readonly string[]) {
    const [, command = "", ...args] = line.trim().split(" ");
    return project.cli(command, ...args, ...more);
  }

  it("with the packed plugin call the function, and support unknown values and explicit providers", async () => {
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
  });

  it("as an example run, show no change, import an entry as documented, and are destroyed", async () => {
    project = await exampleProject(`languages/${language.name}`, {
      config: { ...config, [`aws-auth-${language.name}:roleArn`]: "arn:aws:iam::111122223333:role/developers" },
      ...(await language.options()),
      packedPlugin: packed.tarball,
    });
    const added = await run(await readBlock("examples/languages/README.md", "pulumi package add"));
    expect(added).toMatchObject({ code: 0 });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 created") });
    expect(splitClaims(await project.read("aws-auth.yaml")).claims).toBe(1);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("2 unchanged") });
    const found = await project.pulumi("stack", "output", "found");
    expect(JSON.parse(found.output)).toEqual(["arn:aws:iam::111122223333:role/developers"]);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.destroy()).toMatchObject({ code: 0 });

    const before = manifestOf({
      mapRoles: `- {rolearn: ${arn("admin")}, username: admin, groups: ["system:masters"]}\n`,
    });
    await project.write("aws-auth.yaml", before);
    const documented = await readBlock("docs/other-languages.md", "pulumi import");
    const imported = await run(documented, "--stack", "test", "--yes", "--skip-preview");
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 1 imported") });
    expect(imported.output).toContain(language.imported);
    expect(await project.read("aws-auth.yaml")).toBe(before);
  });
});

it("every example in another language is tested here, except YAML, which every run tests, and those without a host here", () => {
  expect(exampleNames().others).toEqual(
    ["csharp", ...languages.map(({ name }) => name), "hcl", "java", "yaml"].toSorted(),
  );
});
