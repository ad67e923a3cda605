import { join } from "node:path";
import { expect } from "vitest";
import { splitClaims } from "../engine/manifest.ts";
import { mappingsOf } from "../engine/state.ts";
import type { TestProject } from "../engine/testProject.ts";

/** What all programs of `tests/consumers/programs` map. */
const map = `apiVersion: v1
kind: ConfigMap
metadata:
  name: aws-auth
  namespace: kube-system
data:
  mapAccounts: |
    - "012345678901"
  mapRoles: |
    - groups:
      - viewers
      rolearn: arn:aws:iam::111122223333:role/dev
      username: dev
`;

/**
 * Makes a program's mappings, finds nothing to change in them, and removes them.
 *
 * @param programDirectory where the program runs, relative to the project.
 */
export async function roundTrip(project: TestProject, programDirectory = "."): Promise<void> {
  const file = join(programDirectory, "aws-auth.yaml");
  expect(await project.up()).toMatchObject({ code: 0 });
  await expectMappings(project, file);
  expect(await mappingsOf(project)).toHaveLength(2);
  expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
  await destroyMappings(project, file);
}

/** Expects the program's mappings in the map, each with its claim. */
export async function expectMappings(project: TestProject, file: string): Promise<void> {
  const { text, claims } = splitClaims(await project.read(file));
  expect({ map: inOrderOfKeys(text), claims }).toEqual({ map, claims: 2 });
}

/** Destroys the stack, and expects nothing of it in the map. */
export async function destroyMappings(project: TestProject, file: string): Promise<void> {
  expect(await project.destroy()).toMatchObject({ code: 0 });
  expect(await project.read(file)).toMatch(/mapAccounts: \|\n {4}\[\]\n/);
  expect(await project.read(file)).not.toMatch(/rolearn|012345678901/);
}

/** The two mappings are made in parallel, so that either key may come first. */
function inOrderOfKeys(manifest: string): string {
  const [head, ...keys] = manifest.split(/^(?= {2}map)/m);
  return [head, ...keys.toSorted()].join("");
}
