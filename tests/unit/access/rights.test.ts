import { describe, expect, it } from "vitest";
import { isDefault, rightsOf } from "../../../provider/access/rights.ts";
import { isStronger, knownStrength, type Strength, strengthIn } from "../../../provider/access/strength.ts";
import { Authorizer, noObjects, type PolicyRule, parseRbac } from "../../../provider/rbac/index.ts";

const none = { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
const rbac = "rbac.authorization.k8s.io";
const strengthOf = (rules: readonly PolicyRule[]) =>
  strengthIn(rules, { authorizer: new Authorizer(noObjects), namespace: "" });

describe("the strongest thing that a role allows", () => {
  it.each<[strength: Strength, ...rules: [group: string, resource: string, verb: string, name?: string][]]>([
    ["everything", ["*", "*", "*"], ["", "pods", "get"]],
    ["escalate", [rbac, "clusterroles", "escalate"], [rbac, "roles", "bind"]],
    // Everything on certain objects is not everything.
    ["escalate", ["*", "*", "*", "x"]],
    ["escalate", [rbac, "*", "*"]],
    ["bind", [rbac, "roles", "bind"]],
    ["impersonate", ["", "users", "impersonate"], ["", "secrets", "get"]],
    ["impersonate", ["authentication.k8s.io", "userextras", "impersonate"]],
    ["impersonate", ["authentication.k8s.io", "userextras/scopes", "impersonate"]],
    ["impersonate", ["authentication.k8s.io", "*/scopes", "impersonate"]],
    ["aws-auth", ["", "configmaps", "patch"]],
    ["aws-auth", ["", "configmaps", "update", "aws-auth"]],
    ["write", ["", "configmaps", "update", "coredns"]],
    ["write", ["", "configmaps", "create"]],
    ["tokens", ["", "serviceaccounts/token", "create"], ["", "pods/exec", "create"]],
    ["certificates", ["certificates.k8s.io", "certificatesigningrequests/approval", "update"]],
    ["webhooks", ["admissionregistration.k8s.io", "mutatingwebhookconfigurations", "patch", "x"]],
    ["webhooks", ["admissionregistration.k8s.io", "validatingwebhookconfigurations", "create"]],
    // Whoever makes a pod may mount the secrets of its namespace.
    ["workloads", ["", "secrets", "list"], ["", "pods", "create"]],
    ["workloads", ["apps", "daemonsets", "create"]],
    ["workloads", ["batch", "cronjobs", "create"]],
    ["workloads", ["", "persistentvolumes", "create"]],
    ["write", ["", "pods", "create", "x"]],
    ["secrets", ["", "secrets", "list"], ["", "pods", "delete"]],
    // Subresources are among all resources.
    ["exec", ["", "*", "get"]],
    ["exec", ["", "pods/exec", "create"]],
    ["exec", ["", "*/exec", "get"]],
    ["exec", ["", "nodes/proxy", "get"]],
    ["write", ["", "secrets", "create"]],
    ["write", ["apps", "deployments", "patch"]],
    ["write", ["", "pods", "frob"]],
    ["read", ["apps", "deployments", "watch"]],
    ["read", ["authorization.k8s.io", "selfsubjectaccessreviews", "create"]],
    ["write", ["authorization.k8s.io", "subjectaccessreviews", "create"]],
    ["nothing"],
  ])("%s", (strength, ...rules) => {
    const all = rules.map(([group, resource, verb, name]) => ({
      ...none,
      apiGroups: [group],
      resources: [resource],
      verbs: [verb],
      resourceNames: name === undefined ? [] : [name],
    }));
    expect(strengthOf(all)).toBe(strength);
  });

  it("is to read for URLs alone", () => {
    expect(strengthOf([{ ...none, verbs: ["get"], nonResourceURLs: ["*"] }])).toBe("read");
  });

  it("is in the name of the roles that everybody knows", () => {
    expect(knownStrength({ kind: "ClusterRole", name: "view" })).toBe("read");
    expect(knownStrength({ kind: "Role", name: "view" })).toBeUndefined();
    expect(isStronger("secrets", "read")).toBe(true);
    expect(isStronger("read", "read")).toBe(false);
  });
});

describe("a right on certain objects only", () => {
  const rule = (verb: string, group: string, resource: string, name: string) => ({
    verbs: [verb],
    apiGroups: [group],
    resources: [resource],
    resourceNames: [name],
  });
  const role = (name: string, rules: object[], namespace?: string) => ({ metadata: { name, namespace }, rules });
  const binding = (name: string, kind: string, subject: object, namespace?: string) => ({
    metadata: { name, namespace },
    roleRef: { kind: kind === "Role" ? kind : "ClusterRole", name: kind === "Role" ? name : kind },
    subjects: [subject],
  });
  const all = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };

  /** How strong a role of one rule is, bound to a group everywhere or in a namespace. */
  function strength(asked: object, namespace?: string): Strength | undefined {
    const bound = binding("asked", "asked", { kind: "Group", name: "asked" }, namespace);
    const authorizer = new Authorizer(
      parseRbac({
        clusterroles: [
          role("asked", [asked]),
          role("cluster-admin", [all]),
          role("view", [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }]),
          role("binder", [rule("bind", rbac, "clusterroles", "cluster-admin")]),
          role("loop", [rule("impersonate", "", "users", "loop")]),
        ],
        roles: [role("owner", [all], "a")],
        clusterrolebindings: [
          ...(namespace === undefined ? [bound] : []),
          binding("jane", "view", { kind: "User", name: "jane" }),
          binding("root", "cluster-admin", { kind: "User", name: "root" }),
          binding("binder", "binder", { kind: "User", name: "binder" }),
          binding("loop", "loop", { kind: "User", name: "loop" }),
          binding("roots", "cluster-admin", { kind: "Group", name: "roots" }),
          binding("robot", "cluster-admin", { kind: "ServiceAccount", name: "robot", namespace: "kube-system" }),
        ],
        rolebindings: [
          ...(namespace === undefined ? [] : [bound]),
          binding("owner", "Role", { kind: "User", name: "owner" }, "a"),
        ],
      }),
    );
    return rightsOf({ username: "x", groups: ["asked"] }, authorizer)[0]?.strength;
  }

  it.each<[string, ...asked: Parameters<typeof rule>]>([
    ["bind", "bind", rbac, "clusterroles", "cluster-admin"],
    ["write", "bind", rbac, "clusterroles", "view"],
    ["write", "bind", rbac, "clusterroles", "gone"],
    ["bind", "bind", rbac, "roles", "owner"],
    // Whose right is a way to the whole cluster by another one's.
    ["bind", "bind", rbac, "clusterroles", "binder"],
    ["impersonate", "impersonate", "", "users", "root"],
    ["impersonate", "impersonate", "", "users", "binder"],
    ["write", "impersonate", "", "users", "jane"],
    ["write", "impersonate", "", "users", "loop"],
    // In a namespace alone.
    ["write", "impersonate", "", "users", "owner"],
    ["impersonate", "impersonate", "", "groups", "roots"],
    ["impersonate", "impersonate", "", "groups", "system:masters"],
    ["write", "impersonate", "", "groups", "viewers"],
    ["impersonate", "impersonate", "", "serviceaccounts", "robot"],
    ["write", "impersonate", "", "serviceaccounts", "own"],
    ["tokens", "create", "", "serviceaccounts/token", "robot"],
    ["write", "create", "", "serviceaccounts/token", "own"],
  ])("is as strong as what it leads to: %s by %s on %s %s %s", (expected, ...asked) => {
    expect(strength(rule(...asked))).toBe(expected);
  });

  it("in a namespace is about the service accounts and aws-auth of that one", () => {
    const token = rule("create", "", "serviceaccounts/token", "robot");
    const map = rule("patch", "", "configmaps", "aws-auth");
    expect([strength(token, "kube-system"), strength(token, "a")]).toEqual(["tokens", "write"]);
    expect([strength(map, "kube-system"), strength(map, "a")]).toEqual(["aws-auth", "write"]);
  });

  it("leads nowhere by aws-auth where the cluster ignores it", () => {
    const rule = { ...none, verbs: ["patch"], apiGroups: [""], resources: ["configmaps"] };
    const scope = { authorizer: new Authorizer(noObjects), namespace: "" };
    expect(strengthIn([rule], scope)).toBe("aws-auth");
    expect(strengthIn([rule], { ...scope, isMapIgnored: true })).toBe("write");
  });
});

describe("what Kubernetes gives to every authenticated user", () => {
  const discovery = { verbs: ["get"], nonResourceURLs: ["/api", "/api/*", "/healthz", "/version/"] };
  const all = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
  const everybody = { kind: "Group", name: "system:authenticated" };
  const name = "system:discovery";
  const roleRef = { kind: "ClusterRole", name };

  it.each<[title: string, isDefault: boolean, binding: object, rules: object[], isLocal?: boolean]>([
    ["the binding of the API server", true, { roleRef, subjects: [everybody] }, [discovery]],
    ["a RoleBinding of its name", false, { roleRef, subjects: [everybody] }, [discovery], true],
    ["one to another role", false, { roleRef: { ...roleRef, name: "other" }, subjects: [everybody] }, [discovery]],
    ["one to a wider role", false, { roleRef, subjects: [everybody] }, [discovery, all]],
    ["one to more paths", false, { roleRef, subjects: [everybody] }, [{ ...discovery, nonResourceURLs: ["/*"] }]],
    ["a user of that name", false, { roleRef, subjects: [{ ...everybody, kind: "User" }] }, [discovery]],
  ])("is that of %s: %s", (_, expected, binding, rules, isLocal = false) => {
    const bound = { metadata: { name, ...(isLocal && { namespace: "kube-system" }) }, ...binding };
    const authorizer = new Authorizer(
      parseRbac({
        clusterroles: [name, "other"].map((role) => ({ metadata: { name: role }, rules })),
        roles: [],
        clusterrolebindings: isLocal ? [] : [bound],
        rolebindings: isLocal ? [bound] : [],
      }),
    );
    const rights = rightsOf({ username: "system:authenticated", groups: [] }, authorizer);
    expect(rights.map(isDefault)).toEqual([expected]);
  });
});
