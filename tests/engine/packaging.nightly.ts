import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { unpackInto } from "../support/consumers/packing.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";
import { nightly } from "../support/nightlyTest.ts";

const program = `new IdentityMapping("a", { cluster: { manifest: "aws-auth.yaml" }, account: "012345678901" });`;

describe("the constant provider text finds the package", () => {
  let project: TestProject;
  afterEach(() => project.remove());

  nightly("linked from outside of node_modules", async () => {
    project = await TestProject.create();
    await project.program(program);
    await runAll(2);
  });

  it("installed from the packed tarball, for a TypeScript program that is an ES module", async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await unpackInto(project.directory, repository, ["typescript", "@types/node"]);
    await cp(join(repository, "tests", "consumers", "programs", "typescript-esm"), project.directory, {
      recursive: true,
    });
    await runAll(3);
  });

  nightly("linked, for a JavaScript program that is an ES module", async () => {
    project = await TestProject.create();
    await writeFile(
      join(project.directory, "package.json"),
      '{ "name": "test", "type": "module", "main": "index.mjs" }\n',
    );
    await writeFile(join(project.directory, "Pulumi.yaml"), "name: test\nruntime: nodejs\nmain: index.mjs\n");
    await project.write("index.mjs", `import { IdentityMapping } from "pulumi-aws-auth";\n${program}\n`);
    await runAll(2);
  });

  it("and reports what to install if only a dependency of the program has it", async () => {
    project = await TestProject.create();
    const company = join(project.directory, "node_modules", "company-access");
    await unpackInto(company);
    await writeFile(join(company, "package.json"), '{ "name": "company-access", "main": "index.js" }\n');
    await writeFile(join(company, "index.js"), 'module.exports = require("pulumi-aws-auth");\n');
    await writeFile(
      join(project.directory, "index.js"),
      `new (require("company-access").IdentityMapping)("a", { account: "012345678901" });\n`,
    );
    await rm(join(project.directory, "node_modules", "pulumi-aws-auth"));
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain('run "npm install pulumi-aws-auth"');
    expect(output).not.toContain("    at ");
  });

  async function runAll(resources: number): Promise<void> {
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining(`+ ${resources} created`) });
    expect(await project.destroy()).toMatchObject({ code: 0 });
  }
});
