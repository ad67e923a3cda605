import { setImmediate } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { callLimits } from "../../../provider/cluster/eks/eksCalls.ts";
import { entriesOf, parseDocument } from "../../../provider/document/index.ts";
import { withAccessEntries } from "../../../provider/lifecycle/simulateEntries.ts";
import { parseState } from "../../../provider/lifecycle/state.ts";
import { unfolded } from "../../support/unfolded.ts";
import { devArn, type EntriesWorld, entriesWorld, ref } from "../cluster/eks/entriesWorld.ts";
import { callsForThousand, counted, type Given, preview, rolesTo, stackOf, startRun } from "./entryStack.ts";

/** Previews a stack as the engine does, one mapping after the other, in which nothing is to change. */
async function previewAll(stack: Awaited<ReturnType<typeof stackOf>>, mappings: readonly Given[]): Promise<void> {
  const provider = await startRun();
  const found = [];
  for (const [index, mapping] of mappings.entries()) {
    const { failures, changes } = await preview(provider, mapping, stack[index] ?? { id: "", outs: {} });
    found.push(...failures, ...(changes === false ? [] : [mapping.name]));
  }
  expect(found).toEqual([]);
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
  const mappings = rolesTo(1000, ["viewers"]);
  const stack = await stackOf(world, mappings);
  slowDown(world);
  await previewAll(stack, mappings);
  const { ListAssociatedAccessPolicies = 0, ...counts } = counted(world);
  expect(counts).toEqual(callsForThousand);
  expect(ListAssociatedAccessPolicies).toBeLessThanOrEqual(50);
  expect(world.aws.calls.length).toBeLessThanOrEqual(1_100);
  expect(world.aws.mostAtOnce).toBe(callLimits.atOnce);
}, 60_000);

it("a few mappings are previewed with three calls for each, as long as lists would cost more", async () => {
  // What differs for administrators is told of new ones.
  vi.spyOn(console, "error").mockReturnValue();
  const world = await entriesWorld("API");
  const mappings = rolesTo(5, ["system:masters"]);
  await previewAll(await stackOf(world, mappings), mappings);
  expect(counted(world)).toEqual({
    DescribeCluster: 1,
    ListAccessEntries: 1,
    DescribeAccessEntry: 5,
    ListAssociatedAccessPolicies: 5,
    GetRole: 5,
  });
  vi.restoreAllMocks();
});

it.each([
  ["may be asked", undefined, "the AWS credentials of AWS_ACCESS_KEY_ID may not do iam:GetRole \\(", 3],
  ["answers", "cut", "the IAM API cannot be reached with the AWS credentials of AWS_ACCESS_KEY_ID: ", 3],
] as const)(
  "many mappings are previewed although IAM neither %s nor the policies may be listed, and it is told once what is not known",
  async (_title, iam, reason, calls) => {
    const told = vi.spyOn(console, "error").mockReturnValue();
    const world = await entriesWorld("API");
    const mappings = rolesTo(100, ["viewers"]);
    const stack = await stackOf(world, mappings);
    world.aws.permit(world.deployer, ["eks:Describe*", "eks:ListAccessEntries", "eks:ListAssociatedAccessPolicies"]);
    world.aws.before = ({ service }) => (service === "iam" ? iam : undefined);
    await previewAll(stack, mappings);
    expect(counted(world)).toMatchObject({
      DescribeAccessEntry: 100,
      ListAssociatedAccessPolicies: 100,
      ListAccessPolicies: 1,
    });
    expect(world.aws.calls.filter(({ service }) => service === "iam")).toHaveLength(calls);
    const texts = told.mock.calls.map(([text]) => unfolded(String(text)));
    told.mockRestore();
    expect(texts).toEqual([
      expect.stringMatching(
        `^info: an access entry whose role or user was deleted and made again lets nobody in, which this run may not see: EKS cluster "prod" \\(eu-central-1\\): ${reason}`,
      ),
    ]);
  },
);

it("the access summary reads only the entries of what changes, and those of others", async () => {
  const world = await entriesWorld("API");
  const { aws, settings } = world;
  const given = rolesTo(20, ["viewers"]);
  const stack = await stackOf(world, given);
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
  const others = Object.fromEntries(given.slice(1).map(({ name }) => [`${name}-user`, ["viewers"]]));
  expect(groupsIn(live)).toEqual({ ...others, "p0000-user": ["viewers"], foreign: ["x"] });
  expect(groupsIn(after)).toEqual({ ...others, "p0000-user": ["admins"], foreign: ["x"] });
  expect(counted(world)).toMatchObject({ ListAccessEntries: 1, DescribeAccessEntry: 2 });
});
