import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "./testProject.ts";

/** What the engine stores of one resource. */
export interface StoredResource {
  readonly urn: string;
  readonly id: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The identity mappings in an exported stack. */
export function mappingsIn(state: string): StoredResource[] {
  const { deployment }: { deployment: { resources?: StoredResource[] } } = JSON.parse(state);
  return (deployment.resources ?? []).filter(({ type }) => type === "pulumi-nodejs:dynamic/aws-auth:IdentityMapping");
}

/** A deployment in the state, as far as it matters here; what is empty is left out. */
export interface Deployment {
  readonly resources?: readonly {
    readonly urn: string;
    readonly type: string;
    readonly outputs?: Readonly<Record<string, unknown>>;
  }[];
  readonly pending_operations?: readonly unknown[];
}

/** What the engine keeps; read from the backend's own file, which costs no run of the CLI. */
export async function deploymentOf({ folder, name }: TestProject): Promise<Deployment> {
  const file = join(folder, ".pulumi-state", ".pulumi", "stacks", name, "test.json");
  const { checkpoint }: { checkpoint: { latest?: Deployment } } = JSON.parse(await readFile(file, "utf8"));
  return checkpoint.latest ?? {};
}

/** The same state as 0.1.0 would have left it: without a word on claims. */
export function withoutClaims(state: string): string {
  return JSON.stringify(JSON.parse(state, (key, value: unknown) => (key === "__claim" ? undefined : value)));
}
