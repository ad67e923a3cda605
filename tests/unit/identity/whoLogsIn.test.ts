import { describe, expect, it } from "vitest";
import type { LiveAccessEntry } from "../../../provider/accessEntries/accessEntry.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { identityOf } from "../../../provider/identity/identity.ts";
import { shadowedEntries, whoLogsIn } from "../../../provider/identity/whoLogsIn.ts";
import { adminPolicy, live } from "../../support/accessEntries.ts";

const account = "111122223333";
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const role = iam("role/dev");
const session = (name: string, of = "dev") => `arn:aws:sts::${account}:assumed-role/${of}/${name}`;

type Data = Readonly<Record<string, string>>;

/** A cluster in mode API_AND_CONFIG_MAP if there are access entries. */
function cluster(data: Data, ...entries: readonly Partial<LiveAccessEntry>[]) {
  const mode = entries.length === 0 ? undefined : "API_AND_CONFIG_MAP";
  return clusterAccess(parseMap(data), mode, { value: entries.map(live) });
}

function who(arn: string, data: Data, ...entries: readonly Partial<LiveAccessEntry>[]) {
  const { answer, doubt, logins, shadowed } = whoLogsIn(cluster(data, ...entries), identityOf(arn));
  return {
    answer,
    doubt,
    users: logins.map(({ user }) => user),
    by: logins.map(({ given }) => given?.username),
    shadowed: shadowed.map(({ key, username }) => [key, username]),
  };
}

/** The username and groups that an entry of the role grants to an identity. */
function namesFor(arn: string, username: string) {
  const mapRoles = JSON.stringify([{ rolearn: role, username, groups: [username] }]);
  return who(arn, { mapRoles }).users.map((user) => [user?.username, ...(user?.groups ?? [])]);
}

describe("the templates of an entry", () => {
  it.each<[arn: string, username: string, filled: string]>([
    [role, "dev", "dev"],
    [role, "{{AccountID}}:x", `${account}:x`],
    [session("jane@example.com"), "{{SessionName}}:{{SessionNameRaw}}", "jane-example.com:jane@example.com"],
    [role, "{{Sessionname}}", "{{Sessionname}}"],
  ])("expand for %s: %s becomes %s", (arn, username, filled) => {
    expect(namesFor(arn, username)).toEqual([[filled, filled]]);
  });

  it.each<[username: string, matches: string[], others: string[]]>([
    ["u:{{SessionName}}", ["u:jane", "u:a.b-c=,+_"], ["u:", "u:j", "u:jane@x", "u:a:b", "v:jane", "u:jane x"]],
    ["{{SessionNameRaw}}", ["jane@x"], ["system:masters"]],
    ["system:{{SessionName}}", ["system:masters"], ["systems:masters"]],
    ["a.b{{SessionName}}", ["a.bjane"], ["axbjane"]],
    ["system:node:{{EC2PrivateDNSName}}", ["system:node:ip-10-0-0-1.ec2.internal"], ["system:node:"]],
    ["{{AccessKeyID}}", ["ASIAAAAAAAAAAAAAAAAA"], ["jane"]],
    ["{{SessionName}}:{{SessionName}}", ["jane:jane"], ["jane:joan"]],
    ["{{SessionNameRaw}}{{AccessKeyID}}:{{SessionName}}", [`me${"A".repeat(20)}:me`], [`m${"A".repeat(15)}:me`]],
    // Takes exponential time if each template matches on its own.
    [`x${"{{SessionName}}a".repeat(30)}b`, [`x${"a".repeat(90)}b`], [`x${"a".repeat(200)}c`]],
    [`${"{{SessionName}}{{AccessKeyID}}{{SessionNameRaw}}".repeat(3)}:`, [], ["a".repeat(150)]],
  ])("match for a role: %s can be %j, and cannot be %j", (username, matches, others) => {
    const [[pattern] = []] = namesFor(role, username);
    const isMatching = (text: string) => typeof pattern === "object" && pattern.test(text);
    expect([matches.filter((text) => !isMatching(text)), others.filter(isMatching)]).toEqual([[], []]);
  });

  it.each([
    ["no session name for a user", iam("user/jane"), "u:"],
    ["the name of a federated user", `arn:aws:sts::${account}:federated-user/bob`, "u:bob"],
  ])("expand to %s", (_title, userarn, username) => {
    const mapUsers = JSON.stringify([{ userarn, username: "u:{{SessionName}}" }]);
    expect(who(userarn, { mapUsers }).users).toEqual([{ username, groups: [] }]);
  });

  it.each([
    ["i-0123456789abcdef0", "yes"],
    ["i-01234567", "yes"],
    ["bob", "no"],
    ["i-0123456789", "no"],
  ])("grant access to the session %s of a node role: %s", (name, answer) => {
    const mapRoles = `- {rolearn: "${role}", username: "system:node:{{EC2PrivateDNSName}}", groups: [nodes]}\n`;
    expect(who(session(name), { mapRoles })).toMatchObject({ answer, by: ["system:node:{{EC2PrivateDNSName}}"] });
  });
});

describe("aws-auth", () => {
  const jane = iam("user/jane");
  const spellings = `- userarn: ${jane}\n  username: a\n- userarn: ${iam("user/Jane")}\n  username: b\n`;
  const sso = `- sso: {permissionSetName: Dev, accountID: "${account}"}\n  username: sso\n`;
  const member = iam("role/AWSReservedSSO_Dev_0123456789abcdef");
  const mapAccounts = `- "${account}"\n`;

  it("applies the last of several entries in any letter case, and roles before users", () => {
    const mapRoles = `- rolearn: ${role}\n  username: old\n- rolearn: ${iam("role/DEV")}\n  username: new\n  groups: [a]\n`;
    expect(who(session("s"), { mapRoles, mapUsers: `- userarn: ${role}\n  username: user\n`, mapAccounts })).toEqual({
      answer: "yes",
      doubt: undefined,
      users: [{ username: "new", groups: ["a"] }],
      by: ["new"],
      shadowed: [
        ["mapRoles", "old"],
        ["mapUsers", "user"],
      ],
    });
  });

  it.each<[title: string, arn: string, data: Data, answer: string, usernames: (string | undefined)[]]>([
    ["an identity that is not mapped", role, {}, "no", [undefined]],
    ["an identity of a mapped account", session("s"), { mapAccounts }, "yes", [role]],
    [
      "a user with a long s",
      jane,
      { mapUsers: `- {userarn: "${jane.replace("user", "u\u017fer")}", username: a}` },
      "yes",
      ["a"],
    ],
    ["a user in two spellings", jane, { mapUsers: spellings }, "yes", ["a", "b"]],
    ["a permission set", member, { mapRoles: sso }, "unknown", ["sso", undefined]],
    [
      "a permission set with a partition",
      member,
      { mapRoles: sso.replace("{", "{partition: aws, ") },
      "no",
      [undefined],
    ],
    [
      "an entry that the authenticator drops",
      role,
      { mapRoles: sso.replace("  user", `  rolearn: ${role}\n  user`) },
      "no",
      [undefined],
    ],
    ["a permission set in a mapped account", member, { mapRoles: sso, mapAccounts }, "yes", ["sso", member]],
    ["another permission set", member.replace("Dev_", "DevX_"), { mapRoles: sso }, "no", [undefined]],
    ...["arn:aws:iam::1234:role/dev", iam("role/d*"), iam("role/d|v")].map(
      (arn): [string, string, Data, string, undefined[]] => [
        "an ARN that no identity has",
        arn,
        { mapRoles: `- {rolearn: "${arn}", username: a}\n`, mapAccounts: '- "1234"\n' },
        "no",
        [undefined],
      ],
    ),
  ])("resolves %s: %s", (_title, arn, data, answer, usernames) => {
    const { users, ...found } = who(arn, data);
    expect([found.answer, users.map((user) => user?.username)]).toEqual([answer, usernames]);
  });

  const ofJane = `- {userarn: "${jane}", username: jane}\n`;
  it.each<[title: string, data: Data, answer: string]>([
    ["before the entry of the identity", { mapRoles: "- {", mapUsers: ofJane }, "unknown"],
    ["and no entry of the identity", { mapRoles: "[]", mapUsers: "- {" }, "unknown"],
    ["before the entry of the account", { mapUsers: "- {", mapAccounts }, "unknown"],
    ["after the entry of the identity", { mapRoles: ofJane.replace("user", "role"), mapUsers: "- {" }, "yes"],
  ])("decides on access with an unparsable key %s", (_title, data, answer) => {
    const found = who(jane, data);
    const reason = expect.stringMatching(/^map(Roles|Users) cannot be read; line 1, column \d+: /);
    expect([found.answer, found.doubt]).toEqual([answer, answer === "yes" ? undefined : reason]);
  });
});

describe("an access entry", () => {
  const mapRoles = `- rolearn: ${role}\n  username: dev\n`;
  const data = { mapRoles, mapAccounts: `- "${account}"\n` };
  const entry = { principalArn: iam("role/eng/dev"), username: "by-entry", groups: ["ops"] };

  it.each([role, iam("role/eng/dev"), iam("role/DEV"), session("jane")])("overrides aws-auth for %s", (arn) => {
    const found = who(arn, data, entry);
    expect([found.answer, found.by, found.shadowed]).toEqual(["yes", ["by-entry"], [["mapRoles", "dev"]]]);
  });

  it("makes aws-auth irrelevant, even if aws-auth cannot be read", () => {
    expect(who(role, { mapRoles: "- {" }, entry)).toMatchObject({ answer: "yes", doubt: undefined });
  });

  it.each([undefined, "CONFIG_MAP"] as const)("has no effect in mode %s", (mode) => {
    const access = clusterAccess(parseMap(data), mode, { value: [live(entry)] });
    expect(whoLogsIn(access, identityOf(role)).logins).toMatchObject([{ given: { username: "dev" } }]);
  });

  it("does not apply to a user in another path", () => {
    const found = who(iam("user/jane"), data, { ...entry, principalArn: iam("user/eng/jane") });
    expect(found.users).toEqual([{ username: iam("user/jane"), groups: [] }]);
  });

  it("is the only source in mode API", () => {
    const access = clusterAccess(parseMap(data), "API", { value: [live(entry)] });
    const answers = [role, iam("role/other")].map((arn) => whoLogsIn(access, identityOf(arn)).answer);
    expect(answers).toEqual(["yes", "no"]);
    const unclear = clusterAccess(parseMap({ mapRoles: "- {" }), "API", { value: [] });
    expect(whoLogsIn(unclear, identityOf(role))).toMatchObject({ answer: "no", doubt: undefined });
  });

  it("is one of several if the role was recreated in another path", () => {
    const old = { ...entry, principalArn: iam("role/old/dev"), username: "old" };
    expect(who(role, data, entry, old).by).toEqual(["by-entry", "old"]);
  });

  const death = { kind: "recreated", text: "the role was recreated" } as const;
  it.each<[title: string, data: Data, old: Partial<LiveAccessEntry>[], answer: string, by: unknown[]]>([
    ["grants no access", {}, [{ ...entry, death }], "no", ["by-entry"]],
    ["makes the answer unknown if aws-auth has the role", data, [{ ...entry, death }], "unknown", ["dev", "by-entry"]],
    [
      "has no effect next to the entry of the new path",
      data,
      [
        { ...entry, death },
        { ...entry, principalArn: iam("role/new/dev"), username: "new" },
      ],
      "yes",
      ["new"],
    ],
  ])("that is dead %s", (_title, map, entries, answer, by) => {
    const found = who(role, map, ...entries);
    expect([found.answer, found.by]).toEqual([answer, by]);
    expect(found.doubt ?? "").toContain(answer === "unknown" ? death.text : "");
  });

  it("grants node access for every type except STANDARD", () => {
    const node = { username: expect.any(Object), groups: ["system:nodes"] };
    expect(who(role, {}, { ...entry, type: "EC2", username: "", groups: [] }).users).toEqual([node]);
  });

  it("turns a no into unknown if it could not be read", () => {
    const blind = clusterAccess(parseMap({ mapRoles }), "API_AND_CONFIG_MAP", { unread: "no permission" });
    const answers = [role, iam("role/other")].map((arn) => whoLogsIn(blind, identityOf(arn)));
    expect(answers).toMatchObject([
      { answer: "yes", doubt: "no permission" },
      { answer: "unknown", doubt: "no permission" },
    ]);
    const { doubt } = whoLogsIn(
      { ...blind, refusedKeys: new Map([["mapRoles", "unclear"]]) },
      identityOf(iam("user/x")),
    );
    expect(doubt).toBe("no permission; unclear");
  });
});

describe("the shadowed entries", () => {
  const entry = (username: string, groups: string) =>
    `- rolearn: ${role}\n  username: ${username}\n  groups: [${groups}]\n`;
  const standard = { principalArn: iam("role/eng/dev"), username: "dev", groups: [] };
  const withGroup = { ...standard, groups: ["a"] };
  const both = entry("old", "a") + entry("dev", "a");
  const administrator = { ...standard, policies: [adminPolicy] };
  const viewPolicy = { ...adminPolicy, policyArn: adminPolicy.policyArn.replace("ClusterAdmin", "View") };
  const node = { ...standard, username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] };
  const nodes = (...groups: readonly string[]) => {
    const all = ["system:bootstrappers", "system:nodes", ...groups].map((group) => JSON.stringify(group));
    return entry("system:node:{{EC2PrivateDNSName}}", all.join());
  };

  it.each<[title: string, mapRoles: string, entry: Partial<LiveAccessEntry>, found: (number | boolean)[][]]>([
    ["an equal access entry", entry("dev", "b, a"), { ...standard, groups: ["a", "b"] }, [[0, true]]],
    ["an access entry with another group", entry("dev", "a"), standard, [[0, false]]],
    ["the access entry of an administrator", entry("dev", '"system:masters"'), administrator, [[0, true]]],
    ["an access entry that cannot have the group", entry("dev", '"system:bootstrappers"'), standard, [[0, false]]],
    ["an equal one, and another map entry", both, withGroup, [0, 1].map((index) => [index, index === 1])],
    ["one with an access policy", entry("dev", "a"), { ...withGroup, policies: [viewPolicy] }, [[0, false]]],
    ["that of EC2 nodes", nodes(), { ...node, type: "EC2_LINUX" }, [[0, true]]],
    ["that of Linux nodes", nodes("eks:kube-proxy-windows"), { ...node, type: "EC2_LINUX" }, [[0, false]]],
    ["that of Windows nodes", nodes("eks:kube-proxy-windows"), { ...node, type: "EC2_WINDOWS" }, [[0, true]]],
    ["that of Fargate nodes", nodes("system:node-proxier"), { ...node, type: "FARGATE_LINUX" }, [[0, true]]],
    ["the access entry of another role", entry("dev", "a"), { ...standard, principalArn: iam("role/other") }, []],
  ])("are compared with %s", (_title, mapRoles, accessEntry, found) => {
    const access = cluster({ mapRoles }, accessEntry);
    const shadows = [...shadowedEntries(access)].map(([one, { isEqual }]) => [access.entries.indexOf(one), isEqual]);
    expect(shadows).toEqual(found);
  });

  it("include the repetition of an account", () => {
    const access = cluster({ mapAccounts: `- "${account}"\n- "${account}"\n` });
    const [first, last] = access.entries;
    expect([...shadowedEntries(access)]).toEqual([[first, { entry: last, isEqual: true }]]);
  });
});
