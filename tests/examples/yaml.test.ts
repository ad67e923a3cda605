import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { repository, TestProject } from "../support/engine/testProject.ts";

it("yaml: the quickstart in YAML has a plan, with the plugin that npm installs", async () => {
  const config = { "aws-auth:manifest": "aws-auth.yaml" };
  const project = await TestProject.create({ name: "aws-auth-yaml", language: "yaml", config });
  onTestFinished(() => project.remove());
  await project.write("Pulumi.yaml", await readFile(join(repository, "examples", "yaml", "Pulumi.yaml"), "utf8"));
  const { code, output } = await project.preview();
  expect(output).toContain("+ 4 to create");
  expect(output).toContain('account: "012345678901"');
  expect(code).toBe(0);
});
