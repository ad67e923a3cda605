import {
  DeleteAccessEntryCommand,
  ListAccessEntriesCommand,
  ListNodegroupsCommand,
  paginateListAccessEntries,
} from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { account, clusterName, createEntry, devArn, world as emptyWorld } from "./world.ts";

/** Roles with an entry each. */
async function world(count: number) {
  const all = await emptyWorld();
  const arns = Array.from({ length: count }, (_, index) => `arn:aws:iam::${account}:role/role-${index}`);
  for (const principalArn of arns) {
    all.aws.principals.create(principalArn);
    await createEntry(all.eks, { principalArn });
  }
  return { ...all, arns };
}

describe("a list", () => {
  it("has at most 100 entries a page, and all of them on all pages", async () => {
    const { arns, eks } = await world(101);
    const pages: (readonly string[])[] = [];
    for await (const { accessEntries = [] } of paginateListAccessEntries({ client: eks }, { clusterName })) {
      pages.push(accessEntries);
    }
    expect(pages.map(({ length }) => length)).toEqual([100, 1]);
    expect(pages.flat().toSorted()).toEqual(arns.toSorted());
  });

  it("has as many a page as are asked for, and no token on the last", async () => {
    const { arns, eks } = await world(3);
    const first = await eks.send(new ListAccessEntriesCommand({ clusterName, maxResults: 2 }));
    const { nextToken } = first;
    const second = await eks.send(new ListAccessEntriesCommand({ clusterName, maxResults: 2, nextToken }));
    expect([first.accessEntries?.length, second.accessEntries?.length, second.nextToken]).toEqual([2, 1, undefined]);
    expect([...(first.accessEntries ?? []), ...(second.accessEntries ?? [])].toSorted()).toEqual(arns);
  });

  it.each([0, 101])("refuses a page of %i", async (maxResults) => {
    const { eks } = await emptyWorld();
    await expect(eks.send(new ListAccessEntriesCommand({ clusterName, maxResults }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  it("loses and repeats nothing where an entry goes between two pages", async () => {
    const { arns, eks } = await world(4);
    const first = await eks.send(new ListAccessEntriesCommand({ clusterName, maxResults: 2 }));
    const [principalArn = ""] = first.accessEntries ?? [];
    await eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn }));
    const { nextToken } = first;
    const second = await eks.send(new ListAccessEntriesCommand({ clusterName, nextToken }));
    expect([...(first.accessEntries ?? []), ...(second.accessEntries ?? [])].toSorted()).toEqual(arns);
  });

  it("refuses a token of another list, and one that it never gave", async () => {
    const { aws, eks } = await world(2);
    aws.addCluster({ name: "other", authenticationMode: "API" });
    const { nextToken } = await eks.send(new ListAccessEntriesCommand({ clusterName, maxResults: 1 }));
    for (const list of [
      new ListAccessEntriesCommand({ clusterName: "other", nextToken }),
      new ListAccessEntriesCommand({ clusterName, nextToken: devArn }),
    ]) {
      await expect(eks.send(list)).rejects.toMatchObject({ name: "InvalidParameterException" });
    }
  });

  it("of node groups has pages as well", async () => {
    const { aws, eks } = await emptyWorld();
    for (const nodegroupName of ["a", "b"]) {
      aws.addNodegroup(clusterName, { nodegroupName, nodeRole: devArn });
    }
    const { nodegroups, nextToken } = await eks.send(new ListNodegroupsCommand({ clusterName, maxResults: 1 }));
    const next = await eks.send(new ListNodegroupsCommand({ clusterName, nextToken }));
    expect([nodegroups, next.nodegroups]).toEqual([["a"], ["b"]]);
  });
});
