import {
  AssociateAccessPolicyCommand,
  DisassociateAccessPolicyCommand,
  ListAssociatedAccessPoliciesCommand,
} from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import {
  account,
  adminPolicy,
  associate,
  clusterName,
  createEntry,
  devArn,
  refusal,
  viewPolicy,
  world,
} from "./world.ts";

const invalid = (message: string) => refusal("InvalidParameterException", 400, message);
const associated = new ListAssociatedAccessPoliciesCommand({ clusterName, principalArn: devArn });

function associateScoped(accessScope: object) {
  const input = { clusterName, principalArn: devArn, policyArn: viewPolicy, accessScope };
  return new AssociateAccessPolicyCommand(input);
}

describe("AssociateAccessPolicy", () => {
  it("gives an entry a policy for the cluster or for namespaces, and another scope at the second time", async () => {
    const { clock, eks } = await world();
    await createEntry(eks);
    const associatedAt = new Date(clock.now);
    const cluster = { type: "cluster", namespaces: [] };
    expect(await associate(eks)).toMatchObject({
      clusterName,
      principalArn: devArn,
      associatedAccessPolicy: { policyArn: adminPolicy, accessScope: cluster, associatedAt, modifiedAt: associatedAt },
    });
    await eks.send(associateScoped({ type: "cluster" }));
    clock.now += 1_000;
    const accessScope = { type: "namespace", namespaces: ["a", "b"] };
    await eks.send(associateScoped(accessScope));
    expect(await eks.send(associated)).toMatchObject({
      associatedAccessPolicies: [
        { policyArn: adminPolicy, accessScope: cluster },
        { policyArn: viewPolicy, accessScope, associatedAt, modifiedAt: new Date(clock.now) },
      ],
    });
  });

  it("makes the entry a changed one", async () => {
    const { aws, clock, eks } = await world();
    await createEntry(eks);
    clock.now += 1_000;
    await associate(eks);
    expect(aws.entry(clusterName, devArn)).toMatchObject({ modifiedAt: clock.now });
  });

  it("refuses an entry that is not there", async () => {
    const { eks } = await world();
    await expect(associate(eks)).rejects.toMatchObject(
      refusal(
        "ResourceNotFoundException",
        404,
        "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
      ),
    );
  });

  it.each([
    "arn:aws:eks::aws:cluster-access-policy/AmazonEKSNoPolicy",
    "arn:aws-cn:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
    "arn:aws:eks:aws:cluster-access-policy/AmazonEKSViewPolicy",
  ])("does not find %s", async (policyArn) => {
    const { eks } = await world();
    await createEntry(eks);
    await expect(associate(eks, policyArn)).rejects.toMatchObject(
      refusal("ResourceNotFoundException", 404, "The specified policyArn could not be found."),
    );
  });

  it("refuses a policy of IAM", async () => {
    const { eks } = await world();
    await createEntry(eks);
    await expect(associate(eks, "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")).rejects.toMatchObject(
      invalid("The policyArn parameter format is not valid"),
    );
  });

  it("refuses a policy that is for AWS services", async () => {
    const { eks } = await world();
    await createEntry(eks);
    await expect(associate(eks, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSComputePolicy")).rejects.toMatchObject(
      { name: "InvalidParameterException" },
    );
  });

  it("refuses nodes, but those of Auto Mode", async () => {
    const { aws, eks } = await world();
    const [linux, auto] = ["linux", "auto"].map(
      (name) => aws.principals.create(`arn:aws:iam::${account}:role/${name}`).arn,
    );
    await createEntry(eks, { principalArn: linux, type: "EC2_LINUX" });
    await expect(associate(eks, viewPolicy, linux)).rejects.toMatchObject(
      invalid('This operation can only be performed on Access Entries with a type of "STANDARD".'),
    );
    await createEntry(eks, { principalArn: auto, type: "EC2" });
    const autoPolicy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy";
    expect(await associate(eks, autoPolicy, auto)).toMatchObject({ principalArn: auto });
  });

  it.each([
    [{ type: "namespace" }, "At least 1 namespace must be provided if the type is set as namespace"],
    [{ type: "namespace", namespaces: [] }, "At least 1 namespace must be provided if the type is set as namespace"],
    [
      { type: "cluster", namespaces: ["a"] },
      "accessScope should not include namespaces if the type is not set as namespace",
    ],
    [{ type: "all" }, "accessScope type must be one of [cluster, namespace]"],
  ])("refuses the scope %j", async (accessScope, message) => {
    const { eks } = await world();
    await createEntry(eks);
    await expect(eks.send(associateScoped(accessScope))).rejects.toMatchObject(invalid(message));
  });
});

describe("DisassociateAccessPolicy", () => {
  it("takes one policy away, once", async () => {
    const { eks } = await world();
    await createEntry(eks);
    await associate(eks, viewPolicy);
    await associate(eks);
    const command = new DisassociateAccessPolicyCommand({
      clusterName,
      principalArn: devArn,
      policyArn: viewPolicy,
    });
    await eks.send(command);
    expect((await eks.send(associated)).associatedAccessPolicies).toMatchObject([{ policyArn: adminPolicy }]);
    await expect(eks.send(command)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});
