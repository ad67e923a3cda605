import { DeleteAccessEntryCommand, ListAccessEntriesCommand, UpdateAccessEntryCommand } from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { associate, clusterName, createEntry, describeEntry, devArn, world } from "./world.ts";

const notFound = { name: "ResourceNotFoundException" };

describe("a change with a lag", () => {
  it("is not seen by any call before its time, and is there all the while", async () => {
    const { aws, clock, eks } = await world();
    aws.behaviour.lag = { milliseconds: 5_000 };
    await createEntry(eks);
    clock.now += 4_999;
    await expect(describeEntry(eks)).rejects.toMatchObject(notFound);
    await expect(associate(eks)).rejects.toMatchObject(notFound);
    expect((await eks.send(new ListAccessEntriesCommand({ clusterName }))).accessEntries).toEqual([]);
    await expect(createEntry(eks)).rejects.toMatchObject({ name: "ResourceInUseException" });
    expect(aws.entry(clusterName, devArn)).toBeDefined();
    clock.now += 1;
    expect(await describeEntry(eks)).toMatchObject({ principalArn: devArn });
  });

  it("is seen after so many looks at it", async () => {
    const { aws, eks } = await world();
    aws.behaviour.lag = { reads: 2 };
    await createEntry(eks);
    await expect(describeEntry(eks)).rejects.toMatchObject(notFound);
    await expect(describeEntry(eks)).rejects.toMatchObject(notFound);
    expect(await describeEntry(eks)).toMatchObject({ principalArn: devArn });
  });

  it("leaves what was there in sight: an update, and a delete", async () => {
    const { aws, clock, eks } = await world();
    await createEntry(eks, { username: "old" });
    clock.now += 1;
    aws.behaviour.lag = { milliseconds: 1_000 };
    await eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, username: "new" }));
    expect(await describeEntry(eks)).toMatchObject({ username: "old" });
    await eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn: devArn }));
    clock.now += 999;
    expect(await describeEntry(eks)).toMatchObject({ username: "old" });
    clock.now += 1;
    await expect(describeEntry(eks)).rejects.toMatchObject(notFound);
  });

  it("does not bring back what is deleted: a call that still sees an entry cannot change it", async () => {
    const { aws, clock, eks } = await world();
    await createEntry(eks);
    clock.now += 1_000;
    aws.behaviour.lag = { milliseconds: 1_000 };
    await eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn: devArn }));
    expect(await describeEntry(eks)).toMatchObject({ principalArn: devArn });
    await expect(associate(eks)).rejects.toMatchObject(notFound);
    expect(aws.entry(clusterName, devArn)).toBeUndefined();
  });

  it("is made from what is there, not from what is seen", async () => {
    const { aws, clock, eks } = await world();
    await createEntry(eks, { username: "old" });
    clock.now += 1_000;
    aws.behaviour.lag = { milliseconds: 1_000 };
    await eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, username: "new" }));
    await associate(eks);
    expect(aws.entry(clusterName, devArn)).toMatchObject({ username: "new", policies: [{}] });
  });

  it("has another one before the cluster's authenticator", async () => {
    const { aws, clock, eks } = await world();
    aws.behaviour.authenticatorLag = { milliseconds: 5_000 };
    await createEntry(eks, { username: "dev" });
    const dev = { principalArn: devArn };
    expect([await describeEntry(eks), aws.whoGetsIn(clusterName, dev)]).toMatchObject([{ username: "dev" }, undefined]);
    clock.now += 5_000;
    expect(aws.whoGetsIn(clusterName, dev)).toMatchObject({ username: "dev" });
  });
});
