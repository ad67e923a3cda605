import { setImmediate } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { callLimits } from "../../../provider/cluster/eks/eksCalls.ts";
import { unfolded } from "../../support/unfolded.ts";
import { addEntries, type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { callsFor, counted, type Given, preview, rolesTo, stackOf, startRun } from "./entryStack.ts";

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

it("200 mappings are previewed with three calls for each, side by side within the bound, and each list once", async () => {
  const world = await entriesWorld("API");
  const mappings = rolesTo(200, ["viewers"]);
  const stack = await stackOf(world, mappings);
  slowDown(world);
  await previewAll(stack, mappings);
  expect(counted(world)).toEqual(callsFor(200));
  expect(world.aws.mostAtOnce).toBe(callLimits.atOnce);
}, 60_000);

it("few mappings on a cluster of many entries are previewed with no more than seven entries of others for each", async () => {
  const world = await entriesWorld("API");
  const mappings = rolesTo(2, ["viewers"]);
  const stack = await stackOf(world, mappings);
  await addEntries(world, 40);
  await previewAll(stack, mappings);
  await expect.poll(() => world.aws.calls.every(({ status }) => status === 200)).toBe(true);
  expect(counted(world)).toMatchObject({ ListAccessEntries: 1, GetRole: 2 });
  expect(counted(world)["DescribeAccessEntry"]).toBeLessThanOrEqual(16);
});

it("the role of a mapping is asked for after those that come before it in an up, since the run may make it again", async () => {
  const world = await entriesWorld("API");
  const mappings = rolesTo(12, ["viewers"]);
  const stack = await stackOf(world, mappings);
  const told = vi.spyOn(console, "error").mockReturnValue();
  const provider = await startRun();
  const changed: string[] = [];
  for (const [index, mapping] of mappings.entries()) {
    if (index === 11) {
      await expect.poll(() => world.aws.calls.every(({ status }) => status === 200)).toBe(true);
      world.clock.behind -= 5_000;
      world.aws.principals.recreate(mapping.arn);
    }
    const { changes } = await preview(provider, mapping, stack[index] ?? { id: "", outs: {} }, false);
    changed.push(...(changes === true ? [mapping.name] : []));
  }
  expect(changed).toEqual(["p0011"]);
  expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("dead"));
  told.mockRestore();
});

it.each([
  ["may be asked", undefined, "the AWS credentials of AWS_ACCESS_KEY_ID may not do iam:GetRole \\("],
  ["answers", "cut", "the IAM API cannot be reached with the AWS credentials of AWS_ACCESS_KEY_ID: "],
] as const)(
  "many mappings are previewed although IAM no longer %s, and it is told once what is not known",
  async (_title, iam, reason) => {
    const told = vi.spyOn(console, "error").mockReturnValue();
    const world = await entriesWorld("API");
    const mappings = rolesTo(100, ["viewers"]);
    const stack = await stackOf(world, mappings);
    world.aws.permit(world.deployer, ["eks:Describe*", "eks:ListAccessEntries", "eks:ListAssociatedAccessPolicies"]);
    world.aws.before = ({ service }) => (service === "iam" ? iam : undefined);
    await previewAll(stack, mappings);
    // Only those that are under way when the first one fails, with its retries.
    expect(world.aws.calls.filter(({ service }) => service === "iam").length).toBeLessThanOrEqual(8 * 3);
    const texts = told.mock.calls.map(([text]) => unfolded(String(text)));
    told.mockRestore();
    expect(texts).toEqual([
      expect.stringMatching(
        `^info: an access entry whose role or user was deleted and made again lets nobody in, which this run may not see: EKS cluster "prod" \\(eu-central-1\\): ${reason}`,
      ),
    ]);
  },
);
