import { describe, expect, it } from "vitest";
import { callerIdentity, explainIdentity } from "../../../provider/authenticator/index.ts";
import { parseDocument } from "../../../provider/document/index.ts";

const account = "111122223333";
const explain = (arn: string, mapRoles: string, rest: Readonly<Record<string, string>> = {}) =>
  explainIdentity(parseDocument({ mapRoles, ...rest }), arn);

describe("callerIdentity", () => {
  it.each([
    ["arn:aws:iam::111122223333:role/dev", "arn:aws:iam::111122223333:role/dev"],
    ["arn:aws:sts::111122223333:assumed-role/dev/jane@x", "arn:aws:iam::111122223333:role/dev"],
    ["arn:aws:iam::111122223333:role/eng/ops/dev", "arn:aws:iam::111122223333:role/dev"],
    ["arn:aws:iam::111122223333:user/eng/jane", "arn:aws:iam::111122223333:user/eng/jane"],
    ["arn:aws-cn:sts::111122223333:federated-user/bob", "arn:aws-cn:sts::111122223333:federated-user/bob"],
    ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"],
    ["ARN:AWS:IAM::111122223333:ROLE/Dev", "arn:aws:iam::111122223333:role/Dev"],
    ["arn:aws:iam::111122223333:group/x", undefined],
    ["arn:aws:sts::111122223333:assumed-role/dev", undefined],
    ["dev", undefined],
    ["arn:aws:s3:::bucket", undefined],
  ])("takes %s for %s", (arn, canonical) => {
    expect(callerIdentity(arn)?.arn).toBe(canonical);
  });
});

describe("explainIdentity", () => {
  it("finds at once that an ARN of many wildcards is for somebody else", () => {
    const pattern = `arn:aws:iam::${account}:role/${"*a".repeat(30)}*b`;
    expect(explain(`arn:aws:iam::${account}:role/${"a".repeat(60)}`, `- rolearn: ${pattern}\n`).nearMisses).toEqual([]);
  });

  it("takes the last of several entries, in any letter case, and names the ones that it shadows with their lines", () => {
    const { user, givenBy, shadowed } = explain(
      `arn:aws:sts::${account}:assumed-role/dev/s`,
      `# team\n- rolearn: arn:aws:iam::${account}:role/dev\n  username: old\n\n- rolearn: arn:aws:iam::${account}:role/DEV\n  username: new\n  groups: [a]\n`,
      { mapUsers: `- userarn: arn:aws:iam::${account}:role/dev\n  username: user\n` },
    );
    expect(user).toEqual({ username: "new", groups: ["a"] });
    expect(givenBy).toMatchObject({ key: "mapRoles", position: 2, line: 5 });
    expect(shadowed.map(({ key, line }) => [key, line])).toEqual([
      ["mapRoles", 2],
      ["mapUsers", 1],
    ]);
  });

  it("names the owners of the principal, whose entries they all are", () => {
    const mapRoles = ["old", "new"]
      .map((username) => `- {rolearn: "arn:aws:iam::${account}:role/dev", username: ${username}}\n`)
      .join("");
    const document = parseDocument({ mapRoles }, undefined, `${account}:role/dev aaaaaaaa.000001 apps/prod dev`);
    const { givenBy, shadowed } = explainIdentity(document, `arn:aws:iam::${account}:role/dev`);
    expect([givenBy?.owners, shadowed.map(({ owners }) => owners)]).toEqual([["apps/prod dev"], [["apps/prod dev"]]]);
  });

  it.each([
    ["assumed-role/n/i-0123456789abcdef0", { username: "system:node:{{EC2PrivateDNSName}}", groups: ["nodes"] }],
    ["assumed-role/n/i-01234567", { username: "system:node:{{EC2PrivateDNSName}}", groups: ["nodes"] }],
    ["assumed-role/n/bob", undefined],
    ["assumed-role/n/i-0123456789", undefined],
  ])("knows of the session %s whether a node's entry refuses it", (session, user) => {
    const mapRoles = `- {rolearn: "arn:aws:iam::${account}:role/n", username: "system:node:{{EC2PrivateDNSName}}", groups: [nodes]}\n`;
    const explained = explain(`arn:aws:sts::${account}:${session}`, mapRoles);
    expect(explained.user).toEqual(user);
    expect(explained.givenBy).toMatchObject({ position: 1 });
    const refusals = explained.notes.filter((note) =>
      note.includes("is refused: it is not named like an EC2 instance"),
    );
    expect(refusals).toHaveLength(user === undefined ? 1 : 0);
  });

  it("fills in the templates that the ARN of a session tells of, and leaves the others", () => {
    const mapRoles = `- {rolearn: "arn:aws:iam::${account}:role/dev", username: "{{SessionName}}:{{SessionNameRaw}}:{{AccessKeyID}}", groups: ["{{AccountID}}"]}\n`;
    const { user, notes } = explain(`arn:aws:sts::${account}:assumed-role/dev/jane@example.com`, mapRoles);
    expect(user).toEqual({ username: "jane-example.com:jane@example.com:{{AccessKeyID}}", groups: [account] });
    expect(notes).toEqual(["{{AccessKeyID}} is expanded at each login."]);
    expect(explain(`arn:aws:iam::${account}:role/dev`, mapRoles).user).toEqual({
      username: "{{SessionName}}:{{SessionNameRaw}}:{{AccessKeyID}}",
      groups: [account],
    });
  });

  it("falls back on the account, which gives the ARN as username and no groups", () => {
    const { user, givenBy } = explain(`arn:aws:sts::${account}:assumed-role/Dev/s`, "[]", {
      mapAccounts: `- "${account}"\n`,
    });
    expect(user).toEqual({ username: `arn:aws:iam::${account}:role/Dev`, groups: [] });
    expect(givenBy?.key).toBe("mapAccounts");
  });

  it("says that of two spellings of a user either may count", () => {
    const { givenBy, alternatives } = explain(`arn:aws:iam::${account}:user/jane`, "[]", {
      mapUsers: `- userarn: arn:aws:iam::${account}:user/jane\n  username: a\n- userarn: arn:aws:iam::${account}:user/Jane\n  username: b\n`,
    });
    expect([givenBy?.position, alternatives.map(({ position }) => position)]).toEqual([1, [2]]);
  });

  it("lets an sso entry count for every role of its permission set, and says on what that depends", () => {
    const sso = `- sso: {permissionSetName: Admin, accountID: "${account}"}\n  username: admin\n`;
    const arn = `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jane`;
    const { user, notes } = explain(arn, sso);
    expect(user?.username).toBe("admin");
    expect(notes.join()).toContain("feature gate SSORoleMatch");
    const other = explain(arn, sso, { mapAccounts: `["${account}"]` });
    expect(other.notes.join()).toContain(`says (username "${other.identity.arn}")`);
    // The name has to end there: AWSReservedSSO_AdminX_... is another permission set.
    expect(explain(arn.replace("Admin_", "AdminX_"), sso).user).toBeUndefined();
  });

  it("lists a key that does not parse", () => {
    const { user, droppedKeys } = explain(`arn:aws:iam::${account}:role/dev`, "- rolearn: x\n   username: y\n");
    expect(user).toBeUndefined();
    expect(droppedKeys).toMatchObject([{ key: "mapRoles", line: 2 }]);
  });

  it("refuses what is no identity", () => {
    expect(() => explain("dev", "[]")).toThrow(expect.objectContaining({ code: "invalidInput" }));
  });

  // One entry that looks right for the identity, and what keeps it from counting.
  it.each([
    ["a role's path", `role/dev`, `rolearn: arn:aws:iam::${account}:role/eng/dev`, 'has the role\'s path "eng/"'],
    ["a session's ARN", `role/dev`, `rolearn: arn:aws:sts::${account}:assumed-role/dev/jane`, "is a session of a role"],
    ["whitespace", `role/dev`, `rolearn: " arn:aws:iam::${account}:role/dev"`, "whitespace around it"],
    [
      "whitespace around a session's ARN",
      `role/dev`,
      `rolearn: " arn:aws:sts::${account}:assumed-role/dev/jane"`,
      `whitespace around it; remove it; besides, arn "arn:aws:sts::${account}:assumed-role/dev/jane" is a session`,
    ],
    [
      "a role's path behind an account that is none",
      `role/dev`,
      "rolearn: arn:aws:iam::1234:role/eng/dev",
      'it names role "dev" of another account, 1234; its ARN has the role\'s path "eng/"',
    ],
    [
      "another partition beside another account",
      `role/dev`,
      "rolearn: arn:aws-cn:iam::444455556666:role/dev",
      'another account, 444455556666; it names another partition, "aws-cn"',
    ],
    ["a wildcard", `role/dev`, `rolearn: arn:aws:iam::${account}:role/d*`, "has a wildcard"],
    ["two kinds of wildcards", `role/dev`, `rolearn: arn:aws:iam::${account}:*/?e**v`, "has a wildcard"],
    [
      "many wildcards",
      `role/${"a".repeat(60)}`,
      `rolearn: arn:aws:iam::${account}:role/${"*a".repeat(30)}*`,
      "has a wildcard",
    ],
    ["another account", `role/dev`, `rolearn: arn:aws:iam::444455556666:role/dev`, "another account, 444455556666"],
    ["another partition", `role/dev`, `rolearn: arn:aws-cn:iam::${account}:role/dev`, 'another partition, "aws-cn"'],
    ["a user in place of a role", `role/dev`, `rolearn: arn:aws:iam::${account}:user/dev`, 'it names the user "dev"'],
    ["a user without the path", `user/eng/jane`, `rolearn: arn:aws:iam::${account}:user/jane`, "its ARN has no path"],
    ["the field of the other list", `role/dev`, `userarn: arn:aws:iam::${account}:role/dev`, "neither rolearn nor sso"],
    [
      "rolearn beside sso",
      `role/dev`,
      `{rolearn: "arn:aws:iam::${account}:role/dev", sso: {}}`,
      "both rolearn and sso",
    ],
    [
      "another suffix of its permission set",
      `role/AWSReservedSSO_Admin_0123456789abcdef`,
      `rolearn: arn:aws:iam::${account}:role/AWSReservedSSO_Admin_fedcba9876543210`,
      "same permission set with another suffix",
    ],
    [
      "an sso partition",
      `role/AWSReservedSSO_Admin_0123456789abcdef`,
      `sso: {permissionSetName: Admin, accountID: "${account}", partition: aws}`,
      "an sso entry with a partition matches nobody",
    ],
  ])("tells that %s keeps an entry from counting", (_title, resource, entry, reason) => {
    const { user, nearMisses } = explain(`arn:aws:iam::${account}:${resource}`, `- ${entry}\n`);
    expect(user).toBeUndefined();
    expect(nearMisses.map((miss) => miss.reason)).toEqual([expect.stringContaining(reason)]);
  });

  // What lint says of such entries: the two have to agree.
  it.each<[title: string, arn: string, reason: string]>([
    ["an account that is none", "arn:aws:iam::1234:role/dev", "which is not 12 digits"],
    ["an account that is none, of its root", "arn:aws:iam::1234:root", "which is not 12 digits"],
    ["a name with a wildcard", `arn:aws:iam::${account}:role/d*`, "has a wildcard"],
    ["a name that IAM would not accept", `arn:aws:iam::${account}:role/d|v`, "cannot be the name of a role"],
  ])("maps nobody who has %s", (_title, arn, reason) => {
    const mapRoles = `- {rolearn: "${arn}", username: a}\n- {rolearn: "${arn}", username: b}\n`;
    const { user, givenBy, shadowed, nearMisses, notes } = explain(arn, mapRoles, { mapAccounts: '- "1234"\n' });
    expect([user, givenBy, shadowed]).toEqual([undefined, undefined, []]);
    expect(notes).toEqual([expect.stringMatching(/^Nobody has this ARN: arn ".*\.$/)]);
    expect(notes[0]).toContain(reason);
    expect(nearMisses.map((miss) => miss.reason)).toEqual([
      expect.stringContaining(`it never matches: arn "${arn}"`),
      expect.stringContaining(reason),
    ]);
  });

  it("says that every login of a user is refused by a node's template, and by which entry", () => {
    const arn = `arn:aws:iam::${account}:user/jane`;
    const { user, givenBy, notes } = explain(arn, `- {rolearn: "${arn}", username: "{{EC2PrivateDNSName}}"}\n`);
    expect(user).toBeUndefined();
    expect(givenBy).toMatchObject({ key: "mapRoles", position: 1 });
    expect(notes).toEqual([
      `Username "{{EC2PrivateDNSName}}" has {{EC2PrivateDNSName}}, which only a role's session on an EC2 instance has, so the authenticator refuses every login of "${arn}"; map the role of the instances, or remove {{EC2PrivateDNSName}}.`,
    ]);
  });

  it("notes likely mistakes of the entry that counts, and of no other", () => {
    const arn = `arn:aws:iam::${account}:role/dev`;
    const entry = (content: string) => `- rolearn: ${arn}\n  ${content}\n`;
    const other = entry("username: jane doe");
    const notes = (content: string) => explain(arn, other + entry(content)).notes;
    expect(notes("username: dev\n    - viewers")).toEqual([expect.stringMatching(/^Username ".*" swallowed .*\.$/)]);
    expect(notes("groups: [system:master]")[0]).toMatch(/^Group "system:master" .*"system:masters"\?$/);
    expect(notes("username: dev\n  groups: [system:nodes]")).toEqual([expect.stringContaining('username is "dev"')]);
    expect(notes("username: dev\n  groups: [viewers]")).toEqual([]);
  });

  it("says nothing of entries for others", () => {
    expect(
      explain(`arn:aws:iam::${account}:role/dev`, `- rolearn: arn:aws:iam::${account}:role/ops\n`).nearMisses,
    ).toEqual([]);
  });
});

it.each(["arn:aws:iam::<ACCOUNT_ID>:role/dev", "arn:aws:iam::ACCOUNT_ID:role/dev"])(
  "an ARN with a placeholder is no identity: %s",
  (arn) => {
    expect(() => explainIdentity(parseDocument({}), arn)).toThrow(
      /has the placeholder <?ACCOUNT_ID>?; expand it first$/,
    );
  },
);
