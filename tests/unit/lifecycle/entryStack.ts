import { vi } from "vitest";
import { stemOf } from "../../../provider/ownership/index.ts";
import type { AuthenticationMode } from "../../support/eks/state.ts";
import { account, type EntriesWorld } from "../cluster/eks/entriesWorld.ts";

export type Provider = typeof import("../../../provider/index.ts");
type Properties = Readonly<Record<string, unknown>>;

/** A mapping that a program declares. */
export interface Given {
  readonly name: string;
  readonly arn: string;
  readonly groups: readonly string[];
  /** Default: `prod`. */
  readonly stack?: string;
  /** Default: its name with `-user`. */
  readonly username?: string;
  /** The resource's name in its URN and claims. Default: as its username begins. */
  readonly resource?: string;
  /** The type in its URN. */
  readonly type?: string;
}

/** A mapping in a stack's state. */
export interface Stored {
  readonly id: string;
  readonly outs: Properties;
}

/** Mappings of this many roles. */
export function rolesTo(count: number, groups: readonly string[]): Given[] {
  const names = Array.from({ length: count }, (_, index) => `p${String(index).padStart(4, "0")}`);
  return names.map((name) => ({ name, arn: `arn:aws:iam::${account}:role/${name}`, groups }));
}

/** A plugin process as the engine starts it for each run. */
export async function startRun(
  mode: AuthenticationMode = "API",
  settings: Readonly<Record<string, string>> = {},
): Promise<Provider> {
  vi.resetModules();
  const provider: Provider = await import("../../../provider/index.ts");
  const values: Readonly<Record<string, string>> = {
    "aws-auth:cluster": "prod",
    "aws:region": "eu-central-1",
    "aws-auth:authenticationMode": mode,
    "aws-auth:lockoutProtection": "warn",
    ...settings,
  };
  await provider.configure({ config: { get: (key) => values[key], require: (key) => values[key] ?? "" } });
  return provider;
}

/** Creates a mapping, in a run of its own. */
export async function create(
  given: Given,
  mode?: AuthenticationMode,
  settings?: Readonly<Record<string, string>>,
): Promise<Stored> {
  return createIn(await startRun(mode, settings), given);
}

/** Creates a mapping. */
export async function createIn(provider: Provider, given: Given): Promise<Stored> {
  const { inputs, failures = [] } = await provider.check({}, inputsOf(given, false));
  if (failures.length > 0) {
    throw new Error(failures.map(({ reason }) => reason).join("\n"));
  }
  const { id, outs } = await provider.create(inputs ?? {});
  return { id, outs: { ...outs } };
}

/** Checks and compares a mapping as the engine does. */
export async function preview(provider: Provider, given: Given, { id, outs }: Stored, isPreview = true) {
  const { inputs = {}, failures = [] } = await provider.check(outs, inputsOf(given, isPreview));
  const { changes } = failures.length > 0 ? { changes: undefined } : await provider.diff(id, outs, inputs);
  return { inputs, failures, changes };
}

function inputsOf(given: Given, isPreview: boolean): Properties {
  const { name, arn, groups, stack = "prod", resource = name, type = "t", username = `${name}-user` } = given;
  const urn = `urn:pulumi:${stack}::infra::${type}::${resource}`;
  const context = {
    urn,
    label: `organization/infra/${stack} ${resource}`,
    stem: stemOf("organization", urn),
    isPreview,
  };
  return { arn, groups, username, __context: JSON.stringify(context) };
}

/**
 * A stack of mappings with access entries: the provider creates the first, and the others are what it would have made of them, since
 * that takes many calls.
 */
export async function stackOf({ aws, clock }: EntriesWorld, mappings: readonly Given[]): Promise<Stored[]> {
  for (const { arn } of mappings) {
    aws.principals.create(arn);
  }
  clock.behind -= 30_000;
  const [first, ...others] = mappings;
  if (first === undefined) {
    return [];
  }
  const stored = await create(first);
  const made = aws.entry("prod", first.arn);
  if (made === undefined) {
    throw new Error("the provider has made no access entry");
  }
  const renamed = <T>(value: T, { name }: Given): T => JSON.parse(JSON.stringify(value).replaceAll(first.name, name));
  for (const other of others) {
    const { type, username, kubernetesGroups: groups, tags, policies } = renamed(made, other);
    const policyNames = policies.map(({ policyArn }) => policyArn.replace(/.*\//, ""));
    aws.addServiceEntry("prod", other.arn, { type, username, groups, tags, policies: policyNames });
  }
  aws.forgetCalls();
  return mappings.map((mapping) => renamed(stored, mapping));
}

/** How often each operation was called. */
export function counted({ aws }: EntriesWorld): Record<string, number> {
  const calls = Object.groupBy(aws.calls, ({ operation }) => operation);
  return Object.fromEntries(Object.entries(calls).map(([name, of]) => [name, of?.length ?? 0]));
}

/** What a preview of this many mappings of {@link rolesTo} calls, at most 8 at a time. */
export function callsFor(count: number): Record<string, number> {
  return {
    DescribeCluster: 1,
    ListAccessEntries: Math.ceil(count / 100),
    DescribeAccessEntry: count,
    ListAssociatedAccessPolicies: count,
    GetRole: count,
  };
}
