import { beforeEach, describe, expect, it } from "vitest";
import { entriesPlace } from "../../provider/lifecycle/places/entries.ts";
import { mapPlace } from "../../provider/lifecycle/places/map.ts";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { ClusterSession, Declarations } from "../../provider/session/session.ts";
import { AwsError } from "../support/eks/awsError.ts";
import { MemoryStore } from "../unit/session/memoryStore.ts";
import {
  admins,
  decideHere,
  dev,
  editors,
  entrySession,
  entryWorld,
  me,
  mine,
  ops,
  releaseHere,
  theirs,
  viewers,
} from "./placeWorlds.ts";

type World = Awaited<ReturnType<typeof entryWorld>>;

const nodes = { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] };
const devArn = dev.principalArn ?? "";
const denied = new AwsError("AccessDeniedException", 403, "no");

const written = ({ aws }: World) =>
  aws.calls.map(({ operation }) => operation).filter((operation) => !/^(Describe|List|Get)/.test(operation));
const add = (world: World, content = viewers, subject = dev) =>
  world.place().write(subject, me, decideHere("entries", content), undefined);

beforeEach(() => {
  const limits = { ...entryLimits };
  entryLimits.shown = { total: 5_000, first: 5, most: 20 };
  entryLimits.claimed = { total: 300, first: 5, most: 20 };
  return () => void Object.assign(entryLimits, limits);
});

describe("an administrator's access entry", () => {
  it("is created with its claim, then gets its policy", async () => {
    const world = await entryWorld();
    await add(world, admins);
    expect(written(world)).toEqual(["CreateAccessEntry", "AssociateAccessPolicy"]);
  });

  it("is deleted again if its policy is refused", async () => {
    const world = await entryWorld();
    world.aws.before = ({ operation }) => (operation === "AssociateAccessPolicy" ? denied : undefined);
    await expect(add(world, admins)).rejects.toMatchObject({ code: "accessDenied" });
    expect(world.stored(dev)).toEqual({ contents: [], claims: [] });
  });

  it("is named if it can be neither completed nor deleted", async () => {
    const world = await entryWorld();
    world.aws.before = ({ operation }) =>
      operation === "AssociateAccessPolicy" || operation === "DeleteAccessEntry" ? denied : undefined;
    await expect(add(world, admins)).rejects.toThrow(
      /its access entry is there without the policy, so it gives no rights: /,
    );
  });

  it("is made in a queue of one", async () => {
    const world = await entryWorld();
    const place = world.place();
    await Promise.all([
      place.write(dev, me, decideHere("entries", admins), undefined),
      place.write(ops, me, decideHere("entries", admins), undefined),
    ]);
    expect(written(world)).toEqual([
      "CreateAccessEntry",
      "AssociateAccessPolicy",
      "CreateAccessEntry",
      "AssociateAccessPolicy",
    ]);
  });

  it("keeps its rights until it has its new groups, and loses them after", async () => {
    const world = await entryWorld();
    await world.put(dev, viewers, mine);
    await world
      .place()
      .write(
        dev,
        me,
        decideHere("entries", { ...admins, groups: ["a", "system:masters"] }, { previous: viewers }),
        undefined,
      );
    expect(written(world)).toEqual(["AssociateAccessPolicy", "UpdateAccessEntry"]);
    world.aws.forgetCalls();
    await world.place().write(dev, me, decideHere("entries", viewers, { previous: viewers }), undefined);
    expect(written(world)).toEqual(["UpdateAccessEntry", "DisassociateAccessPolicy"]);
  });
});

describe("an access entry that is taken over", () => {
  it("gets the claim before the content", async () => {
    const world = await entryWorld();
    await world.put(dev, editors, theirs);
    await world.place().write(dev, me, decideHere("entries", viewers, { adopt: true }), undefined);
    expect(written(world)).toEqual(["TagResource", "UpdateAccessEntry"]);
  });

  it("keeps the access policies of others", async () => {
    const world = await entryWorld();
    await world.put(dev, editors, theirs);
    const view = { policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy" };
    await world.api.associate(devArn, { ...view, scope: { type: "namespace", namespaces: ["dev"] } });
    await world.place().write(dev, me, decideHere("entries", viewers, { adopt: true }), undefined);
    expect(world.aws.entry("prod", devArn)?.policies).toMatchObject([view]);
  });

  it("is refused, also with adopt, if no mapping has its type", async () => {
    const world = await entryWorld();
    world.aws.addServiceEntry("prod", devArn, { type: "HYBRID_LINUX" });
    const seen = await world.place().observe(dev);
    expect(seen).toEqual({ entries: [], claims: [], foreign: "no mapping has its type HYBRID_LINUX" });
    const decision = await world.place().write(dev, me, decideHere("entries", viewers, { adopt: true }), undefined);
    expect(decision).toMatchObject({ kind: "refused", code: "foreign" });
  });

  it("is refused if no mapping may have its groups", async () => {
    const world = await entryWorld();
    world.aws.addServiceEntry("prod", devArn, { type: "STANDARD", username: "dev", groups: ["eks:internal"] });
    const { foreign } = await world.place().observe(dev);
    expect(foreign).toBe('group "eks:internal" begins with "eks:", which EKS refuses in an access entry');
  });

  it("is refused if EKS made it for a managed node group, or may have made it", async () => {
    const world = await entryWorld();
    world.aws.addNodegroup("prod", { nodegroupName: "main", nodeRole: devArn });
    expect(await world.place().observe(dev)).toMatchObject({
      entries: [{ content: nodes }],
      foreign: "EKS made it for a managed node group",
    });
    world.aws.before = ({ operation }) => (operation === "ListNodegroups" ? denied : undefined);
    const { foreign } = await world.place().observe(dev);
    expect(foreign).toMatch(/^EKS may have made it for a managed node group, which is unknown: .*eks:ListNodegroups/s);
  });

  it("may be that of self-managed nodes", async () => {
    const world = await entryWorld();
    world.aws.addServiceEntry("prod", devArn, { type: "EC2_LINUX" });
    const decision = await world.place().write(dev, me, decideHere("entries", nodes, { adopt: true }), undefined);
    expect(decision).toMatchObject({ kind: "claim" });
    expect(written(world)).toEqual(["TagResource"]);
    const release = await world.place().release(dev, releaseHere("entries", nodes), undefined);
    expect(release).toMatchObject({ kind: "remove" });
  });

  it("does not change its type", async () => {
    const world = await entryWorld();
    await world.put(dev, viewers, mine);
    const change = world.place().write(dev, me, decideHere("entries", nodes, { previous: viewers }), undefined);
    await expect(change).rejects.toThrow(
      `access entry of ${devArn} has the type STANDARD, which EKS never changes, and the mapping needs EC2_LINUX; remove the mapping, run "pulumi up", and add it again`,
    );
    expect(written(world)).toEqual([]);
  });
});

describe("the username of an access entry", () => {
  const name = "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}";

  it("counts as left out if EKS gave it", async () => {
    const world = await entryWorld();
    await add(world, { groups: ["viewers"] });
    expect(world.stored(dev).contents).toEqual([{ username: name, groups: ["viewers"] }]);
    expect((await world.place().observe(dev)).entries).toMatchObject([{ content: { username: undefined } }]);
  });

  it("counts as given if the program gives the same one", async () => {
    const world = await entryWorld();
    const subject = { ...dev, username: name };
    await add(world, { username: name, groups: ["viewers"] }, subject);
    expect((await world.place().observe(subject)).entries).toMatchObject([{ content: { username: name } }]);
  });
});

describe("an EKS that shows changes late", () => {
  it("is waited for, so that the next step relies on what was written", async () => {
    const world = await entryWorld();
    world.aws.behaviour.lag = { reads: 4 };
    const place = world.place();
    await place.write(dev, me, decideHere("entries", viewers), undefined);
    expect(await place.observe(dev)).toMatchObject({ entries: [{ content: viewers }], claims: [mine] });
    await place.write(dev, me, decideHere("entries", editors, { previous: viewers }), undefined);
    expect(await place.observe(dev)).toMatchObject({ entries: [{ content: editors }] });
    await place.release(dev, releaseHere("entries", editors), undefined);
    expect(await place.observe(dev)).toMatchObject({ entries: [] });
    expect(world.stored(dev).contents).toEqual([]);
  });

  it("does not make a release leave an entry that its list does not have yet", async () => {
    const world = await entryWorld();
    const run = world.place();
    await run.observe(dev);
    await world.put(dev, viewers, mine);
    expect(await run.release(dev, releaseHere("entries", viewers), undefined)).toMatchObject({ kind: "remove" });
    expect(world.stored(dev).contents).toEqual([]);
  });

  it("does not make a release remove an entry whose claim it does not show yet", async () => {
    const world = await entryWorld();
    await world.put(dev, viewers);
    world.aws.behaviour.lag = { milliseconds: 100 };
    await world.take(dev, theirs);
    const release = await world.place().release(dev, releaseHere("entries", viewers), undefined);
    expect(release).toMatchObject({ kind: "nothing", notes: [{ kind: "ownedByOthers" }] });
    expect(world.stored(dev).contents).toEqual([viewers]);
  });

  it("removes an entry that still has no claim after a while", async () => {
    const world = await entryWorld();
    await world.put(dev, viewers);
    const release = await world.place().release(dev, releaseHere("entries", viewers), undefined);
    expect(release).toMatchObject({ kind: "remove" });
  });

  it("makes a release fail if it cannot be read", async () => {
    const world = await entryWorld();
    await world.put(dev, viewers, mine);
    world.aws.before = ({ operation }) => (operation === "DescribeAccessEntry" ? denied : undefined);
    const release = world.place().release(dev, releaseHere("entries", viewers), undefined);
    await expect(release).rejects.toMatchObject({ code: "accessDenied" });
    expect(world.stored(dev).contents).toEqual([viewers]);
  });
});

describe("another writer meanwhile", () => {
  it("who creates the entry makes this run decide again", async () => {
    const world = await entryWorld();
    const run = world.place();
    await run.observe(dev);
    await world.put(dev, editors, theirs);
    const decision = await run.write(dev, me, decideHere("entries", viewers), undefined);
    expect(decision).toMatchObject({ kind: "refused", code: "mapped", claims: [theirs] });
  });

  it("who deletes the entry while this run writes it makes this run create it again", async () => {
    const world = await entryWorld();
    await world.put(dev, editors, mine);
    let isDeleted = false;
    world.aws.after = async ({ operation }) => {
      if (operation === "UpdateAccessEntry" && !isDeleted) {
        isDeleted = true;
        await world.api.delete(devArn);
      }
      return undefined;
    };
    const decision = await world
      .place()
      .write(dev, me, decideHere("entries", viewers, { previous: editors }), undefined);
    expect(decision).toMatchObject({ kind: "add", drift: { kind: "gone" } });
    expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [mine] });
  });
});

it("asks for the path of a role that EKS refuses without it", async () => {
  const world = await entryWorld();
  const { principalArn: _path, ...subject } = dev;
  await expect(add(world, viewers, subject)).rejects.toThrow("the ARN of a role needs its path");
});

it("has no entries on a cluster in mode CONFIG_MAP, and asks EKS for none", async () => {
  const world = await entryWorld();
  world.aws.cluster("prod").mode = "CONFIG_MAP";
  world.aws.forgetCalls();
  expect(await world.place().observe(dev)).toEqual({ entries: [], claims: [] });
  expect(world.aws.calls.map(({ operation }) => operation)).toEqual(["DescribeCluster"]);
});

it("refuses a cluster that is not named as one of EKS", async () => {
  const place = entriesPlace(new ClusterSession(new MemoryStore(), new Declarations()));
  await expect(place.observe(dev)).rejects.toMatchObject({ code: "invalidInput" });
});

it("does not take an entry out of the map before the access entry has been in force for ten seconds", async () => {
  const world = await entryWorld();
  entryLimits.inForce = 200;
  const session = entrySession(world.api);
  await mapPlace(session).write(dev, me, decideHere("map", viewers), undefined);
  await entriesPlace(session).write(dev, me, decideHere("entries", viewers), undefined);
  const timed = async () => {
    const start = performance.now();
    await mapPlace(session).release(dev, releaseHere("map", viewers), undefined);
    return performance.now() - start;
  };
  const first = await timed();
  expect(first).toBeGreaterThan(150);
  // A slow machine takes as long for the rest of both.
  expect(await timed()).toBeLessThan(first - 100);
});
