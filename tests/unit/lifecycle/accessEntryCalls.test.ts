import { setImmediate } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { callLimits } from "../../../provider/cluster/eks/eksCalls.ts";
import { entriesOf, parseDocument } from "../../../provider/document/index.ts";
import { withAccessEntries } from "../../../provider/lifecycle/simulateEntries.ts";
import { parseState } from "../../../provider/lifecycle/state.ts";
import { accessPolicyNames } from "../../support/eks/accessPolicies.ts";
import type { AccessEntry, AuthenticationMode } from "../../support/eks/state.ts";
import { unfolded } from "../../support/unfolded.ts";
import { account, devArn, type EntriesWorld, entriesWorld, ref } from "../cluster/eks/entriesWorld.ts";

type Provider = typeof import("../../../provider/index.ts");
type Properties = Readonly<Record<string, unknown>>;

/** A mapping in a stack's state. */
interface Stored {
  readonly id: string;
  readonly outs: Properties;
}

/** A plugin process as the engine starts it for each run. */
async function startRun(mode: AuthenticationMode): Promise<Provider> {
  vi.resetModules();
  const provider: Provider = await import("../../../provider/index.ts");
  const values: Readonly<Record<string, string>> = {
    "aws-auth:cluster": "prod",
    "aws:region": "eu-central-1",
    "aws-auth:authenticationMode": mode,
  };
  await provider.configure({ config: { get: (key) => values[key], require: (key) => values[key] ?? "" } });
  return provider;
}

const arnOf = (name: string) => `arn:aws:iam::${account}:role/team/${name}`;
const argsOf = (name: string, groups: readonly string[]) => ({ arn: arnOf(name), username: `${name}-user`, groups });
const contextOf = (name: string, isPreview: boolean) => ({
  __context: JSON.stringify({ urn: `urn::t::${name}`, label: `organization/infra/prod ${name}`, isPreview }),
});

/**
 * A stack of mappings in access entries: the first is made by the provider, and the others are what it would have made of them, since
 * that takes many calls.
 */
async function stackOf(world: EntriesWorld, names: readonly string[], groups: readonly string[]): Promise<Stored[]> {
  const { aws } = world;
  const [first = "", ...others] = names;
  for (const name of names) {
    aws.principals.create(arnOf(name));
  }
  world.clock.behind -= 30_000;
  const provider = await startRun("API");
  const { inputs } = await provider.check({}, { ...argsOf(first, groups), ...contextOf(first, false) });
  const { id, outs } = await provider.create(inputs ?? {});
  const made: AccessEntry | undefined = aws.entry("prod", arnOf(first));
  const renamed = <T>(value: T, name: string): T => JSON.parse(JSON.stringify(value).replaceAll(first, name));
  for (const name of others) {
    const { type, username, kubernetesGroups, tags, policies } = renamed(made ?? fail(), name);
    const policyNames = policies.map(({ policyArn }) => policyArn.replace(/.*\//, ""));
    aws.addServiceEntry("prod", arnOf(name), { type, username, groups: kubernetesGroups, tags, policies: policyNames });
  }
  aws.forgetCalls();
  return names.map((name) => renamed({ id, outs: { ...outs } }, name));
}

function fail(): never {
  throw new Error("no access entry was made");
}

/** Previews a stack as the engine does, one mapping after the other, and returns what is to change. */
async function preview(stack: readonly Stored[], names: readonly string[], groups: readonly string[]) {
  const provider = await startRun("API");
  const changed: string[] = [];
  for (const [index, { id, outs }] of stack.entries()) {
    const name = names[index] ?? "";
    const checked = await provider.check(outs, { ...argsOf(name, groups), ...contextOf(name, true) });
    expect(checked.failures ?? []).toEqual([]);
    const { changes } = await provider.diff(id, outs, checked.inputs ?? {});
    changed.push(...(changes === true ? [name] : []));
  }
  return changed;
}

const namesTo = (count: number) => Array.from({ length: count }, (_, index) => `p${String(index).padStart(4, "0")}`);

function counted({ aws }: EntriesWorld): Record<string, number> {
  const calls = Object.groupBy(aws.calls, ({ operation }) => operation);
  return Object.fromEntries(Object.entries(calls).map(([name, of]) => [name, of?.length ?? 0]));
}

/** Answers no call before others have had the time to come. */
function slowDown({ aws }: EntriesWorld): void {
  aws.before = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      await setImmediate();
    }
    return undefined;
  };
}

it("1,000 mappings are previewed with hardly more than a call for each, side by side within the bound, and each list once", async () => {
  const world = await entriesWorld("API");
  const names = namesTo(1000);
  const stack = await stackOf(world, names, ["viewers"]);
  slowDown(world);
  expect(await preview(stack, names, ["viewers"])).toEqual([]);
  const { ListAssociatedAccessPolicies = 0, ...counts } = counted(world);
  expect(counts).toEqual({
    DescribeCluster: 1,
    ListAccessEntries: 10 + accessPolicyNames.length,
    ListAccessPolicies: 1,
    DescribeAccessEntry: 1000,
    GetRole: 9,
    // With the role that every such world has.
    ListRoles: 2,
  });
  expect(ListAssociatedAccessPolicies).toBeLessThanOrEqual(50);
  expect(world.aws.calls.length).toBeLessThanOrEqual(1_100);
  expect(world.aws.mostAtOnce).toBe(callLimits.atOnce);
}, 60_000);

it("a few mappings are previewed with three calls for each, as long as lists would cost more", async () => {
  const world = await entriesWorld("API");
  const names = namesTo(5);
  const stack = await stackOf(world, names, ["system:masters"]);
  expect(await preview(stack, names, ["system:masters"])).toEqual([]);
  expect(counted(world)).toEqual({
    DescribeCluster: 1,
    ListAccessEntries: 1,
    DescribeAccessEntry: 5,
    ListAssociatedAccessPolicies: 5,
    GetRole: 5,
  });
});

it("many mappings are previewed although neither IAM nor the policies may be asked for, and it is told once what is not known", async () => {
  const told = vi.spyOn(console, "error").mockReturnValue();
  const world = await entriesWorld("API");
  const names = namesTo(100);
  const stack = await stackOf(world, names, ["viewers"]);
  world.aws.permit(world.deployer, ["eks:Describe*", "eks:ListAccessEntries", "eks:ListAssociatedAccessPolicies"]);
  expect(await preview(stack, names, ["viewers"])).toEqual([]);
  expect(counted(world)).toMatchObject({
    DescribeAccessEntry: 100,
    ListAssociatedAccessPolicies: 100,
    ListAccessPolicies: 1,
    GetRole: 2,
    ListRoles: 1,
  });
  const texts = told.mock.calls.map(([text]) => unfolded(String(text)));
  told.mockRestore();
  expect(texts).toEqual([
    expect.stringMatching(
      /^info: an access entry whose role or user was deleted and made again lets nobody in, which this run may not see: EKS cluster "prod" \(eu-central-1\): the AWS credentials of AWS_ACCESS_KEY_ID may not do iam:GetRole \(/,
    ),
  ]);
});

it("the access summary reads only the entries of what changes, and those of others", async () => {
  const world = await entriesWorld("API");
  const { aws, settings } = world;
  const names = namesTo(20);
  const stack = await stackOf(world, names, ["viewers"]);
  aws.addServiceEntry("prod", devArn, { type: "STANDARD", username: "foreign", groups: ["x"] });
  const mappings = stack.map(({ outs }, index) => {
    const state = parseState(outs);
    const after = index === 0 ? parseState({ ...outs, groups: ["admins"] }) : state;
    return { before: state, after, ignoreChanges: [], isChanged: index === 0 };
  });
  const empty = { live: parseDocument({}), after: parseDocument({}) };
  const { live, after } = await withAccessEntries(ref, empty, mappings, settings);
  const groupsIn = (map: typeof live) =>
    Object.fromEntries(entriesOf(map).map(({ username, groups }) => [username, groups]));
  const others = Object.fromEntries(names.slice(1).map((name) => [`${name}-user`, ["viewers"]]));
  expect(groupsIn(live)).toEqual({ ...others, "p0000-user": ["viewers"], foreign: ["x"] });
  expect(groupsIn(after)).toEqual({ ...others, "p0000-user": ["admins"], foreign: ["x"] });
  expect(counted(world)).toMatchObject({ ListAccessEntries: 1, DescribeAccessEntry: 2 });
});
