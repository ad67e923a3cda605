import { describe, expect, it } from "vitest";
import { clusterAccess } from "../../../provider/access/clusterAccess.ts";
import { explainAccess } from "../../../provider/access/explainAccess.ts";
import { callerIdentity } from "../../../provider/authenticator/index.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { live } from "../accessEntries/support.ts";

const account = "111122223333";
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;

/** An explanation, with what tests compare: the users, and the positions of entries. */
function explain(arn: string, mapRoles: string, rest: Readonly<Record<string, string>> = {}) {
  const { answer, logins, shadowed, sameName } = explainAccess(clusterAccess(parseMap({ mapRoles, ...rest })), arn);
  const place = ({ key, position, line }: (typeof shadowed)[number]) => [key, position, line];
  return {
    answer,
    users: logins.map(({ user }) => user),
    by: logins.map(({ entry }) => entry?.username),
    shadowed: shadowed.map(place),
    sameName: sameName.map(({ position }) => position),
  };
}

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

describe("explainAccess", () => {
  const session = `arn:aws:sts::${account}:assumed-role/dev/s`;

  it("takes the last of several entries, in any letter case, and lists those without effect", () => {
    const mapRoles = `# team\n- rolearn: ${iam("role/dev")}\n  username: old\n\n- rolearn: ${iam("role/DEV")}\n  username: new\n  groups: [a]\n`;
    expect(explain(session, mapRoles, { mapUsers: `- userarn: ${iam("role/dev")}\n  username: user\n` })).toEqual({
      answer: "yes",
      users: [{ username: "new", groups: ["a"] }],
      by: ["new"],
      shadowed: [
        ["mapRoles", 1, 2],
        ["mapUsers", 1, 1],
      ],
      sameName: [],
    });
  });

  it.each([
    ["n/i-0123456789abcdef0", "yes"],
    ["n/i-01234567", "yes"],
    ["n/bob", "no"],
    ["n/i-0123456789", "no"],
  ])("answers for the session %s of a node's role: %s", (name, answer) => {
    const mapRoles = `- {rolearn: "${iam("role/n")}", username: "system:node:{{EC2PrivateDNSName}}", groups: [nodes]}\n`;
    const explained = explain(`arn:aws:sts::${account}:assumed-role/${name}`, mapRoles);
    expect([explained.answer, explained.by]).toEqual([answer, ["system:node:{{EC2PrivateDNSName}}"]]);
  });

  it("fills in the templates that a session's ARN determines", () => {
    const mapRoles = `- {rolearn: "${iam("role/dev")}", username: "{{SessionName}}:{{SessionNameRaw}}", groups: ["{{AccountID}}"]}\n`;
    const { users } = explain(`arn:aws:sts::${account}:assumed-role/dev/jane@example.com`, mapRoles);
    expect(users).toEqual([{ username: "jane-example.com:jane@example.com", groups: [account] }]);
  });

  it("falls back on the account, which gives the ARN as username and no groups", () => {
    const { users } = explain(session, "[]", { mapAccounts: `- "${account}"\n` });
    expect(users).toEqual([{ username: iam("role/dev"), groups: [] }]);
  });

  it("gives both of two spellings of a user, of which either may count", () => {
    const mapUsers = `- userarn: ${iam("user/jane")}\n  username: a\n- userarn: ${iam("user/Jane")}\n  username: b\n`;
    expect(explain(iam("user/jane"), "[]", { mapUsers })).toMatchObject({ answer: "yes", by: ["a", "b"] });
  });

  it("answers unknown where only an sso entry matches, which counts with a feature gate", () => {
    const sso = `- sso: {permissionSetName: Admin, accountID: "${account}"}\n  username: admin\n`;
    const arn = `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jane`;
    expect(explain(arn, sso)).toMatchObject({ answer: "unknown", by: ["admin", undefined] });
    expect(explain(arn, sso, { mapAccounts: `["${account}"]` }).answer).toBe("yes");
    // The name has to end there: AWSReservedSSO_AdminX_... is another permission set.
    expect(explain(arn.replace("Admin_", "AdminX_"), sso).answer).toBe("no");
  });

  it("refuses what is no identity, and a placeholder", () => {
    expect(() => explain("dev", "[]")).toThrow(expect.objectContaining({ code: "invalidInput" }));
    for (const arn of ["arn:aws:iam::<ACCOUNT_ID>:role/dev", "arn:aws:iam::ACCOUNT_ID:role/dev"]) {
      expect(() => explain(arn, "[]")).toThrow(/has the placeholder <?ACCOUNT_ID>?; expand it first$/);
    }
  });

  it.each<[title: string, resource: string, arn: string]>([
    ["in a role's path", "role/dev", iam("role/eng/dev")],
    ["in another account", "role/dev", "arn:aws:iam::444455556666:role/dev"],
    ["in another partition", "role/dev", `arn:aws-cn:iam::${account}:role/dev`],
    ["of a user", "role/dev", iam("user/dev")],
    ["of a user without the path", "user/eng/jane", iam("user/jane")],
  ])("gives a hint to an entry for the same name %s", (_title, resource, arn) => {
    const others = `- rolearn: ${iam("role/ops")}\n- rolearn: ${iam("role/xdev")}\n`;
    expect(explain(iam(resource), `${others}- rolearn: ${arn}\n`)).toMatchObject({ answer: "no", sameName: [3] });
  });

  it.each([
    ["an account that is none", "arn:aws:iam::1234:role/dev"],
    ["a wildcard", iam("role/d*")],
    ["a name that IAM would not accept", iam("role/d|v")],
  ])("maps no identity that has %s", (_title, arn) => {
    const mapRoles = `- {rolearn: "${arn}", username: a}\n`;
    expect(explain(arn, mapRoles, { mapAccounts: '- "1234"\n' })).toMatchObject({ answer: "no", users: [undefined] });
  });

  it("takes the access entry, and lists the entry of aws-auth without effect", () => {
    const document = parseMap({ mapRoles: `- rolearn: ${iam("role/dev")}\n  username: map\n` });
    const entries = [live({ principalArn: iam("role/eng/dev"), username: "entry", groups: [] })];
    const access = clusterAccess(document, "API_AND_CONFIG_MAP", { value: entries });
    const { logins, shadowed } = explainAccess(access, iam("role/dev"));
    expect(logins.map(({ user }) => user?.username)).toEqual(["entry"]);
    expect(shadowed).toMatchObject([{ key: "mapRoles", position: 1 }]);
  });

  it("answers unknown instead of no while the access entries cannot be read", () => {
    const blind = clusterAccess(parseMap({}), "API_AND_CONFIG_MAP", {
      unread: "may not do eks:ListAccessEntries",
    });
    expect(explainAccess(blind, iam("role/dev")).answer).toBe("unknown");
  });
});
