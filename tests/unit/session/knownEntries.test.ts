import { setTimeout } from "node:timers/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { entryLimits, KnownEntries } from "../../../provider/session/knownEntries.ts";
import { AwsError } from "../../support/eks/awsError.ts";
import {
  account,
  addEntries,
  adminPolicy,
  devArn,
  type EntriesWorld,
  entriesWorld,
  says,
} from "../cluster/eks/entriesWorld.ts";

const wait = { total: 5_000, first: 10, most: 40 };
const denied = new AwsError("AccessDeniedException", 403, "no");

const operations = ({ aws }: EntriesWorld) => aws.calls.map(({ operation }) => operation);
const count = (world: EntriesWorld, operation: string) => operations(world).filter((name) => name === operation).length;

describe("the access entries that a run knows", () => {
  it("are listed once, and each is read once", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 5);
    const known = new KnownEntries(world.api);
    await Promise.all([...arns, ...arns].map((arn) => known.find(arn)));
    expect((await known.all()).map(({ principalArn }) => principalArn).toSorted()).toEqual(arns);
    expect(operations(world).toSorted()).toEqual([
      "DescribeAccessEntry",
      "DescribeAccessEntry",
      "DescribeAccessEntry",
      "DescribeAccessEntry",
      "DescribeAccessEntry",
      "DescribeCluster",
      "ListAccessEntries",
      ...Array(5).fill("ListAssociatedAccessPolicies"),
    ]);
  });

  it("are read eight at a time, since the engine asks for one after the other", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 20);
    const known = new KnownEntries(world.api);
    for (const reach of [8, 16, 20]) {
      const unread = arns.find((arn) => !world.aws.calls.some(({ principalArn }) => principalArn === arn)) ?? "";
      await known.find(unread, true);
      await vi.waitFor(() => expect(count(world, "DescribeAccessEntry")).toBe(reach));
    }
    expect(world.aws.mostAtOnce).toBeLessThanOrEqual(8);
  });

  it("of one principal may be several, in other paths, and are found in any spelling", async () => {
    const { aws, api } = await entriesWorld();
    await api.create(says(), {});
    aws.principals.delete(devArn);
    const moved = aws.principals.create(`arn:aws:iam::${account}:role/dev`).arn;
    await api.create(says({ principalArn: moved, username: "other" }), {});
    const known = new KnownEntries(api);
    const found = await known.find(`arn:aws:iam::${account}:role/DEV`);
    expect(found.map(({ principalArn }) => principalArn).toSorted()).toEqual([devArn, moved].toSorted());
    expect(await known.find(`arn:aws:iam::${account}:role/development`)).toEqual([]);
  });

  it("are asked for again ten seconds after a failure, and until then fail at once", async () => {
    const { aws, api } = await entriesWorld();
    await api.create(says(), {});
    const known = new KnownEntries(api);
    await known.cluster();
    aws.before = ({ operation }) => (operation === "ListAccessEntries" ? denied : undefined);
    aws.forgetCalls();
    await expect(known.find(devArn)).rejects.toMatchObject({ code: "accessDenied" });
    await expect(known.find(devArn)).rejects.toMatchObject({ code: "accessDenied" });
    expect(aws.calls).toHaveLength(1);
    aws.before = undefined;
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 10_001);
    expect(await known.find(devArn)).toHaveLength(1);
    vi.restoreAllMocks();
  });

  describe("are waited for until they are in force", () => {
    const inForce = 400;

    async function waited(known: KnownEntries): Promise<number> {
      const before = performance.now();
      await known.inForce(devArn);
      return performance.now() - before;
    }

    beforeEach(() => {
      const limits = { ...entryLimits };
      entryLimits.inForce = inForce;
      return () => void Object.assign(entryLimits, limits);
    });

    it.each([
      ["is behind", 1_800_000],
      ["is right", 0],
      ["is ahead", -1_800_000],
    ])("from when EKS has shown what the run wrote, if the clock of AWS %s", async (_title, behind) => {
      const { api, clock } = await entriesWorld();
      clock.behind = behind;
      const tell = vi.fn();
      const known = new KnownEntries(api, tell);
      await api.create(says(), {});
      await known.settle(devArn, (entry) => entry !== undefined);
      expect(await waited(known)).toBeGreaterThan(inForce / 2);
      expect(tell).toHaveBeenCalledWith(
        `waiting until EKS cluster "prod" (eu-central-1) knows the access entry of ${devArn}`,
      );
      expect(await waited(known)).toBeLessThan(inForce / 2);
      await api.update(says({ username: "other" }));
      await known.settle(devArn, (entry) => entry?.username === "other");
      expect(await waited(known)).toBeGreaterThan(inForce / 2);
    });

    it("from when the run has first seen what others wrote", async () => {
      const { aws, api } = await entriesWorld();
      await api.create(says(), {});
      const known = new KnownEntries(api);
      await known.find(devArn);
      await setTimeout(inForce);
      await known.reread(devArn);
      expect(await waited(known)).toBeLessThan(inForce / 2);
      // No source says that this changes the date of the entry too.
      const policy = { policyArn: adminPolicy, accessScope: { type: "cluster", namespaces: [] } };
      const times = { associatedAt: 0, modifiedAt: 0 };
      Object.assign(aws.entry("prod", devArn) ?? {}, { policies: [{ ...policy, ...times }] });
      await known.reread(devArn);
      expect(await waited(known)).toBeGreaterThan(inForce / 2);
    });

    it.each([
      ["changed", (api: EntriesWorld["api"]) => api.update(says({ username: "other" }))],
      ["deleted", (api: EntriesWorld["api"]) => api.delete(devArn)],
    ])("and are an error if they were %s meanwhile", async (_title, disturb) => {
      const { api } = await entriesWorld();
      await api.create(says(), {});
      const known = new KnownEntries(api);
      await known.find(devArn);
      await disturb(api);
      await expect(known.inForce(devArn)).rejects.toMatchObject({
        code: "conflict",
        message: `the access entry of "${devArn}" was changed or deleted while this run relied on it; run again`,
      });
    });

    it.each([
      ["the principal has none", false],
      ["it has been there for more than an hour", true],
    ])("and not if %s", async (_title, isThere) => {
      const { api } = await entriesWorld();
      await (isThere ? api.create(says(), {}) : undefined);
      vi.spyOn(Date, "now").mockReturnValue(Date.now() + 3_600_000);
      const known = new KnownEntries(api);
      expect(await known.find(devArn)).toHaveLength(isThere ? 1 : 0);
      expect(await waited(known)).toBeLessThan(inForce / 2);
      vi.restoreAllMocks();
    });
  });
});

describe("a change", () => {
  it("is waited for until EKS shows it, which the user is told, and is known from then on", async () => {
    const world = await entriesWorld();
    const { aws, api } = world;
    const tell = vi.fn();
    const known = new KnownEntries(api, tell, wait);
    expect(await known.find(devArn)).toEqual([]);
    aws.behaviour.lag = { reads: 5 };
    await api.create(says(), {});
    expect(await known.settle(devArn, (entry) => entry !== undefined)).toMatchObject({ username: "dev" });
    expect(tell).toHaveBeenCalledWith(`waiting for EKS to show the access entry of ${devArn}`);
    expect(await known.find(devArn)).toMatchObject([{ principalArn: devArn }]);
    expect(await known.all()).toMatchObject([{ principalArn: devArn }]);
    aws.behaviour.lag = {};
    await api.delete(devArn);
    await known.settle(devArn, (entry) => entry === undefined);
    expect([await known.find(devArn), await known.all()]).toEqual([[], []]);
    expect(count(world, "ListAccessEntries")).toBe(1);
  });

  it("that EKS does not show within the limit is an error, and the entry is read again", async () => {
    const { aws, api } = await entriesWorld();
    await api.create(says(), {});
    const known = new KnownEntries(api, () => {}, { total: 60, first: 10, most: 20 });
    await known.find(devArn);
    aws.behaviour.lag = { milliseconds: 600_000 };
    await api.update(says({ username: "late" }));
    await expect(known.settle(devArn, (entry) => entry?.username === "late")).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: `EKS cluster "prod" (eu-central-1) does not show the access entry of "${devArn}" as it was written; EKS usually takes some seconds; run again`,
    });
    aws.forgetCalls();
    await known.find(devArn);
    expect(aws.calls).toHaveLength(2);
  });
});

describe("the path of a role", () => {
  const mapped = `arn:aws:iam::${account}:role/dev`;

  it("is that of its only access entry, without a question to IAM", async () => {
    const world = await entriesWorld();
    await world.api.create(says(), {});
    world.aws.forgetCalls();
    expect(await new KnownEntries(world.api).withPath(mapped)).toBe(devArn);
    expect(operations(world)).not.toContain("GetRole");
  });

  it("is what IAM has, if it has no access entry", async () => {
    const { api } = await entriesWorld();
    expect(await new KnownEntries(api).withPath(mapped)).toBe(devArn);
  });

  it("is unknown if IAM does not tell", async () => {
    const { aws, api } = await entriesWorld();
    const known = new KnownEntries(api);
    expect(await known.withPath("arn:aws:iam::999900001111:role/dev")).toBeUndefined();
    aws.before = ({ operation }) => (operation === "GetRole" ? new AwsError("AccessDenied", 403, "no") : undefined);
    expect(await known.withPath(mapped)).toBeUndefined();
  });

  it("is not asked for again after IAM could not be reached", async () => {
    const world = await entriesWorld();
    const known = new KnownEntries(world.api);
    world.aws.before = ({ operation }) => (operation === "GetRole" ? "cut" : undefined);
    expect(await known.withPath(mapped)).toBeUndefined();
    const asked = count(world, "GetRole");
    expect(await known.withPath(mapped)).toBeUndefined();
    expect(count(world, "GetRole")).toBe(asked);
  });
});
