import { afterEach, describe, expect, it } from "vitest";
import { readBlock } from "../../support/docs/markdown.ts";
import { manifestOf, splitClaims } from "../../support/engine/manifest.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { exampleNames, exampleProject, installExample } from "../../support/exampleProject.ts";
import { go } from "./go.ts";
import { python } from "./python.ts";

const languages = { python, go };
const names = Object.keys(languages) as (keyof typeof languages)[];

it("there is no other example in another language but that in YAML, which is a suite of every run", () => {
  expect(exampleNames().others).toEqual([...names, "yaml"].toSorted());
});

// With empty caches it installs for minutes.
describe("copied out of the package and installed", { timeout: 600_000 }, () => {
  let project: TestProject;
  afterEach(() => project?.remove());

  it.each(names)("%s: the commands of its README, up, no change, destroy", async (name) => {
    project = await begin(name);
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

  it("python: the import of the documents, which changes nothing in the map", async () => {
    project = await begin("python");
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

/** The installed example, with the SDK that the command of its README generates. */
async function begin(name: keyof typeof languages): Promise<TestProject> {
  const config = { "aws-auth:manifest": "aws-auth.yaml" };
  const made = await exampleProject(name, { config, ...(await languages[name].options()), install: installExample });
  const line = await readBlock(`examples/${name}/README.md`, "pulumi package add");
  const [, command = "", ...args] = line.trim().split(" ");
  expect(await made.cli(command, ...args)).toMatchObject({ code: 0 });
  return made;
}
