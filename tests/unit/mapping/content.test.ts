import { describe, expect, it } from "vitest";
import { describeProblem } from "../../../provider/errors.ts";
import { contentProblems, isBuiltInGroup, knownTemplates, unknownTemplates } from "../../../provider/mapping/index.ts";

const role = "arn:aws:iam::111122223333:role/node";
const user = "arn:aws:iam::111122223333:user/jane";
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
  ])("finds nothing in %s", (...[, username, groups, ...arns]) => {
    expect(contentProblems({ arn: arns.length === 0 ? role : arns[0], username, groups })).toEqual([]);
  });

  it.each<[title: string, arn: string, username: string, groups: readonly string[], found: readonly string[]]>([
    [
      "a node's template in the username of a user",
      user,
      "jane-{{EC2PrivateDNSName}}",
      ["viewers"],
      [
        `node-template username "jane-{{EC2PrivateDNSName}}" has {{EC2PrivateDNSName}}, which only a role's session on an EC2 instance has, so the authenticator refuses every login of "${user}"; map the role of the instances, or remove {{EC2PrivateDNSName}}`,
      ],
    ],
    [
      "a node's template in a group of an account's root",
      "arn:aws:iam::111122223333:root",
      "root",
      ["of-{{EC2PrivateDNSName}}"],
      [
        `node-template group "of-{{EC2PrivateDNSName}}" has {{EC2PrivateDNSName}}, which only a role's session on an EC2 instance has, so the authenticator refuses every login of "arn:aws:iam::111122223333:root"; map the role of the instances, or remove {{EC2PrivateDNSName}}`,
      ],
    ],
    [
      "whitespace in a username",
      role,
      "jane doe",
      [],
      [
        'whitespace username "jane doe" has whitespace in it, which a binding has to contain as well; remove it if it is not intended',
      ],
    ],
    [
      "several groups in one",
      role,
      "dev",
      ["viewers, editors", "viewers, editors"],
      [
        'whitespace group "viewers, editors" has whitespace in it, so it is one group of that name; list each group by itself if several are meant',
      ],
    ],
    [
      "whitespace around names",
      role,
      "dev ",
      ["\u00a0viewers"],
      [
        'whitespace username "dev " has whitespace around it, which Kubernetes does not ignore; remove it',
        'whitespace group "\u00a0viewers" has whitespace around it, which Kubernetes does not ignore; remove it',
      ],
    ],
    [
      "the group of the nodes with another username",
      role,
      "worker",
      linux,
      [
        'node-username group "system:nodes" makes a user a node only if the username begins with "system:node:", but username is "worker"; use username "system:node:{{EC2PrivateDNSName}}", or remove the group',
      ],
    ],
    [
      "the group of the nodes without a username, of a user, for whom a node's template would be no way out",
      user,
      "",
      ["system:nodes"],
      [
        'node-username group "system:nodes" makes a user a node only if the username begins with "system:node:", but there is no username; remove the group',
      ],
    ],
  ])("finds %s", (_title, arn, username, groups, found) => {
    const problems = contentProblems({ arn, username, groups });
    expect(problems.map((problem) => `${problem.code} ${describeProblem(problem)}`)).toEqual(found);
  });

  it("takes the names of groups that a binding has as they are", () => {
    const groups = ["domain users", "domain admins"];
    expect(contentProblems({ arn: role, username: "x", groups }, new Set(groups))).toEqual([]);
    expect(contentProblems({ arn: role, username: "x", groups }, new Set(["x"]))).toHaveLength(2);
  });
});

describe("unknownTemplates", () => {
  it.each([
    ...knownTemplates,
    "system:node:{{EC2PrivateDNSName}}",
    "{{AccountID}}:{{SessionName}}",
    "plain",
    "{one}",
    "{{{AccountID}}}",
  ])("%s has no unknown template", (text) => {
    expect(unknownTemplates(text)).toEqual([]);
  });

  it.each(["{{EC2PrivateDnsName}}", "{{ SessionName }}", "{{AccountID}", "{{AccountID", "{{Username}}", "{{}}"])(
    "%s is unknown",
    (text) => {
      expect(unknownTemplates(`a${text}b`)).toEqual([text.endsWith("}") ? text : `${text}b`]);
    },
  );

  it("every unknown template of a text is found", () => {
    expect(unknownTemplates("{{a}}-{{AccountID}}-{{b}}")).toEqual(["{{a}}", "{{b}}"]);
  });
});

describe("isBuiltInGroup", () => {
  it.each([
    ["system:masters", true],
    ["system:serviceaccounts:dev", true],
    ["System:masters", false],
    ["system:master", false],
    ["viewers", false],
  ])("%s: %s", (group, isBuiltIn) => {
    expect(isBuiltInGroup(group)).toBe(isBuiltIn);
  });
});
