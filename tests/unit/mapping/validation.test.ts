import { describe, expect, test } from "vitest";
import { describeProblem } from "../../../provider/errors.ts";
import { type MappingFields, validateMapping } from "../../../provider/mapping/index.ts";

const arn = "arn:aws:iam::123456789012:role/Admin";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function validate(fields: MappingFields) {
  return validateMapping(fields, (value) => value === unknown);
}

describe("sound fields give a mapping", () => {
  test.each<[string, MappingFields, unknown]>([
    [
      "username and groups",
      { arn, username: "dev", groups: ["a"] },
      { kind: "role", arn, username: "dev", groups: ["a"] },
    ],
    ["username alone", { arn, username: "dev" }, { kind: "role", arn, username: "dev", groups: [] }],
    [
      "username and no groups",
      { arn, username: "dev", groups: [] },
      { kind: "role", arn, username: "dev", groups: [] },
    ],
    ["groups alone", { arn, groups: ["system:masters"] }, { kind: "role", arn, groups: ["system:masters"] }],
    ["an empty username is none", { arn, username: "", groups: ["a"] }, { kind: "role", arn, groups: ["a"] }],
    ["null is absent", { arn, account: null, username: null, groups: ["a"] }, { kind: "role", arn, groups: ["a"] }],
    ["a repeated group counts once", { arn, groups: ["b", "a", "b"] }, { kind: "role", arn, groups: ["b", "a"] }],
    [
      "a user keeps its path",
      { arn: "arn:aws:iam::123456789012:user/eng/alice", username: "alice" },
      { kind: "user", arn: "arn:aws:iam::123456789012:user/eng/alice", username: "alice", groups: [] },
    ],
    ["an account", { account: "012345678901" }, { kind: "account", account: "012345678901" }],
    [
      "an account with empty rest",
      { account: "012345678901", username: "", groups: [] },
      { kind: "account", account: "012345678901" },
    ],
    [
      "templates",
      { arn, username: "system:node:{{EC2PrivateDNSName}}", groups: ["{{SessionName}}"] },
      { kind: "role", arn, username: "system:node:{{EC2PrivateDNSName}}", groups: ["{{SessionName}}"] },
    ],
  ])("%s", (_, fields, mapping) => {
    expect(validate(fields)).toMatchObject({ mapping, problems: [], warnings: [] });
  });
});

describe("each problem is reported on its own property", () => {
  test.each<[string, MappingFields, string, string]>([
    [
      "neither username nor groups",
      { arn },
      "username",
      `neither username nor groups are set for arn "${arn}"; set username, groups or both`,
    ],
    [
      "neither arn nor account",
      { username: "a" },
      "arn",
      "neither arn nor account is set; give the ARN of an IAM role or user, or an account",
    ],
    [
      "arn and account",
      { arn, account: "012345678901" },
      "account",
      'account "012345678901" cannot be combined with arn; give one of arn and account',
    ],
    [
      "an account with a username",
      { account: "012345678901", username: "a" },
      "username",
      'account "012345678901" cannot be combined with username: an account mapping gives each identity of the account its own ARN as username, and no groups; remove username',
    ],
    [
      "an account with groups",
      { account: "012345678901", groups: ["a"] },
      "groups",
      'account "012345678901" cannot be combined with groups: an account mapping gives each identity of the account its own ARN as username, and no groups; remove groups',
    ],
    [
      "an account that is a number",
      { account: 12345678901 },
      "account",
      "account 12345678901 is a number, which loses leading zeros; write it in quotes, as a string of 12 digits",
    ],
    [
      "an account that is not 12 digits",
      { account: "1234-5678-9012" },
      "account",
      'account "1234-5678-9012" is not an AWS account ID; give a string of 12 digits, without spaces or dashes',
    ],
    [
      "an arn that is no string",
      { arn: 1, username: "a" },
      "arn",
      "arn 1 is not a string; give the ARN of an IAM role or user",
    ],
    [
      "a username that is no string",
      { arn, username: true },
      "username",
      "username true is not a string; write it in quotes",
    ],
    ["groups that are no list", { arn, groups: "a" }, "groups", 'groups "a" is not a list; write groups: ["a"]'],
    ["a group that is no string", { arn, groups: [1] }, "groups", "group 1 is not a string; write it in quotes"],
    ["an empty group", { arn, groups: [""] }, "groups", 'group "" is empty; remove it'],
    [
      "a line break",
      { arn, username: "a\nb" },
      "username",
      'username "a\\nb" has a control character or line break in it; remove it',
    ],
    [
      "whitespace around a group",
      { arn, groups: ["a "] },
      "groups",
      'group "a " has whitespace around it, which Kubernetes does not ignore; remove it',
    ],
    [
      "a placeholder",
      { arn: "arn:aws:iam::<ACCOUNT_ID>:role/eng/Admin", username: "a" },
      "arn",
      'arn "arn:aws:iam::<ACCOUNT_ID>:role/eng/Admin" has the placeholder <ACCOUNT_ID>; expand it first',
    ],
    [
      "an unknown template",
      { arn, username: "{{SesionName}}" },
      "username",
      'username "{{SesionName}}" has {{SesionName}}, which the authenticator does not expand; it expands {{EC2PrivateDNSName}}, {{AccountID}}, {{SessionName}}, {{SessionNameRaw}}, {{AccessKeyID}}',
    ],
  ])("%s", (_, fields, property, reason) => {
    const { mapping, problems } = validate(fields);
    expect(problems.map((problem) => [problem.place, describeProblem(problem)])).toEqual([[property, reason]]);
    expect(mapping).toBeUndefined();
  });

  test("all at once", () => {
    const { problems } = validate({ arn: "x", account: 1, username: "a\u0000", groups: ["", 2] });
    expect(problems.map(({ place }) => place).sort()).toEqual([
      "account",
      "account",
      "arn",
      "groups",
      "groups",
      "username",
    ]);
  });
});

describe("an ARN that no identity matches is a warning", () => {
  test("a role's path is stripped, in the fields as well", () => {
    const given = "arn:aws:iam::123456789012:role/eng/Admin";
    const { mapping, fields, warnings, pathWarning, problems } = validate({ arn: given, groups: ["a"] });
    expect(problems).toEqual([]);
    expect(mapping).toEqual({ kind: "role", arn, groups: ["a"] });
    expect(fields).toEqual({ arn, groups: ["a"] });
    expect(warnings).toEqual([]);
    expect(pathWarning).toBe(
      `arn "${given}" has the path "eng/", which the authenticator never matches; "${arn}" is mapped instead, as is every role of that name in another path`,
    );
  });

  test("an account that is not 12 digits", () => {
    const { mapping, warnings } = validate({ arn: "arn:aws:iam::123456:role/Admin", username: "a" });
    expect(mapping).toBeDefined();
    expect(warnings).toEqual([
      'arn "arn:aws:iam::123456:role/Admin" has the account "123456", which is not 12 digits, so no identity matches it; use the account\'s ID',
    ]);
  });
});

test("an account that is not 12 digits and a role's path are reported at once", () => {
  const { problems, warnings, pathWarning } = validate({ arn: "arn:aws:iam::1234:role/eng/Admin", username: "a" });
  expect(problems).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining("not 12 digits")]);
  expect(pathWarning).toContain('has the path "eng/"');
});

describe("a likely mistake in a username or groups is a warning", () => {
  test.each<[string, MappingFields, string]>([
    ["whitespace in a username", { arn, username: "jane doe" }, 'username "jane doe" has whitespace in it'],
    ["whitespace in a group", { arn, groups: ["a b"] }, 'group "a b" has whitespace in it'],
    ["a node without its username", { arn, groups: ["system:nodes"] }, "there is no username"],
    ["whitespace for whoever it is", { arn: unknown, username: "jane doe" }, "has whitespace in it"],
  ])("%s", (_, fields, text) => {
    expect(validate(fields)).toMatchObject({ problems: [], warnings: [expect.stringContaining(text)] });
  });

  test.each<[string, MappingFields]>([
    ["a node whose username is not known", { arn, username: unknown, groups: ["system:nodes"] }],
    ["a group that is not known", { arn, username: "worker", groups: [unknown] }],
    ["whitespace around a name, which is a problem already", { arn, username: " a" }],
    ["an account, which has none of them", { account: "012345678901", username: "jane doe" }],
  ])("but not %s", (_, fields) => {
    expect(validate(fields).warnings).toEqual([]);
  });
});

test("a mapping by which every login is refused is a problem", () => {
  const user = "arn:aws:iam::123456789012:user/jane";
  const { mapping, problems } = validate({
    arn: user,
    username: "{{EC2PrivateDNSName}}",
    groups: ["x{{EC2PrivateDNSName}}"],
  });
  expect(mapping).toBeUndefined();
  expect(problems).toMatchObject([
    { place: "username", code: "node-template" },
    { place: "groups", code: "node-template" },
  ]);
});

describe("a value that is not known yet", () => {
  const principal = arn.toLowerCase();
  test.each<[string, MappingFields, string | undefined]>([
    ["arn", { arn: unknown, username: "a" }, undefined],
    ["account", { account: unknown }, undefined],
    ["username", { arn, username: unknown }, principal],
    ["groups", { arn, groups: unknown }, principal],
    ["one group", { arn, groups: ["a", unknown] }, principal],
    ["everything", { arn: unknown, username: unknown, groups: [unknown] }, undefined],
  ])("in %s leaves the mapping open without a problem, and is kept", (_, fields, principal) => {
    expect(validate(fields)).toEqual({ mapping: undefined, principal, problems: [], warnings: [], fields });
  });

  test("hides no problem of another field", () => {
    const { problems } = validate({ arn: unknown, username: " a", groups: [unknown, ""] });
    expect(problems.map(({ place }) => place)).toEqual(["username", "groups"]);
  });

  test("counts as given", () => {
    expect(validate({ arn: unknown }).problems).toMatchObject([
      { place: "username", text: "neither username nor groups are set for this mapping" },
    ]);
    expect(validate({ arn: unknown, account: unknown }).problems).toMatchObject([{ place: "account" }]);
  });
});
