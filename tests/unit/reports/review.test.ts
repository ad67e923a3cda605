import { describe, expect, it } from "vitest";
import type { IamPrincipal } from "../../../provider/accessEntries/accessEntry.ts";
import type { ReviewedIdentity } from "../../../provider/reports/accessReview.ts";
import type { MissingPrincipal } from "../../../provider/reports/readCluster.ts";
import { arn, live, missing, serviceEntry } from "../../support/accessEntries.ts";
import { trustOf } from "../../support/eks/principals.ts";
import { entry, iam } from "../../support/migration/world.ts";
import {
  type Bound,
  companyClusters,
  knownRoles,
  policy,
  reviewedCluster,
  rule,
  type SampleCluster,
} from "../../support/review/sample.ts";

type IamRole = NonNullable<IamPrincipal["role"]>;
const role = (name: string) => iam(`role/${name}`);
const [prod, staging] = companyClusters();

/** Reviews a cluster that maps one role to one group, and binds roles to it. */
function oneRole(bound: readonly Bound[], username = "dev"): ReviewedIdentity | undefined {
  const data = { mapRoles: entry(role("dev"), username, "team") };
  return reviewedCluster({ id: "server:x", name: "x", data, bound }).identities[0];
}

function rulesOn(identity: Pick<ReviewedIdentity, "findings"> | undefined): string[] {
  return (identity?.findings ?? []).map(({ rule }) => rule);
}

describe("the identities of a review", () => {
  it("are sorted by severity, and include those that bindings name in a mapped account", () => {
    const { identities } = reviewedCluster(prod);
    expect(identities.map((one) => [one.identity.split(":").at(-1), ...rulesOn(one)])).toEqual([
      ["role/platform-admins", "everything"],
      ["role/deployer", "escalation"],
      ["role/backup", "secrets", "unclaimed"],
      ["account 444455556666", "account", "unclaimed"],
      ["role/eks-node-group", "unclaimed"],
      ["role/AWSReservedSSO_Support_0a1b2c3d4e5f6a7b", "unclaimed"],
      ["user/on-call", "unclaimed"],
      ["role/auditor", "unclaimed"],
      ["role/ci/deployer", "no-effect"],
      ["role/developers"],
    ]);
  });

  it("have the rights of every entry that may be in force", () => {
    const sso = '- sso: {permissionSetName: Support, accountID: "111122223333"}\n  username: sso\n  groups: [admins]\n';
    const member = entry(role("AWSReservedSSO_Support_0a1b2c3d4e5f6a7b"), "support", "viewers");
    const { identities } = reviewedCluster({ ...staging, data: { mapRoles: sso + member } });
    const direct = identities.find(({ identity }) => identity.endsWith("5f6a7b"));
    expect(direct?.entries.map(({ effect }) => effect)).toEqual(["mayCount", "mayCount"]);
    expect(rulesOn(direct)).toContain("everything");
    expect(identities.map(({ identity }) => identity)).toContain(role("AWSReservedSSO_Support_*"));
  });

  it.each<[access: string, bound: Bound]>([
    ["view everywhere", { role: "view", to: ["team"] }],
    ['edit in "a"', { role: "edit", to: ["team"], namespace: "a" }],
    ['ClusterRole "reader" everywhere', { role: "reader", rules: [rule(["get"], ["pods"], [""])], to: ["team"] }],
    ['ClusterRole "all" (everything) everywhere', { role: "all", rules: [rule(["*"], ["*"], ["*"])], to: ["team"] }],
    ['ClusterRole "gone" (does not exist) everywhere', { role: "gone", to: ["team"] }],
  ])("have the right: %s", (access, bound) => {
    expect(oneRole([bound])?.entries[0]?.rights).toMatchObject([{ access }]);
  });

  it("have the rights of an access entry, and a finding for a shadowed entry of aws-auth that differs", () => {
    const mapRoles = entry(arn, "old", "viewers");
    const tags = { "pulumi-aws-auth/claim": "aaaaaaaa.000001 infra/prod dev" };
    const entries = { value: [live({ policies: [policy("AmazonEKSViewPolicy", "team-*")], tags })] };
    const cluster = { id: "eks:x", name: "x", bound: [], mode: "API_AND_CONFIG_MAP", entries } as const;
    const [differs] = reviewedCluster({ ...cluster, data: { mapRoles } }).identities;
    expect(differs?.entries.map(({ place, effect }) => [place, effect])).toEqual([
      ["access entry", "counts"],
      ["mapRoles entry 1 (line 1)", "shadowed"],
    ]);
    expect(differs?.entries[0]).toMatchObject({
      owners: ["infra/prod dev"],
      rights: [
        { access: 'AmazonEKSViewPolicy (similar to view) in "team-*"', by: "access policy of its access entry" },
      ],
    });
    expect(rulesOn(differs)).toEqual(["unclaimed", "no-effect"]);
    const administrator = { value: [live({ groups: [], policies: [policy("AmazonEKSClusterAdminPolicy")] })] };
    const [admin] = reviewedCluster({ ...cluster, data: {}, entries: administrator }).identities;
    expect(rulesOn(admin)).toEqual(["everything", "unclaimed"]);
    const ofEks = { value: [live({ ...serviceEntry, tags: {} })] };
    expect(rulesOn(reviewedCluster({ ...cluster, data: {}, entries: ofEks }).identities[0])).toEqual([]);
  });
});

it("the owner of one of several entries of a principal is only a possible owner of each of them", () => {
  const data = { mapRoles: entry(role("dev"), "dev") + entry(role("dev"), "ops") };
  const claims = "111122223333:role/dev aaaaaaaa.000001 infra/prod dev";
  const [dev] = reviewedCluster({ id: "x", name: "x", data, claims, bound: [] }).identities;
  const possible = { owners: [], possibleOwners: ["infra/prod dev"] };
  expect([dev?.entries, rulesOn(dev)]).toMatchObject([[possible, possible], ["no-effect"]]);
});

describe("the review of a principal in IAM", () => {
  const mapRoles = entry(arn, "old", "viewers");
  const policies = [policy("AmazonEKSClusterAdminPolicy")];
  const recreated = {
    kind: "recreated",
    text: "the role or user was recreated after the access entry was created",
  } as const;
  const cluster = { id: "eks:x", name: "x", bound: [], mode: "API_AND_CONFIG_MAP", data: {} } as const;
  const dead = { ...cluster, entries: { value: [live({ policies, death: recreated })] } };
  const none = new Map([[arn, missing]]);
  const lone = ["access entry, dead"];
  it.each<[title: string, sample: SampleCluster, entries: string[], rules: string[]]>([
    ["a dead access entry", dead, lone, ["dead", "unclaimed"]],
    ["a dead access entry without a role", { ...dead, principals: none }, lone, ["missing", "unclaimed"]],
    [
      "a dead access entry next to aws-auth",
      { ...dead, data: { mapRoles } },
      ["mapRoles entry 1 (line 1), mayCount", ...lone],
      ["dead", "unclaimed"],
    ],
    [
      "an entry without a role, with a path that never matches",
      { ...cluster, data: { mapRoles: entry(role("eng/dev"), "dev") }, principals: none },
      ["mapRoles entry 1 (line 1), dead"],
      ["unclaimed", "no-effect"],
    ],
    [
      "an entry without a role",
      { ...cluster, data: { mapRoles }, principals: none },
      ["mapRoles entry 1 (line 1), counts"],
      ["missing", "unclaimed"],
    ],
  ])("reports %s", (_title, sample, entries, rules) => {
    const [found] = reviewedCluster(sample).identities;
    expect(found?.entries.map(({ place, effect }) => `${place}, ${effect}`)).toEqual(entries);
    expect(rulesOn(found)).toEqual(rules);
    expect(found?.entries.filter(({ effect }) => effect === "dead").flatMap(({ rights }) => rights)).toEqual([]);
  });
});

describe("the data of an identity in IAM", () => {
  const anyone = trustOf("*");
  const inIam = (details: Partial<IamRole> = {}, createdAt = "2026-01-01"): IamPrincipal => {
    const role = { lastUsed: undefined, trustPolicy: JSON.stringify(trustOf(arn)), ...details };
    return { arn, createdAt: new Date(createdAt), role };
  };
  const used = (at: string, region?: string) => inIam({ lastUsed: { at: new Date(at), region } });
  const trusting = (policy: object) => inIam({ ...used("2026-11-01").role, trustPolicy: JSON.stringify(policy) });
  const successor = role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0a1b2c3d4e5f6a7b");
  const current = role("AWSReservedSSO_Dev_0a1b2c3d4e5f6a7b");
  const mapRoles = entry(arn, "dev", "viewers");
  const entries = { value: [live({ death: { kind: "absent", text: "IAM has no role or user with this name" } })] };
  const cluster = { id: "eks:x", name: "x", bound: [], mode: "API_AND_CONFIG_MAP", data: { mapRoles } } as const;
  const deadEntry = { ...cluster, data: {}, entries };
  const hint = "according to IAM (logins to the cluster may not be recorded)";

  it.each<[title: string, found: IamPrincipal | MissingPrincipal, sample: SampleCluster, findings: string[]]>([
    [
      "a missing role",
      missing,
      cluster,
      ["missing: does not exist (IAM has no role or user with this name): anyone who creates it gets this access"],
    ],
    [
      "a missing role with an access entry, which compares its ID",
      missing,
      deadEntry,
      ["missing: does not exist (IAM has no role or user with this name): no one can log in with this ARN"],
    ],
    [
      "a role or user that IAM has under another path, so that no one can create it",
      { ...missing, text: "its ARN in IAM is arn:x" },
      cluster,
      ["missing: does not exist (its ARN in IAM is arn:x): no one can log in with this ARN"],
    ],
    [
      "a replaced role of IAM Identity Center",
      { ...missing, successor },
      cluster,
      [`stale-sso: no longer exists, because IAM Identity Center replaced it: map "${current}" instead`],
    ],
    [
      "a replaced role with an access entry",
      { ...missing, successor },
      deadEntry,
      [`stale-sso: no longer exists, because IAM Identity Center replaced it: map "${successor}" instead`],
    ],
    ["a role that anyone may assume", trusting(anyone), cluster, ["open-trust: can be assumed by * (anyone)"]],
    [
      "a role that many accounts may assume",
      trusting({ Statement: ["1", "2", "3", "4", "5"].flatMap((digit) => trustOf(digit.repeat(12)).Statement) }),
      cluster,
      [
        "open-trust: can be assumed by 111111111111 (any identity of that account), 222222222222 (any identity of that account), 333333333333 (any identity of that account) and 2 more",
      ],
    ],
    ["a role that its account may assume", trusting(trustOf("111122223333")), cluster, []],
    [
      "an open role that does not log in",
      trusting(anyone),
      { ...cluster, data: { mapRoles: entry(role("eng/dev"), "dev") } },
      [],
    ],
    [
      "a dead access entry of an open role, which grants no access",
      trusting(anyone),
      { ...deadEntry, entries: { value: [live({ death: { kind: "recreated", text: "it was recreated" } })] } },
      ["dead: has an access entry that grants no access, since it was recreated"],
    ],
    ["a role that was used recently", used("2026-08-01", "eu-central-1"), cluster, []],
    [
      "a role that was not used recently",
      used("2026-07-31", "eu-central-1"),
      cluster,
      [`unused: has made no request to AWS since 2026-07-31 in eu-central-1, ${hint}`],
    ],
    [
      "a role that was not used recently, without the region",
      used("2026-07-31"),
      cluster,
      [`unused: has made no request to AWS since 2026-07-31, ${hint}`],
    ],
    [
      "a role that was never used",
      inIam(),
      cluster,
      [
        `unused: has no recorded request to AWS since its creation on 2026-01-01 (IAM keeps records for 400 days), ${hint}`,
      ],
    ],
    ["a new role that was not used yet", inIam({}, "2026-11-01"), cluster, []],
  ])("is a finding about %s", (_title, found, sample, findings) => {
    const [identity] = reviewedCluster({ ...sample, principals: new Map([[arn, found]]) }).identities;
    const reported = identity?.findings.filter(({ rule }) => rule !== "unclaimed" && rule !== "no-effect");
    expect(reported?.map(({ rule, message }) => `${rule}: ${message}`)).toEqual(findings);
  });

  it("causes no finding about a user, which has no trust policy and no date", () => {
    const user = iam("user/dev");
    const principals = new Map([[user, { arn: user, createdAt: new Date("2020-01-01") }]]);
    const mapUsers = entry(user, "dev").replace("rolearn", "userarn");
    const [identity] = reviewedCluster({ ...cluster, data: { mapUsers }, principals }).identities;
    expect([identity?.iam, rulesOn(identity)]).toEqual([{ createdAt: "2020-01-01T00:00:00.000Z" }, ["unclaimed"]]);
  });

  it("contains the dates of the role and who may assume it, unless its trust policy cannot be interpreted", () => {
    const reviewed = (found: IamPrincipal) => reviewedCluster({ ...cluster, principals: new Map([[arn, found]]) });
    const createdAt = "2026-01-01T00:00:00.000Z";
    const lastUsed = { at: "2026-11-01T00:00:00.000Z" };
    expect(reviewed(trusting(anyone))).toMatchObject({
      notes: [],
      identities: [{ iam: { createdAt, lastUsed, assumedBy: [{ principal: "*", open: "anyone", conditions: [] }] } }],
    });
    const { notes, identities } = reviewed(trusting({ Statement: [{ NotPrincipal: "*" }] }));
    expect(identities[0]?.iam).toEqual({ createdAt, lastUsed });
    expect(notes).toEqual([`it is unknown who can assume these roles: ${arn} (its trust policy has NotPrincipal)`]);
  });
});

describe("an incomplete review", () => {
  const { bound: _, ...unbound } = prod;
  it.each<[title: string, sample: SampleCluster, unknown: RegExp]>([
    ["a key", { ...prod, data: { mapRoles: "- [\n" } }, /^mapRoles cannot be read; line \d+, column \d+: /],
    ["access entries", { ...prod, mode: "API", entries: { unread: "no" } }, /^access entries are unknown: no$/],
    ["rights", unbound, /^rights are unknown, except those of system:masters: .*403$/],
  ])("reports unreadable input as unknown: %s", (_title, sample, unknown) => {
    expect(reviewedCluster(sample).unknown).toEqual([expect.stringMatching(unknown)]);
  });

  it("reports that an entry may take effect if an unparsable key may contain the one in force", () => {
    const data = { mapRoles: "- [\n", mapUsers: `- userarn: ${iam("user/eve")}\n  username: eve\n` };
    expect(reviewedCluster({ ...prod, data }).identities).toMatchObject([{ entries: [{ effect: "mayCount" }] }]);
  });

  it("lists the members of system:masters", () => {
    const { identities } = reviewedCluster(unbound);
    expect(identities.filter((one) => rulesOn(one).includes("everything"))).toHaveLength(1);
  });
});

describe("findings", () => {
  const own = (verb: string, resource: string, more: object = {}): Bound => {
    return { role: "own", rules: [{ ...rule([verb], [resource]), ...more }], to: "team" };
  };
  const named = (verb: string, resource: string, name: string) => own(verb, resource, { resourceNames: [name] });
  const inNamespace = (namespace: string, bound: Bound): Bound => ({ ...bound, namespace });
  const admin: Bound = { role: "cluster-admin", to: "team" };
  const edit: Bound = { role: "edit", to: "team" };
  const replaceMap = [
    rule(["create"], ["configmaps"]),
    { ...rule(["delete"], ["configmaps"]), resourceNames: ["aws-auth"] },
  ];
  const approve = (signer: string) => [
    rule(["create", "update"], ["certificatesigningrequests", "certificatesigningrequests/approval"]),
    { ...rule(["approve"], ["signers"]), resourceNames: [signer] },
  ];
  const widened: Bound = { role: "cluster-admin", name: "system:discovery", to: "system:authenticated" };

  it.each<[title: string, bound: Bound, rule: string | undefined]>([
    ["everything", admin, "everything"],
    ["everything in a namespace", inNamespace("a", admin), undefined],
    ["everything in kube-system", inNamespace("kube-system", admin), "escalation"],
    ["everything, by a binding with a built-in name", widened, "everything"],
    ["everything on one object", named("*", "*", "x"), "escalation"],
    ["edit", edit, "escalation"],
    ["edit in a namespace", inNamespace("a", edit), undefined],
    ["escalate", own("escalate", "clusterroles"), "escalation"],
    ["bind", named("bind", "roles", "x"), "escalation"],
    ["impersonate", own("impersonate", "groups"), "escalation"],
    ["patch aws-auth", inNamespace("kube-system", named("patch", "configmaps", "aws-auth")), "escalation"],
    ["update ConfigMaps", own("update", "configmaps"), "escalation"],
    ["patch another ConfigMap", named("patch", "configmaps", "coredns"), undefined],
    ["patch ConfigMaps of another namespace", inNamespace("a", own("patch", "configmaps")), undefined],
    ["delete and create aws-auth", { ...own("create", "configmaps"), rules: replaceMap }, "escalation"],
    ["create ConfigMaps", own("create", "configmaps"), undefined],
    [
      "impersonate groups by a binding in kube-system",
      inNamespace("kube-system", own("impersonate", "groups")),
      undefined,
    ],
    [
      "approve the certificates of servers",
      { ...edit, role: "own", rules: approve("kubernetes.io/kubelet-serving") },
      undefined,
    ],
    ["approve the certificates of clients", { ...edit, role: "own", rules: approve("kubernetes.io/*") }, "escalation"],
    ["read secrets", own("list", "secrets"), "secrets"],
    ["read the secrets of a namespace", inNamespace("a", own("list", "secrets")), undefined],
    ["read secrets by name", named("get", "secrets", "x"), undefined],
    ["view", { role: "view", to: "team" }, undefined],
  ])("report rights in the whole cluster: %s", (_title, bound, rule) => {
    expect(rulesOn(oneRole([bound]))[0]).toBe(rule ?? "unclaimed");
  });

  it.each<[policy: string, rules: string[]]>([
    ["AWSBackupFullAccessPolicyForRestore", ["escalation", "secrets"]],
    ["AWSBackupFullAccessPolicyForBackup", ["escalation", "secrets"]],
    ["AmazonEKSSecretAdminPolicy", ["secrets"]],
    ["AmazonEKSArgoCDPolicy", ["secrets"]],
    ["AmazonEKSACKPolicy", []],
  ])("report the rights of access policies: %s", (name, rules) => {
    const entries = { value: [live({ groups: [], policies: [policy(name)] })] };
    const { identities } = reviewedCluster({ id: "x", name: "x", data: {}, bound: [], mode: "API", entries });
    expect(rulesOn(identities[0])).toEqual([...rules, "unclaimed"]);
  });

  it("ignore write access to aws-auth if the cluster ignores aws-auth", () => {
    const bound = [own("patch", "configmaps")];
    const entries = { value: [live({ groups: ["team"] })] };
    const found = (mode: "API" | "API_AND_CONFIG_MAP") =>
      rulesOn(reviewedCluster({ id: "x", name: "x", data: {}, bound, mode, entries }).identities[0]);
    expect([found("API"), found("API_AND_CONFIG_MAP")]).toEqual([["unclaimed"], ["escalation", "unclaimed"]]);
  });

  it("include the source of a right, even for a single session name", () => {
    const identity = oneRole([{ role: "cluster-admin", kind: "User", to: "dev:eve" }], "dev:{{SessionName}}");
    expect(identity?.findings[0]?.message).toBe(
      'has full access through ClusterRoleBinding "cluster-admin-0", username "dev:eve", only for sessions with that username',
    );
    const rules = knownRoles["edit"] ?? [];
    expect(oneRole([{ role: "own", rules, to: "team" }])?.findings[0]?.message).toBe(
      'can escalate its privileges (impersonate others, write workloads) through ClusterRoleBinding "own-0", group "team"',
    );
  });

  it("list identities of another account if the cluster's account is known, and whole accounts in any case", () => {
    const arns = ["111122223333:role/dev", "444455556666:role/vendor", "444455556666:role/eng/dead"];
    const mapRoles = arns.map((name) => entry(`arn:aws:iam::${name}`, "vendor", "team")).join("");
    const data = { mapRoles, mapAccounts: '["111122223333"]' };
    const found = (account: Pick<SampleCluster, "account">) =>
      reviewedCluster({ id: "eks:x", name: "x", data, ...account }).identities.flatMap(({ findings }) =>
        findings.filter(({ rule }) => rule === "account").map(({ message }) => message),
      );
    expect(found({ account: "111122223333" })).toEqual([
      "belongs to account 444455556666, whose administrators control it",
      "represents every identity in account 111122223333",
    ]);
    expect(found({})).toEqual(["represents every identity in account 111122223333"]);
  });

  it("explain why an entry has no effect, and list only the first entries", () => {
    const mapUsers = "- userarn: arn:aws:iam::111122223333:user/eve\n  username: system:node:{{EC2PrivateDNSName}}\n";
    const [eve] = reviewedCluster({ ...prod, data: { mapUsers } }).identities;
    expect(eve?.entries).toMatchObject([{ effect: "dead", rights: [] }]);
    expect(eve?.findings.at(-1)?.message).toMatch(/^has entries without effect: mapUsers entry 1 .*rejects all logins/);
    const mapRoles = entry(role("dev"), "dev").repeat(9);
    const [dev] = reviewedCluster({ ...prod, data: { mapRoles } }).identities;
    expect(dev?.findings.at(-1)?.message).toMatch(/ and 5 more$/);
  });
});
