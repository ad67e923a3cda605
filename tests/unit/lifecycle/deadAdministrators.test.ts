import { beforeEach, describe, expect, it, vi } from "vitest";
import { unfolded } from "../../support/unfolded.ts";
import { account, type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { preview, rolesTo, stackOf, startRun } from "./entryStack.ts";

const creator = `arn:aws:iam::${account}:role/creator`;
const [admin] = rolesTo(1, ["system:masters"]);

/** What becomes of the role that made the cluster, after its access entry was made. */
const fates: readonly (readonly [string, (aws: EntriesWorld["aws"]) => unknown])[] = [
  ["was deleted", (aws) => aws.principals.delete(creator)],
  ["was deleted and made again", (aws) => aws.principals.recreate(creator)],
  [
    "was deleted and made again in another path",
    (aws) => [aws.principals.delete(creator), aws.principals.create(creator.replace("role/", "role/new/"))],
  ],
];

/** A stack with one administrator, on a cluster whose creator is the other one. */
async function office() {
  if (admin === undefined) {
    throw new Error("there is no administrator");
  }
  const world = await entriesWorld("API");
  world.aws.principals.create(creator);
  world.clock.behind -= 5_000;
  const policies = ["AmazonEKSClusterAdminPolicy"];
  world.aws.addServiceEntry("prod", creator, { type: "STANDARD", username: "creator", policies });
  const [stored] = await stackOf(world, [admin]);
  world.clock.behind -= 5_000;
  if (stored === undefined) {
    throw new Error("nothing is stored");
  }
  const told = vi.spyOn(console, "error").mockReturnValue();
  const warnings = () =>
    told.mock.calls.map(([text]) => unfolded(String(text))).filter((text) => text.startsWith("warning: "));
  return { ...world, admin, stored, warnings };
}

const isWarned = [
  expect.stringMatching(/^warning: arn ".*role\/p0000" has the only mapping to system:masters on EKS cluster "prod"/),
];

describe("an administrator's access entry", () => {
  beforeEach(() => () => vi.restoreAllMocks());

  it.each(fates)("is the last one where the role of the other %s", async (_title, befalls) => {
    const { aws, admin, stored, warnings } = await office();
    befalls(aws);
    const { changes } = await preview(await startRun(), { ...admin, groups: ["viewers"] }, stored);
    expect([changes, warnings()]).toEqual([true, isWarned]);
    vi.mocked(console.error).mockClear();
    await (await startRun()).delete(stored.id, stored.outs);
    expect(warnings()).toEqual(isWarned);
  });

  it.each([
    ["is there", true],
    ["is not known to be there, since IAM does not tell", false],
  ])("is not the last one where the role of the other %s", async (_title, isThere) => {
    const { aws, deployer, admin, stored, warnings } = await office();
    if (!isThere) {
      aws.principals.delete(creator);
      aws.permit(deployer, ["eks:*"]);
    }
    await preview(await startRun(), { ...admin, groups: ["viewers"] }, stored);
    await (await startRun()).delete(stored.id, stored.outs);
    expect(warnings()).toEqual([]);
  });
});
