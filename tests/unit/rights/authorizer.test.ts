import { describe, expect, it } from "vitest";
import type { User } from "../../../provider/identity/login.ts";
import {
  type AccessRequest,
  type ApiVersion,
  Authorizer,
  allGroupsOf,
  allows,
  findType,
} from "../../../provider/rights/authorizer.ts";
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
  const on = (resources: string, more: Partial<PolicyRule> = {}) => ({
    apiGroups: [""],
    resources: [resources],
    ...more,
  });
  it.each<[fields: Partial<PolicyRule>, request: Partial<typeof pods>, allowed: boolean]>([
    [on("pods"), {}, true],
    [on("pods"), { verb: "list" }, false],
    [on("pods"), { verb: "GET" }, false],
    [on("*", { verbs: ["*"], apiGroups: ["*"] }), { verb: "frob", group: "x", resource: "y" }, true],
    [on("pods", { apiGroups: [] }), {}, false],
    [on("pods", { apiGroups: ["app*"] }), { group: "apps" }, false],
    [on("p*"), {}, false],
    [on("pods"), { subresource: "exec" }, false],
    [on("*"), { subresource: "exec" }, true],
    [on("pods/exec"), { subresource: "exec" }, true],
    [on("pods/exec"), {}, false],
    [on("*/exec"), { subresource: "exec" }, true],
    [on("*/exec"), { subresource: "log" }, false],
    [on("pods/*"), { subresource: "exec" }, false],
    [on("*/"), {}, false],
    [on("pods", { resourceNames: ["web"] }), { name: "web" }, true],
    [on("pods", { resourceNames: ["web"] }), { name: "other" }, false],
    [on("pods", { resourceNames: ["web"] }), {}, false],
    [on("pods", { resourceNames: ["*"] }), { name: "web" }, false],
    [on("pods", { resourceNames: [""] }), {}, true],
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
/** @param to the role, as `kind/name` */
function binding(name: string, to: string, subjects: object[], namespace?: string): object {
  const [kind, role] = to.split("/");
  return { metadata: { name, namespace }, roleRef: { kind, name: role }, subjects };
}
const subject = (kind: string, name: string, namespace?: string) => ({ kind, name, namespace });

const authorizer = new Authorizer(
  parseRbac({
    clusterroles: [role("reader"), { metadata: { name: "empty" }, rules: null, aggregationRule: {} }],
    roles: [role("reader", "a"), role("local", "a")],
    clusterrolebindings: [
      binding("all", "ClusterRole/reader", [subject("Group", "readers")]),
      binding("sa-all", "ClusterRole/reader", [subject("ServiceAccount", "everywhere", "b")]),
      binding("sa-nowhere", "ClusterRole/reader", [subject("ServiceAccount", "nowhere")]),
      binding("empty", "ClusterRole/empty", [subject("Group", "idle")]),
      binding("odd", "Role/local", [subject("Group", "odd")]),
      { metadata: { name: "without subjects" }, roleRef: { kind: "ClusterRole", name: "reader" } },
    ],
    rolebindings: [
      binding("local", "Role/local", [subject("User", "jane")], "a"),
      binding("elsewhere", "Role/local", [subject("User", "joe")], "b"),
      binding("shared", "ClusterRole/reader", [subject("User", "joe")], "a"),
      binding("sa", "Role/local", [subject("ServiceAccount", "own")], "a"),
      binding("crew", "Role/local", [subject("User", "kim"), subject("User", "kit")], "a"),
      binding("robot", "Role/local", [subject("Robot", "jane")], "a"),
      binding("both", "Role/local", [subject("User", "twice"), subject("Group", "readers")], "a"),
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

  it.each<[user: User, found: [isCertain: boolean, subject: string][]]>([
    [{ username: /^j[\w]+$/, groups: [/^system:[\w]+$/] }, [[false, "system:masters"], [false, "jane"], [false, "joe"]]],
    [{ username: /^ki[\w]+$/, groups: [] }, [[false, "kim"], [false, "kit"]]],
    // Of a subject that applies anyway no other is named.
    [{ username: /^twice$/, groups: ["readers"] }, [[true, "readers"], [true, "readers"]]],
    // By two names of one login.
    [{ username: "x", groups: [/^readers$/, /^reader.$/] }, [[false, "readers"], [false, "readers"]]],
  ])("names every subject that a login may turn out to be: %o", (user, found) => {
    const grants = authorizer.grantsFor({ user }, inA);
    expect(grants.map(({ isCertain, subject }) => [isCertain, subject.name])).toEqual(found);
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

describe("a resource type", () => {
  const type = (name: string, singular: string, ...shortNames: string[]) => {
    return { name, singular, shortNames, isNamespaced: true, subresources: [] };
  };
  const deployments = type("deployments", "deployment", "deploy");
  const events = type("events", "event", "ev");
  /** In the order of a server; what is called "pods" for short is not meant by it. */
  const versions: readonly ApiVersion[] = [
    { group: "early.example.com", version: "v1", resources: [type("earlies", "early", "pods")] },
    { group: "", version: "v1", resources: [type("pods", "pod", "po"), events] },
    { group: "apps", version: "v1", resources: [deployments] },
    { group: "apps", version: "v1beta1", resources: [type("deployments", "deployment"), type("olds", "old")] },
    { group: "events.k8s.io", version: "v1", resources: [events] },
    { group: "storage.k8s.io", version: "v1", resources: [type("storageclasses", "storageclass", "sc")] },
    { group: "apps.example.com", version: "v1", resources: [deployments] },
  ];

  it.each<[found: string | undefined, texts: string[]]>([
    ["pods.", ["pods", "pod", "po", "PODS"]],
    ["deployments.apps", ["deploy", "deploy.apps"]],
    ["deployments.apps.example.com", ["deployments.apps.example.com"]],
    ["olds.apps", ["olds"]],
    ["events.", ["events", "ev"]],
    ["events.events.k8s.io", ["ev.events.k8s.io"]],
    [undefined, ["sc.storage", "pods.apps", "widgets", ""]],
  ])("is %s for %j", (found, texts) => {
    const matches = texts.map((text) => findType(versions, text));
    expect(matches.map((match) => match && `${match.name}.${match.group}`)).toEqual(texts.map(() => found));
  });
});
