import { describe, expect, it, test } from "vitest";
import {
  clusterAdminPolicy,
  givenPrincipalArn,
  isServiceLinkedRole,
  mayLackPath,
} from "../../../provider/accessEntries/index.ts";
import { parseIamArn } from "../../../provider/mapping/index.ts";

const iam = (resource: string) => `arn:aws:iam::111122223333:${resource}`;

test.each([
  ["role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch", true],
  ["role/AWSServiceRoleForBatch", true],
  ["role/awsserviceroleforbatch", true],
  ["role/aws-service-role/x.amazonaws.com/Other", true],
  ["role/eng/AWSServiceRoleForBatch", false],
  ["role/eng/aws-service-role/x", false],
  ["role/MyAWSServiceRoleForBatch", false],
  ["user/AWSServiceRoleForBatch", false],
])("%s is of a service: %s", (resource, isOne) => {
  const arn = parseIamArn(iam(resource));
  expect(arn && isServiceLinkedRole(arn)).toBe(isOne);
});

test.each([
  ["role/dev", true],
  ["role/eng/dev", false],
  ["user/dev", false],
  ["group/dev", false],
])("%s may lack its path: %s", (resource, lacks) => {
  expect(mayLackPath(iam(resource))).toBe(lacks);
});

describe("the ARN that an access entry needs", () => {
  it.each([
    ["is the given one, where that has the role's path", "role/eng/Dev", "role/Dev", "role/eng/Dev"],
    ["is a user's as it is", "user/dev", "user/dev", "user/dev"],
    ["is known to IAM alone, where the role has no path", "role/dev", "role/dev", undefined],
    ["is never another role's", "role/eng/ops", "role/dev", undefined],
    ["is that of a role or user", "group/dev", "group/dev", undefined],
  ])("%s", (_, given, mapped, wanted) => {
    expect(givenPrincipalArn(iam(given), iam(mapped))).toBe(wanted && iam(wanted));
  });

  it("is never that of a role of the same name in another account", () => {
    const other = iam("role/eng/dev").replace("1111", "4444");
    expect(givenPrincipalArn(other, iam("role/dev"))).toBeUndefined();
  });

  it("has lower-case partition and service, as IAM writes them", () => {
    expect(givenPrincipalArn("ARN:AWS:IAM::111122223333:Role/Eng/Dev", iam("role/Dev"))).toBe(iam("role/Eng/Dev"));
  });
});

test.each(["aws", "aws-cn", "aws-us-gov"])("the policy of administrators is of the partition %s", (partition) => {
  expect(clusterAdminPolicy(partition)).toBe(
    `arn:${partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`,
  );
});
