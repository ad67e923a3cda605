import { describe, expect, it, test } from "vitest";
import {
  type AccessEntryContent,
  defaultUsername,
  describeAccessEntry,
  differencesOf,
  isAdministrator,
  sameAccessEntry,
} from "../../../provider/accessEntries/index.ts";
import { adminPolicy, arn, says, viewPolicy } from "./support.ts";

const pathed = arn.replace("role/", "role/eng/");
const ofSession = "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}";

describe("two access entries are the same", () => {
  test.each<[string, Partial<AccessEntryContent>, Partial<AccessEntryContent>]>([
    ["if nothing differs", {}, {}],
    ["in any order of the groups", { groups: ["a", "b"] }, { groups: ["b", "a", "a"] }],
    ["in any letter case of the ARN", {}, { principalArn: arn.replace("dev", "Dev") }],
    ["with other access policies of others", { policies: [adminPolicy, viewPolicy("x")] }, { policies: [adminPolicy] }],
    ["if one has the username that EKS gives the other", { username: undefined }, { username: ofSession }],
    [
      "whatever EKS gives nodes",
      { type: "EC2_LINUX", username: undefined, groups: [] },
      { type: "EC2_LINUX", username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] },
    ],
  ])("%s", (_, a, b) => {
    expect(differencesOf(says(a), says(b))).toEqual([]);
    expect(sameAccessEntry(says(b), says(a))).toBe(true);
  });
});

describe("two access entries differ", () => {
  test.each<[string, Partial<AccessEntryContent>, Partial<AccessEntryContent>, string]>([
    ["in the path", {}, { principalArn: pathed }, `principalArn ${arn} instead of ${pathed}`],
    [
      "in the type, whose username and groups are of EKS",
      {},
      { type: "EC2_LINUX", username: "x", groups: [] },
      "type STANDARD instead of EC2_LINUX",
    ],
    ["in the letter case of the username", {}, { username: "Dev" }, "username dev instead of Dev"],
    ["in the username that EKS gives", {}, { username: undefined }, `username dev instead of ${ofSession}`],
    ["in a group", {}, { groups: ["viewers", ""] }, 'groups [viewers] instead of ["", viewers]'],
    [
      "in administrator rights",
      {},
      { policies: [adminPolicy] },
      "groups [viewers] instead of [system:masters, viewers]",
    ],
  ])("%s", (_, a, b, difference) => {
    expect(differencesOf(says(a), says(b))).toEqual([difference]);
    expect(sameAccessEntry(says(b), says(a))).toBe(false);
  });
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
] as const)("EKS gives %s of the type %s the username %s", (principal, type, username) => {
  expect(defaultUsername(principal, type)).toBe(username);
});

describe("an administrator has the policy of administrators, for the whole cluster, in any partition", () => {
  it.each([
    [[adminPolicy], true],
    [[{ ...adminPolicy, policyArn: adminPolicy.policyArn.replace("aws:eks", "aws-cn:eks") }], true],
    [[{ ...adminPolicy, scope: { type: "namespace", namespaces: ["a"] } }], false],
    [[{ ...adminPolicy, policyArn: adminPolicy.policyArn.replace("ClusterAdmin", "Admin") }], false],
    [[], false],
  ] as const)("%j: %s", (policies, isOne) => {
    expect(isAdministrator(says({ policies }))).toBe(isOne);
  });
});

test.each<[Partial<AccessEntryContent>, string]>([
  [{}, 'username "dev", groups ["viewers"]'],
  [
    { username: undefined, groups: [], policies: [adminPolicy] },
    `username "${ofSession}", no groups, policy AmazonEKSClusterAdminPolicy (cluster)`,
  ],
  [
    { policies: [viewPolicy("b", "a"), adminPolicy] },
    'username "dev", groups ["viewers"], policies AmazonEKSClusterAdminPolicy (cluster), AmazonEKSViewPolicy (namespaces a, b)',
  ],
  [{ type: "EC2_LINUX" }, "type EC2_LINUX"],
])("an access entry is described by what it gives: %j", (content, text) => {
  expect(describeAccessEntry(says(content))).toBe(text);
});
