import { describe, expect, test } from "vitest";
import { entriesPlace } from "../../provider/lifecycle/places/entries.ts";
import { mapPlace } from "../../provider/lifecycle/places/map.ts";
import { ClusterSession } from "../../provider/session/session.ts";
import { AwsError } from "../support/eks/awsError.ts";
import { MemoryStore } from "../support/lifecycle/memoryStore.ts";
import {
  actions,
  admins,
  dev,
  editors,
  entryWorld,
  mine,
  ops,
  theirs,
  viewers,
} from "../support/lifecycle/placeWorlds.ts";
import { waitedTime } from "../support/waitedTime.ts";

type World = Awaited<ReturnType<typeof entryWorld>>;

const nodes = { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] };
const devArn = dev.principalArn ?? "";
const it = test.extend("world", () => entryWorld());

/** Denies operations of EKS. */
function deny({ aws }: World, ...operations: readonly string[]): void {
  const denied = new AwsError("AccessDeniedException", 403, "no");
  aws.before = ({ operation }) => (operations.includes(operation) ? denied : undefined);
}

describe("an administrator's access entry", () => {
  it("is deleted again if its policy is refused", async ({ world }) => {
    deny(world, "AssociateAccessPolicy");
    await expect(world.write(admins)).rejects.toMatchObject({ code: "accessDenied" });
    expect(world.stored(dev)).toEqual({ contents: [], claims: [] });
  });

  it("is reported if it can be neither completed nor deleted", async ({ world }) => {
    deny(world, "AssociateAccessPolicy", "DeleteAccessEntry");
    await expect(world.write(admins)).rejects.toThrow(
      /its access entry was created without the policy, and cannot be deleted: /,
    );
  });

  it("is created with its claim and then gets its policy, one entry at a time", async ({ world }) => {
    const run = world.place();
    await Promise.all([dev, ops].map((subject) => world.write(admins, { run, subject })));
    const calls = ["CreateAccessEntry", "AssociateAccessPolicy"];
    expect(world.written()).toEqual([...calls, ...calls]);
  });

  it("gains its rights before its groups change, and loses them after", async ({ world }) => {
    await world.put(dev, viewers, mine);
    await world.write({ ...admins, groups: ["a", "system:masters"] }, { previous: viewers });
    expect(world.written()).toEqual(["AssociateAccessPolicy", "UpdateAccessEntry"]);
    world.aws.forgetCalls();
    await world.write(viewers, { previous: viewers });
    expect(world.written()).toEqual(["UpdateAccessEntry", "DisassociateAccessPolicy"]);
  });
});

describe("adopting an access entry", () => {
  it("writes the claim before the content, and keeps the access policies of others", async ({ world }) => {
    await world.put(dev, editors, theirs);
    const view = { policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy" };
    await world.api.associate(devArn, { ...view, scope: { type: "namespace", namespaces: ["dev"] } });
    world.aws.forgetCalls();
    await world.write(viewers, { adopt: true });
    expect(world.written()).toEqual(["TagResource", "UpdateAccessEntry"]);
    expect(world.aws.entry("prod", devArn)?.policies).toMatchObject([view]);
  });

  it("is not deleted while others have access policies on it", async ({ world }) => {
    await world.put(dev, viewers, mine);
    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
    await world.api.associate(devArn, { policyArn, scope: { type: "cluster" } });
    expect(await world.release(viewers)).toMatchObject({ kind: "refused", code: "policies" });
    expect(world.aws.entry("prod", devArn)?.policies).toMatchObject([{ policyArn }]);
  });

  it.for([
    [{ type: "HYBRID_LINUX" }, "mappings do not support its type HYBRID_LINUX"],
    [
      { type: "STANDARD", username: "dev", groups: ["eks:internal"] },
      'group "eks:internal" starts with "eks:", which EKS refuses in access entries',
    ],
  ] as const)("is refused if no mapping can have its content: %j", async ([entry, foreign], { world }) => {
    world.aws.addServiceEntry("prod", devArn, entry);
    expect(await world.place().observe(dev)).toMatchObject({ foreign });
    expect(await world.write(viewers, { adopt: true })).toMatchObject({ kind: "refused", code: "foreign" });
    expect(world.written()).toEqual([]);
  });

  it("is refused if EKS created it for a managed node group, or may have created it", async ({ world }) => {
    world.aws.addNodegroup("prod", { nodegroupName: "main", nodeRole: devArn });
    const foreign = "EKS created it for a managed node group";
    expect(await world.place().observe(dev)).toMatchObject({ entries: [{ content: nodes }], foreign });
    deny(world, "ListNodegroups");
    expect((await world.place().observe(dev)).foreign).toMatch(
      /^EKS may have created it for a managed node group; checking this failed: .*eks:ListNodegroups/s,
    );
  });

  it("is possible for self-managed nodes", async ({ world }) => {
    world.aws.addServiceEntry("prod", devArn, { type: "EC2_LINUX" });
    expect(await world.write(nodes, { adopt: true })).toMatchObject({ kind: "claim" });
    expect(world.written()).toEqual(["TagResource"]);
    expect(await world.release(nodes)).toMatchObject({ kind: "remove" });
  });

  it("never changes the type", async ({ world }) => {
    await world.put(dev, viewers, mine);
    await expect(world.write(nodes, { previous: viewers })).rejects.toThrow(
      `access entry for ${devArn} has type STANDARD, which EKS cannot change to EC2_LINUX; remove the mapping, run "pulumi up", then add it again`,
    );
    expect(world.written()).toEqual([]);
  });
});

describe("the username of an access entry", () => {
  const username = "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}";
  const groups = ["viewers"];

  it("is empty if it is the default of EKS", async ({ world }) => {
    await world.write({ username: "", groups });
    expect(world.stored(dev).contents).toEqual([{ username, groups }]);
    expect((await world.place().observe(dev)).entries).toMatchObject([{ content: { username: "" } }]);
  });

  it("is that default if an emulator of EKS shows none", async ({ world: { aws, ...world } }) => {
    aws.after = async ({ operation }) => {
      Object.assign((operation === "CreateAccessEntry" && aws.entry("prod", devArn)) || {}, { username: "" });
      return undefined;
    };
    await world.write({ username: "", groups });
    expect(world.stored(dev).contents).toEqual([{ username: "", groups }]);
    expect((await world.place().observe(dev)).entries).toMatchObject([{ content: { username: "" } }]);
    expect(await world.write({ username: "", groups })).toMatchObject({ kind: "same" });
  });

  it("is returned if the program sets the default explicitly", async ({ world }) => {
    const subject = { ...dev, username };
    await world.write({ username, groups }, { subject });
    expect((await world.place().observe(subject)).entries).toMatchObject([{ content: { username } }]);
  });
});

describe("a place on an eventually consistent EKS", () => {
  it("waits until reads return what was written", async ({ world }) => {
    world.aws.behaviour.lag = { reads: 4 };
    const run = world.place();
    await world.write(viewers, { run });
    expect(await run.observe(dev)).toMatchObject({ entries: [{ content: viewers }], claims: [mine] });
    await world.write(editors, { run, previous: viewers });
    expect(await run.observe(dev)).toMatchObject({ entries: [{ content: editors }] });
    await world.release(editors, { run });
    expect(await run.observe(dev)).toMatchObject({ entries: [] });
    expect(world.stored(dev).contents).toEqual([]);
  });

  it("releases an entry that its list does not have yet", async ({ world }) => {
    const run = world.place();
    await run.observe(dev);
    await world.put(dev, viewers, mine);
    expect(await world.release(viewers, { run })).toMatchObject({ kind: "remove" });
    expect(world.stored(dev).contents).toEqual([]);
  });

  it("does not remove an entry whose claim is not visible yet", async ({ world }) => {
    await world.put(dev, viewers);
    world.aws.behaviour.lag = { milliseconds: 100 };
    await world.take(dev, theirs);
    expect(await world.release(viewers)).toMatchObject({ kind: "nothing", notes: [{ kind: "ownedByOthers" }] });
    expect(world.stored(dev).contents).toEqual([viewers]);
  });

  it("removes an entry that still has no claim after the wait", async ({ world }) => {
    await world.put(dev, viewers);
    expect(await world.release(viewers)).toMatchObject({ kind: "remove" });
  });

  it("fails a release if the entry cannot be read", async ({ world }) => {
    await world.put(dev, viewers, mine);
    deny(world, "DescribeAccessEntry");
    await expect(world.release(viewers)).rejects.toMatchObject({ code: "accessDenied" });
    expect(world.stored(dev).contents).toEqual([viewers]);
  });
});

it("creates an entry again that another writer deletes while this run writes it", async ({ world }) => {
  await world.put(dev, editors, mine);
  world.aws.after = async ({ operation }) => {
    if (operation === "UpdateAccessEntry") {
      world.aws.after = undefined;
      await world.api.delete(devArn);
    }
    return undefined;
  };
  expect(await world.write(viewers, { previous: editors })).toMatchObject({ kind: "add", drift: { kind: "gone" } });
  expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [mine] });
});

it("ignores the dead access entry of a role that was created again under another path", async ({ world }) => {
  await world.put(dev, editors);
  world.aws.principals.delete(devArn);
  const principalArn = world.aws.principals.create(devArn.replace("/eng/", "/team/")).arn;
  const moved = { ...dev, principalArn };
  await expect(world.write(viewers, { subject: moved })).resolves.toMatchObject({ kind: "add" });
  expect(world.aws.entries("prod").map((entry) => entry.principalArn)).toEqual([devArn, principalArn]);
});

it("creates its own dead access entry again under the new path of the role", async ({ world }) => {
  await world.write(viewers);
  world.aws.principals.delete(devArn);
  const principalArn = world.aws.principals.create(devArn.replace("/eng/", "/team/")).arn;
  const moved = { ...dev, principalArn };
  await expect(world.write(viewers, { subject: moved, previous: viewers })).resolves.toMatchObject({
    restores: "entry",
  });
  expect(world.aws.entries("prod").map((entry) => entry.principalArn)).toEqual([principalArn]);
});

it("requests the path of a role that EKS refuses without it", async ({ world }) => {
  await expect(world.write(viewers, { subject: { ...dev, principalArn: undefined } })).rejects.toThrow(
    "the ARN of a role includes its path",
  );
});

it("returns no entries on a cluster in mode CONFIG_MAP, and lists none", async ({ world }) => {
  world.aws.cluster("prod").mode = "CONFIG_MAP";
  world.aws.forgetCalls();
  expect(await world.place().observe(dev)).toEqual({ entries: [], claims: [] });
  expect(world.aws.operations).toEqual(["DescribeCluster"]);
});

test("refuses a cluster that is not an EKS cluster", async () => {
  const place = entriesPlace(new ClusterSession(new MemoryStore(), "prod"));
  await expect(place.observe(dev)).rejects.toMatchObject({ code: "invalidInput" });
});

it("keeps an entry of the map until the access entry has been in force for thirty seconds", async ({ world }) => {
  const clock = waitedTime();
  const session = world.session();
  const map = actions("map", () => mapPlace(session));
  await map.write(viewers);
  await world.write(viewers, { run: entriesPlace(session) });
  const timed = async () => {
    const start = clock.milliseconds;
    await map.release(viewers);
    return clock.milliseconds - start;
  };
  expect([await timed(), await timed()]).toEqual([30_000, 0]);
});
