import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "./testProject.ts";

/** The types of an identity mapping in a state: of the dynamic resource, and of the resource plugin. */
export const mappingTypes = [
  "pulumi-nodejs:dynamic/aws-auth:IdentityMapping",
  "aws-auth:index:IdentityMapping",
] as const;

/** What the engine stores of one resource. */
interface StoredResource {
  readonly urn: string;
  readonly id: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The identity mappings that the engine keeps. */
export async function mappingsOf(project: TestProject): Promise<StoredResource[]> {
  const { resources = [] } = await deploymentOf(project);
  return resources.filter(({ type }) => mappingTypes.some((known) => known === type));
}

/** A deployment in the state, as far as it matters here; what is empty is left out. */
export interface Deployment {
  readonly resources?: readonly StoredResource[];
  readonly pending_operations?: readonly unknown[];
}

/** The backend's own file of the stack, which costs no run of the CLI. */
export function stateFileOf({ backend, name }: TestProject): Promise<string> {
  return readFile(join(backend, ".pulumi", "stacks", name, "test.json"), "utf8");
}

/** What the engine keeps. */
export async function deploymentOf(project: TestProject): Promise<Deployment> {
  const { checkpoint }: { checkpoint: { latest?: Deployment } } = JSON.parse(await stateFileOf(project));
  return checkpoint.latest ?? {};
}
