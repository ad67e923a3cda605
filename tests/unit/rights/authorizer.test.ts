import { describe, expect, it } from "vitest";
import type { User } from "../../../provider/identity/login.ts";
import { type ApiVersion, Authorizer, allGroupsOf, findType } from "../../../provider/rights/authorizer.ts";
import { parseRbac } from "../../../provider/rights/bindings.ts";

/** Rules that read pods. */
const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }];
const roleRef = { kind: "Role", name: "local" };
const binding = (name: string, ...subjects: readonly object[]) => ({
  metadata: { name, namespace: "a" },
  roleRef,
  subjects,
});
const user = (name: string) => ({ kind: "User", name });
const readers = { kind: "Group", name: "readers" };

const authorizer = new Authorizer(
  parseRbac({
    clusterroles: [
      { metadata: { name: "reader" }, rules },
      { metadata: { name: "empty" }, rules: null, aggregationRule: {} },
    ],
    roles: [{ metadata: { name: "local", namespace: "a" }, rules }],
    clusterrolebindings: [
      { metadata: { name: "all" }, roleRef: { kind: "ClusterRole", name: "reader" }, subjects: [readers] },
      { metadata: { name: "empty" }, roleRef: { kind: "ClusterRole", name: "empty" }, subjects: [readers] },
      { metadata: { name: "odd" }, roleRef, subjects: [readers] },
      { metadata: { name: "without subjects" }, roleRef: { kind: "ClusterRole", name: "reader" } },
    ],
    rolebindings: [
      binding("local", user("jane")),
      binding("shared", user("joe")),
      binding("crew", user("kim"), user("kit")),
      binding("robot", { kind: "Robot", name: "jane" }),
      binding("service account", { kind: "ServiceAccount", name: "own" }),
      binding("both", user("twice"), readers),
    ],
  }),
);

// Rules and bindings are compared with those of a real API server by tests/cluster/rights.test.ts.
describe("the authorizer", () => {
  const inA = { verb: "get", group: "", resource: "pods", subresource: "", name: "", namespace: "a" };

  it.each<[user: Partial<User>, bindings: string[]]>([
    [{ groups: ["readers"] }, ["all", "both"]],
    [{ username: "jane" }, ["local"]],
    [{ username: "system:serviceaccount:a:own" }, ["service account"]],
    [{ username: "own", groups: ["Readers"] }, []],
  ])("finds the bindings by which %j may read pods", (given, bindings) => {
    const grants = authorizer.grantsFor({ user: { username: "x", groups: [], ...given } }, inA);
    expect(grants.map(({ binding }) => binding?.name)).toEqual(bindings);
  });

  it("returns the first matching subject of a binding", () => {
    const both = authorizer.bindingsOf({ user: { username: "twice", groups: ["readers"] } }).at(-1);
    expect(both).toMatchObject({ binding: { name: "both" }, subject: { kind: "User", name: "twice" } });
  });

  it("allows members of system:masters everything without a binding", () => {
    const user = { username: "", groups: ["system:masters"] };
    expect(authorizer.grantsFor({ user }, { verb: "frob", path: "/x" })).toEqual([
      { subject: expect.objectContaining({ name: "system:masters" }), isCertain: true, binding: undefined },
    ]);
  });

  it.each<[user: User, subjects: string[], isCertain: boolean]>([
    [{ username: /^j[\w]+$/, groups: [/^system:[\w]+$/] }, ["system:masters", "jane", "joe"], false],
    [{ username: /^ki[\w]+$/, groups: [] }, ["kim", "kit"], false],
    // A subject that matches for certain rules out uncertain ones.
    [{ username: /^twice$/, groups: ["readers"] }, ["readers", "readers"], true],
    // Two groups of one login match.
    [{ username: "x", groups: [/^readers$/, /^reader.$/] }, ["readers", "readers"], false],
  ])("returns every subject that a login may match: %o", (user, subjects, isCertain) => {
    const grants = authorizer.grantsFor({ user }, inA);
    expect(grants.map(({ subject }) => subject.name)).toEqual(subjects);
    expect(grants.map((grant) => grant.isCertain)).toEqual(subjects.map(() => isCertain));
  });

  it.each<[user: User, groups: string[]]>([
    [{ username: "x", groups: ["a"] }, ["a", "system:authenticated"]],
    [{ username: "x", groups: ["system:authenticated"] }, ["system:authenticated"]],
    [{ username: "x", groups: ["system:unauthenticated"] }, ["system:unauthenticated"]],
    [{ username: "system:anonymous", groups: [] }, []],
  ])("adds system:authenticated in the same way as the API server: %j", (user, groups) => {
    expect(allGroupsOf(user)).toEqual(groups);
  });
});

describe("a resource type", () => {
  const type = (name: string, singular: string, ...shortNames: string[]) => {
    return { name, singular, shortNames, isNamespaced: true, subresources: [] };
  };
  const deployments = type("deployments", "deployment", "deploy");
  const events = type("events", "event", "ev");
  /** In the order of a server; the resource "pods" takes precedence over the short name "pods". */
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
