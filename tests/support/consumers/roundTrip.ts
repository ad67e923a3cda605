import { join } from "node:path";
import { expect } from "vitest";
import { parse } from "yaml";
import { splitClaims } from "../engine/manifest.ts";
import { mappingsOf } from "../engine/state.ts";
import type { TestProject } from "../engine/testProject.ts";

/**
 * Creates a program's mappings, expects an empty diff, and removes them.
 *
 * @param programDirectory the program's directory, relative to the project.
 */
export async function roundTrip(project: TestProject, programDirectory = "."): Promise<void> {
  const file = join(programDirectory, "aws-auth.yaml");
  expect(await project.up()).toMatchObject({ code: 0 });
  await expectMappings(project, file);
  expect(await mappingsOf(project)).toHaveLength(2);
  expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
  await destroyMappings(project, file);
}

/** Expects the mappings of all programs in `tests/package/consumers/programs`, each with its claim. */
export async function expectMappings(project: TestProject, file: string): Promise<void> {
  const { text, claims } = splitClaims(await project.read(file));
  expect(claims).toBe(2);
  expect(parse(text)).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "aws-auth", namespace: "kube-system" },
    data: {
      mapAccounts: '- "012345678901"\n',
      mapRoles: "- groups:\n  - viewers\n  rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n",
    },
  });
}

/** Destroys the stack, and expects that its entries and claims are removed. */
export async function destroyMappings(project: TestProject, file: string): Promise<void> {
  expect(await project.destroy()).toMatchObject({ code: 0 });
  expect(await project.read(file)).toMatch(/mapAccounts: \|\n {4}\[\]\n/);
  expect(await project.read(file)).not.toMatch(/rolearn|012345678901/);
}
