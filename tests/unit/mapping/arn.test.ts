import { describe, expect, test } from "vitest";
import {
  type ArnProblemCode,
  arnMismatches,
  formatArn,
  hasAccountId,
  parseIamArn,
  withoutPath,
} from "../../../provider/mapping/index.ts";

describe("an ARN of a role or user is taken apart", () => {
  test.each([
    ["arn:aws:iam::123456789012:role/Admin", "role", "aws", "", "Admin"],
    ["arn:aws:iam::123456789012:user/alice", "user", "aws", "", "alice"],
    ["arn:aws-cn:iam::123456789012:role/Admin", "role", "aws-cn", "", "Admin"],
    ["arn:aws-us-gov:iam::123456789012:role/Admin", "role", "aws-us-gov", "", "Admin"],
    ["arn:aws-iso-b:iam::123456789012:role/Admin", "role", "aws-iso-b", "", "Admin"],
    ["arn:aws:iam::123456789012:role/eng/ops/Admin", "role", "aws", "eng/ops/", "Admin"],
    ["arn:aws:iam::123456789012:user/eng/a.b+c=d,e@f-g_h", "user", "aws", "eng/", "a.b+c=d,e@f-g_h"],
    [
      "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Ops_0123456789abcdef",
      "role",
      "aws",
      "aws-reserved/sso.amazonaws.com/eu-central-1/",
      "AWSReservedSSO_Ops_0123456789abcdef",
    ],
  ])("%s", (text, kind, partition, path, name) => {
    const arn = parseIamArn(text);
    expect(arn).toEqual({ kind, partition, account: "123456789012", path, name });
    expect(arn.kind !== "invalid" && formatArn(arn)).toBe(text);
  });

  test("its letter case is the user's only in path and name", () => {
    const arn = parseIamArn("ARN:AWS:IAM::123456789012:Role/Eng/Admin");
    expect(arn.kind !== "invalid" && formatArn(arn)).toBe("arn:aws:iam::123456789012:role/Eng/Admin");
  });

  test("without its path it is the ARN that AWS reports for the role's sessions", () => {
    const arn = parseIamArn("arn:aws:iam::123456789012:role/eng/Admin");
    expect(arn.kind !== "invalid" && formatArn(withoutPath(arn))).toBe("arn:aws:iam::123456789012:role/Admin");
  });

  test.each(["123456", "", "<account>", "12345678901a"])(
    "the account %j is no problem, since eksctl's examples have such",
    (account) => {
      const arn = parseIamArn(`arn:aws:iam::${account}:role/Admin`);
      expect(arn.kind !== "invalid" && hasAccountId(arn)).toBe(false);
      expect(arn.kind).toBe("role");
    },
  );
});

describe("what can never be the ARN of a role or user is a problem that says what to do", () => {
  const cases: [code: ArnProblemCode, text: string, reason: string, suggestion?: string][] = [
    [
      "assumedRole",
      "arn:aws:sts::123456789012:assumed-role/Admin/session",
      'arn "arn:aws:sts::123456789012:assumed-role/Admin/session" is a session of a role, which aws-auth never matches; use the role\'s ARN "arn:aws:iam::123456789012:role/Admin"',
      "arn:aws:iam::123456789012:role/Admin",
    ],
    [
      "assumedRole",
      "arn:aws-cn:sts::123456789012:assumed-role/AWSReservedSSO_Ops_0123/me@example.com",
      'arn "arn:aws-cn:sts::123456789012:assumed-role/AWSReservedSSO_Ops_0123/me@example.com" is a session of a role, which aws-auth never matches; use the role\'s ARN "arn:aws-cn:iam::123456789012:role/AWSReservedSSO_Ops_0123"',
      "arn:aws-cn:iam::123456789012:role/AWSReservedSSO_Ops_0123",
    ],
    [
      "federatedUser",
      "arn:aws:sts::123456789012:federated-user/bob",
      'arn "arn:aws:sts::123456789012:federated-user/bob" is a session of a federated user, not an IAM role or user; map the role or user that signs it in',
    ],
    [
      "group",
      "arn:aws:iam::123456789012:group/devs",
      'arn "arn:aws:iam::123456789012:group/devs" is an IAM group, which never signs in itself; map a role that the group may assume, or each of its users',
    ],
    [
      "policy",
      "arn:aws:iam::aws:policy/AdministratorAccess",
      'arn "arn:aws:iam::aws:policy/AdministratorAccess" is a policy, not an IAM role or user; map the role or user that it is attached to',
    ],
    [
      "instanceProfile",
      "arn:aws:iam::123456789012:instance-profile/nodes",
      'arn "arn:aws:iam::123456789012:instance-profile/nodes" is an instance profile, which aws-auth never matches; use the ARN of the role in it',
    ],
    [
      "root",
      "arn:aws:iam::123456789012:root",
      'arn "arn:aws:iam::123456789012:root" is an account\'s root, not an IAM role or user; map a role, or the whole account with account',
    ],
    [
      "otherResource",
      "arn:aws:iam::123456789012:mfa/alice",
      'arn "arn:aws:iam::123456789012:mfa/alice" is neither a role nor a user; give arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME',
    ],
    [
      "otherService",
      "arn:aws:eks:eu-central-1:123456789012:cluster/prod",
      'arn "arn:aws:eks:eu-central-1:123456789012:cluster/prod" names a resource of the service "eks", not an IAM role or user; give arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME',
    ],
    [
      "wildcard",
      "arn:aws:iam::123456789012:role/*",
      'arn "arn:aws:iam::123456789012:role/*" has a wildcard, which aws-auth takes literally and never matches; map each role or user by its own ARN',
    ],
    [
      "region",
      "arn:aws:iam:us-east-1:123456789012:role/Admin",
      'arn "arn:aws:iam:us-east-1:123456789012:role/Admin" has the region "us-east-1", which no IAM ARN has; use "arn:aws:iam::123456789012:role/Admin"',
      "arn:aws:iam::123456789012:role/Admin",
    ],
    [
      "name",
      "arn:aws:iam::123456789012:role/",
      'arn "arn:aws:iam::123456789012:role/" ends in "", which cannot be the name of a role: IAM allows letters, digits and + = , . @ - _',
    ],
    [
      "whitespace",
      " arn:aws:iam::123456789012:role/Admin\n",
      'arn " arn:aws:iam::123456789012:role/Admin\\n" has whitespace around it; remove it',
      "arn:aws:iam::123456789012:role/Admin",
    ],
    [
      "notArn",
      "Admin",
      'arn "Admin" is not an ARN; give arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME',
    ],
  ];
  test.each(cases)("%s: %s", (code, text, reason, suggestion) => {
    expect(parseIamArn(text)).toEqual({
      kind: "invalid",
      code,
      reason,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  });

  test.each<[ArnProblemCode, string]>([
    ["notArn", ""],
    ["notArn", "   "],
    ["notArn", "arn:aws:iam::123456789012"],
    ["notArn", "arn:gcp:iam::123456789012:role/Admin"],
    ["notArn", "arn::iam::123456789012:role/Admin"],
    ["wildcard", "arn:aws:iam::*:role/Admin"],
    ["wildcard", "arn:aws:iam::123456789012:role/dev-?"],
    ["name", "arn:aws:iam::123456789012:role"],
    ["name", "arn:aws:iam::123456789012:role/<name>"],
    ["name", "arn:aws:iam::123456789012:role/Ädmin"],
    ["whitespace", "arn:aws:iam::123456789012:role/My Role"],
    ["otherResource", "arn:aws:iam::123456789012:roles/Admin"],
    ["otherService", "arn:aws:sts::123456789012:self"],
  ])("%s: %s", (code, text) => {
    expect(parseIamArn(text)).toMatchObject({ kind: "invalid", code });
  });

  test("an account's number is pointed to the field for accounts", () => {
    expect(parseIamArn("123456789012")).toMatchObject({ reason: expect.stringMatching(/, or use account$/) });
  });
});

describe("arnMismatches finds everything for which nobody matches an ARN", () => {
  test.each<[text: string, codes: readonly string[]]>([
    ["arn:aws:iam::123456789012:role/Admin", []],
    ["arn:aws:iam::123456789012:user/eng/alice", []],
    ["arn:aws:iam::123456789012:role/eng/Admin", ["rolePath"]],
    ["arn:aws:iam::1234:role/Admin", ["account"]],
    ["arn:aws:iam::1234:role/eng/Admin", ["account", "rolePath"]],
    [" arn:aws:iam::1234:role/eng/Admin", ["whitespace", "account", "rolePath"]],
    ["arn:aws:iam:eu-central-1:123456789012:role/eng/Admin", ["region", "rolePath"]],
    ["arn:aws:sts::1234:assumed-role/Admin/session", ["assumedRole", "account"]],
    ["arn:aws:iam::<ACCOUNT_ID>:role/eng/Admin", ["placeholder", "rolePath"]],
    ["arn:aws:iam::123456789012:role/<NAME>", ["placeholder"]],
    ["arn:aws:iam::123456789012:role/d*", ["wildcard"]],
    ["dev", ["notArn"]],
  ])("%s", (text, codes) => {
    expect(arnMismatches(text).map(({ code }) => code)).toEqual(codes);
  });

  test("and says of each what to do", () => {
    expect(arnMismatches("arn:aws:iam::1234:role/eng/Admin").map(({ reason }) => reason)).toEqual([
      'arn "arn:aws:iam::1234:role/eng/Admin" has the account "1234", which is not 12 digits, so nobody can match it; use the account\'s ID',
      'arn "arn:aws:iam::1234:role/eng/Admin" has the role\'s path, which AWS omits from the role\'s sessions; write "arn:aws:iam::1234:role/Admin"',
    ]);
  });
});
