import { describe, expect, it } from "vitest";
import type {
  AccessEntryType,
  AccessPolicy,
  AuthenticationMode,
  IamPrincipal,
  LiveAccessEntry,
} from "../../../provider/accessEntries/accessEntry.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { resolveClusterRef } from "../../../provider/cluster/resolveClusterRef.ts";
import { describeProblem } from "../../../provider/errors.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import type { LintProblem } from "../../../provider/reports/lint.ts";
import { lintCluster, lintMap } from "../../../provider/reports/lintCluster.ts";
import type { MissingPrincipal } from "../../../provider/reports/readCluster.ts";
import { KnownPrincipals } from "../../../provider/session/knownPrincipals.ts";
import { adminPolicy, arn, live, missing, serviceEntry, viewPolicy } from "../../support/accessEntries.ts";
import { expectFailure, setEnv, settingsOf } from "../../support/cluster/kubeconfigs.ts";
import { entry, iam, migrationWorld, nodes } from "../../support/migration/world.ts";
import { policy } from "../../support/review/sample.ts";

const good = `- rolearn: ${arn}\n  username: dev\n  groups: [viewers]\n`;
const changed = (before: string, after: string) => good.replace(before, after);
type Data = Readonly<Record<string, string>>;

function lint(data: Data, bound?: readonly string[], claims?: string): readonly LintProblem[] {
  const access = clusterAccess(parseMap(data, undefined, claims));
  const found = lintMap({ data, access, bound: bound && { groups: new Set(bound), users: new Set(bound) } });
  // "-o json" prints the place.
  const places = found.map(({ place: { key, position, line, arn, ...others } }) => others);
  expect(places).toEqual(found.map(() => ({})));
  return found;
}

function short({ code, severity, place: { key, position, line } }: LintProblem): string {
  return [severity, code, key, position, line].filter((part) => part !== undefined).join(" ");
}

describe("lint", () => {
  it("reports nothing for a valid map", () => {
    const mapUsers = "- userarn: arn:aws:iam::111122223333:user/eng/jane\n  username: jane:{{AccountID}}\n";
    const bound = ["viewers", "jane:111122223333"];
    expect(lint({ mapRoles: good, mapUsers, mapAccounts: '- "111122223333"\n', other: "x" }, bound)).toEqual([]);
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
      `"organization/infra/prod ops" claims an entry for "arn:aws:iam::111122223333:role/ops", but aws-auth has no such entry; run "pulumi up" in that stack or, if it no longer exists, remove the line "${claim}" from the annotation pulumi-aws-auth/claims`,
    ]);
    expect(lint({ mapRoles: "- {" }, undefined, claim).map(({ code }) => code)).toEqual(["unreadable-key"]);
  });
});

describe("lint of a cluster with access entries", () => {
  type Entries = Parameters<typeof clusterAccess>[2];
  const both = "API_AND_CONFIG_MAP";
  const recreated = {
    kind: "recreated",
    text: "the role or user was recreated after the access entry was created",
  } as const;
  const absent = { kind: "absent", text: "IAM has no role or user with this name" } as const;
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
    ["unread access entries", good, both, { unread: "no" }, role, []],
    ["a cluster that ignores aws-auth", "", "API", { value: [live()] }, missing, []],
    ["a dead access entry", "", "API", dead(), role, ["error dead"]],
    ["a dead access entry next to another entry", other, both, dead(), role, ["error dead"]],
    ["an access entry without a role", "", both, gone, missing, ["error missing"]],
    ["an entry without a role", good, "CONFIG_MAP", { value: [] }, missing, ["error missing mapRoles 1 1"]],
    ["a role's path", changed("role/", "role/x/"), both, { value: [] }, missing, ["error never-matches mapRoles 1 1"]],
  ])("reports %s", (_title, mapRoles, mode, read, iam, found) => {
    const access = clusterAccess(parseMap({ mapRoles }), mode, read);
    const principals = new Map([[arn, iam]]);
    expect(lintMap({ data: { mapRoles }, access, principals }).map(short)).toEqual(found);
  });

  it.each([
    [
      dead({ tags }),
      'was recreated after the access entry was created; run "pulumi up" in the stack of "infra/prod dev"',
    ],
    [dead(), "was recreated after the access entry was created; delete and recreate it"],
    [gone, "IAM has no role or user with this name; remove the entry, or correct its ARN"],
  ])("gives the remedy for a dead access entry: %j", (read, remedy) => {
    const access = clusterAccess(parseMap({}), "API_AND_CONFIG_MAP", read);
    const [problem, ...others] = lintMap({ data: {}, access });
    expect([problem && describeProblem(problem), others]).toEqual([expect.stringContaining(remedy), []]);
    expect(problem?.place).toEqual({ arn });
  });
});

describe("lint of aws-auth and of access entries", () => {
  type Content = Partial<LiveAccessEntry>;
  const bound = {
    groups: new Set(["viewers"]),
    users: new Set(["dev", "arn:aws:sts::111122223333:assumed-role/ci/jane"]),
  };
  const nodeRoles = new Set([iam("role/workers")]);
  const roles = (name: string) => ({ principalArn: iam(`role/${name}`) });
  const only = (username: string, name = "dev"): Content => ({ ...roles(name), username, groups: [] });
  const assumed = (name: string) => `arn:aws:sts::111122223333:assumed-role/${name}/{{SessionName}}`;
  const unbound = "warning unbound-group";
  const autoNode = policy("AmazonEKSAutoNodePolicy");
  const ofNodes = (type: AccessEntryType, name: string, ...policies: AccessPolicy[]): Content => {
    return { ...roles(name), type, username: "", groups: ["system:nodes", "eks:x"], policies };
  };

  it.each<[title: string, content: Content, found: string[]]>([
    ["a bound group", { groups: ["viewers"] }, []],
    ["a group that no binding names", { groups: ["viewers", "typo"] }, [unbound]],
    ["a group of Kubernetes", { groups: ["system:master"] }, [unbound]],
    ["two groups in one", { groups: ["viewers editors"] }, ["warning whitespace", unbound]],
    ["a group of nodes", { groups: ["system:nodes"] }, ["warning node"]],
    ["an unknown template", { username: "dev:{{Session}}" }, ["error template"]],
    ["a username that a binding names", only("dev"), []],
    ["a username that no binding names", only("ops"), ["warning no-rights"]],
    ["a username of which a binding names one session", only(assumed("ci"), "ci"), []],
    ["a username of which no binding names a session", only(assumed("dev")), ["warning no-rights"]],
    ["the role of EKS itself", serviceEntry, []],
    ["nodes of a node group", ofNodes("EC2_LINUX", "eks/workers"), []],
    ["nodes of no node group", ofNodes("EC2_LINUX", "old"), ["note not-used"]],
    ["pods of no Fargate profile", ofNodes("FARGATE_LINUX", "old"), ["note not-used"]],
    ["HyperPod nodes, which EKS does not list", ofNodes("HYPERPOD_LINUX", "old"), []],
    ["Auto Mode nodes", ofNodes("EC2", "workers", autoNode), []],
    ["Auto Mode nodes without the policy", ofNodes("EC2", "workers", adminPolicy), ["error node-policy"]],
    ["dead Auto Mode nodes", { ...ofNodes("EC2", "old"), death: { kind: "recreated", text: "x" } }, ["error dead"]],
  ])("reports an access entry with %s", (_title, content, found) => {
    const access = clusterAccess(parseMap({}), "API_AND_CONFIG_MAP", { value: [live(content)] });
    expect(lintMap({ data: {}, access, bound, nodeRoles }).map(short)).toEqual(found);
  });

  it("accepts an access entry with only an access policy, and one with only a username if bindings are unknown", () => {
    const of = (content: Content) => clusterAccess(parseMap({}), "API_AND_CONFIG_MAP", { value: [live(content)] });
    expect(lintMap({ data: {}, access: of({ ...only("ops"), policies: [viewPolicy("a")] }), bound })).toEqual([]);
    expect(lintMap({ data: {}, access: of(only("ops")) })).toEqual([]);
  });

  it.each<[title: string, mapRoles: string, found: string[]]>([
    ["only a username that no binding names", entry(arn, "ops"), ["warning no-rights mapRoles 1 1"]],
    ["nodes of a node group", nodes("workers"), []],
    ["nodes of no node group", nodes("old"), ["note not-used mapRoles 1 1"]],
    ["nodes of a deleted role", nodes("gone"), ["error missing mapRoles 1 1"]],
  ])("reports an entry of aws-auth with %s", (_title, mapRoles, found) => {
    const access = clusterAccess(parseMap({ mapRoles }), "CONFIG_MAP");
    const principals = new Map([[iam("role/gone"), missing]]);
    expect(lintMap({ data: { mapRoles }, access, principals, bound, nodeRoles }).map(short)).toEqual(found);
  });

  it.each<[title: string, last: IamPrincipal["role"], text: string]>([
    [
      "",
      undefined,
      "uses this role (EKS does not list other nodes, such as self-managed nodes and those of Karpenter or custom node classes); remove the entry if no node uses it",
    ],
    [
      " and no use of it",
      { lastUsed: undefined, trustPolicy: "" },
      "uses this role, and IAM records no use of it (EKS does not list other nodes, ",
    ],
    [
      " and its last use",
      { lastUsed: { at: new Date("2026-11-30T23:59:59Z"), region: undefined }, trustPolicy: "" },
      "uses this role, and IAM recorded its last use on 2026-11-30 (EKS does not list other nodes, ",
    ],
  ])("reports what is known about a node role that EKS does not use%s", (_title, role, text) => {
    const access = clusterAccess(parseMap({}), "API", { value: [live(ofNodes("EC2_LINUX", "old"))] });
    const principals = new Map([
      [iam("role/old"), { arn: iam("role/old"), createdAt: new Date(), ...(role && { role }) }],
    ]);
    const found = lintMap({ data: {}, access, principals, nodeRoles }).filter(({ code }) => code === "not-used");
    expect(found.map(describeProblem)).toEqual([expect.stringContaining(text)]);
  });

  it("reports the current role of IAM Identity Center, in the form of each place", () => {
    const [before, after] = ["0123456789abcdef", "fedcba9876543210"].map((suffix) => `AWSReservedSSO_Admin_${suffix}`);
    const path = "aws-reserved/sso.amazonaws.com/eu-central-1/";
    const [stale, successor] = [iam(`role/${before}`), iam(`role/${path}${after}`)];
    const death = { kind: "absent", text: "IAM has no role or user with this name" } as const;
    const value = [live({ principalArn: iam(`role/${path}${before}`), death })];
    const data = { mapRoles: entry(stale, "admin", "viewers") };
    const access = clusterAccess(parseMap(data), "API_AND_CONFIG_MAP", { value });
    const principals = new Map([[principalKey(stale), { ...missing, successor }]]);
    expect(lintMap({ data, access, principals, bound }).map((found) => [found.code, describeProblem(found)])).toEqual([
      ["stale-sso", `IAM Identity Center has replaced this role; map "${successor}" instead`],
      ["stale-sso", `IAM Identity Center has replaced this role; map "${iam(`role/${after}`)}" instead`],
    ]);
    const current = { arn: successor, createdAt: new Date() };
    const mapped = new Map<string, IamPrincipal | MissingPrincipal>([
      ...principals,
      [principalKey(successor), current],
    ]);
    expect(lintMap({ data, access, principals: mapped, bound }).map(({ remedy }) => remedy)).toEqual([
      `remove the entry, since "${successor}" is mapped too`,
      `remove the entry, since "${iam(`role/${after}`)}" is mapped too`,
    ]);
  });
});

describe("lint of a cluster with nodes", () => {
  const nodeGroups = ["ListNodegroups", "DescribeNodegroup", "ListFargateProfiles", "DescribeFargateProfile"];

  /** Those of a cluster whose API server, a fake one, has no bindings. */
  async function findings(mode: AuthenticationMode, denied = "") {
    const { aws, caller } = await migrationWorld({ mapRoles: nodes("workers") + nodes("old") }, mode);
    aws.principals.create(iam("role/old"));
    aws.cluster("prod").nodeRole = aws.principals.create(iam("role/auto")).arn;
    aws.addServiceEntry("prod", iam("role/auto"), { type: "EC2", policies: ["AmazonEKSAutoNodePolicy"] });
    aws.permit(
      caller,
      ["DescribeCluster", "ListAccessEntries", "DescribeAccessEntry", "ListAssociatedAccessPolicies", ...nodeGroups]
        .filter((action) => action !== denied)
        .map((action) => `eks:${action}`)
        .concat("iam:GetRole"),
    );
    const settings = settingsOf({ env: aws.env(caller) });
    setEnv(settings.env);
    const { id, problems } = await lintCluster(
      await resolveClusterRef("prod", settings),
      settings,
      new KnownPrincipals(),
    );
    expect(id).toBe("eks:eu-central-1/111122223333/prod");
    const [first, ...others] = problems.filter(({ code }) => code === "not-checked").map(({ text }) => text);
    return { found: problems.map(short), first, others };
  }

  it("compares the roles of node entries with those that EKS uses", async () => {
    const { found } = await findings("API_AND_CONFIG_MAP");
    expect(found).toEqual(["note not-used mapRoles 2 4", "note not-checked"]);
  });

  it("reports nothing about entries that EKS created, except a note that aws-auth has no effect", async () => {
    const { found, first } = await findings("API");
    expect(found).toEqual(["note not-checked", "note not-checked"]);
    expect(first).toBe('EKS cluster "prod" (eu-central-1) has authentication mode API and ignores aws-auth');
  });

  it("fails in mode API if the access entries cannot be read, since nothing else has an effect", async () => {
    await expectFailure(findings("API", "ListAccessEntries"), "accessDenied", /cannot perform eks:ListAccessEntries/);
  });

  it.each(nodeGroups.slice(0, 2))("reports %s once if it is not allowed", async (denied) => {
    const { found, others } = await findings("API_AND_CONFIG_MAP", denied);
    expect(found).toEqual(["note not-checked", "note not-checked"]);
    const text = `^the use of node roles was not checked: .* cannot perform eks:${denied} `;
    expect(others).toEqual([expect.stringMatching(text)]);
  });
});
