import { describe, expect, it } from "vitest";
import { parseDocument } from "../../../provider/document/index.ts";
import { lintBindings, lintDocument, placedEntries } from "../../../provider/report/index.ts";

const role = "arn:aws:iam::111122223333:role/dev";
const user = "arn:aws:iam::111122223333:user/dev";
const good = `- rolearn: ${role}\n  username: dev\n  groups: [viewers]\n`;

function lint(data: Readonly<Record<string, string>>): string[] {
  return lintDocument(data, parseDocument(data)).map(({ rule, severity, key, position, line }) => {
    return [severity, rule, key, position, line].filter((part) => part !== undefined).join(" ");
  });
}

describe("lintDocument", () => {
  it("finds nothing in a sound map", () => {
    const mapUsers = `- userarn: arn:aws:iam::111122223333:user/eng/jane\n  username: jane:{{AccountID}}\n`;
    expect(lint({ mapRoles: good, mapUsers, mapAccounts: '- "111122223333"\n', other: "x" })).toEqual([]);
  });

  // One fault each.
  it.each<[title: string, data: Readonly<Record<string, string>>, findings: string[]]>([
    ["a key that does not parse", { mapRoles: `${good}- {` }, ["error unreadable-key mapRoles 4"]],
    ["a key in another letter case", { maproles: good }, ["error key-name"]],
    ["an entry without an ARN", { mapRoles: "- username: x\n" }, ["error dropped-entry mapRoles 1 1"]],
    ["an entry that is no map", { mapRoles: `${good}- x\n` }, ["error dropped-entry mapRoles 2 4"]],
    ["rolearn beside sso", { mapRoles: `${good}  sso: {}\n` }, ["error dropped-entry mapRoles 1 1"]],
    ["a role's path", { mapRoles: good.replace("role/", "role/eng/") }, ["error role-path mapRoles 1 1"]],
    [
      "a session's ARN",
      { mapRoles: good.replace("iam", "sts").replace("role/dev", "assumed-role/dev/x") },
      ["error assumed-role mapRoles 1 1"],
    ],
    ["a wildcard", { mapRoles: good.replace("/dev", "/d*") }, ["error never-matches mapRoles 1 1"]],
    [
      "an account of eksctl's examples",
      { mapRoles: good.replace("111122223333", "1234567") },
      ["error never-matches mapRoles 1 1"],
    ],
    [
      "a username that is a number",
      { mapRoles: good.replace("username: dev", "username: 123") },
      ["error field-type mapRoles 1 1"],
    ],
    ["groups that are no list", { mapRoles: good.replace("[viewers]", "viewers") }, ["error field-type mapRoles 1 1"]],
    [
      "a group that is a boolean",
      { mapRoles: good.replace("viewers", "viewers, no") },
      ["error field-type mapRoles 1 1"],
    ],
    ["a misspelt field", { mapRoles: `${good}  group: [x]\n` }, ["warning unknown-field mapRoles 1 1"]],
    ["neither username nor groups", { mapRoles: `- rolearn: ${role}\n` }, ["warning no-rights mapRoles 1 1"]],
    [
      "an unknown template",
      { mapRoles: good.replace("name: dev", "name: '{{SessionNam}}'") },
      ["error unknown-template mapRoles 1 1"],
    ],
    [
      "a shadowed entry",
      { mapRoles: good + good.replace("name: dev", "name: other") },
      ["error shadowed mapRoles 1 1"],
    ],
    [
      "an entry shadowed from the other list",
      { mapRoles: good, mapUsers: `- userarn: ${role}\n  username: x\n` },
      ["error shadowed mapUsers 1 1"],
    ],
    ["a repeated entry", { mapRoles: good + good }, ["warning repeated mapRoles 1 1"]],
    [
      "a user in two spellings",
      {
        mapUsers: `- {userarn: "${user}", username: a}\n- {userarn: "${user.toUpperCase().replace("ARN:AWS:IAM", "arn:aws:iam").replace("USER", "user")}", username: b}\n`,
      },
      ["error user-spelling mapUsers 2 2"],
    ],
    ["an account that is none", { mapAccounts: '- "1234"\n' }, ["error account-id mapAccounts 1 1"]],
    ["an account without quotes", { mapAccounts: "- 012345678901\n" }, ["warning unquoted-account mapAccounts 1 1"]],
    [
      "an sso entry",
      { mapRoles: '- sso: {permissionSetName: A, accountID: "111122223333"}\n  username: a\n' },
      ["warning sso-entry mapRoles 1 1"],
    ],
    [
      "an sso entry with a partition",
      { mapRoles: '- sso: {permissionSetName: A, accountID: "111122223333", partition: aws}\n  username: a\n' },
      ["error never-matches mapRoles 1 1"],
    ],
    [
      "two roles of one permission set",
      {
        mapRoles:
          good.replace("/dev", "/AWSReservedSSO_A_0123456789abcdef") +
          good.replace("/dev", "/AWSReservedSSO_A_fedcba9876543210"),
      },
      ["warning stale-permission-set mapRoles 1 1"],
    ],
    ["a map that is nearly full", { mapRoles: good, notes: "x".repeat(900_000) }, ["warning key-size"]],
  ])("finds %s", (_title, data, findings) => {
    expect(lint(data)).toEqual(findings);
  });

  it("says what is wrong and what to do", () => {
    const data = { mapRoles: good.replace("role/", "role/eng/") };
    expect(lintDocument(data, parseDocument(data))[0]?.message).toBe(
      'this entry never matches: arn "arn:aws:iam::111122223333:role/eng/dev" has the role\'s path, which AWS leaves out of the role\'s sessions; write "arn:aws:iam::111122223333:role/dev"',
    );
  });
});

describe("lintBindings", () => {
  it("finds groups that no binding names, but none of Kubernetes' own and none with a template", () => {
    const data = { mapRoles: good.replace("[viewers]", '[viewers, typo, system:masters, "team-{{AccountID}}"]') };
    const found = lintBindings(placedEntries(parseDocument(data)), new Set(["viewers"]));
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('"typo"')]);
  });
});
