import {
  CreateAccessEntryCommand,
  DeleteAccessEntryCommand,
  DescribeAccessEntryCommand,
  ListAccessEntriesCommand,
  ListAssociatedAccessPoliciesCommand,
  UpdateAccessEntryCommand,
} from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { account, associate, clusterName, createEntry, describeEntry, devArn, refusal, world } from "./world.ts";

const invalid = (message: string) => refusal("InvalidParameterException", 400, message);
const notFound = refusal(
  "ResourceNotFoundException",
  404,
  "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
);

describe("CreateAccessEntry", () => {
  it("gives back the entry, with the ARN of the role and its path, and an ARN of its own without", async () => {
    const { eks, clock } = await world();
    const made = await createEntry(eks, { username: "dev", kubernetesGroups: ["dev", "viewers"], tags: { a: "b" } });
    expect(made).toEqual({
      clusterName,
      principalArn: devArn,
      username: "dev",
      kubernetesGroups: ["dev", "viewers"],
      tags: { a: "b" },
      type: "STANDARD",
      accessEntryArn: expect.stringMatching(
        /^arn:aws:eks:eu-central-1:111122223333:access-entry\/prod\/role\/111122223333\/dev\/[0-9a-f-]{36}$/,
      ),
      createdAt: new Date(clock.now),
      modifiedAt: new Date(clock.now),
    });
    expect(await describeEntry(eks)).toEqual(made);
  });

  it.each([
    ["a role", "role/eng/dev", `arn:aws:sts::${account}:assumed-role/dev/{{SessionName}}`],
    ["a user", "user/people/joe", `arn:aws:iam::${account}:user/people/joe`],
  ])("names %s after its ARN where nothing else is given", async (_title, resource, username) => {
    const { aws, eks } = await world();
    const principalArn = `arn:aws:iam::${account}:${resource}`;
    if (aws.principals.find(principalArn) === undefined) {
      aws.principals.create(principalArn);
    }
    expect(await createEntry(eks, { principalArn })).toMatchObject({ username, kubernetesGroups: [] });
  });

  it("refuses a second entry for a principal", async () => {
    const { eks } = await world();
    await createEntry(eks);
    await expect(createEntry(eks)).rejects.toMatchObject(
      refusal("ResourceInUseException", 409, "The specified access entry resource is already in use on this cluster."),
    );
  });

  it("answers a repeated call as the first, and refuses another one with the same token", async () => {
    const { eks } = await world();
    const first = await createEntry(eks, { clientRequestToken: "t", username: "dev" });
    expect(await createEntry(eks, { clientRequestToken: "t", username: "dev" })).toEqual(first);
    await expect(createEntry(eks, { clientRequestToken: "t", username: "other" })).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
  });

  it.each([
    ["a role that does not exist", `arn:aws:iam::${account}:role/nobody`],
    ["a role without its path", `arn:aws:iam::${account}:role/dev`],
    ["another account's role of the name", "arn:aws:iam::444455556666:role/eng/dev"],
  ])("refuses %s", async (_title, principalArn) => {
    const { eks } = await world();
    await expect(createEntry(eks, { principalArn })).rejects.toMatchObject(
      invalid("The specified principalArn is invalid: invalid principal."),
    );
  });

  it("does not know a new role at once", async () => {
    const { aws, clock, eks } = await world();
    aws.behaviour.newPrincipalLag = 20_000;
    const principalArn = aws.principals.create(`arn:aws:iam::${account}:role/new`).arn;
    await expect(createEntry(eks, { principalArn })).rejects.toMatchObject({ name: "InvalidParameterException" });
    clock.now += 20_000;
    expect(await createEntry(eks, { principalArn })).toMatchObject({ principalArn });
  });

  it.each([
    ["a session", `arn:aws:sts::${account}:assumed-role/dev/jane`],
    ["an account", `arn:aws:iam::${account}:root`],
    ["a name", "dev"],
  ])("refuses %s as the principal", async (_title, principalArn) => {
    const { eks } = await world();
    await expect(createEntry(eks, { principalArn })).rejects.toMatchObject(
      invalid("The principalArn parameter format is not valid"),
    );
  });

  it("refuses a service-linked role", async () => {
    const { aws, eks } = await world();
    const principalArn = `arn:aws:iam::${account}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch`;
    aws.principals.create(principalArn);
    await expect(createEntry(eks, { principalArn })).rejects.toMatchObject(
      invalid("The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role"),
    );
  });

  it.each(["system:", "eks:", "aws:", "amazon:", "iam:"])("refuses usernames and groups with %s", async (prefix) => {
    const { eks } = await world();
    await expect(createEntry(eks, { username: `${prefix}x` })).rejects.toMatchObject(
      invalid(`The username must not begin with ${prefix}`),
    );
    await expect(createEntry(eks, { kubernetesGroups: ["dev", `${prefix}x`] })).rejects.toMatchObject(
      invalid(`The kubernetes group name ${prefix}x is invalid, it cannot start with ${prefix}`),
    );
  });

  it.each(["sts:x", "systems", "x:system:y"])("takes %s as a username and a group", async (name) => {
    const { eks } = await world();
    expect(await createEntry(eks, { username: name, kubernetesGroups: [name] })).toMatchObject({ username: name });
  });

  it.each([
    ["john{{SessionName}}", false],
    ["{{SessionName}}:john", false],
    ["john{{SessionNameRaw}}", false],
    [":john{{SessionName}}", true],
    ["jo:hn{{SessionName}}", true],
    ["sso:{{SessionNameRaw}}", true],
    ["john", true],
  ])("wants a colon before the name of the session: %s is fine: %s", async (username, isFine) => {
    const { eks } = await world();
    const made = await createEntry(eks, { username }).catch(({ name }: Error) => name);
    expect(made).toEqual(isFine ? expect.objectContaining({ username }) : "InvalidParameterException");
  });

  it("refuses an empty username and an empty group", async () => {
    const { eks } = await world();
    await expect(createEntry(eks, { username: "" })).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(createEntry(eks, { kubernetesGroups: [""] })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  it("refuses a type that there is not", async () => {
    const { eks } = await world();
    await expect(createEntry(eks, { type: "Standard" })).rejects.toMatchObject(
      invalid(
        "AccessEntry type must be one of [EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX, HYBRID_LINUX, EC2, HYPERPOD_LINUX, STANDARD]",
      ),
    );
  });

  it("refuses what it has refused in what it is asked first: names before the cluster, the cluster before its mode", async () => {
    const { aws, eks } = await world();
    aws.addCluster({ name: "old" });
    await expect(createEntry(eks, { clusterName: "gone", username: "eks:x" })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    await expect(createEntry(eks, { clusterName: "gone" })).rejects.toMatchObject(
      refusal("ResourceNotFoundException", 404, "No cluster found for name: gone."),
    );
    await expect(createEntry(eks, { clusterName: "old", principalArn: `${devArn}-nobody` })).rejects.toMatchObject({
      name: "InvalidRequestException",
    });
  });

  it("refuses more entries than a cluster may have", async () => {
    const { aws, eks } = await world();
    expect(aws.behaviour.mostEntries).toBe(3_000);
    aws.behaviour.mostEntries = 1;
    await createEntry(eks);
    const principalArn = aws.principals.create(`arn:aws:iam::${account}:role/one-more`).arn;
    await expect(createEntry(eks, { principalArn })).rejects.toMatchObject({
      name: "ResourceLimitExceededException",
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe("UpdateAccessEntry", () => {
  it("replaces everything: what is left out goes back to EKS's own", async () => {
    const { clock, eks } = await world();
    const made = await createEntry(eks, { username: "dev", kubernetesGroups: ["dev"], tags: { a: "b" } });
    clock.now += 1_000;
    const { accessEntry } = await eks.send(
      new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, kubernetesGroups: ["ops"] }),
    );
    const username = `arn:aws:sts::${account}:assumed-role/dev/{{SessionName}}`;
    expect(accessEntry).toEqual({ ...made, username, kubernetesGroups: ["ops"], modifiedAt: new Date(clock.now) });
    await eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, username: "dev" }));
    expect(await describeEntry(eks)).toMatchObject({ username: "dev", kubernetesGroups: [], tags: { a: "b" } });
  });

  it("keeps the rules of names", async () => {
    const { eks } = await world();
    await createEntry(eks);
    await expect(
      eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, username: "system:dev" })),
    ).rejects.toMatchObject(invalid("The username must not begin with system:"));
  });

  it("keeps the policies", async () => {
    const { aws, eks } = await world();
    await createEntry(eks);
    await associate(eks);
    await eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, username: "dev" }));
    expect(aws.entry(clusterName, devArn)?.policies).toHaveLength(1);
  });
});

describe("DeleteAccessEntry", () => {
  it("drops the entry and its policies", async () => {
    const { aws, eks } = await world();
    await createEntry(eks);
    await associate(eks);
    await eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn: devArn }));
    await expect(describeEntry(eks)).rejects.toMatchObject(notFound);
    await createEntry(eks);
    expect(aws.entry(clusterName, devArn)?.policies).toEqual([]);
  });

  it("leaves room for one of a service, and what a service makes leaves one that is there", async () => {
    const { aws, eks } = await world();
    await createEntry(eks, { username: "dev" });
    aws.addServiceEntry(clusterName, devArn, { type: "STANDARD", username: "theirs" });
    expect(await describeEntry(eks)).toMatchObject({ username: "dev" });
    await eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn: devArn }));
    aws.addServiceEntry(clusterName, devArn, { type: "STANDARD", username: "theirs" });
    expect(await describeEntry(eks)).toMatchObject({ username: "theirs" });
  });

  it("refuses a service-linked role's", async () => {
    const { aws, eks } = await world();
    const principalArn = `arn:aws:iam::${account}:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS`;
    aws.addServiceEntry(clusterName, principalArn, { type: "STANDARD", groups: ["eks:managed"] });
    await expect(eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    expect(await describeEntry(eks, principalArn)).toMatchObject({ kubernetesGroups: ["eks:managed"] });
  });
});

describe("an entry that is not there", () => {
  it.each([
    ["DescribeAccessEntry", new DescribeAccessEntryCommand({ clusterName, principalArn: devArn })],
    ["UpdateAccessEntry", new UpdateAccessEntryCommand({ clusterName, principalArn: devArn })],
    ["DeleteAccessEntry", new DeleteAccessEntryCommand({ clusterName, principalArn: devArn })],
  ])("is not found by %s", async (_title, command) => {
    const { eks } = await world();
    await expect(eks.send(command as DescribeAccessEntryCommand)).rejects.toMatchObject(notFound);
  });
});

describe("a cluster in mode CONFIG_MAP", () => {
  it.each([
    ["CreateAccessEntry", new CreateAccessEntryCommand({ clusterName: "old", principalArn: devArn })],
    ["DescribeAccessEntry", new DescribeAccessEntryCommand({ clusterName: "old", principalArn: devArn })],
    ["ListAccessEntries", new ListAccessEntriesCommand({ clusterName: "old" })],
    ["UpdateAccessEntry", new UpdateAccessEntryCommand({ clusterName: "old", principalArn: devArn })],
    ["DeleteAccessEntry", new DeleteAccessEntryCommand({ clusterName: "old", principalArn: devArn })],
    [
      "ListAssociatedAccessPolicies",
      new ListAssociatedAccessPoliciesCommand({ clusterName: "old", principalArn: devArn }),
    ],
  ])("refuses %s", async (_title, command) => {
    const { aws, eks } = await world();
    aws.addCluster({ name: "old" });
    await expect(eks.send(command as DescribeAccessEntryCommand)).rejects.toMatchObject(
      refusal(
        "InvalidRequestException",
        400,
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
      ),
    );
  });
});
