import { describe, expect, it } from "vitest";
import { placedEntries } from "../../../provider/authenticator/index.ts";
import { parseDocument } from "../../../provider/document/index.ts";
import { lintBindings, lintDocument } from "../../../provider/lint/lint.ts";

const role = "arn:aws:iam::111122223333:role/dev";
const user = "arn:aws:iam::111122223333:user/dev";
const good = `- rolearn: ${role}\n  username: dev\n  groups: [viewers]\n`;

function lint(data: Readonly<Record<string, string>>, claims?: string): string[] {
  return lintDocument(data, parseDocument(data, undefined, claims)).map(({ rule, severity, key, position, line }) => {
    return [severity, rule, key, position, line].filter((part) => part !== undefined).join(" ");
  });
}

it("tells of a key that a template engine should have expanded", () => {
  const data = { mapRoles: "{% for role in roles %}\n- rolearn: {{ role }}\n{% endfor %}\n" };
  const [finding] = lintDocument(data, parseDocument(data));
  expect(finding).toMatchObject({ rule: "unreadable-key", line: 1 });
  expect(finding?.message).toContain("; it has the placeholder {% for role in roles %}; expand it first;");
});

describe("lintDocument", () => {
  it("finds nothing in a sound map", () => {
    const mapUsers = `- userarn: arn:aws:iam::111122223333:user/eng/jane\n  username: jane:{{AccountID}}\n`;
    expect(lint({ mapRoles: good, mapUsers, mapAccounts: '- "111122223333"\n', other: "x" })).toEqual([]);
  });

  // One problem each.
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
    [
      "an account's root, which is nobody else of the account",
      { mapUsers: "- {userarn: 'arn:aws:iam::111122223333:root', username: root}\n" },
      ["warning account-root mapUsers 1 1"],
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
    [
      "an ARN whose account and path are both wrong",
      { mapRoles: good.replace("111122223333:role/", "1234:role/eng/") },
      ["error never-matches mapRoles 1 1", "error role-path mapRoles 1 1"],
    ],
    [
      "a session of a role in an account that is none",
      { mapRoles: good.replace("iam::111122223333:role/dev", "sts::1234:assumed-role/dev/x") },
      ["error assumed-role mapRoles 1 1", "error never-matches mapRoles 1 1"],
    ],
    [
      "the root of an account that is none",
      { mapUsers: "- {userarn: 'arn:aws:iam::1234:root', username: root}\n" },
      ["error never-matches mapUsers 1 1"],
    ],
    [
      "a username that swallowed its groups",
      { mapRoles: `- rolearn: ${role}\n  username: dev\n    - viewers\n` },
      ["error swallowed-list mapRoles 1 1"],
    ],
    [
      "groups that became a string",
      { mapRoles: `- rolearn: ${role}\n  username: dev\n  groups: viewers\n    - editors\n` },
      ["error swallowed-list mapRoles 1 1"],
    ],
    [
      "a node's template for a user, in whatever list",
      { mapRoles: `- rolearn: ${user}\n  username: "{{EC2PrivateDNSName}}"\n` },
      ["error node-template mapRoles 1 1"],
    ],
    [
      "whitespace in a username",
      { mapRoles: good.replace("name: dev", "name: dev ops") },
      ["warning whitespace mapRoles 1 1"],
    ],
    [
      "whitespace around a group",
      { mapRoles: good.replace("viewers", '" viewers"') },
      ["warning whitespace mapRoles 1 1"],
    ],
    [
      "a misspelt group, without a cluster",
      { mapRoles: good.replace("viewers", "system:master") },
      ["warning misspelt-group mapRoles 1 1"],
    ],
    [
      "the group of the nodes without their username",
      { mapRoles: good.replace("viewers", "system:nodes") },
      ["warning node-username mapRoles 1 1"],
    ],
    ["a map that is nearly full", { mapRoles: good, notes: "x".repeat(900_000) }, ["warning key-size"]],
  ])("finds %s", (_title, data, findings) => {
    expect(lint(data)).toEqual(findings);
  });

  // Each entry has a finding of its own, and one about the other would send the reader the wrong way.
  it.each<[title: string, arns: readonly [string, string], rule: string]>([
    ["an account that is none", ["arn:aws:iam::1234:role/dev", "arn:aws:iam::1234:role/dev"], "never-matches"],
    ["a role's path", [role.replace("dev", "a/dev"), role.replace("dev", "b/dev")], "role-path"],
    ["no ARN at all", ["dev", "dev"], "never-matches"],
    [
      "sessions of a role",
      ["arn:aws:sts::111122223333:assumed-role/dev/a", "arn:aws:sts::111122223333:assumed-role/dev/a"],
      "assumed-role",
    ],
  ])("calls no entry shadowed or repeated by one that never matches: %s", (_title, [first, second], rule) => {
    for (const username of ["a", "b"]) {
      const mapRoles = `- {rolearn: "${first}", username: a}\n- {rolearn: "${second}", username: ${username}}\n`;
      expect(lint({ mapRoles })).toEqual([`error ${rule} mapRoles 1 1`, `error ${rule} mapRoles 2 2`]);
    }
  });

  it("reports no second spelling of a user that cannot exist, and no repetition of an invalid account", () => {
    const mapUsers = ["jane", "Jane"].map((name) => `- {userarn: "arn:aws:iam::1234:user/${name}", username: x}\n`);
    expect(lint({ mapUsers: mapUsers.join(""), mapAccounts: '- "1234"\n- "1234"\n' })).toEqual([
      "error never-matches mapUsers 1 1",
      "error never-matches mapUsers 2 2",
      "error account-id mapAccounts 1 1",
      "error account-id mapAccounts 2 2",
    ]);
  });

  it("still reports the repetition of a valid account", () => {
    expect(lint({ mapAccounts: '- "111122223333"\n- "111122223333"\n' })).toEqual(["warning repeated mapAccounts 1 1"]);
  });

  it.each(["system:master", "domain users"])("takes the group %s as it is where a binding names it", (group) => {
    const data = { mapRoles: good.replace("viewers", JSON.stringify(group)) };
    expect(lintDocument(data, parseDocument(data), new Set(["viewers"]))).toHaveLength(1);
    expect(lintDocument(data, parseDocument(data), new Set([group]))).toEqual([]);
  });

  it("says what is wrong and what to do", () => {
    const data = { mapRoles: good.replace("role/", "role/eng/") };
    expect(lintDocument(data, parseDocument(data))[0]?.message).toBe(
      'this entry never matches: arn "arn:aws:iam::111122223333:role/eng/dev" has the role\'s path, which AWS omits from the role\'s sessions; write "arn:aws:iam::111122223333:role/dev"',
    );
  });
});

it("says that the root of an account that is a placeholder has one", () => {
  const data = { mapUsers: "- {userarn: 'arn:aws:iam::<ACCOUNT_ID>:root', username: root}\n" };
  expect(lintDocument(data, parseDocument(data))).toMatchObject([
    { rule: "never-matches", message: expect.stringContaining("has the placeholder <ACCOUNT_ID>; expand it first") },
  ]);
});

describe("lintDocument, of claims", () => {
  const claimOf = (name: string): string => `111122223333:role/${name} aaaaaaaa.000001 infra/prod ${name}`;
  const messages = (mapRoles: string, claims: string): string[] =>
    lintDocument({ mapRoles }, parseDocument({ mapRoles }, undefined, claims)).map(({ message }) => message);

  // One problem each.
  it.each<[title: string, claims: readonly string[], data: Readonly<Record<string, string>>, findings: string[]]>([
    ["nothing if every claim has its entry", [claimOf("dev")], { mapRoles: good }, []],
    ["a claim whose principal has no entry", [claimOf("ops")], { mapRoles: good }, ["warning claim-without-entry"]],
    ["a claim on an account without an entry", ["012345678901 aaaaaaaa.000001 x"], {}, ["warning claim-without-entry"]],
    ["a line that is no claim", ["v2 of the format"], { mapRoles: good }, ["note claim-unread"]],
    ["a claim of another format", ["111122223333:role/dev v2"], { mapRoles: good }, ["note claim-unread"]],
    [
      "no claim without entry if a key cannot be read",
      [claimOf("dev")],
      { mapRoles: "- {" },
      ["error unreadable-key mapRoles 1"],
    ],
  ])("finds %s", (_title, claims, data, findings) => {
    expect(lint(data, claims.join("\n"))).toEqual(findings);
  });

  it("names the owner of a claim without entry, and how to remove it", () => {
    expect(messages("[]", claimOf("ops"))).toEqual([
      `"infra/prod ops" claims an entry for "arn:aws:iam::111122223333:role/ops" that is not in aws-auth; "pulumi up" of that stack restores the entry; if the stack is gone, remove the line "${claimOf("ops")}" from the annotation pulumi-aws-auth/claims with "kubectl -n kube-system edit configmap aws-auth", or in the manifest`,
    ]);
  });

  it("quotes a line that it does not know", () => {
    expect(messages(good, "v2\tof")).toEqual([
      'the line "v2\\tof" of the annotation pulumi-aws-auth/claims is no claim that this version knows, and counts as another owner\'s; if it is not needed, remove it with "kubectl -n kube-system edit configmap aws-auth", or in the manifest',
    ]);
  });
});

describe("lintBindings", () => {
  it("finds groups that no binding names, but none of Kubernetes' own, none that has a finding as misspelt and none with a template", () => {
    const groups = '[viewers, typo, system:masters, system:master, eks:kube-proxy-windows, "team-{{AccountID}}"]';
    const data = { mapRoles: good.replace("[viewers]", groups) };
    const found = lintBindings(placedEntries(parseDocument(data)), new Set(["viewers"]));
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('"typo"')]);
  });
});
