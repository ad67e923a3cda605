import { describe, expect, it } from "vitest";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { describeProblem } from "../../../provider/errors.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { type LintProblem, lintMap } from "../../../provider/lint.ts";
import { arn, live } from "../accessEntries/support.ts";

const role = "arn:aws:iam::111122223333:role/dev";
const user = "arn:aws:iam::111122223333:user/dev";
const good = `- rolearn: ${role}\n  username: dev\n  groups: [viewers]\n`;
type Data = Readonly<Record<string, string>>;

function lint(data: Data, bound?: readonly string[], claims?: string): readonly LintProblem[] {
  const access = clusterAccess(parseMap(data, undefined, claims));
  return lintMap({ data, access, bound: bound && new Set(bound) });
}

function short({ code, severity, place: { key, position, line } }: LintProblem): string {
  return [severity, code, key, position, line].filter((part) => part !== undefined).join(" ");
}

describe("lint", () => {
  it("finds nothing in a sound map", () => {
    const mapUsers = "- userarn: arn:aws:iam::111122223333:user/eng/jane\n  username: jane:{{AccountID}}\n";
    expect(lint({ mapRoles: good, mapUsers, mapAccounts: '- "111122223333"\n', other: "x" }, ["viewers"])).toEqual([]);
  });

  // One problem each.
  it.each<[title: string, data: Data, findings: string[]]>([
    ["a key that does not parse", { mapRoles: `${good}- {` }, ["error unreadable-key mapRoles 4"]],
    ["a key in another letter case", { maproles: good }, ["error key-name"]],
    ["an entry without an ARN", { mapRoles: "- username: x\n" }, ["error never-matches mapRoles 1 1"]],
    ["rolearn beside sso", { mapRoles: `${good}  sso: {}\n` }, ["error never-matches mapRoles 1 1"]],
    ["a role's path", { mapRoles: good.replace("role/", "role/eng/") }, ["error never-matches mapRoles 1 1"]],
    ["a wildcard", { mapRoles: good.replace("/dev", "/d*") }, ["error never-matches mapRoles 1 1"]],
    ["an account that is none", { mapAccounts: '- "1234"\n' }, ["error never-matches mapAccounts 1 1"]],
    [
      "a node's template for a user, in whatever list",
      { mapRoles: `- rolearn: ${user}\n  username: "{{EC2PrivateDNSName}}"\n` },
      ["error never-matches mapRoles 1 1"],
    ],
    [
      "an sso entry with a partition",
      { mapRoles: '- sso: {permissionSetName: A, accountID: "111122223333", partition: aws}\n  username: a\n' },
      ["error never-matches mapRoles 1 1"],
    ],
    [
      "two entries that never match, neither of which shadows the other",
      { mapUsers: "- {userarn: dev, username: a}\n- {userarn: dev, username: b}\n" },
      ["error never-matches mapUsers 1 1", "error never-matches mapUsers 2 2"],
    ],
    ["a shadowed entry", { mapRoles: good + good.replace("name: dev", "name: x") }, ["error shadowed mapRoles 1 1"]],
    [
      "an entry shadowed from the other list",
      { mapRoles: good, mapUsers: `- userarn: ${role}\n  username: x\n` },
      ["error shadowed mapUsers 1 1"],
    ],
    ["a repeated entry", { mapRoles: good + good }, ["warning shadowed mapRoles 1 1"]],
    [
      "a user in two spellings",
      {
        mapUsers: `- {userarn: "${user}", username: a}\n- {userarn: "${user.replace("/dev", "/Dev")}", username: b}\n`,
      },
      ["error undecided mapUsers 2 2"],
    ],
    [
      "an sso entry",
      { mapRoles: '- sso: {permissionSetName: A, accountID: "111122223333"}\n  username: a\n' },
      ["warning undecided mapRoles 1 1"],
    ],
    [
      "the root user of an account",
      { mapUsers: "- {userarn: 'arn:aws:iam::111122223333:root', username: root}\n" },
      ["warning account-root mapUsers 1 1"],
    ],
    ["a username that is a number", { mapRoles: good.replace("name: dev", "name: 1") }, ["error field mapRoles 1 1"]],
    ["groups that are not a list", { mapRoles: good.replace("[viewers]", "viewers") }, ["error field mapRoles 1 1"]],
    ["a group that is a boolean", { mapRoles: good.replace("viewers", "viewers, no") }, ["error field mapRoles 1 1"]],
    ["a misspelt field", { mapRoles: `${good}  group: [x]\n` }, ["warning field mapRoles 1 1"]],
    ["neither username nor groups", { mapRoles: `- rolearn: ${role}\n` }, ["warning no-rights mapRoles 1 1"]],
    ["an unknown template", { mapRoles: good.replace("name: dev", "name: '{{X}}'") }, ["error template mapRoles 1 1"]],
    [
      "nodes without a node's username",
      { mapRoles: good.replace("viewers", "system:nodes") },
      ["warning node mapRoles 1 1"],
    ],
    [
      "a group that looks like one of Kubernetes",
      { mapRoles: good.replace("viewers", "system:master") },
      ["warning unbound-group mapRoles 1 1"],
    ],
  ])("finds %s", (_title, data, findings) => {
    expect(lint(data).map(short)).toEqual(findings);
  });

  it("finds groups that no binding names, except those of Kubernetes and those with a template", () => {
    const groups = '[viewers, typo, system:masters, system:custom, eks:kube-proxy-windows, "team-{{AccountID}}"]';
    const found = lint({ mapRoles: good.replace("[viewers]", groups) }, ["viewers", "system:custom"]);
    expect(found.map((problem) => [problem.code, describeProblem(problem)])).toEqual([
      ["unbound-group", 'no binding of the cluster names the group "typo"; bind a role to it, or correct the name'],
    ]);
  });

  it("accepts whitespace in a group that a binding names", () => {
    const data = { mapRoles: good.replace("viewers", "domain users") };
    expect(lint(data, ["domain users"])).toEqual([]);
    expect(lint(data, ["viewers"]).map(({ code }) => code)).toEqual(["whitespace", "unbound-group"]);
  });

  it("gives the reason and the remedy", () => {
    expect(lint({ mapRoles: good.replace("role/", "role/eng/") }).map(describeProblem)).toEqual([
      'no identity matches this entry: arn "arn:aws:iam::111122223333:role/eng/dev" has the role\'s path, which AWS omits from the role\'s sessions; write "arn:aws:iam::111122223333:role/dev"',
    ]);
  });

  it("finds a claim whose entry is gone, unless a key is unknown", () => {
    const claim = "111122223333:role/ops aaaaaaaa.000001 organization/infra/prod ops";
    expect(lint({ mapRoles: good }, undefined, claim).map(describeProblem)).toEqual([
      `"organization/infra/prod ops" claims an entry for "arn:aws:iam::111122223333:role/ops", which aws-auth does not have; run "pulumi up" of that stack, or if it is gone, remove the line "${claim}" from the annotation pulumi-aws-auth/claims`,
    ]);
    expect(lint({ mapRoles: "- {" }, undefined, claim).map(({ code }) => code)).toEqual(["unreadable-key"]);
  });
});

describe("lint of a cluster with access entries", () => {
  const entry = (username: string) => `- rolearn: ${arn}\n  username: ${username}\n  groups: [viewers]\n`;
  const found = (
    mapRoles: string,
    ...access: [mode: "API" | "API_AND_CONFIG_MAP", read: Parameters<typeof clusterAccess>[2]]
  ) => lintMap({ data: { mapRoles }, access: clusterAccess(parseMap({ mapRoles }), ...access) }).map(short);

  it.each<[title: string, found: string[], expected: string[]]>([
    [
      "another access entry",
      found(entry("old"), "API_AND_CONFIG_MAP", { value: [live({})] }),
      ["error shadowed mapRoles 1 1"],
    ],
    ["an equal access entry", found(entry("dev"), "API_AND_CONFIG_MAP", { value: [live({})] }), []],
    [
      "access entries that cannot be read",
      found(entry("dev"), "API_AND_CONFIG_MAP", { unread: "no" }),
      ["note not-checked"],
    ],
    ["a cluster that ignores aws-auth", found("- {", "API", { value: [] }), ["note not-checked"]],
  ])("reports entries without effect: %s", (_title, findings, expected) => {
    expect(findings).toEqual(expected);
  });
});
