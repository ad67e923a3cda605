import { execFileSync } from "node:child_process";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { repository, TestProject } from "../support/engine/testProject.ts";

const program = `new IdentityMapping("a", { cluster: { manifest: "aws-auth.yaml" }, account: "012345678901" });`;

describe("the constant provider text finds the package", () => {
  let project: TestProject;
  afterEach(() => project.remove());

  it("linked from outside of node_modules", async () => {
    project = await TestProject.create();
    await project.program(program);
    await runAll();
  });

  it("installed from the packed tarball", async () => {
    project = await TestProject.create();
    await project.program(program);
    const modules = join(project.folder, "node_modules");
    const packed: [{ filename: string }] = JSON.parse(
      execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project.folder], {
        cwd: repository,
        encoding: "utf8",
      }),
    );
    await rm(modules, { recursive: true });
    await mkdir(join(modules, "pulumi-aws-auth"), { recursive: true });
    execFileSync("tar", ["-xzf", packed[0].filename, "-C", "node_modules/pulumi-aws-auth", "--strip-components=1"], {
      cwd: project.folder,
    });
    // Its dependencies are the repository's own, side by side with it as npm lays them out.
    await link(modules, "@pulumi/pulumi", "yaml", "proper-lockfile");
    await runAll();
  });

  it("linked, for a program that is an ES module", async () => {
    project = await TestProject.create();
    await writeFile(
      join(project.folder, "package.json"),
      '{ "name": "test", "type": "module", "main": "index.mjs" }\n',
    );
    await writeFile(join(project.folder, "Pulumi.yaml"), "name: test\nruntime: nodejs\nmain: index.mjs\n");
    await project.write("index.mjs", `import { IdentityMapping } from "pulumi-aws-auth";\n${program}\n`);
    await runAll();
  });

  async function runAll(): Promise<void> {
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 created") });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
  }
});

async function link(modules: string, ...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(modules, name, ".."), { recursive: true });
    await symlink(join(repository, "node_modules", name), join(modules, name));
  }
}
