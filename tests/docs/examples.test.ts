import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";
import { exampleNames } from "../support/examples/exampleProject.ts";

const directory = join(repository, "examples");
const { inNode, others } = exampleNames();

it.each(inNode)("examples/%s contains everything that a copy of it needs", (name) => {
  const read = (file: string) => readFileSync(join(directory, name, file), "utf8");
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const imported = ts.preProcessFile(read("index.ts")).importedFiles.map(({ fileName }) => fileName);
  expect(imported).toContain("pulumi-aws-auth");
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...imported, "@pulumi/pulumi"]));
  expect(Object.keys(devDependencies)).toEqual(["@types/node", "typescript"]);
  expect(read("tsconfig.json")).not.toContain("..");
  expect(read("Pulumi.yaml")).toContain("\nmain: index.ts\n");
  expect(read("README.md")).toContain("[copy of this example](../README.md#run-one)");
});

it.each(others)("examples/%s has the resource plugin among its packages", (name) => {
  const read = (file: string) => readFileSync(join(directory, name, file), "utf8");
  const { dependencies } = JSON.parse(read("package.json"));
  expect(Object.keys(dependencies)).toEqual(["@pulumi/pulumi", "pulumi-aws-auth"]);
  expect(read("Pulumi.yaml")).toContain("    - name: aws-auth\n      path: node_modules/pulumi-aws-auth/plugin\n");
  expect(read("README.md")).toContain("[copy of this example](../README.md#run-one)");
});
