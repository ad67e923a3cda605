import { expect, test } from "vitest";
import { describeProblem } from "../../../provider/errors.ts";
import { arnProblems, correctedArn, formatArn, isAccountId, parseIamArn } from "../../../provider/mapping/index.ts";

const iam = "arn:aws:iam::123456789012";

test.each([
  [`${iam}:role/Admin`, "role", "aws", "", "Admin"],
  ["arn:aws-us-gov:iam::123456789012:user/alice", "user", "aws-us-gov", "", "alice"],
  [`${iam}:role/eng/ops/Admin`, "role", "aws", "eng/ops/", "Admin"],
  [`${iam}:user/eng/a.b+c=d,e@f-g_h`, "user", "aws", "eng/", "a.b+c=d,e@f-g_h"],
])("parses %s", (text, kind, partition, path, name) => {
  const arn = parseIamArn(text);
  expect(arn).toEqual({ kind, partition, account: "123456789012", path, name });
  expect(arn && formatArn(arn)).toBe(text);
});

test("keeps the letter case only in path and name", () => {
  const arn = parseIamArn("ARN:AWS:IAM::123456789012:Role/Eng/Admin");
  expect(arn && formatArn(arn)).toBe(`${iam}:role/Eng/Admin`);
});

test.each(["123456", "", "<account>", "12345678901a"])("parses the account %j, as in eksctl's examples", (account) => {
  const arn = parseIamArn(`arn:aws:iam::${account}:role/Admin`);
  expect([arn?.kind, arn && isAccountId(arn.account)]).toEqual(["role", false]);
});

test.each([
  ["an account", "123456789012"],
  ["whitespace", "   "],
  ["no resource", iam],
  ["another partition", "arn:gcp:iam::123456789012:role/Admin"],
  ["a wildcard as account", "arn:aws:iam::*:role/Admin"],
  ["a wildcard in the name", `${iam}:role/dev-?`],
  ["no name", `${iam}:role/`],
  ["a placeholder", `${iam}:role/<name>`],
  ["a letter that IAM does not allow", `${iam}:role/Ädmin`],
  ["whitespace in the name", `${iam}:role/My Role`],
  ["a group", `${iam}:group/devs`],
  ["a policy", "arn:aws:iam::aws:policy/AdministratorAccess"],
  ["an account's root", `${iam}:root`],
  ["a federated user", "arn:aws:sts::123456789012:federated-user/bob"],
  ["another service", "arn:aws:eks:eu-central-1:123456789012:cluster/prod"],
])("neither parses nor corrects %s: %s", (_title, text) => {
  expect([parseIamArn(text), correctedArn(text)]).toEqual([undefined, undefined]);
});

test.each([
  ["a session", "arn:aws-cn:sts::123456789012:assumed-role/Ops/me@x.y", "arn:aws-cn:iam::123456789012:role/Ops"],
  ["a region", "arn:aws:iam:us-east-1:123456789012:user/eng/alice", `${iam}:user/eng/alice`],
  ["whitespace around it", ` ${iam}:role/Admin\n`, `${iam}:role/Admin`],
])("corrects %s", (_title, text, corrected) => {
  expect([parseIamArn(text), correctedArn(text)]).toEqual([undefined, corrected]);
});

test.each<[text: string, codes: readonly string[]]>([
  [`${iam}:role/Admin`, []],
  [`${iam}:user/eng/alice`, []],
  [`${iam}:role/eng/Admin`, ["rolePath"]],
  ["arn:aws:iam::1234:role/eng/Admin", ["account", "rolePath"]],
  [" arn:aws:iam::1234:role/eng/Admin", ["notArn", "account", "rolePath"]],
  ["arn:aws:sts::1234:assumed-role/Admin/session", ["notArn", "account"]],
  ["arn:aws:iam::<ACCOUNT_ID>:role/eng/Admin", ["placeholder", "rolePath"]],
  [`${iam}:role/<NAME>`, ["placeholder"]],
  [`${iam}:role/d*`, ["notArn"]],
])("reports every reason why no identity matches %s: %j", (text, codes) => {
  expect(arnProblems(text).map(({ code }) => code)).toEqual(codes);
});

test.each([
  'arn "arn:aws:iam::1234:role/Admin" has the account "1234", which does not have 12 digits, so no identity matches it; use the account\'s ID',
  `arn "${iam}:role/eng/Admin" has the role's path, which AWS omits from session ARNs; write "${iam}:role/Admin"`,
  `arn "arn:aws:sts::123456789012:assumed-role/A/s" is not the ARN of an IAM role or user; use "${iam}:role/A"`,
  'arn "123456789012" is not the ARN of an IAM role or user; use arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME, or use account',
])("reports the remedy: %s", (sentence) => {
  const [, text = ""] = /^arn "([^"]*)"/.exec(sentence) ?? [];
  expect(arnProblems(text).map(describeProblem)).toEqual([sentence]);
});
