import { describe, expect, test } from "vitest";
import { describeProblem } from "../../../provider/errors.ts";
import { type MappingFields, validateMapping } from "../../../provider/mapping/index.ts";

const arn = "arn:aws:iam::123456789012:role/Admin";
const user = "arn:aws:iam::123456789012:user/eng/alice";
const account = "012345678901";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const node = "system:node:{{EC2PrivateDNSName}}";
const role = { kind: "role", arn };

function validate(fields: MappingFields) {
  return validateMapping(fields, (value) => value === unknown);
}

test.each<[title: string, MappingFields, mapping: object]>([
  ["username and groups", { arn, username: "dev", groups: ["a"] }, { ...role, username: "dev", groups: ["a"] }],
  ["only a username", { arn, username: "dev" }, { ...role, username: "dev", groups: [] }],
  ["username and no groups", { arn, username: "dev", groups: [] }, { ...role, username: "dev", groups: [] }],
  ["only groups", { arn, groups: ["system:masters"] }, { ...role, groups: ["system:masters"] }],
  ["an empty username, which is treated as missing", { arn, username: "", groups: ["a"] }, { ...role, groups: ["a"] }],
  [
    "null, which is treated as missing",
    { arn, account: null, username: null, groups: ["a"] },
    { ...role, groups: ["a"] },
  ],
  ["a repeated group, which is removed", { arn, groups: ["b", "a", "b"] }, { ...role, groups: ["b", "a"] }],
  ["a user, with its path", { arn: user, username: "a" }, { kind: "user", arn: user, username: "a", groups: [] }],
  ["an account", { account }, { kind: "account", arn: account }],
  ["an account with other fields empty", { account, username: "", groups: [] }, { kind: "account", arn: account }],
  ["templates", { arn, username: node, groups: ["{{AccountID}}"] }, { ...role, username: node }],
])("returns a mapping for %s", (_, fields, mapping) => {
  expect(validate(fields)).toMatchObject({ mapping, problems: [], warnings: [] });
});

test.each<[title: string, given: MappingFields, fields: MappingFields]>([
  ["no empty username", { arn, username: "", groups: ["a"] }, { arn, groups: ["a"] }],
  ["each group once", { arn, groups: ["b", "a", "b"] }, { arn, groups: ["b", "a"] }],
  [
    "groups unchanged while one of them is unknown",
    { arn, groups: ["a", unknown, "a"] },
    { arn, groups: ["a", unknown, "a"] },
  ],
  ["invalid groups unchanged", { arn, groups: ["a", "a", ""] }, { arn, groups: ["a", "a", ""] }],
])("stores %s", (_, given, fields) => {
  expect(validate(given).fields).toEqual(fields);
});

const ofAccount = "in an account mapping, each identity has its ARN as username and no groups; remove";
test.each<[title: string, MappingFields, problem: string]>([
  [
    "a mapping of nothing",
    { arn },
    `username: neither username nor groups is set for arn "${arn}"; set username, groups or both`,
  ],
  [
    "a mapping of no one",
    { username: "a" },
    "arn: neither arn nor account is set; set arn to the ARN of an IAM role or user, or set account",
  ],
  [
    "both an ARN and an account",
    { arn, account },
    'account: account "012345678901" cannot be combined with arn; set either arn or account',
  ],
  [
    "an account with a username",
    { account, username: "a" },
    `username: account "012345678901" cannot be combined with username: ${ofAccount} username`,
  ],
  [
    "an account with groups",
    { account, groups: ["a"] },
    `groups: account "012345678901" cannot be combined with groups: ${ofAccount} groups`,
  ],
  [
    "an account that is a number",
    { account: 12345678901 },
    "account: account 12345678901 must be a string, because a number loses leading zeros; put the 12 digits in quotes",
  ],
  [
    "an account with dashes",
    { account: "1234-5678-9012" },
    'account: account "1234-5678-9012" is not an AWS account ID; use 12 digits, without spaces or dashes',
  ],
  ["a numeric ARN", { arn: 1, username: "a" }, "arn: arn 1 is not a string; specify the ARN of an IAM role or user"],
  ["a boolean username", { arn, username: true }, "username: username true is not a string; write it in quotes"],
  ["groups that are a string", { arn, groups: "a" }, 'groups: groups "a" is not a list; write groups: ["a"]'],
  ["a group that is a number", { arn, groups: [1] }, "groups: group 1 is not a string; write it in quotes"],
  ["an empty group", { arn, groups: [""] }, 'groups: group "" is empty; remove it'],
  [
    "a line break",
    { arn, username: "a\nb" },
    'username: username "a\\nb" contains a control character or line break; remove it',
  ],
  [
    "a space after a group",
    { arn, groups: ["a "] },
    'groups: group "a " has leading or trailing whitespace, which Kubernetes does not ignore; remove it',
  ],
  [
    "a placeholder",
    { arn: "arn:aws:iam::<ACCOUNT_ID>:role/eng/Admin", username: "a" },
    'arn: arn "arn:aws:iam::<ACCOUNT_ID>:role/eng/Admin" has the placeholder <ACCOUNT_ID>; expand it first',
  ],
  [
    "an ARN with a short account",
    { arn: "arn:aws:iam::1234:role/Admin", username: "a" },
    'arn: arn "arn:aws:iam::1234:role/Admin" has the account "1234", which does not have 12 digits, so no identity matches it; use the account\'s ID',
  ],
  [
    "a misspelt template",
    { arn, username: "{{SesionName}}" },
    'username: username "{{SesionName}}" has {{SesionName}}, which the authenticator does not expand; use one of {{EC2PrivateDNSName}}, {{AccountID}}, {{SessionName}}, {{SessionNameRaw}}, {{AccessKeyID}}',
  ],
])("reports %s on its property", (_, fields, reason) => {
  const { mapping, problems } = validate(fields);
  expect(problems.map((problem) => `${problem.place}: ${describeProblem(problem)}`)).toEqual([reason]);
  expect(mapping).toBeUndefined();
});

test("reports all problems at once", () => {
  const { problems } = validate({ arn: "x", account: 1, username: "a\u0000", groups: ["", 2] });
  const places = ["account", "account", "arn", "groups", "groups", "username"];
  expect(problems.map(({ place }) => place).sort()).toEqual(places);
});

test("refuses a mapping with which the authenticator refuses every login", () => {
  const template = "{{EC2PrivateDNSName}}";
  const { mapping, problems } = validate({ arn: user, username: template, groups: [`x${template}`] });
  expect([mapping, ...problems.map(({ place, code }) => `${place} ${code}`)]).toEqual([
    undefined,
    "username node-template",
    "groups node-template",
  ]);
});

test("strips the path of a role, also in the fields, with a warning", () => {
  const [path, given] = ["eng/", "arn:aws:iam::123456789012:role/eng/Admin"];
  const mapped = given.replace(path, "");
  expect(validate({ arn: given, groups: ["a"] })).toMatchObject({
    problems: [],
    mapping: { kind: "role", arn: mapped, groups: ["a"] },
    fields: { arn: mapped, groups: ["a"] },
    warnings: [],
    pathWarning: `arn "${given}" has the path "${path}", which the authenticator never matches; "${mapped}" is mapped instead, which also matches roles of that name with other paths`,
  });
});

test.each<[title: string, MappingFields, warnings: readonly string[]]>([
  ["whitespace in a username", { arn, username: "jane doe" }, ['username "jane doe" contains whitespace']],
  ["whitespace in a group", { arn, groups: ["a b"] }, ['group "a b" contains whitespace']],
  ["a node without its username", { arn, groups: ["system:nodes"] }, ["there is no username"]],
  ["whitespace for an unknown identity", { arn: unknown, username: "jane doe" }, ["contains whitespace"]],
  ["a node whose username is not known", { arn, username: unknown, groups: ["system:nodes"] }, []],
  ["a group that is not known", { arn, username: "worker", groups: [unknown] }, []],
])("warns only about likely mistakes: %s", (_, fields, warnings) => {
  const found = warnings.map((text) => expect.stringContaining(text));
  expect(validate(fields)).toMatchObject({ problems: [], warnings: found });
});

describe("an unknown value", () => {
  const principal = arn.toLowerCase();
  test.each<[string, MappingFields, string | undefined]>([
    ["arn", { arn: unknown, username: "a" }, undefined],
    ["account", { account: unknown }, undefined],
    ["username", { arn, username: unknown }, principal],
    ["groups", { arn, groups: unknown }, principal],
    ["one group", { arn, groups: ["a", unknown] }, principal],
    ["everything", { arn: unknown, username: unknown, groups: [unknown] }, undefined],
  ])("in %s returns neither mapping nor problem, and is kept", (_, fields, principal) => {
    expect(validate(fields)).toEqual({ mapping: undefined, principal, problems: [], warnings: [], fields });
  });

  test.each<[string, MappingFields, places: readonly string[]]>([
    [
      "does not hide a problem of another field",
      { arn: unknown, username: " a", groups: [unknown, ""] },
      ["username", "groups"],
    ],
    ["is treated as a principal without content", { arn: unknown }, ["username"]],
    ["is treated as arn next to an account", { arn: unknown, account: unknown }, ["account"]],
  ])("%s", (_, fields, places) => {
    expect(validate(fields).problems.map(({ place }) => place)).toEqual(places);
  });
});
