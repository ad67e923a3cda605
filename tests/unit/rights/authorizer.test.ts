import { describe, expect, it } from "vitest";
import type { User } from "../../../provider/identity/login.ts";
import { type AccessRequest, Authorizer, allGroupsOf, allows } from "../../../provider/rights/authorizer.ts";
import { type PolicyRule, parseRbac } from "../../../provider/rights/bindings.ts";

const rule = (fields: Partial<PolicyRule>): PolicyRule => ({
  verbs: ["get"],
  apiGroups: [],
  resources: [],
  resourceNames: [],
  nonResourceURLs: [],
  ...fields,
});

const pods = { verb: "get", group: "", resource: "pods", subresource: "", name: "", namespace: "" };

describe("a rule", () => {
  it.each<[fields: Partial<PolicyRule>, request: Partial<typeof pods>, allowed: boolean]>([
    [{ apiGroups: [""], resources: ["pods"] }, {}, true],
    [{ apiGroups: [""], resources: ["pods"] }, { verb: "list" }, false],
    [{ apiGroups: [""], resources: ["pods"] }, { verb: "GET" }, false],
    [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, { verb: "frob", group: "x", resource: "y" }, true],
    [{ apiGroups: [], resources: ["pods"] }, {}, false],
    [{ apiGroups: ["app*"], resources: ["pods"] }, { group: "apps" }, false],
    [{ apiGroups: [""], resources: ["p*"] }, {}, false],
    [{ apiGroups: [""], resources: ["pods"] }, { subresource: "exec" }, false],
    [{ apiGroups: [""], resources: ["*"] }, { subresource: "exec" }, true],
    [{ apiGroups: [""], resources: ["pods/exec"] }, { subresource: "exec" }, true],
    [{ apiGroups: [""], resources: ["pods/exec"] }, {}, false],
    [{ apiGroups: [""], resources: ["*/exec"] }, { subresource: "exec" }, true],
    [{ apiGroups: [""], resources: ["*/exec"] }, { subresource: "log" }, false],
    [{ apiGroups: [""], resources: ["pods/*"] }, { subresource: "exec" }, false],
    [{ apiGroups: [""], resources: ["*/"] }, {}, false],
    [{ apiGroups: [""], resources: ["pods"], resourceNames: ["web"] }, { name: "web" }, true],
    [{ apiGroups: [""], resources: ["pods"], resourceNames: ["web"] }, { name: "other" }, false],
    [{ apiGroups: [""], resources: ["pods"], resourceNames: ["web"] }, {}, false],
    [{ apiGroups: [""], resources: ["pods"], resourceNames: ["*"] }, { name: "web" }, false],
    [{ apiGroups: [""], resources: ["pods"], resourceNames: [""] }, {}, true],
  ])("%j on %j: %s", (fields, request, allowed) => {
    expect(allows(rule(fields), { ...pods, ...request })).toBe(allowed);
  });

  it.each<[url: string, path: string, allowed: boolean]>([
    ["/healthz", "/healthz", true],
    ["/healthz", "/healthz/etcd", false],
    ["/healthz/*", "/healthz/etcd", true],
    ["/healthz/*", "/healthz", false],
    ["*", "/anything", true],
    ["/logs**", "/logs/x", true],
    ["/*/x", "/a/x", false],
    ["/healthz", "/HEALTHZ", false],
  ])("on the URL %s at %s: %s", (url, path, allowed) => {
    expect(allows(rule({ nonResourceURLs: [url] }), { verb: "get", path })).toBe(allowed);
    expect(allows(rule({ nonResourceURLs: [url] }), { verb: "post", path })).toBe(false);
    expect(allows(rule({ apiGroups: ["*"], resources: ["*"] }), { verb: "get", path })).toBe(false);
  });
});

const role = (name: string, namespace?: string) => ({
  metadata: { name, namespace },
  rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }],
});
const binding = (name: string, kind: string, to: string, subjects: object[], namespace?: string) => ({
  metadata: { name, namespace },
  roleRef: { kind, name: to },
  subjects,
});

const authorizer = new Authorizer(
  parseRbac({
    clusterroles: [role("reader"), { metadata: { name: "empty" }, rules: null, aggregationRule: {} }],
    roles: [role("reader", "a"), role("local", "a")],
    clusterrolebindings: [
      binding("all", "ClusterRole", "reader", [{ kind: "Group", name: "readers" }]),
      binding("sa-all", "ClusterRole", "reader", [{ kind: "ServiceAccount", name: "everywhere", namespace: "b" }]),
      binding("sa-nowhere", "ClusterRole", "reader", [{ kind: "ServiceAccount", name: "nowhere" }]),
      binding("empty", "ClusterRole", "empty", [{ kind: "Group", name: "idle" }]),
      binding("odd", "Role", "local", [{ kind: "Group", name: "odd" }]),
      { metadata: { name: "without subjects" }, roleRef: { kind: "ClusterRole", name: "reader" } },
    ],
    rolebindings: [
      binding("local", "Role", "local", [{ kind: "User", name: "jane" }], "a"),
      binding("elsewhere", "Role", "local", [{ kind: "User", name: "joe" }], "b"),
      binding("shared", "ClusterRole", "reader", [{ kind: "User", name: "joe" }], "a"),
      binding("sa", "Role", "local", [{ kind: "ServiceAccount", name: "own" }], "a"),
      binding(
        "crew",
        "Role",
        "local",
        ["kim", "kit"].map((name) => ({ kind: "User", name })),
        "a",
      ),
      binding("robot", "Role", "local", [{ kind: "Robot", name: "jane" }], "a"),
      binding(
        "both",
        "Role",
        "local",
        [
          { kind: "User", name: "twice" },
          { kind: "Group", name: "readers" },
        ],
        "a",
      ),
    ],
  }),
);

const names = (user: Partial<User>, request: AccessRequest) =>
  authorizer.grantsFor({ user: { username: "x", groups: [], ...user } }, request).map(({ binding }) => binding?.name);

describe("the authorizer", () => {
  const inA = { ...pods, namespace: "a" };
  it.each<[user: Partial<User>, everywhere: string[], inA: string[]]>([
    [{ groups: ["readers"] }, ["all"], ["all", "both"]],
    [{ groups: ["Readers"] }, [], []],
    // A RoleBinding gives its rights in its own namespace, also those of a ClusterRole.
    [{ username: "jane" }, [], ["local"]],
    // A Role is one of the binding's namespace: "local" is missing in b.
    [{ username: "joe" }, [], ["shared"]],
    [{ username: "system:serviceaccount:b:everywhere" }, ["sa-all"], ["sa-all"]],
    [{ username: "system:serviceaccount:a:own" }, [], ["sa"]],
    [{ username: "own" }, [], []],
    [{ username: "system:serviceaccount::nowhere" }, [], []],
    [{ groups: ["idle", "odd"] }, [], []],
    [{ username: "twice", groups: ["readers"] }, ["all"], ["all", "both"]],
  ])("%j may by %j everywhere, and by %j in a namespace", (user, everywhere, local) => {
    expect(names(user, pods)).toEqual(everywhere);
    expect(names(user, inA)).toEqual(local);
  });

  it("names the first subject of a binding that applies", () => {
    const [, both] = authorizer.bindingsOf({ user: { username: "twice", groups: ["readers"] } });
    expect(both).toMatchObject({ binding: { name: "both" }, subject: { kind: "User", name: "twice" } });
  });

  it("allows members of system:masters everything, with no binding", () => {
    const grants = authorizer.grantsFor(
      { user: { username: "", groups: ["system:masters"] } },
      { verb: "frob", path: "/x" },
    );
    expect(grants).toEqual([
      { subject: expect.objectContaining({ name: "system:masters" }), isCertain: true, binding: undefined },
    ]);
  });

  it("knows of a name that is a pattern whom it may turn out to be", () => {
    const grants = authorizer.grantsFor({ user: { username: /^j[\w]+$/, groups: [/^system:[\w]+$/] } }, inA);
    expect(grants.map(({ isCertain, subject }) => [isCertain, subject.name])).toEqual([
      [false, "system:masters"],
      [false, "jane"],
      [false, "joe"],
    ]);
  });

  it("names every subject that a login may turn out to be, and of one that applies anyway no other", () => {
    const through = (user: User) =>
      authorizer.grantsFor({ user }, inA).map(({ isCertain, subject }) => [isCertain, subject.name]);
    expect(through({ username: /^ki[\w]+$/, groups: [] })).toEqual([
      [false, "kim"],
      [false, "kit"],
    ]);
    expect(through({ username: /^twice$/, groups: ["readers"] })).toEqual([
      [true, "readers"],
      [true, "readers"],
    ]);
    // By two names of one login.
    expect(through({ username: "x", groups: [/^readers$/, /^reader.$/] })).toEqual([
      [false, "readers"],
      [false, "readers"],
    ]);
  });

  it.each<[user: User, groups: string[]]>([
    [{ username: "x", groups: ["a"] }, ["a", "system:authenticated"]],
    [{ username: "x", groups: ["system:authenticated"] }, ["system:authenticated"]],
    [{ username: "x", groups: ["system:unauthenticated"] }, ["system:unauthenticated"]],
    [{ username: "system:anonymous", groups: [] }, []],
  ])("adds system:authenticated as the API server does: %j", (user, groups) => {
    expect(allGroupsOf(user)).toEqual(groups);
  });
});
