import { beforeEach, describe, expect, it, vi } from "vitest";
import { type AwsAuthDocument, entriesOf, parseDocument } from "../../../provider/document/index.ts";
import { account, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { rolesTo, stackOf, startRun } from "./entryStack.ts";

const creator = `arn:aws:iam::${account}:role/creator`;
const names = (map: AwsAuthDocument = parseDocument({})) => entriesOf(map).map(({ username }) => username);

describe("a preview of dead access entries", () => {
  beforeEach(() => () => vi.restoreAllMocks());

  it("in parts tells of an access entry that is dead, although another mapping was told before", async () => {
    const world = await entriesWorld("API");
    const stored = await stackOf(world, rolesTo(2, ["viewers"]));
    world.clock.behind -= 5_000;
    vi.spyOn(console, "error").mockReturnValue();
    await startRun();
    const second = stored[1];
    world.aws.principals.recreate(String(second?.outs["arn"]));
    const { foldRun } = await import("../../../provider/lifecycle/clusterRuns.ts");
    const progresses = { clusters: new Map() };
    const seen = [];
    for (const [index, one] of stored.entries()) {
      const urn = `urn:pulumi:test::test::t::p000${index}`;
      const inputs = index === 0 ? { ...one.outs, groups: ["ops"] } : one.outs;
      const [run] = await foldRun(
        [{ urn, outputs: one.outs }],
        [{ urn, inputs, ignoreChanges: [], isChanged: true }],
        world.settings,
        progresses,
      );
      seen.push([names(run?.live), names(run?.after)]);
    }
    expect(seen).toEqual([
      [["p0000-user"], ["p0000-user"]],
      [[], ["p0001-user"]],
    ]);
  });

  it.each([false, true])(
    "warns of the removal of the last administrator, where the other one is dead: %s",
    async (isDead) => {
      const world = await entriesWorld("API");
      world.aws.principals.create(creator);
      world.clock.behind -= 5_000;
      const policies = ["AmazonEKSClusterAdminPolicy"];
      world.aws.addServiceEntry("prod", creator, { type: "STANDARD", username: "creator", policies });
      const [stored] = await stackOf(world, rolesTo(1, ["system:masters"]));
      world.clock.behind -= 5_000;
      vi.spyOn(console, "error").mockReturnValue();
      await startRun();
      if (isDead) {
        world.aws.principals.recreate(creator);
      }
      const { previewRun } = await import("../../../provider/lifecycle/preview.ts");
      const { warnings } = await previewRun(
        [{ urn: "urn:pulumi:test::test::t::p0000", outputs: stored?.outs ?? {} }],
        [],
        world.settings,
      );
      expect(warnings).toHaveLength(isDead ? 1 : 0);
    },
  );
});
