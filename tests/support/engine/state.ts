import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "./testProject.ts";

/** The types of an identity mapping in a state: of the dynamic resource, and of the resource plugin. */
export const mappingTypes = [
  "pulumi-nodejs:dynamic/aws-auth:IdentityMapping",
  "aws-auth:index:IdentityMapping",
] as const;

/** A resource in the state. */
interface StoredResource {
  readonly urn: string;
  readonly id: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The identity mappings in the state. */
export async function mappingsOf(project: TestProject): Promise<StoredResource[]> {
  const { resources = [] } = await deploymentOf(project);
  return resources.filter(({ type }) => mappingTypes.some((known) => known === type));
}

/** The relevant fields of a deployment; empty ones are omitted. */
export interface Deployment {
  readonly resources?: readonly StoredResource[];
  readonly pending_operations?: readonly unknown[];
}

/** The stack's file in the backend, which can be read without running the CLI. */
export function stateFileOf({ backend, name }: TestProject): Promise<string> {
  return readFile(join(backend, ".pulumi", "stacks", name, "test.json"), "utf8");
}

/** The deployment in the state. */
export async function deploymentOf(project: TestProject): Promise<Deployment> {
  const { checkpoint }: { checkpoint: { latest?: Deployment } } = JSON.parse(await stateFileOf(project));
  return checkpoint.latest ?? {};
}
