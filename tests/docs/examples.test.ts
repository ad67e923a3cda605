import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";

const directory = join(repository, "examples");
const names = readdirSync(directory, { withFileTypes: true }).flatMap((file) =>
  // The others are in other languages.
  existsSync(join(directory, file.name, "index.ts")) ? [file.name] : [],
);

it.each(names)("examples/%s has in its own directory what a copy of it needs", (name) => {
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
