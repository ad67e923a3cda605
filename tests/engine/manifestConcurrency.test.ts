import { chmod, lstat, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { roleArn, rolesIn } from "../support/cluster/foreignWriter.ts";
import { manifestOf, seasonedData, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { cases } from "../support/nightly.ts";
import { rolesNamed } from "../support/variants/declared.ts";
import { variants } from "../support/variants/variant.ts";

const perStack = 20;

/** Stacks that write concurrently, through the SDK or the plugin, each in its own run of the engine with its own provider process. */
const stacks = Array.from({ length: cases(2, 6) }, (_, index) => `s${index + 1}`);
const mappingsOf = (stack: string) => Array.from({ length: perStack }, (_, index) => `${stack}-${index + 1}`);

let shared: TestProject;
let projects: readonly TestProject[];
beforeAll(async () => {
  shared = await TestProject.create();
  await shared.write("aws-auth.yaml", manifestOf(seasonedData));
  await chmod(join(shared.directory, "aws-auth.yaml"), 0o640);
  projects = await Promise.all(
    stacks.map(async (stack, index) => {
      const variant = variants[index % 2 === 0 ? 0 : 1];
      const project = await TestProject.create({ config: { "aws-auth:manifest": "map.yaml" }, ...variant.options });
      // Each stack opens the file through its own link.
      await symlink(join(shared.directory, "aws-auth.yaml"), join(project.directory, "map.yaml"));
      await project.program(variant.program(rolesNamed(mappingsOf(stack))));
      return project;
    }),
  );
});
afterAll(async () => {
  for (const project of [...(projects ?? []), shared]) {
    await project?.remove();
  }
});

it("stacks that write one manifest concurrently lose nothing, and keep the links and the mode of the file", async () => {
  const ups = await Promise.all(projects.map((project) => project.up()));
  for (const up of ups) {
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining(`+ ${perStack + 1} created`) });
  }
  const { text, claims } = splitClaims(await readFile(join(shared.directory, "aws-auth.yaml"), "utf8"));
  expect(claims).toBe(stacks.length * perStack);
  const own = stacks.flatMap(mappingsOf);
  expect(rolesIn(text).filter((name) => own.includes(name))).toEqual(own.toSorted());
  expect(text).toContain(roleArn("node-group-1"));
  // Everything except our entries is unchanged.
  const foreign = text.replace(/^ *- rolearn: .*:role\/s\d+-\d+\n *username: s\d+-\d+\n/gm, "");
  expect(foreign).toBe(manifestOf(seasonedData));
  expect((await stat(join(shared.directory, "aws-auth.yaml"))).mode & 0o777).toBe(0o640);
  for (const { directory } of projects) {
    expect((await lstat(join(directory, "map.yaml"))).isSymbolicLink()).toBe(true);
  }
  await rm(join(shared.directory, "aws-auth.yaml"));
  expect((await readdir(shared.directory)).filter((name) => name.includes("aws-auth"))).toEqual([]);
});
