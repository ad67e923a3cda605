import { describe, expect, it } from "vitest";
import { describeProblem } from "../../../provider/errors.ts";
import { contentProblems, isBuiltInGroup, knownTemplates, unknownTemplates } from "../../../provider/mapping/index.ts";

const role = "arn:aws:iam::111122223333:role/node";
const user = "arn:aws:iam::111122223333:user/jane";
const root = "arn:aws:iam::111122223333:root";
const node = "system:node:{{EC2PrivateDNSName}}";
const linux = ["system:bootstrappers", "system:nodes"];

describe("contentProblems", () => {
  it.each<[title: string, username: string | undefined, groups: readonly string[], arn?: string | undefined]>([
    ["a node", node, linux],
    ["a Windows node", node, [...linux, "eks:kube-proxy-windows"]],
    ["a Fargate pod", "system:node:{{SessionName}}", [...linux, "system:node-proxier"]],
    ["a node by its name", "system:node:ip-10-0-0-1.ec2.internal", linux],
    ["an administrator", "admin:{{SessionName}}", ["system:masters"]],
    ["a company's groups", "dev", ["developers", "team:nodes", "développeurs"]],
    ["no username", "", ["viewers"]],
    ["a node whose username is not known yet", undefined, linux],
    ["a template for an identity that is not known yet", node, linux, undefined],
    ["a template for a role in any letter case", node, linux, role.toUpperCase().replace("ROLE/", "role/")],
    ["a template for a federated user", node, linux, "arn:aws:sts::111122223333:federated-user/jane"],
  ])("reports nothing for %s", (...[, username, groups, ...arns]) => {
    expect(contentProblems({ arn: arns.length === 0 ? role : arns[0], username, groups })).toEqual([]);
  });

  const onlyNodes = (arn: string) =>
    `contains {{EC2PrivateDNSName}}, which is available only to roles of EC2 instances, so the authenticator rejects all logins of "${arn}"; map the role of the instances, or remove {{EC2PrivateDNSName}}`;
  const noNode = 'group "system:nodes" makes a user a node only if the username starts with "system:node:", but';
  const around = "has leading or trailing whitespace, which Kubernetes does not ignore; remove it";
  it.each<[found: string, username: string, groups: readonly string[], arn?: string]>([
    [`node-template username "x-{{EC2PrivateDNSName}}" ${onlyNodes(user)}`, "x-{{EC2PrivateDNSName}}", ["a"], user],
    [`node-template group "x-{{EC2PrivateDNSName}}" ${onlyNodes(root)}`, "root", ["x-{{EC2PrivateDNSName}}"], root],
    [
      'whitespace username "jane doe" contains whitespace, and bindings must use exactly the same name; remove it if it is not intended',
      "jane doe",
      [],
    ],
    [
      'whitespace group "a, b" contains whitespace, but is only one group; list groups separately if several are intended',
      "dev",
      ["a, b", "a, b"],
    ],
    [`whitespace username "dev " ${around}`, "dev ", []],
    [`whitespace group "\u00a0viewers" ${around}`, "dev", ["\u00a0viewers"]],
    [`node-username ${noNode} username is "x"; use username "${node}", or remove the group`, "x", linux],
    // A node's template is no remedy for a user.
    [`node-username ${noNode} there is no username; remove the group`, "", ["system:nodes"], user],
  ])("reports %s", (found, username, groups, arn = role) => {
    const problems = contentProblems({ arn, username, groups });
    expect(problems.map((problem) => `${problem.code} ${describeProblem(problem)}`)).toEqual([found]);
  });

  it("accepts whitespace in groups that a binding names", () => {
    const groups = ["domain users", "domain admins"];
    expect(contentProblems({ arn: role, username: "x", groups }, new Set(groups))).toEqual([]);
    expect(contentProblems({ arn: role, username: "x", groups }, new Set(["x"]))).toHaveLength(2);
  });
});

it.each<readonly [text: string, templates: readonly string[]]>([
  ...[...knownTemplates, node, "{{AccountID}}:{{SessionName}}", "plain", "{one}", "{{{AccountID}}}"].map(
    (text) => [text, []] as const,
  ),
  ["a{{EC2PrivateDnsName}}b", ["{{EC2PrivateDnsName}}"]],
  ["a{{ SessionName }}b", ["{{ SessionName }}"]],
  ["a{{AccountID}b", ["{{AccountID}"]],
  ["a{{AccountIDb", ["{{AccountIDb"]],
  ["a{{}}b", ["{{}}"]],
  ["{{a}}-{{AccountID}}-{{b}}", ["{{a}}", "{{b}}"]],
])("%s has the unknown templates %j", (text, templates) => {
  expect(unknownTemplates(text)).toEqual(templates);
});

it.each([
  ["system:masters", true],
  ["system:serviceaccounts:dev", true],
  ["System:masters", false],
  ["system:master", false],
  ["viewers", false],
])("%s is a built-in group: %s", (group, isBuiltIn) => {
  expect(isBuiltInGroup(group)).toBe(isBuiltIn);
});
