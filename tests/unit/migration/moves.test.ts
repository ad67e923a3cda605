import { describe, expect, it, test } from "vitest";
import { parseDocument } from "../../../provider/document/index.ts";
import { type Move, type MoveSettings, movesOf, type PrincipalLookup } from "../../../provider/migration/moves.ts";

const account = "111122223333";
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;

const settings: MoveSettings = {
  clusterAccount: account,
  partition: "aws",
  eksRoles: new Set([iam("role/managed")]),
  lookUp: (arn): PrincipalLookup => {
    if (arn.endsWith("/gone")) {
      return { kind: "missing" };
    }
    if (arn.endsWith("/AWSServiceRoleForBatch")) {
      return { kind: "found", arn: arn.replace("role/", "role/aws-service-role/batch.amazonaws.com/") };
    }
    return arn.endsWith("/secret")
      ? { kind: "unknown", reason: "iam:GetRole is not allowed" }
      : { kind: "found", arn: arn.replace("role/", "role/eng/") };
  },
};

function moves(mapRoles: string, mapUsers = "", mapAccounts = ""): readonly Move[] {
  return movesOf(parseDocument({ mapRoles, mapUsers, mapAccounts }), settings);
}

function inShort(move: Move): string {
  return move.kind === "move"
    ? `move ${move.content.principalArn}`
    : `${move.kind} ${move.reasons.map(({ code }) => code).join()}`;
}

const entry = (name: string, rest = "username: dev", field = "rolearn") =>
  `- ${field}: ${name.startsWith("arn:") ? name : iam(`role/${name}`)}\n  ${rest}\n`;
const user = (name: string, rest = "username: dev") => `- userarn: ${iam(`user/${name}`)}\n  ${rest}\n`;
const nodes = (name: string, username: string, ...more: string[]) =>
  entry(name, `username: "${username}"\n  groups: [${["system:bootstrappers", "system:nodes", ...more].join(", ")}]`);

describe("each entry of a map moves, stays or cannot move", () => {
  test.each<[string, readonly [string, string?, string?], readonly string[]]>([
    ["a role, with its path", [entry("dev")], [`move ${iam("role/eng/dev")}`]],
    ["a user, with the path that the map has", ["", user("eng/ann")], [`move ${iam("user/eng/ann")}`]],
    ["a user among the roles", [entry(iam("user/ann"))], [`move ${iam("user/ann")}`]],
    ["nodes", [nodes("node", "system:node:{{EC2PrivateDNSName}}")], [`move ${iam("role/eng/node")}`]],
    [
      "nodes of a managed node group",
      [nodes("managed", "system:node:{{EC2PrivateDNSName}}")],
      ["leave managedNodeGroup"],
    ],
    ["Fargate", [nodes("pods", "system:node:{{SessionName}}", "system:node-proxier")], ["leave fargate"]],
    ["a role with a path, which matches nobody", [entry(iam("role/eng/dev"))], ["leave matchesNobody"]],
    ["an ARN that nobody has", [entry(iam("group/dev"))], ["leave matchesNobody"]],
    ["an entry without an ARN", ["- username: dev\n"], ["leave matchesNobody"]],
    [
      "nodes that are a user, whose logins are refused",
      ["", user("n", 'username: "{{EC2PrivateDNSName}}"')],
      ["leave matchesNobody"],
    ],
    [
      "all but the last of several",
      [entry("dev", "username: a") + entry("Dev", "username: b")],
      ["leave shadowed", `move ${iam("role/eng/Dev")}`],
    ],
    [
      "a user who is among the roles too",
      [entry(iam("user/ann")), user("ann")],
      [`move ${iam("user/ann")}`, "leave shadowed"],
    ],
    [
      "a user in two spellings, of which any may count",
      ["", user("ann") + user("Ann")],
      ["cannot ambiguous", "cannot ambiguous"],
    ],
    [
      "one beside another that matches nobody",
      [entry("dev") + entry(iam("role/eng/dev"))],
      [`move ${iam("role/eng/dev")}`, "leave matchesNobody"],
    ],
    ["an account", ["", "", `- "${account}"\n`], ["cannot account"]],
    ["an account that is none", ["", "", "- x\n"], ["leave matchesNobody"]],
    ["the root of an account", ["", `- userarn: ${iam("root")}\n  username: dev\n`], ["cannot principal"]],
    [
      "a permission set",
      [`- sso: {permissionSetName: A, accountID: "${account}"}\n  username: dev\n`],
      ["cannot permissionSet"],
    ],
    [
      "a permission set that matches nobody",
      [`- sso: {permissionSetName: A, accountID: "${account}", partition: aws}\n`],
      ["leave matchesNobody"],
    ],
    ["a role of a service", [entry("AWSServiceRoleForBatch")], ["cannot serviceLinkedRole"]],
    ["a reserved name", [entry("dev", 'username: "eks:dev"')], ["cannot reservedUsername"]],
    ["a role that does not exist", [entry("gone")], ["leave missingPrincipal"]],
    ["a role that nobody may look up", [entry("secret")], ["cannot unknownPath"]],
    [
      "a role that nobody may look up, and that could not move anyway",
      [entry("secret", 'username: "eks:dev"')],
      ["cannot reservedUsername"],
    ],
  ])("%s", (_, map, expected) => {
    expect(moves(...map).map(inShort)).toEqual(expected);
  });

  it("with its place, and the notes of its access entry", () => {
    expect(moves(entry("dev", "groups: [system:masters]"))).toMatchObject([
      {
        placed: { key: "mapRoles", position: 1 },
        kind: "move",
        notes: [/username/, /system:masters/].map((text) => expect.stringMatching(text)),
      },
    ]);
  });

  it("with all reasons", () => {
    expect(moves(entry("dev", 'username: "eks:dev"\n  groups: ["system:a"]')).map(inShort)).toEqual([
      "cannot reservedUsername,reservedGroup",
    ]);
  });

  it.each([
    [
      "names the entry that counts",
      entry("dev") + entry("dev"),
      "mapRoles entry 2 is for the same principal and counts instead",
    ],
    [
      "says why nobody can log in",
      entry(iam("group/a")),
      `nobody can log in with it: arn "${iam("group/a")}" is an IAM group, which never signs in itself; map a role that the group may assume, or each of its users`,
    ],
    [
      "says why IAM does not tell",
      entry("secret"),
      "whether the role has a path is not known: iam:GetRole is not allowed",
    ],
  ])("and %s", (_, map, reason) => {
    expect(moves(map)[0]).toMatchObject({ reasons: [{ reason }] });
  });
});
