import { createRequire } from "node:module";
import type { runtime } from "@pulumi/pulumi";
import { expect } from "vitest";

// From the repository's root, where the package finds itself by its own name.
const load = createRequire(new URL("../../../package.json", import.meta.url));

/** Pulumi as programs load it, in the copy that the package shares. */
export const pulumi: typeof import("@pulumi/pulumi") = load("@pulumi/pulumi");
/** The built package. */
export const awsAuth: typeof import("../../../sdk/index.ts") = load("pulumi-aws-auth");
/** The Kubernetes SDK, for providers. */
export const kubernetes: typeof import("@pulumi/kubernetes/provider.js") = load("@pulumi/kubernetes/provider.js");

/** The type of a mapping's resource. */
export const mappingType = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";

/** A resource that a program registered. */
interface Registered {
  readonly type: string;
  readonly name: string;
  /** Its inputs, without those of the provider protocol. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The provider that it was given, as `urn::id`. */
  readonly provider: string | undefined;
}

/** The resources and calls of a run of a program. */
interface MockRun {
  /** Sorted by type and name, since they are registered in any order. */
  readonly resources: readonly Registered[];
  /** The resources that are mappings. */
  readonly mappings: readonly Registered[];
  /** The tokens of the functions that it called. */
  readonly calls: readonly string[];
}

/** Runs a program on Pulumi's mocks; throws what the program throws. */
export async function runOnMocks(program: () => unknown, stack?: string): Promise<MockRun> {
  const resources: Registered[] = [];
  const calls: string[] = [];
  const mocks: runtime.Mocks = {
    newResource: ({ type, name, inputs, provider, custom }) => {
      const { __provider, __context, ...given } = inputs;
      resources.push({ type, name, inputs: given, provider });
      return { id: custom ? `${name}-id` : "", state: inputs };
    },
    call: ({ token }) => {
      calls.push(token);
      return {};
    },
  };
  await pulumi.runtime.setMocks(mocks, "project", stack);
  await program();
  await pulumi.runtime.disconnect();
  const order = (a: Registered, b: Registered): number => `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`);
  const sorted = resources.toSorted(order);
  return { resources: sorted, mappings: sorted.filter(({ type }) => type === mappingType), calls };
}

/** The message of the RunError that ends a program. */
export async function failureOf(program: () => unknown, stack?: string): Promise<string> {
  const error: unknown = await runOnMocks(program, stack).catch((reason: unknown) => reason);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  return error instanceof Error ? error.message : "";
}
