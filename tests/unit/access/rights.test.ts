import { describe, expect, it } from "vitest";
import { isStronger, knownStrength, type Strength, strengthOf } from "../../../provider/access/rights.ts";

const none = { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
const rbac = "rbac.authorization.k8s.io";

describe("the strongest thing that a role allows", () => {
  it.each<[strength: Strength, ...rules: [group: string, resource: string, verb: string, name?: string][]]>([
    ["everything", ["*", "*", "*"], ["", "pods", "get"]],
    ["escalate", [rbac, "clusterroles", "escalate"], [rbac, "roles", "bind"]],
    // Everything on certain objects is not everything.
    ["escalate", ["*", "*", "*", "x"]],
    ["escalate", [rbac, "*", "*"]],
    ["bind", [rbac, "roles", "bind", "view"]],
    ["impersonate", ["", "users", "impersonate"], ["", "secrets", "get"]],
    ["impersonate", ["authentication.k8s.io", "userextras", "impersonate"]],
    ["secrets", ["", "secrets", "list"], ["", "pods", "create"]],
    ["secrets", ["", "*", "get"]],
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
