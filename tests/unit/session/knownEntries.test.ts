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

const operations = ({ aws }: EntriesWorld) => aws.calls.map(({ operation }) => operation);

describe("the access entries that a run knows", () => {
  it("are listed once, and each is read once, however often and by whomever they are asked for", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 5);
    const known = new KnownEntries(world.api);
    await Promise.all([known.cluster(), known.cluster()]);
    await Promise.all([...arns, ...arns].map((arn) => known.find(arn)));
    expect((await known.all()).map(({ principalArn }) => principalArn).toSorted()).toEqual(arns);
    expect(operations(world).toSorted()).toEqual(
      [
        "DescribeCluster",
        "ListAccessEntries",
        ...Array(5).fill("DescribeAccessEntry"),
        ...Array(5).fill("ListAssociatedAccessPolicies"),
      ].toSorted(),
    );
  });

  it("are read and their principals asked for side by side, before somebody waits for them", async () => {
    const world = await entriesWorld();
    const [arn = ""] = await addEntries(world, 20);
    const known = new KnownEntries(world.api);
    await known.begin(arn, false);
    await vi.waitFor(() => expect(world.aws.calls.map(({ status }) => status)).toEqual(Array(5).fill(200)));
    expect(await known.find(arn)).toMatchObject([{ principalArn: arn }]);
    expect(await known.principals.find(arn)).toMatchObject({ arn });
    expect(operations(world).toSorted()).toEqual([
      "DescribeAccessEntry",
      "DescribeCluster",
      "GetRole",
      "ListAccessEntries",
      "ListAssociatedAccessPolicies",
    ]);
  });

  it("are read eight at a time in a preview, and of those that nobody asks for, IAM is asked for the claimed ones", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 20);
    const [claimed = "", ...others] = arns.toReversed();
    await world.api.tag(world.aws.entry("prod", claimed)?.accessEntryArn ?? "", {
      "pulumi-aws-auth/claims/a1": "o/p/s x",
    });
    world.aws.forgetCalls();
    const known = new KnownEntries(world.api);
    const read = () => world.aws.calls.filter(({ operation }) => operation === "DescribeAccessEntry").length;
    for (const reach of [8, 16, 20]) {
      const unread = others.find((arn) => !world.aws.calls.some(({ principalArn }) => principalArn === arn)) ?? "";
      await known.begin(unread, true);
      await known.find(unread);
      await vi.waitFor(() => expect(read()).toBe(reach));
      // Nothing more comes of one that is being read.
      await known.begin(unread, true);
    }
    expect(await known.all()).toHaveLength(20);
    await vi.waitFor(() => expect(operations(world).filter((name) => name === "GetRole")).toHaveLength(4));
    expect(await known.principals.find(claimed)).toMatchObject({ arn: claimed });
    expect(operations(world).filter((name) => name === "GetRole")).toHaveLength(4);
    expect(read()).toBe(20);
  });

  it("that the caller knows are not read", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 3);
    const left = await new KnownEntries(world.api).all(new Set(arns.slice(1)));
    expect(left).toMatchObject([{ principalArn: arns[0] }]);
    expect(operations(world)).toHaveLength(3);
  });

  it("of one principal may be several, in other paths, and are found in any spelling", async () => {
    const world = await entriesWorld();
    const { aws, api } = world;
    await api.create(says(), {});
    aws.principals.delete(devArn);
    const moved = aws.principals.create(`arn:aws:iam::${account}:role/dev`).arn;
    await api.create(says({ principalArn: moved, username: "other" }), {});
    const known = new KnownEntries(api);
    const found = await known.find(`arn:aws:iam::${account}:role/DEV`);
    expect(found.map(({ principalArn }) => principalArn).toSorted()).toEqual([devArn, moved].toSorted());
    expect(await known.find(`arn:aws:iam::${account}:role/development`)).toEqual([]);
  });

  describe("are waited for until they are in force", () => {
    const inForce = 400;

    /** How long a run waits for the entry of the role "dev", whatever the clock of AWS says. */
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
    ])("from when EKS has shown what the run wrote, where the clock of AWS %s", async (_title, behind) => {
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

    it("from when the run has first seen what others wrote, at the latest", async () => {
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

    it("and not where there is none", async () => {
      const { api } = await entriesWorld();
      expect(await waited(new KnownEntries(api))).toBeLessThan(inForce / 2);
    });
  });

  it("are asked for again some time after a failure, and until then fail at once", async () => {
    const { aws, api } = await entriesWorld();
    await api.create(says(), {});
    const known = new KnownEntries(api);
    aws.before = ({ operation }) =>
      operation === "ListAccessEntries" ? new AwsError("AccessDeniedException", 403, "no") : undefined;
    aws.forgetCalls();
    await expect(known.find(devArn)).rejects.toMatchObject({ code: "accessDenied" });
    await expect(known.find(devArn)).rejects.toMatchObject({ code: "accessDenied" });
    expect(aws.calls).toHaveLength(1);
    aws.before = ({ operation }) =>
      operation === "DescribeAccessEntry" ? new AwsError("AccessDeniedException", 403, "no") : undefined;
    const later = Date.now() + 11_000;
    vi.spyOn(Date, "now").mockImplementation(() => later);
    await expect(known.find(devArn)).rejects.toMatchObject({ code: "accessDenied" });
    aws.before = undefined;
    vi.spyOn(Date, "now").mockImplementation(() => later + 11_000);
    expect(await known.find(devArn)).toHaveLength(1);
    vi.restoreAllMocks();
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
    await api.update(says({ username: "renamed" }));
    await known.settle(devArn, (entry) => entry?.username === "renamed");
    expect(await known.find(devArn)).toMatchObject([{ username: "renamed" }]);
    await api.delete(devArn);
    await known.settle(devArn, (entry) => entry === undefined);
    expect(await known.find(devArn)).toEqual([]);
    expect(await known.all()).toEqual([]);
    expect(operations(world).filter((name) => name === "ListAccessEntries")).toHaveLength(1);
  });

  it("is not waited for where EKS shows it at once, and needs no list", async () => {
    const world = await entriesWorld();
    await world.api.create(says(), {});
    world.aws.forgetCalls();
    const tell = vi.fn();
    await new KnownEntries(world.api, tell, wait).settle(devArn, (entry) => entry !== undefined);
    expect(tell).not.toHaveBeenCalled();
    expect(operations(world).toSorted()).toEqual(["DescribeAccessEntry", "ListAssociatedAccessPolicies"]);
  });

  it("that EKS does not show within the limit is an error, and the entry is read again by who asks for it", async () => {
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
