import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "./testProject.ts";

/** The types of an identity mapping in a state: of the dynamic resource, and of the resource plugin. */
export const mappingTypes = [
  "pulumi-nodejs:dynamic/aws-auth:IdentityMapping",
  "aws-auth:index:IdentityMapping",
] as const;

/** What the engine stores of one resource. */
export interface StoredResource {
  readonly urn: string;
  readonly id: string;
  readonly type: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The identity mappings in an exported stack. */
export function mappingsIn(state: string): StoredResource[] {
  const { deployment }: { deployment: Deployment } = JSON.parse(state);
  return mappingsAmong(deployment);
}

/** The identity mappings that the engine keeps. */
export async function mappingsOf(project: TestProject): Promise<StoredResource[]> {
  return mappingsAmong(await deploymentOf(project));
}

function mappingsAmong({ resources = [] }: Deployment): StoredResource[] {
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

/** The same state as 0.1.0 would have left it: without a word on claims. */
export function withoutClaims(state: string): string {
  return JSON.stringify(JSON.parse(state, (key, value: unknown) => (key === "__claim" ? undefined : value)));
}
