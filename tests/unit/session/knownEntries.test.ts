import { describe, expect, it, onTestFinished, vi } from "vitest";
import { entryLimits, KnownEntries } from "../../../provider/session/knownEntries.ts";
import { accessPolicyNames } from "../../support/eks/accessPolicies.ts";
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

const viewPolicy = adminPolicy.replace("ClusterAdmin", "View");

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

  it("are read ahead, as many as were asked for: one costs one more, and many do not wait for each other", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 120);
    const known = new KnownEntries(world.api);
    await known.find(arns[0] ?? "");
    await vi.waitFor(() => expect(operations(world).length).toBeGreaterThan(2));
    expect(operations(world).filter((name) => name === "DescribeAccessEntry").length).toBeLessThanOrEqual(2);
    for (const arn of arns) {
      expect(await known.find(arn)).toMatchObject([{ principalArn: arn }]);
    }
    expect(world.aws.mostAtOnce).toBeLessThanOrEqual(8);
  });

  it("are asked for their policies as long as they are few, and from then on only if a list says that they have any", async () => {
    const world = await entriesWorld();
    const { api } = world;
    const arns = await addEntries(world, 120);
    const [admin = "", viewer = ""] = arns.slice(100);
    await api.associate(admin, { policyArn: adminPolicy, scope: { type: "cluster" } });
    const namespaces = { type: "namespace", namespaces: ["dev"] } as const;
    await api.associate(viewer, { policyArn: viewPolicy, scope: namespaces });
    const known = new KnownEntries(api);
    for (const arn of arns.slice(0, 23)) {
      await known.find(arn);
    }
    expect(operations(world)).not.toContain("ListAccessPolicies");
    for (const arn of arns.slice(23)) {
      const policies = arn === admin ? [adminPolicy] : arn === viewer ? [viewPolicy] : [];
      expect((await known.find(arn)).map((entry) => entry.policies.map(({ policyArn }) => policyArn))).toEqual([
        policies,
      ]);
    }
    const counts = Object.groupBy(operations(world), (operation) => operation);
    expect(counts["DescribeAccessEntry"]).toHaveLength(120);
    expect(counts["ListAccessPolicies"]).toHaveLength(1);
    expect(counts["ListAccessEntries"]).toHaveLength(2 + accessPolicyNames.length);
    expect(counts["ListAssociatedAccessPolicies"]?.length).toBeLessThanOrEqual(2 * 24 + 2);
  });

  it("are asked for their policies one by one where the policies may not be listed", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 70);
    world.aws.permit(world.deployer, ["eks:Describe*", "eks:ListAccessEntries", "eks:ListAssociatedAccessPolicies"]);
    expect(await new KnownEntries(world.api).all()).toHaveLength(70);
    const counts = Object.groupBy(operations(world), (operation) => operation);
    expect(counts["ListAccessPolicies"]).toHaveLength(1);
    expect(counts["ListAssociatedAccessPolicies"]).toHaveLength(arns.length);
  });

  it("are no fewer where the list of policies fails", async () => {
    const world = await entriesWorld();
    await addEntries(world, 70);
    world.aws.before = ({ operation }) =>
      operation === "ListAccessPolicies" ? new AwsError("InvalidRequestException", 400, "no") : undefined;
    await expect(new KnownEntries(world.api).all()).rejects.toMatchObject({ code: "rejected" });
  });

  it("are listed by policy only where that saves calls", async () => {
    const world = await entriesWorld();
    await addEntries(world, 63);
    await new KnownEntries(world.api).all();
    expect(operations(world)).not.toContain("ListAccessPolicies");
  });

  it("that should have a policy are read again if no list says that they have, since lists may be late", async () => {
    const world = await entriesWorld();
    const { aws, api } = world;
    const [late = ""] = await addEntries(world, 70);
    const known = new KnownEntries(api);
    await known.all();
    await api.associate(late, { policyArn: adminPolicy, scope: { type: "cluster" } });
    expect(await known.find(late)).toMatchObject([{ policies: [] }]);
    aws.forgetCalls();
    expect(await known.find(late, true)).toMatchObject([{ policies: [{ policyArn: adminPolicy }] }]);
    expect(await known.find(late, true)).toMatchObject([{ policies: [{ policyArn: adminPolicy }] }]);
    expect(operations(world).toSorted()).toEqual(["DescribeAccessEntry", "ListAssociatedAccessPolicies"]);
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

  it("are waited for until they are in force: not where they are old, and no longer where a clock is wrong", async () => {
    const { api, clock } = await entriesWorld();
    const limits = { ...entryLimits };
    onTestFinished(() => void Object.assign(entryLimits, limits));
    clock.behind = 1_800_000;
    await api.create(says(), {});
    entryLimits.inForce = 600_000;
    await new KnownEntries(api).inForce(devArn);
    clock.behind = -3_600_000;
    await api.update(says({ username: "other" }));
    entryLimits.inForce = 20;
    const tell = vi.fn();
    await new KnownEntries(api, tell).inForce(devArn);
    expect(tell).toHaveBeenCalledWith(expect.stringContaining("waiting until EKS cluster"));
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
