import { describe, expect, it } from "vitest";
import type { AuthenticationMode, IamPrincipal } from "../../../provider/accessEntries/accessEntry.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { describeProblem } from "../../../provider/errors.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { type LintProblem, lintMap } from "../../../provider/reports/lint.ts";
import type { MissingPrincipal } from "../../../provider/reports/readCluster.ts";
import { arn, live, missing } from "../../support/accessEntries.ts";
import { entry, iam } from "../../support/migration/world.ts";

const good = `- rolearn: ${arn}\n  username: dev\n  groups: [viewers]\n`;
const changed = (before: string, after: string) => good.replace(before, after);
type Data = Readonly<Record<string, string>>;

function lint(data: Data, bound?: readonly string[], claims?: string): readonly LintProblem[] {
  const access = clusterAccess(parseMap(data, undefined, claims));
  return lintMap({ data, access }, bound && new Set(bound));
}

function short({ code, severity, place: { key, position, line } }: LintProblem): string {
  return [severity, code, key, position, line].filter((part) => part !== undefined).join(" ");
}

describe("lint", () => {
  it("reports nothing for a valid map", () => {
    const mapUsers = "- userarn: arn:aws:iam::111122223333:user/eng/jane\n  username: jane:{{AccountID}}\n";
    expect(lint({ mapRoles: good, mapUsers, mapAccounts: '- "111122223333"\n', other: "x" }, ["viewers"])).toEqual([]);
  });

  // One problem each.
  const user = iam("user/dev");
  const never = "error never-matches mapUsers";
  const sso = (more = "") => `- sso: {permissionSetName: A, accountID: "111122223333"${more}}\n  username: a\n`;
  const inRoles = (mapRoles: string): Data => ({ mapRoles });
  const ofUsers = (...users: string[]) => ({
    mapUsers: users.map((one, index) => `- {userarn: "${one}", username: u${index}}\n`).join(""),
  });
  const spellings = ofUsers(user, user.replace("dev", "Dev"));
  const nodeSpelling = { mapUsers: spellings.mapUsers.replace("u1", '"{{EC2PrivateDNSName}}"') };
  it.each<[finding: string, title: string, data: Data]>([
    ["error unreadable-key mapRoles 4", "a key that does not parse", inRoles(`${good}- {`)],
    ["error key-name", "a key in another letter case", { maproles: good }],
    ["error never-matches mapRoles 1 1", "an entry without an ARN", inRoles("- username: x\n")],
    ["error never-matches mapRoles 1 1", "rolearn next to sso", inRoles(`${good}  sso: {}\n`)],
    ["error never-matches mapRoles 1 1", "a role's path", inRoles(changed("role/", "role/eng/"))],
    ["error never-matches mapRoles 1 1", "a wildcard", inRoles(changed("/dev", "/d*"))],
    ["error never-matches mapAccounts 1 1", "an invalid account ID", { mapAccounts: '- "1234"\n' }],
    // In either list.
    ["error never-matches mapRoles 1 1", "a node's template for a user", inRoles(entry(user, "{{EC2PrivateDNSName}}"))],
    ["error never-matches mapRoles 1 1", "an sso entry with a partition", inRoles(sso(", partition: aws"))],
    // Neither shadows the other.
    [`${never} 1 1, ${never} 2 2`, "two entries that never match", ofUsers("dev", "dev")],
    ["error shadowed mapRoles 1 1", "a shadowed entry", inRoles(good + changed("name: dev", "name: x"))],
    ["error shadowed mapUsers 1 1", "an entry shadowed from the other list", { mapRoles: good, ...ofUsers(arn) }],
    ["warning shadowed mapRoles 1 1", "a repeated entry", inRoles(good + good)],
    ["error undecided mapUsers 2 2", "a user in two spellings", spellings],
    // The authenticator may choose the second one, and then refuses the login.
    [`${never} 2 2, error undecided mapUsers 2 2`, "a user in another spelling with a node's template", nodeSpelling],
    ["warning undecided mapRoles 1 1", "an sso entry", inRoles(sso())],
    ["warning account-root mapUsers 1 1", "the root user of an account", ofUsers(iam("root"))],
    ["error field mapRoles 1 1", "a username that is a number", inRoles(changed("name: dev", "name: 1"))],
    ["error field mapRoles 1 1", "groups that are not a list", inRoles(changed("[viewers]", "viewers"))],
    ["error field mapRoles 1 1", "a group that is a boolean", inRoles(changed("viewers", "viewers, no"))],
    ["warning field mapRoles 1 1", "a misspelt field", inRoles(`${good}  group: [x]\n`)],
    ["warning no-rights mapRoles 1 1", "neither username nor groups", inRoles(`- rolearn: ${arn}\n`)],
    ["error template mapRoles 1 1", "an unknown template", inRoles(changed("name: dev", "name: '{{X}}'"))],
    ["warning node mapRoles 1 1", "nodes without a node's username", inRoles(changed("viewers", "system:nodes"))],
    ["warning unbound-group mapRoles 1 1", "a misspelt group", inRoles(changed("viewers", "system:master"))],
  ])("reports %s for %s", (finding, _title, data) => {
    expect(lint(data).map(short).join(", ")).toBe(finding);
  });

  it("reports groups without a binding, except built-in groups and groups with a template", () => {
    const groups = '[viewers, typo, system:masters, system:custom, eks:kube-proxy-windows, "team-{{AccountID}}"]';
    const found = lint({ mapRoles: changed("[viewers]", groups) }, ["viewers", "system:custom"]);
    expect(found.map((problem) => [problem.code, describeProblem(problem)])).toEqual([
      ["unbound-group", 'no binding in the cluster refers to the group "typo"; bind a role to it, or correct the name'],
    ]);
  });

  it("accepts whitespace in a group that a binding names", () => {
    const data = { mapRoles: changed("viewers", "domain users") };
    expect(lint(data, ["domain users"])).toEqual([]);
    expect(lint(data, ["viewers"]).map(({ code }) => code)).toEqual(["whitespace", "unbound-group"]);
  });

  it("reports a claim without an entry, unless a key cannot be parsed", () => {
    const claim = "111122223333:role/ops aaaaaaaa.000001 organization/infra/prod ops";
    expect(lint({ mapRoles: good }, undefined, claim).map(describeProblem)).toEqual([
      `"organization/infra/prod ops" claims an entry for "arn:aws:iam::111122223333:role/ops", which aws-auth does not have; run "pulumi up" in that stack or, if it no longer exists, remove the line "${claim}" from the annotation pulumi-aws-auth/claims`,
    ]);
    expect(lint({ mapRoles: "- {" }, undefined, claim).map(({ code }) => code)).toEqual(["unreadable-key"]);
  });
});

describe("lint of a cluster with access entries", () => {
  type Entries = Parameters<typeof clusterAccess>[2];
  const both = "API_AND_CONFIG_MAP";
  const recreated = { kind: "recreated", text: "its role or user was recreated after it" } as const;
  const absent = { kind: "absent", text: "IAM has no role or user of this name" } as const;
  const dead = (content: Parameters<typeof live>[0] = {}) => ({ value: [live({ death: recreated, ...content })] });
  const gone = { value: [live({ death: absent })] };
  const tags = { "pulumi-aws-auth/claim": "aaaaaaaa.000001 infra/prod dev" };
  const role = { arn, createdAt: new Date() };
  const other = changed("name: dev", "name: old");

  it.each<
    [
      title: string,
      mapRoles: string,
      mode: AuthenticationMode,
      read: Entries,
      iam: IamPrincipal | MissingPrincipal,
      found: string[],
    ]
  >([
    ["another access entry", other, both, { value: [live()] }, role, ["error shadowed mapRoles 1 1"]],
    ["an equal access entry", good, both, { value: [live()] }, role, []],
    ["unread access entries", good, both, { unread: "no" }, role, ["note not-checked"]],
    ["a cluster that ignores aws-auth", "", "API", { value: [live()] }, missing, ["note not-checked"]],
    ["a dead access entry", "", "API", dead(), role, ["note not-checked", "error dead-entry"]],
    ["a dead access entry beside another entry", other, both, dead(), role, ["error dead-entry"]],
    ["an access entry without a role", "", both, gone, missing, ["error missing-principal"]],
    ["an entry without a role", good, "CONFIG_MAP", { value: [] }, missing, ["error missing-principal mapRoles 1 1"]],
    ["a role's path", changed("role/", "role/x/"), both, { value: [] }, missing, ["error never-matches mapRoles 1 1"]],
  ])("reports %s", (_title, mapRoles, mode, read, iam, found) => {
    const access = clusterAccess(parseMap({ mapRoles }), mode, read);
    const principals = new Map([[arn, iam]]);
    expect(lintMap({ data: { mapRoles }, access, principals }).map(short)).toEqual(found);
  });

  it.each([
    [dead({ tags }), 'was recreated after it; run "pulumi up" in the stack of "infra/prod dev"'],
    [dead(), "was recreated after it; delete and recreate it"],
    [gone, "IAM has no role or user of this name; remove the entry, or correct its ARN"],
  ])("gives the remedy for a dead access entry: %j", (read, remedy) => {
    const access = clusterAccess(parseMap({}), "API_AND_CONFIG_MAP", read);
    const [problem, ...others] = lintMap({ data: {}, access });
    expect([problem && describeProblem(problem), others]).toEqual([expect.stringContaining(remedy), []]);
    expect(problem?.place).toEqual({ arn });
  });
});
