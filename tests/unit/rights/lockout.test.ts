import { describe, expect, test } from "vitest";
import type { AccessEntryType, LiveAccessEntry } from "../../../provider/accessEntries/accessEntry.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { type ClusterAccess, clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import {
  administratorsIn,
  findLockouts,
  isAdministratorOtherwise,
  kindsLost,
  type LockoutContext,
} from "../../../provider/rights/lockout.ts";
import { adminPolicy, live } from "../../support/accessEntries.ts";
import { account, roleArn } from "../../support/lifecycle/world.ts";
import { authorizerOf, rule } from "../../support/review/sample.ts";

/** Roles of the map, as `username: groups` or as groups alone, which also map the name as username. */
type Roles = Readonly<Record<string, string>>;

function mapOf(roles: Roles, mapAccounts = "[]"): Record<string, string> {
  const texts = Object.entries(roles).map(([name, content]) => {
    const [groups = "", username = name] = content.split(": ").reverse();
    const arn = name.startsWith("arn:") ? name : roleArn(name);
    return `- rolearn: ${arn}\n  username: "${username}"\n  groups: [${groups}]\n`;
  });
  return { mapRoles: texts.join("") || "[]\n", mapAccounts };
}

/** A cluster with these roles in its map, and these access entries. */
function view(roles: Roles, ...entries: readonly Partial<LiveAccessEntry>[]): ClusterAccess {
  return clusterAccess(parseMap(mapOf(roles)), "API_AND_CONFIG_MAP", { value: entries.map(live) });
}

const entry = (name: string, more: Partial<LiveAccessEntry> = {}) => ({ principalArn: roleArn(name), ...more });
const strong = (name: string, more = {}) => entry(name, { policies: [adminPolicy], ...more });
const nodes = (name: string, type: AccessEntryType) =>
  entry(name, { type, username: "system:node:{{SessionName}}", groups: ["system:nodes"] });

/** A cluster in which `cluster-admin` is bound to the group "ops", to the user "root", and to a role by its ARN. */
const full = [rule(["*"], ["*"], ["*"])];
const reads = ["get", "list", "watch"];
const writes = ["create", "update", "patch", "delete", "deletecollection"];
const deployer = roleArn("Deployer");
const bound = authorizerOf([
  { role: "cluster-admin", rules: full, to: "ops" },
  { role: "everything", rules: full, kind: "User", to: ["root", deployer] },
  { role: "almost", rules: [rule(["*"], ["*"], [""])], to: "devs" },
  { role: "cluster-admin", rules: full, to: "local", namespace: "team-a" },
  { role: "spelled", rules: [rule([...reads, ...writes], ["*"], ["*"])], to: "spelled" },
  { role: "reads", rules: [rule(reads, ["*"], ["*"])], to: "split" },
  { role: "writes", rules: [rule(writes, ["*"], ["*"])], to: ["split", "writers"] },
]);
const nothing: LockoutContext = {
  caller: undefined,
  authorizer: authorizerOf([]),
  partition: "aws",
  absent: new Map(),
};
const withBindings = { authorizer: bound };
const masters = "system:masters";
const second = { second: masters };
const death = { kind: "recreated", text: "the role or user was recreated after the access entry was created" } as const;

const linux = "system:node:{{EC2PrivateDNSName}}: system:bootstrappers, system:nodes";
const windows = `${linux}, eks:kube-proxy-windows`;
const bySession = "system:node:{{SessionName}}: system:bootstrappers, system:nodes";
const fargate = `${bySession}, system:node-proxier`;

type Row = [
  title: string,
  before: ClusterAccess,
  after: ClusterAccess,
  lost?: string | undefined,
  context?: Partial<LockoutContext>,
];

const removal = (
  roles: Roles,
  others: Roles,
  ...entries: readonly Partial<LiveAccessEntry>[]
): [ClusterAccess, ClusterAccess] => [
  view({ admin: masters, ...roles, ...others }, ...entries),
  view(others, ...entries),
];
const lastAdministrator = "administrator";

describe("the lock-out comparison", () => {
  test.each<Row>([
    ["the last administrator is removed", ...removal({}, {}), lastAdministrator],
    ["the last administrator becomes a user", view({ admin: masters }), view({ admin: "dev" }), lastAdministrator],
    ["another administrator remains in aws-auth", ...removal({}, second)],
    ["another administrator remains in an access entry", ...removal({}, {}, strong("second"))],
    [
      "the other administrator has an access entry with fewer rights",
      ...removal({}, second, entry("second")),
      lastAdministrator,
    ],
    [
      "an access entry overrides the rights",
      view({ admin: masters }),
      view({ admin: masters }, entry("admin")),
      lastAdministrator,
    ],
    ["a user is removed", ...removal({ admin: "dev" }, second)],
    // Administrators by bindings.
    ["the last member of a bound group is removed", ...removal({ admin: "ops" }, {}), lastAdministrator, withBindings],
    ["the last bound username is removed", ...removal({ admin: "root: x" }, {}), lastAdministrator, withBindings],
    ["another administrator remains through a binding", ...removal({}, { second: "ops" }), undefined, withBindings],
    ["the group is bound, and bindings cannot be read", ...removal({ admin: "ops" }, {})],
    ["only an unread binding makes another administrator", ...removal({}, { second: "ops" }), lastAdministrator],
    ["a role without some rights is removed", ...removal({ admin: "devs" }, {}), undefined, withBindings],
    ["an administrator of one namespace is removed", ...removal({ admin: "local" }, {}), undefined, withBindings],
    ["the role spells out all verbs", ...removal({ admin: "spelled" }, {}), lastAdministrator, withBindings],
    ["two roles together allow all verbs", ...removal({ admin: "split" }, {}), lastAdministrator, withBindings],
    ["a role without some verbs is removed", ...removal({ admin: "writers" }, {}), undefined, withBindings],
    [
      "the other one depends on the session name",
      ...removal({}, { second: "{{SessionName}}: x" }),
      lastAdministrator,
      withBindings,
    ],
    [
      "the bound group moves to an access entry",
      view({ admin: "ops" }),
      view({}, entry("admin", { groups: ["ops"] })),
      undefined,
      withBindings,
    ],
    // Administrators that cannot log in.
    ["the other access entry is dead", ...removal({}, {}, strong("second", { death })), lastAdministrator],
    [
      "the other one has a dead access entry and is mapped",
      ...removal({}, second, strong("second", { death })),
      lastAdministrator,
    ],
    [
      "IAM does not have the other role",
      ...removal({}, second),
      lastAdministrator,
      { absent: new Map([[roleArn("second"), "gone"]]) },
    ],
    [
      "IAM does not have another role",
      ...removal({}, { third: masters, ...second }),
      undefined,
      { absent: new Map([[roleArn("second"), "gone"]]) },
    ],
    ["the other one is a service-linked role", ...removal({}, { AWSServiceRoleForBatch: masters }), lastAdministrator],
    [
      "the other one is in another partition",
      ...removal({}, { [roleArn("second").replace("aws", "aws-cn")]: masters }),
      lastAdministrator,
    ],
    [
      "the other one is a federated user",
      ...removal({}, { [`arn:aws:sts::${account}:federated-user/second`]: masters }),
      lastAdministrator,
    ],
    [
      "the partition of the cluster is unknown",
      ...removal({}, { [roleArn("second").replace("aws", "aws-cn")]: masters }),
      undefined,
      { partition: undefined },
    ],
    [
      "the other one is a node that is an administrator",
      ...removal({}, { second: `${linux}, ${masters}` }),
      lastAdministrator,
    ],
  ])("returns what is lost if %s", (_title, before, after, lost, context = {}) => {
    const found = findLockouts(before, after, roleArn("admin"), { ...nothing, ...context });
    expect(found).toEqual(lost === undefined ? [] : [lost]);
  });

  const kinds: Readonly<Record<string, readonly [content: string | undefined, type: AccessEntryType]>> = {
    EC2_LINUX: [linux, "EC2_LINUX"],
    EC2_WINDOWS: [windows, "EC2_WINDOWS"],
    FARGATE_LINUX: [fargate, "FARGATE_LINUX"],
    HYBRID_LINUX: [bySession, "HYBRID_LINUX"],
    EC2: [undefined, "EC2"],
    HYPERPOD_LINUX: [undefined, "HYPERPOD_LINUX"],
  };

  test.each(Object.keys(kinds))("counts nodes of type %s separately", (kind) => {
    const others = Object.entries(kinds).filter(([other]) => other !== kind);
    const roles = Object.fromEntries(others.flatMap(([other, [content]]) => (content ? [[other, content]] : [])));
    const entries = others.map(([other, [, type]]) => nodes(`entry-${other}`, type));
    const [content, type] = kinds[kind] ?? [undefined, "STANDARD"];
    const inMap = { ...roles, ...(content !== undefined && { own: content }) };
    const after = view(roles, ...entries);
    const own = nodes("own", type);
    for (const before of [view(roles, ...entries, own), ...(content === undefined ? [] : [view(inMap, ...entries)])]) {
      expect(findLockouts(before, after, roleArn("own"), nothing)).toEqual([kind]);
      const same = nodes("same", type);
      expect(
        findLockouts(view(inMap, ...entries, own), view(roles, ...entries, same), roleArn("own"), nothing),
      ).toEqual([]);
    }
  });

  test("loses no nodes if a role keeps its username and groups", () => {
    expect(findLockouts(view({ own: linux }), view({ own: windows }), roleArn("own"), nothing)).toEqual([]);
    expect(findLockouts(view({ own: windows }), view({ own: linux }), roleArn("own"), nothing)).toEqual([
      "EC2_WINDOWS",
    ]);
  });

  test("ignores the entries of a key that cannot be parsed", () => {
    const user = `arn:aws:iam::${account}:user/jane`;
    const mapUsers = `- userarn: ${user}\n  username: jane\n  groups: ["system:masters"]\n`;
    const places = (data: Readonly<Record<string, string>>) => clusterAccess(parseMap({ mapRoles: "- {", ...data }));
    expect(findLockouts(places({ mapUsers }), places({}), user, nothing)).toEqual(["administrator"]);
  });

  test("lists the administrators that cannot log in, with the reason", () => {
    const places = view({ ...second, AWSServiceRoleForBatch: masters, gone: masters });
    const context = { ...nothing, absent: new Map([[roleArn("gone"), "IAM has no role"]]) };
    expect(administratorsIn(places, context)).toEqual([
      { arn: roleArn("second"), flaw: undefined },
      { arn: roleArn("AWSServiceRoleForBatch"), flaw: "it is the role of an AWS service" },
      { arn: roleArn("gone"), flaw: "IAM has no role" },
    ]);
  });
});

describe("an account that is mapped", () => {
  const accounts = (roles: Roles, ids = [account]) => clusterAccess(parseMap(mapOf(roles, JSON.stringify(ids))));
  const [mapped, none] = [accounts({}), accounts({}, [])];
  const context = { ...nothing, authorizer: bound };

  test("is an administrator through a binding to one of its identities, unless that identity has an entry", () => {
    expect(findLockouts(mapped, none, account, context)).toEqual(["administrator"]);
    expect(findLockouts(mapped, none, account, nothing)).toEqual([]);
    expect(findLockouts(mapped, accounts({ Deployer: "viewers" }), roleArn("deployer"), context)).toEqual([
      "administrator",
    ]);
    expect(findLockouts(accounts({ admin: masters }), mapped, roleArn("admin"), context)).toEqual([]);
    expect(kindsLost(mapped, undefined, account, context)).toEqual(["administrator"]);
  });

  const caller = { arn: `arn:aws:sts::${account}:assumed-role/ci/run`, username: roleArn("ci"), groups: [] };

  test.each<[title: string, after: ClusterAccess, lost: readonly string[]]>([
    ["with a different username", accounts({ ci: "viewers" }), ["caller"]],
    ["with the same username", accounts({ ci: `${roleArn("ci")}: viewers` }), []],
    ["as an administrator", accounts({ ci: masters }), []],
    ["as an administrator through a binding", accounts({ ci: "ops" }), []],
  ])("grants the caller access, which an entry %s replaces", (_title, after, lost) => {
    expect(findLockouts(mapped, after, roleArn("ci"), { ...context, caller })).toEqual(lost);
  });
});

describe("the caller", () => {
  const caller = { arn: `arn:aws:sts::${account}:assumed-role/admin/me`, username: "admin", groups: [] };
  const context = { ...nothing, caller };

  test("loses access only with a group or with its username", () => {
    const [all, fewer, renamed] = [masters, "devs", "other: devs"].map((admin) => view({ ...second, admin }));
    const lost = (before = all, after = all) =>
      before && after && findLockouts(before, after, roleArn("admin"), context);
    expect([lost(all, fewer), lost(fewer, renamed)]).toEqual([["caller"], ["caller"]]);
    expect([lost(fewer, all), lost(fewer, fewer)]).toEqual([[], []]);
  });

  test.each<[is: boolean, places: ClusterAccess, caller: LockoutContext["caller"]]>([
    [false, view({ admin: masters }), { ...caller, groups: [masters] }],
    [true, view(second), { ...caller, groups: [masters] }],
    [true, view({}), { username: "kubernetes-admin", groups: [masters] }],
    [true, view({}), { username: "kubernetes-admin", groups: ["ops"] }],
    [false, view({ admin: "ops" }), { ...caller, groups: ["ops"] }],
    [false, view({}), caller],
  ])("is an administrator in another way (%s)", (is, places, one) => {
    expect(isAdministratorOtherwise(places, { ...nothing, authorizer: bound, caller: one })).toBe(is);
  });
});
