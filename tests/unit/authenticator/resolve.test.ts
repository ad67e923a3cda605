import { describe, expect, it } from "vitest";
import { callerIn, loginsOf } from "../../../provider/authenticator/index.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";

const account = "111122223333";
const role = `arn:aws:iam::${account}:role/dev`;
const session = (name: string) => `arn:aws:sts::${account}:assumed-role/dev/${name}`;

function usersOf(arn: string, data: Record<string, string>) {
  return loginsOf(parseMap(data), callerIn(arn)).map(({ user }) => user);
}

function usernamesOf(arn: string, username: string) {
  const mapRoles = JSON.stringify([{ rolearn: role, username, groups: [username] }]);
  return usersOf(arn, { mapRoles }).map((user) => [user?.username, ...(user?.groups ?? [])]);
}

describe("the login of an identity", () => {
  it.each<[arn: string, username: string, filled: string]>([
    [role, "dev", "dev"],
    [role, "{{AccountID}}:x", `${account}:x`],
    [session("jane@example.com"), "u:{{SessionName}}", "u:jane-example.com"],
    [session("jane@example.com"), "u:{{SessionNameRaw}}", "u:jane@example.com"],
    [role, "{{Sessionname}}", "{{Sessionname}}"],
  ])("%s gets %s as %s", (arn, username, filled) => {
    expect(usernamesOf(arn, username)).toEqual([[filled, filled]]);
  });

  it.each<[username: string, fits: string[], others: string[]]>([
    ["u:{{SessionName}}", ["u:jane", "u:a.b-c=,+_"], ["u:", "u:j", "u:jane@x", "u:a:b", "v:jane", "u:jane x"]],
    ["{{SessionNameRaw}}", ["jane@x"], ["system:masters"]],
    ["system:{{SessionName}}", ["system:masters"], ["systems:masters"]],
    ["a.b{{SessionName}}", ["a.bjane"], ["axbjane"]],
    ["system:node:{{EC2PrivateDNSName}}", ["system:node:ip-10-0-0-1.ec2.internal"], ["system:node:"]],
    ["{{AccessKeyID}}", ["ASIAAAAAAAAAAAAAAAAA"], ["jane"]],
    ["{{SessionName}}:{{SessionName}}", ["jane:jane"], ["jane:joan"]],
  ])("%s of a role may be %j, and not %j", (username, fits, others) => {
    const [[pattern] = []] = usernamesOf(role, username);
    const isFitting = (text: string) => pattern instanceof RegExp && pattern.test(text);
    expect(fits.filter((text) => !isFitting(text))).toEqual([]);
    expect(others.filter(isFitting)).toEqual([]);
  });

  it("is told in no time from a name that almost fits many templates", () => {
    const [[pattern] = []] = usernamesOf(role, `x${"{{SessionName}}a".repeat(30)}b`);
    expect(pattern).toBeInstanceOf(RegExp);
    const isFitting = (text: string) => pattern instanceof RegExp && pattern.test(text);
    expect([isFitting(`x${"a".repeat(90)}b`), isFitting(`x${"a".repeat(200)}c`)]).toEqual([true, false]);
  });

  it("is refused where nothing maps it, and where a node's session is no instance's", () => {
    expect(usersOf(role, {})).toEqual([undefined]);
    expect(usernamesOf(session("jane"), "system:node:{{EC2PrivateDNSName}}")).toEqual([[undefined]]);
    expect(usernamesOf(session("i-0123456789abcdef0"), "{{EC2PrivateDNSName}}")).toEqual([
      [/^[\w.-]+$/s, /^[\w.-]+$/s],
    ]);
  });

  it("is refused for an ARN that nobody has", () => {
    const arn = "arn:aws:iam::1234:role/dev";
    expect(usersOf(arn, { mapRoles: JSON.stringify([{ rolearn: arn, username: "dev" }]) })).toEqual([undefined]);
  });

  it("of a user has no session name", () => {
    const arn = `arn:aws:iam::${account}:user/jane`;
    const mapUsers = JSON.stringify([{ userarn: arn, username: "u:{{SessionName}}" }]);
    expect(usersOf(arn, { mapUsers })).toEqual([{ username: "u:", groups: [] }]);
    const node = JSON.stringify([{ userarn: arn, username: "{{EC2PrivateDNSName}}" }]);
    expect(usersOf(arn, { mapUsers: node })).toEqual([undefined]);
  });

  it("has several outcomes where chance or a feature gate decides", () => {
    const mapUsers = JSON.stringify([
      { userarn: `arn:aws:iam::${account}:user/Jane`, username: "a" },
      { userarn: `arn:aws:iam::${account}:user/jane`, username: "b" },
    ]);
    const names = (users: ReturnType<typeof usersOf>) => users.map((user) => user?.username);
    expect(names(usersOf(`arn:aws:iam::${account}:user/jane`, { mapUsers }))).toEqual(["a", "b"]);
    const mapRoles = JSON.stringify([{ sso: { permissionSetName: "Dev", accountID: account }, username: "sso" }]);
    const arn = `arn:aws:iam::${account}:role/AWSReservedSSO_Dev_0123456789abcdef`;
    expect(names(usersOf(arn, { mapRoles }))).toEqual(["sso", undefined]);
    expect(names(usersOf(arn, { mapRoles, mapAccounts: `- "${account}"\n` }))).toEqual(["sso", arn]);
  });
});
