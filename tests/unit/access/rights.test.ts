import { describe, expect, it } from "vitest";
import { describeAccess, rightsOf } from "../../../provider/access/rights.ts";
import { Authorizer, parseRbac } from "../../../provider/rbac/index.ts";

const all = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
const pods = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
const role = (name: string, ...rules: object[]) => ({ metadata: { name }, rules });
const bind = (roleName: string, group: string, namespace?: string) => ({
  metadata: { name: roleName, namespace },
  roleRef: { kind: "ClusterRole", name: roleName },
  subjects: [{ kind: "Group", name: group }],
});

function accessOf(group: string, ...discovery: object[]): string[] {
  const authorizer = new Authorizer(
    parseRbac({
      clusterroles: [
        role("cluster-admin", all),
        role("edit", pods),
        role("own", pods),
        role("root", all),
        role("system:discovery", ...discovery),
        role("system:basic-user", { verbs: ["create"], apiGroups: ["x"], resources: ["selfsubjectaccessreviews"] }),
      ],
      roles: [],
      clusterrolebindings: [
        bind("own", "team"),
        bind("root", "team"),
        bind("cluster-admin", "team"),
        bind("gone", "team"),
        bind("system:discovery", "system:authenticated"),
        bind("system:basic-user", "system:authenticated"),
      ],
      rolebindings: [bind("edit", "team", "a")],
    }),
  );
  return rightsOf({ username: "x", groups: [group] }, authorizer).map(describeAccess);
}

describe("the rights of a user", () => {
  it("are named by their roles, everything first", () => {
    expect(accessOf("team", { verbs: ["get"], nonResourceURLs: ["/healthz"] })).toEqual([
      'ClusterRole "root" (everything) everywhere',
      "cluster-admin everywhere",
      'ClusterRole "own" everywhere',
      'ClusterRole "gone" (does not exist, so nothing) everywhere',
      'edit in "a"',
    ]);
  });

  it.each([
    ["none", [], []],
    ["the version and the health", [{ verbs: ["get"], nonResourceURLs: ["/version/", "/healthz", "/api/*"] }], []],
    ["all URLs", [{ verbs: ["get"], nonResourceURLs: ["*"] }], ['ClusterRole "system:discovery" everywhere']],
    ["pods", [pods], ['ClusterRole "system:discovery" everywhere']],
  ])("have those of every authenticated user only if they were extended: %s", (_title, rules, expected) => {
    expect(accessOf("others", ...rules)).toEqual(expected);
  });
});
