import { describe, expect, it } from "vitest";
import type { ReviewedIdentity } from "../../../provider/reports/accessReview.ts";
import { arn, live, missing } from "../../support/accessEntries.ts";
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
    ['ClusterRole "gone" (does not exist, so grants nothing) everywhere', { role: "gone", to: ["team"] }],
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
  });
});

it("the owner of one of several entries of a principal is no certain owner of any of them", () => {
  const data = { mapRoles: entry(role("dev"), "dev") + entry(role("dev"), "ops") };
  const claims = "111122223333:role/dev aaaaaaaa.000001 infra/prod dev";
  const [dev] = reviewedCluster({ id: "x", name: "x", data, claims, bound: [] }).identities;
  const possible = { owners: [], possibleOwners: ["infra/prod dev"] };
  expect([dev?.entries, rulesOn(dev)]).toMatchObject([[possible, possible], ["no-effect"]]);
});

describe("the review of a principal in IAM", () => {
  const mapRoles = entry(arn, "old", "viewers");
  const policies = [policy("AmazonEKSClusterAdminPolicy")];
  const recreated = { kind: "recreated", text: "its role or user was recreated after it" } as const;
  const cluster = { id: "eks:x", name: "x", bound: [], mode: "API_AND_CONFIG_MAP", data: {} } as const;
  const dead = { ...cluster, entries: { value: [live({ policies, death: recreated })] } };
  const none = new Map([[arn, missing]]);
  const lone = ["access entry, dead"];
  it.each<[title: string, sample: SampleCluster, entries: string[], rules: string[]]>([
    ["a dead access entry", dead, lone, ["dead", "unclaimed"]],
    ["a dead access entry without a role", { ...dead, principals: none }, lone, ["missing", "unclaimed"]],
    [
      "a dead access entry beside aws-auth",
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

describe("an incomplete review", () => {
  const { bound: _, ...unbound } = prod;
  it.each<[title: string, sample: SampleCluster, unknown: RegExp]>([
    ["a key", { ...prod, data: { mapRoles: "- [\n" } }, /^mapRoles cannot be read; line \d+, column \d+: /],
    ["access entries", { ...prod, mode: "API", entries: { unread: "no" } }, /^access entries are unknown: no$/],
    ["rights", unbound, /^rights are unknown, except those of system:masters: .*403$/],
  ])("reports unreadable input as unknown: %s", (_title, sample, unknown) => {
    expect(reviewedCluster(sample).unknown).toEqual([expect.stringMatching(unknown)]);
  });

  it("reports that an entry may count if an unparsable key may contain the one in force", () => {
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
    ["read secrets", own("list", "secrets"), "secrets"],
    ["read the secrets of a namespace", inNamespace("a", own("list", "secrets")), undefined],
    ["read secrets by name", named("get", "secrets", "x"), undefined],
    ["view", { role: "view", to: "team" }, undefined],
  ])("report rights in the whole cluster: %s", (_title, bound, rule) => {
    expect(rulesOn(oneRole([bound]))[0]).toBe(rule ?? "unclaimed");
  });

  it.each<[policy: string, rules: string[]]>([
    ["AWSBackupFullAccessPolicyForRestore", ["escalation", "secrets"]],
    ["AWSBackupFullAccessPolicyForBackup", ["secrets"]],
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

  it("name the source of a right, also for a single session name", () => {
    const identity = oneRole([{ role: "cluster-admin", kind: "User", to: "dev:eve" }], "dev:{{SessionName}}");
    expect(identity?.findings[0]?.message).toBe(
      'may do everything in the cluster, by ClusterRoleBinding "cluster-admin-0", username "dev:eve", only for logins with that name',
    );
    const rules = knownRoles["edit"] ?? [];
    expect(oneRole([{ role: "own", rules, to: "team" }])?.findings[0]?.message).toBe(
      'may escalate its rights (impersonate others), by ClusterRoleBinding "own-0", group "team"',
    );
  });

  it("name identities of another account if the cluster's account is known, and always whole accounts", () => {
    const arns = ["111122223333:role/dev", "444455556666:role/vendor", "444455556666:role/eng/dead"];
    const mapRoles = arns.map((name) => entry(`arn:aws:iam::${name}`, "vendor", "team")).join("");
    const data = { mapRoles, mapAccounts: '["111122223333"]' };
    const found = (account: Pick<SampleCluster, "account">) =>
      reviewedCluster({ id: "eks:x", name: "x", data, ...account }).identities.flatMap(({ findings }) =>
        findings.filter(({ rule }) => rule === "account").map(({ message }) => message),
      );
    expect(found({ account: "111122223333" })).toEqual([
      "belongs to account 444455556666, which controls who may use it",
      "is every identity of account 111122223333",
    ]);
    expect(found({})).toEqual(["is every identity of account 111122223333"]);
  });

  it("explain why an entry has no effect, and list only the first entries", () => {
    const mapUsers = "- userarn: arn:aws:iam::111122223333:user/eve\n  username: system:node:{{EC2PrivateDNSName}}\n";
    const [eve] = reviewedCluster({ ...prod, data: { mapUsers } }).identities;
    expect(eve?.entries).toMatchObject([{ effect: "dead", rights: [] }]);
    expect(eve?.findings.at(-1)?.message).toMatch(
      /^has entries without effect: mapUsers entry 1 .*refuses every login/,
    );
    const mapRoles = entry(role("dev"), "dev").repeat(9);
    const [dev] = reviewedCluster({ ...prod, data: { mapRoles } }).identities;
    expect(dev?.findings.at(-1)?.message).toMatch(/ and 5 more$/);
  });
});
