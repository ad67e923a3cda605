import { UpdateAccessEntryCommand } from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { clusterName, createEntry, devArn, refusal, world } from "./world.ts";

const invalid = (message: string) => refusal("InvalidParameterException", 400, message);

describe("an entry of a node", () => {
  const types = "[EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX, HYBRID_LINUX, EC2]";

  it.each([
    ["EC2_LINUX", "system:node:{{EC2PrivateDNSName}}", ["system:nodes"]],
    ["EC2_WINDOWS", "system:node:{{EC2PrivateDNSName}}", ["eks:kube-proxy-windows", "system:nodes"]],
    ["FARGATE_LINUX", "system:node:{{SessionName}}", ["system:node-proxier", "system:nodes"]],
    ["HYBRID_LINUX", "system:node:{{SessionName}}", ["system:nodes"]],
  ])("of type %s has the username and groups that EKS gives it", async (type, username, kubernetesGroups) => {
    const { eks } = await world();
    expect(await createEntry(eks, { type })).toMatchObject({ type, username, kubernetesGroups });
  });

  it("takes no username and no groups", async () => {
    const { eks } = await world();
    await expect(createEntry(eks, { type: "EC2_LINUX", username: "node" })).rejects.toMatchObject(
      invalid('The specified username is invalid: setting username is not allowed when the type is "EC2_LINUX"'),
    );
    await expect(createEntry(eks, { type: "EC2_LINUX", kubernetesGroups: ["nodes"] })).rejects.toMatchObject(
      invalid(
        'The specified kubernetesGroups is invalid: setting kubernetesGroups is not allowed when the type is "EC2_LINUX"',
      ),
    );
  });

  it("is a role's", async () => {
    const { deployer, eks } = await world();
    await expect(createEntry(eks, { type: "EC2_LINUX", principalArn: deployer.arn })).rejects.toMatchObject(
      invalid(`AccessEntry principalArn must be IAM role when using types ${types}`),
    );
  });

  it("is of the cluster's own account, unlike others", async () => {
    const { aws, eks } = await world();
    const principalArn = aws.principals.create("arn:aws:iam::444455556666:role/node").arn;
    await expect(createEntry(eks, { type: "FARGATE_LINUX", principalArn })).rejects.toMatchObject(
      invalid(`AccessEntry principalArn must be from the same account as the cluster when using types ${types}`),
    );
    expect(await createEntry(eks, { principalArn })).toMatchObject({ principalArn });
  });

  it("cannot be updated", async () => {
    const { eks } = await world();
    await createEntry(eks, { type: "EC2_LINUX" });
    await expect(
      eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, kubernetesGroups: [] })),
    ).rejects.toMatchObject(
      invalid('This operation can only be performed on Access Entries with a type of "STANDARD".'),
    );
  });
});
