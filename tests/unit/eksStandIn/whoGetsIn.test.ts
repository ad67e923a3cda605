import { DeleteAccessEntryCommand, UpdateAccessEntryCommand } from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { account, adminPolicy, associate, clusterName, createEntry, devArn, world } from "./world.ts";

const dev = { principalArn: devArn, sessionName: "jane@example.com" };
const awsAuth = () => ({ username: "mapped", groups: ["system:masters"] });
const byAwsAuth = { by: "aws-auth", username: "mapped", groups: ["system:masters"], policies: [] };

describe("who gets into a cluster", () => {
  it("is who has an entry, before aws-auth, with its policies", async () => {
    const { aws, eks } = await world();
    expect(aws.whoGetsIn(clusterName, dev)).toBeUndefined();
    expect(aws.whoGetsIn(clusterName, dev, awsAuth)).toEqual(byAwsAuth);
    await createEntry(eks, { username: "dev:{{SessionName}}", kubernetesGroups: ["viewers", "dev"] });
    await associate(eks);
    expect(aws.whoGetsIn(clusterName, dev, awsAuth)).toEqual({
      by: "access entry",
      username: "dev:jane-example.com",
      groups: ["dev", "viewers"],
      policies: [{ policyArn: adminPolicy, accessScope: { type: "cluster", namespaces: [] } }],
    });
    await eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn: devArn }));
    expect(aws.whoGetsIn(clusterName, dev, awsAuth)).toEqual(byAwsAuth);
  });

  it("is only by aws-auth in mode CONFIG_MAP, and only by entries in mode API", async () => {
    const { aws } = await world();
    aws.addCluster({ name: "old" });
    aws.addServiceEntry("old", devArn, { type: "STANDARD" });
    aws.addCluster({ name: "new", authenticationMode: "API" });
    expect(aws.whoGetsIn("old", dev, awsAuth)).toEqual(byAwsAuth);
    expect(aws.whoGetsIn("new", dev, awsAuth)).toBeUndefined();
  });

  it("is not who was made again under the ARN of an entry: that is dead", async () => {
    const { aws, eks } = await world();
    await createEntry(eks, { username: "dev" });
    aws.principals.recreate(devArn);
    expect(aws.whoGetsIn(clusterName, dev)).toBeUndefined();
    expect(aws.whoGetsIn(clusterName, dev, awsAuth)).toEqual(byAwsAuth);
    await expect(createEntry(eks)).rejects.toMatchObject({ name: "ResourceInUseException" });
    await eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, username: "other" }));
    expect(aws.whoGetsIn(clusterName, dev)).toBeUndefined();
    await eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn: devArn }));
    await createEntry(eks, { username: "dev" });
    expect(aws.whoGetsIn(clusterName, dev)).toMatchObject({ username: "dev" });
  });

  it("is no identity that does not exist", async () => {
    const { aws, eks } = await world();
    await createEntry(eks);
    aws.principals.delete(devArn);
    expect(aws.whoGetsIn(clusterName, dev, awsAuth)).toBeUndefined();
  });

  it("keeps the name of a session as it is where that is asked for, and other templates", async () => {
    const { aws, eks } = await world();
    await createEntry(eks, { username: "{{AccountID}}:{{SessionNameRaw}}" });
    expect(aws.whoGetsIn(clusterName, dev)).toMatchObject({ username: "{{AccountID}}:jane@example.com" });
  });

  it("is a node by its own name, with the groups that nodes need", async () => {
    const { aws, eks } = await world();
    await createEntry(eks, { type: "EC2_LINUX" });
    expect(aws.whoGetsIn(clusterName, { principalArn: devArn, privateDnsName: "ip-1" })).toMatchObject({
      username: "system:node:ip-1",
      groups: ["system:bootstrappers", "system:nodes"],
    });
  });

  it("is the creator, unseen in mode CONFIG_MAP and by an entry later", async () => {
    const { aws } = await world();
    const creator = aws.principals.create(`arn:aws:iam::${account}:role/creator`).arn;
    aws.addCluster({ name: "old", creator });
    aws.addCluster({ name: "new", creator, authenticationMode: "API" });
    const visitor = { principalArn: creator };
    expect(aws.whoGetsIn("old", visitor)).toMatchObject({ by: "cluster creator", groups: ["system:masters"] });
    expect(aws.whoGetsIn("new", visitor)).toMatchObject({ by: "access entry", policies: [{ policyArn: adminPolicy }] });
  });
});
