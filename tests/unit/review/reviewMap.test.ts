import { describe, expect, it } from "vitest";
import type { ReviewedIdentity } from "../../../provider/review/model.ts";
import { companyClusters, knownRoles, reviewedCluster, type SampleCluster } from "../../support/review/sample.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const [prod, staging] = companyClusters();

/** A cluster that maps one role to one group, and binds roles to it. */
function oneRole(bound: SampleCluster["bound"], username = "dev"): ReviewedIdentity | undefined {
  const mapRoles = `- rolearn: ${role("dev")}\n  username: "${username}"\n  groups: [team]\n`;
  return reviewedCluster({ id: "server:x", name: "x", data: { mapRoles }, ...(bound && { bound }) }).identities[0];
}

/** The rules and severities of what is found on an identity. */
function found(identity: Pick<ReviewedIdentity, "findings"> | undefined): string[] {
  return (identity?.findings ?? []).map(({ severity, rule }) => `${severity} ${rule}`);
}

it("gives the roles of a permission set that an account lets in no suffix that nobody has", () => {
  const mapRoles = '- sso: {permissionSetName: Adm, accountID: "111122223333"}\n  username: adm\n';
  const data = { mapRoles, mapAccounts: '["111122223333"]' };
  const [one] = reviewedCluster({ id: "server:x", name: "x", data }).identities;
  expect(one?.entries.map(({ key, username }) => [key, username])).toEqual([
    ["mapRoles", "adm"],
    ["mapAccounts", role("AWSReservedSSO_Adm_*")],
  ]);
});

describe("who is in a map", () => {
  const { identities } = reviewedCluster(prod);
  const of = (name: string) => identities.find(({ identity }) => identity.endsWith(name));

  it("is listed with the riskiest first, and those that a binding names in an account that is let in", () => {
    expect(
      identities.map(({ identity, kind, isAdministrator }) => [identity.split(":").at(-1), kind, isAdministrator]),
    ).toEqual([
      ["role/platform-admins", "role", true],
      ["role/deployer", "role", false],
      ["role/backup", "role", false],
      ["role/ci/deployer", "none", false],
      ["user/on-call", "user", false],
      ["role/eks-node-group", "role", false],
      ["role/developers", "role", false],
      ["role/AWSReservedSSO_Support_0a1b2c3d4e5f6a7b", "role", false],
      ["role/auditor", "role", false],
      ["account 444455556666", "account", false],
    ]);
  });

  it("has its entry, user, owners and rights", () => {
    expect(of("role/platform-admins")?.entries).toEqual([
      {
        source: "aws-auth",
        key: "mapRoles",
        position: 2,
        line: 4,
        effect: "counts",
        username: "platform:{{SessionName}}",
        groups: ["system:masters"],
        owners: ["acme/infra/prod platform-admins"],
        rights: [{ access: "everything everywhere", by: 'group "system:masters"', allows: "everything" }],
      },
    ]);
    const [entry] = of("role/auditor")?.entries ?? [];
    expect(entry).toMatchObject({ key: "mapAccounts", username: "arn:aws:iam::444455556666:role/auditor", groups: [] });
    expect(entry?.rights.map(({ access }) => access)).toEqual(["view everywhere"]);
    expect(of("role/eks-node-group")?.entries[0]?.isNode).toBe(true);
  });

  it("has each of its entries once, and rights only from those that count", () => {
    const [developers] = reviewedCluster(staging).identities;
    expect(developers?.entries.map(({ position, effect, rights }) => [position, effect, rights.length])).toEqual([
      [3, "counts", 1],
      [2, "shadowed", 0],
    ]);
    expect(developers?.isAdministrator).toBe(false);
  });

  it("may depend on what nobody sees from outside, and then every entry that may count has its rights", () => {
    const mapRoles = `- sso: {permissionSetName: Support, accountID: "111122223333"}
  username: sso
  groups: [admins]
- rolearn: ${role("AWSReservedSSO_Support_0a1b2c3d4e5f6a7b")}
  username: support
  groups: [viewers]
`;
    const { bound = [] } = staging;
    const { identities } = reviewedCluster({ ...staging, data: { mapRoles }, bound });
    const direct = identities.find(({ kind }) => kind === "role");
    expect(direct?.entries.map(({ position, effect }) => [position, effect])).toEqual([
      [1, "mayCount"],
      [2, "mayCount"],
    ]);
    expect(direct?.isAdministrator).toBe(true);
    expect(found(direct)).toContain("medium undecided");
    expect(identities.map(({ identity }) => identity)).toContain(role("AWSReservedSSO_Support_*"));
  });

  it("is nobody in an item of mapAccounts that is no account, of which lint says why", () => {
    const { identities } = reviewedCluster({ ...prod, data: { mapAccounts: '- [x]\n- "999988887777"\n' } });
    expect(identities.map(({ identity, kind }) => [identity, kind])).toEqual([
      ["mapAccounts entry 1", "none"],
      ["account 999988887777", "account"],
    ]);
    expect(found(identities[0])).toContain("medium dead");
  });

  it("is nobody in a key that cannot be read, which is told", () => {
    const { identities, droppedKeys } = reviewedCluster({ ...prod, data: { mapRoles: "- rolearn: [\n" } });
    expect(identities).toEqual([]);
    expect(droppedKeys).toEqual([expect.stringMatching(/^mapRoles, line \d+, column \d+: /)]);
  });
});

it("refuses an IAM user every login for which the authenticator has to know the EC2 instance", () => {
  const mapUsers = `- userarn: arn:aws:iam::111122223333:user/eve
  username: system:node:{{EC2PrivateDNSName}}
  groups: [system:masters]
`;
  const [eve] = reviewedCluster({ id: "server:x", name: "x", data: { mapUsers } }).identities;
  expect(eve).toMatchObject({ kind: "user", isAdministrator: false, entries: [{ effect: "dead", rights: [] }] });
  const message = expect.stringContaining("every login is refused");
  expect(eve?.findings).toContainEqual({ rule: "dead", severity: "medium", message });
});

it("has what is hidden behind the name of a binding that Kubernetes makes", () => {
  const bound = [{ role: "cluster-admin", name: "system:discovery", to: "system:authenticated" }];
  expect(oneRole(bound)).toMatchObject({ isAdministrator: true });
});

describe("what is risky", () => {
  const secrets = [{ verbs: ["list"], apiGroups: [""], resources: ["secrets"] }];
  it.each([
    ["everything, everywhere", [{ role: "cluster-admin", to: "team" }], ["high everything", "low unowned"]],
    [
      "everything in a namespace",
      [{ role: "cluster-admin", namespace: "a", to: "team" }],
      ["medium everything", "low unowned"],
    ],
    ["edit everywhere", [{ role: "edit", to: "team" }], ["high escalation", "high all-secrets", "low unowned"]],
    ["edit in a namespace", [{ role: "edit", namespace: "a", to: "team" }], ["low escalation", "low unowned"]],
    [
      "to impersonate in a namespace by a role of its own",
      [{ role: "own", rules: knownRoles["edit"] ?? [], namespace: "a", to: "team" }],
      ["medium escalation", "low unowned"],
    ],
    ["to read all secrets", [{ role: "s", rules: secrets, to: "team" }], ["high all-secrets", "low unowned"]],
    [
      "to read the secrets of a namespace",
      [{ role: "s", rules: secrets, namespace: "a", to: "team" }],
      ["low unowned"],
    ],
    [
      "to read a few secrets by name",
      [{ role: "s", rules: secrets.map((rule) => ({ ...rule, resourceNames: ["x"] })), to: "team" }],
      ["low unowned"],
    ],
    ["to view", [{ role: "view", to: "team" }], ["low unowned"]],
    ...[
      ["configmaps", "patch", "kube-system", "aws-auth"],
      ["configmaps", "update"],
      ["pods/exec", "create"],
      ["nodes/proxy", "get"],
      ["serviceaccounts/token", "create"],
      ["pods", "create"],
      ["deployments", "create"],
      ["certificatesigningrequests/approval", "update"],
      ["mutatingwebhookconfigurations", "create"],
    ].map(([resource, verb, namespace, name]): [string, NonNullable<SampleCluster["bound"]>, string[]] => {
      const names = name === undefined ? {} : { resourceNames: [name] };
      const own = {
        role: "own",
        rules: [{ verbs: [verb], apiGroups: ["*"], resources: [resource], ...names }],
        to: "team",
      };
      return [
        `a way to everything by ${verb} of ${resource}`,
        [namespace === undefined ? own : { ...own, namespace }],
        ["high escalation", "low unowned"],
      ];
    }),
    [
      "to write another ConfigMap, or that of another namespace",
      ["coredns", "aws-auth"].map((name) => ({
        role: name,
        rules: [{ verbs: ["update"], apiGroups: [""], resources: ["configmaps"], resourceNames: [name] }],
        namespace: name === "coredns" ? "kube-system" : "a",
        to: "team",
      })),
      ["low unowned"],
    ],
    [
      "edit where the API server's own service accounts are",
      [{ role: "edit", namespace: "kube-system", to: "team" }],
      ["high escalation", "low unowned"],
    ],
    [
      "everything there",
      [{ role: "cluster-admin", namespace: "kube-system", to: "team" }],
      ["high escalation", "medium everything", "low unowned"],
    ],
    [
      "to bind view, or to act as somebody harmless",
      [
        {
          role: "binder",
          rules: [{ verbs: ["bind"], apiGroups: ["*"], resources: ["clusterroles"], resourceNames: ["view"] }],
          to: "team",
        },
        {
          role: "actor",
          rules: [{ verbs: ["impersonate"], apiGroups: [""], resources: ["users"], resourceNames: ["jane"] }],
          to: "team",
        },
      ],
      ["low unowned"],
    ],
    ["nothing", [], ["low unowned"]],
  ] satisfies [string, NonNullable<SampleCluster["bound"]>, string[]][])("%s", (_, bound, expected) => {
    expect(found(oneRole(bound))).toEqual(expected);
  });

  it("an IAM user, the root of an account, and an entry that nobody matches, with the reason of lint", () => {
    const mapUsers = "- userarn: arn:aws:iam::111122223333:user/a\n- userarn: arn:aws:iam::111122223333:root\n";
    const { identities } = reviewedCluster({ ...prod, data: { ...prod.data, mapUsers } });
    const on = (end: string) => identities.find(({ identity }) => identity.endsWith(end));
    expect(found(on("user/a"))).toContain("medium iam-user");
    expect(found(on(":root"))).toContain("medium iam-user");
    expect(on("ci/deployer")?.findings[0]).toMatchObject({
      rule: "dead",
      severity: "medium",
      message: expect.stringContaining("has the role's path"),
    });
  });

  it("somebody of another account, if that of the cluster is known and the entry has an effect", () => {
    const other = "arn:aws:iam::444455556666:role/vendor";
    const mapRoles = [role("dev"), other, "arn:aws:iam::444455556666:role/eng/dead"]
      .map((arn) => `- rolearn: ${arn}\n  username: somebody\n  groups: [team]\n`)
      .join("");
    const data = { mapRoles, mapAccounts: '["111122223333", "444455556666"]' };
    const foreign = (account: object) =>
      reviewedCluster({ id: "eks:x", name: "x", data, ...account })
        .identities.filter(({ findings }) => findings.some(({ rule }) => rule === "other-account"))
        .map(({ identity, findings }) => [identity, found({ findings })[0]]);
    expect(foreign({ account: "111122223333" })).toEqual([
      [other, "medium other-account"],
      ["account 444455556666", "medium other-account"],
    ]);
    expect(foreign({})).toEqual([]);
  });

  it("is told of a login whose name is the one that is bound, though not every login has it", () => {
    const bound = [{ role: "cluster-admin", kind: "User", to: "dev:eve" }] as const;
    const identity = oneRole(bound, "dev:{{SessionName}}");
    expect(identity?.entries[0]?.rights[0]).toMatchObject({ onlyForThatName: true, allows: "everything" });
    expect(found(identity)[0]).toBe("high everything");
  });

  it("without bindings is what members of system:masters may do, and nothing else of rights", () => {
    const { hasRights, identities } = reviewedCluster({ id: prod.id, name: prod.name, data: prod.data });
    expect(hasRights).toBe(false);
    expect(identities.filter(({ isAdministrator }) => isAdministrator)).toHaveLength(1);
    expect(identities.flatMap(({ entries }) => entries.flatMap(({ rights }) => rights))).toHaveLength(1);
  });
});
