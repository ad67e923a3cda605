import { describe, expect, it, test } from "vitest";
import {
  type AccessEntryContent,
  absenceOf,
  defaultUsername,
  describeAccessEntry,
  differencesOf,
  givenPrincipalArn,
  isAdministrator,
  isServiceLinkedRole,
  sameAccessEntry,
} from "../../../provider/accessEntries/accessEntry.ts";
import { parseIamArn } from "../../../provider/mapping/index.ts";
import { adminPolicy, arn, declaredEntry, viewPolicy } from "../../support/accessEntries.ts";

const pathed = arn.replace("role/", "role/eng/");
const ofSession = "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}";

test.each<[title: string, Partial<AccessEntryContent>, Partial<AccessEntryContent>, difference?: string]>([
  ["in nothing", {}, {}],
  ["in the order of the groups", { groups: ["a", "b"] }, { groups: ["b", "a", "a"] }],
  ["in the letter case of the ARN", {}, { principalArn: arn.replace("dev", "Dev") }],
  ["in unrelated access policies", { policies: [adminPolicy, viewPolicy("x")] }, { policies: [adminPolicy] }],
  ["in writing out the default username", { username: undefined }, { username: ofSession }],
  [
    "in the values that EKS sets for nodes",
    { type: "EC2_LINUX", username: undefined, groups: [] },
    { type: "EC2_LINUX", username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] },
  ],
  ["in the path", {}, { principalArn: pathed }, `principalArn ${arn} instead of ${pathed}`],
  ["in the type", {}, { type: "EC2_LINUX", username: "x", groups: [] }, "type STANDARD instead of EC2_LINUX"],
  ["in the letter case of the username", {}, { username: "Dev" }, "username dev instead of Dev"],
  ["in EKS's default username", {}, { username: undefined }, `username dev instead of ${ofSession}`],
  ["in a group", {}, { groups: ["viewers", ""] }, 'groups [viewers] instead of ["", viewers]'],
  ["in rights", {}, { policies: [adminPolicy] }, "groups [viewers] instead of [system:masters, viewers]"],
])("compares two access entries that differ %s", (_, a, b, difference) => {
  expect(differencesOf(declaredEntry(a), declaredEntry(b))).toEqual(difference === undefined ? [] : [difference]);
  expect(sameAccessEntry(declaredEntry(b), declaredEntry(a))).toBe(difference === undefined);
});

test.each([
  [arn, "STANDARD", ofSession],
  [pathed, "STANDARD", ofSession],
  ["arn:aws-cn:iam::111122223333:user/eng/a", "STANDARD", "arn:aws-cn:iam::111122223333:user/eng/a"],
  ["arn:aws-cn:iam::111122223333:role/a", "STANDARD", "arn:aws-cn:sts::111122223333:assumed-role/a/{{SessionName}}"],
  [arn, "EC2_LINUX", "system:node:{{EC2PrivateDNSName}}"],
  [arn, "HYBRID_LINUX", "system:node:{{SessionName}}"],
  [arn, "EC2", undefined],
  ["dev", "STANDARD", undefined],
] as const)("the default username of %s with the type %s is %s", (principal, type, username) => {
  expect(defaultUsername(principal, type)).toBe(username);
});

test.each([
  [[adminPolicy], true],
  [[{ ...adminPolicy, policyArn: adminPolicy.policyArn.replace("aws:eks", "aws-cn:eks") }], true],
  [[{ ...adminPolicy, scope: { type: "namespace", namespaces: ["a"] } }], false],
  [[{ ...adminPolicy, policyArn: adminPolicy.policyArn.replace("ClusterAdmin", "Admin") }], false],
  [[], false],
] as const)("the policies %j grant administrator rights: %s", (policies, isOne) => {
  expect(isAdministrator(declaredEntry({ policies }))).toBe(isOne);
});

test.each<[Partial<AccessEntryContent>, string]>([
  [{}, 'username "dev", groups ["viewers"]'],
  [
    { username: undefined, groups: [], policies: [adminPolicy] },
    `username "${ofSession}", policy AmazonEKSClusterAdminPolicy (cluster)`,
  ],
  [
    { policies: [viewPolicy("b", "a"), adminPolicy] },
    'username "dev", groups ["viewers"], policies AmazonEKSClusterAdminPolicy (cluster), AmazonEKSViewPolicy (namespaces a, b)',
  ],
  [{ type: "EC2_LINUX" }, "type EC2_LINUX"],
])("describes an access entry by its content: %j", (content, text) => {
  expect(describeAccessEntry(declaredEntry(content))).toBe(text);
});

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
])("%s is a service-linked role: %s", (resource, isOne) => {
  const arn = parseIamArn(iam(resource));
  expect(arn && isServiceLinkedRole(arn)).toBe(isOne);
});

describe("givenPrincipalArn", () => {
  it.each([
    ["returns the given ARN if it has the role's path", "role/eng/Dev", "role/Dev", "role/eng/Dev"],
    ["returns the ARN of a user unchanged", "user/dev", "user/dev", "user/dev"],
    ["returns undefined for a role without a path, which only IAM can return", "role/dev", "role/dev", undefined],
    ["returns undefined for another role", "role/eng/ops", "role/dev", undefined],
    ["returns undefined for a group", "group/dev", "group/dev", undefined],
  ])("%s", (_, given, mapped, wanted) => {
    expect(givenPrincipalArn(iam(given), iam(mapped))).toBe(wanted && iam(wanted));
  });

  it("returns undefined for a role of the same name in another account", () => {
    const other = iam("role/eng/dev").replace("1111", "4444");
    expect(givenPrincipalArn(other, iam("role/dev"))).toBeUndefined();
  });

  it("returns partition and service in lower case, as IAM writes them", () => {
    expect(givenPrincipalArn("ARN:AWS:IAM::111122223333:Role/Eng/Dev", iam("role/Dev"))).toBe(iam("role/Eng/Dev"));
  });
});

describe("the absence of a role or user from IAM", () => {
  const iam = (name: string) => `arn:aws:iam::111122223333:${name}`;
  const none = "IAM has no role or user with this name";
  it.each<[arn: string, inIam: string | undefined, inMap: string | undefined, inEntry: string | undefined]>([
    [iam("role/dev"), undefined, none, none],
    [iam("role/dev"), iam("role/Dev"), undefined, undefined],
    [iam("role/dev"), iam("role/eng/dev"), undefined, `its ARN in IAM is ${iam("role/eng/dev")}`],
    [
      iam("user/ann"),
      iam("user/eng/ann"),
      `its ARN in IAM is ${iam("user/eng/ann")}`,
      `its ARN in IAM is ${iam("user/eng/ann")}`,
    ],
    [iam("user/eng/ann"), iam("user/eng/ann"), undefined, undefined],
  ])("of %s, which IAM has as %s", (arn, inIam, inMap, inEntry) => {
    const principal = inIam === undefined ? undefined : { arn: inIam, createdAt: new Date(0) };
    expect([absenceOf(arn, principal), absenceOf(arn, principal, true)]).toEqual([inMap, inEntry]);
  });
});
