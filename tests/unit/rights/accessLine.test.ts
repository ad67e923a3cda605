import { describe, expect, it } from "vitest";
import type { AccessPolicy } from "../../../provider/accessEntries/accessEntry.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { type ClusterAccess, clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { accessLine } from "../../../provider/rights/accessLine.ts";
import { describeAccess, rightsOf } from "../../../provider/rights/rightsOf.ts";
import type { ClusterRights } from "../../../provider/rights/verdicts.ts";
import { live } from "../../support/accessEntries.ts";
import { account, entry, iam } from "../../support/migration/world.ts";
import { authorizerOf, type Bound, policy, rule } from "../../support/review/sample.ts";

const dev = iam("role/dev");
const basicUser: Bound = {
  name: "system:basic-user",
  role: "system:basic-user",
  rules: [rule(["create"], ["selfsubjectaccessreviews"], ["authorization.k8s.io"])],
  to: "system:authenticated",
};

const rights: ClusterRights = {
  unread: undefined,
  authorizer: authorizerOf([
    basicUser,
    { role: "view", to: "on-call" },
    { role: "gone", to: "ghosts" },
    { role: "admin", rules: [rule(["create", "get"], ["nodes/proxy", "pods"], [""])], to: "admins" },
    { role: "cluster-admin", to: "root" },
    { role: "view", to: "viewers", namespace: "team-a" },
    { role: "view", to: "viewers", namespace: "team-b" },
    { role: "edit", to: "ops", namespace: "team-a" },
    { role: "secret-reader", rules: [rule(["get"], ["secrets"])], kind: "User", to: "alice", namespace: "team-b" },
  ]),
};

const mapped = (username: string, ...groups: readonly string[]) =>
  clusterAccess(parseMap({ mapRoles: entry(dev, username, ...groups.map((group) => JSON.stringify(group))) }));
const groups = (...names: readonly string[]) => mapped("dev", ...names);
const policies = (...all: readonly AccessPolicy[]) =>
  clusterAccess(parseMap({}), "API", { value: [live({ groups: [], policies: all })] });
const none = clusterAccess(parseMap({}));
const node = mapped("system:node:{{EC2PrivateDNSName}}", "system:nodes");
const administrator = policies(policy("AmazonEKSClusterAdminPolicy"));

describe("the access line", () => {
  it.each<[line: string, before: ClusterAccess, after: ClusterAccess]>([
    ["gains edit in team-a (group ops), keeps view in team-a and team-b", groups("viewers"), groups("viewers", "ops")],
    ["loses view everywhere (group on-call), keeps edit in team-a", groups("on-call", "ops"), groups("ops")],
    ["gains the rights of every authenticated user", none, groups()],
    ["loses the rights of every authenticated user", groups(), none],
    // The other rights of an administrator add nothing, and are no loss.
    ["gains everything (group system:masters)", groups("ops", "viewers"), groups("system:masters", "ops", "on-call")],
    [
      "loses everything (group system:masters), keeps edit in team-a",
      groups("system:masters", "ops", "viewers"),
      groups("ops"),
    ],
    [
      "gains edit in team-a (group ops), loses everything (group system:masters)",
      groups("system:masters"),
      groups("ops"),
    ],
    ["gains everything (cluster-admin, group root)", none, groups("root")],
    ["gains admin (and more: create,get nodes/proxy) everywhere (group admins)", none, groups("admins")],
    ["gains secret-reader in team-b (username alice)", mapped("bob"), mapped("alice")],
    ["gains gone everywhere (group ghosts, the role does not exist)", none, groups("ghosts")],
    ['gains group "a, b" (no binding), group tests (no binding)', none, groups("a, b", "tests")],
    [
      "gains view everywhere (group on-call, depends on the session name), group x-{{SessionName}} (no binding)",
      none,
      groups("on-{{SessionName}}", "x-{{SessionName}}"),
    ],
    [
      "gains everything (group system:masters, depends on the session name), edit in team-a (group ops)",
      none,
      groups("system:{{SessionName}}", "ops"),
    ],
    ["gains the rights of a node (group system:nodes)", none, node],
    [
      "gains group system:nodes (no binding), loses the rights of a node (group system:nodes)",
      node,
      mapped("x", "system:nodes"),
    ],
    [
      "gains AmazonEKSEditPolicy in a and b (access policy), AmazonNewPolicy everywhere (access policy)",
      policies(),
      policies(policy("AmazonEKSEditPolicy", "b", "a"), policy("AmazonNewPolicy")),
    ],
    ["gains everything (access policy AmazonEKSClusterAdminPolicy)", none, administrator],
  ])("prints: %s", (line, before, after) => {
    expect(accessLine(dev, before, after, rights)).toBe(`role/dev: ${line}`);
  });

  it.each([
    ["nothing changes", groups("ops"), groups("ops")],
    ["only the username changes", mapped("bob"), mapped("carol")],
    ["the same rights come from an access entry", groups("system:masters"), administrator],
  ])("is undefined if %s", (_title, before, after) => {
    expect(accessLine(dev, before, after, rights)).toBeUndefined();
  });

  it.each([
    ["a manifest", undefined],
    ["a cluster whose bindings cannot be read", { ...rights, unread: "listing roles returned 403" }],
  ])("lists only groups for %s", (_title, without) => {
    const line = accessLine(dev, groups("viewers"), groups("ops"), without);
    expect(line).toBe("role/dev: gains group ops, loses group viewers");
  });

  it("shows a user without its path, and an account", () => {
    const ann = iam("user/ann");
    const mapUsers = JSON.stringify([{ userarn: ann, username: "ann", groups: ["ops"] }]);
    const after = clusterAccess(parseMap({ mapUsers, mapAccounts: JSON.stringify([account]) }));
    const line = (principal: string) => accessLine(principal, none, after, undefined);
    expect(line(ann)).toBe("user/ann: gains group ops");
    expect(line(account)).toBe(`account ${account}: gains the rights of every authenticated user`);
  });
});

describe("the rights of every authenticated user", () => {
  const extended = ['ClusterRole "system:discovery" everywhere'];
  it.each([
    ["no rules", [], []],
    ["the version and the health", [{ verbs: ["get"], nonResourceURLs: ["/version/", "/healthz", "/api/*"] }], []],
    ["all URLs", [{ verbs: ["get"], nonResourceURLs: ["*"] }], extended],
    ["pods", [rule(["get"], ["pods"], [""])], extended],
  ])("are listed only if they exceed the defaults: %s", (_title, rules, expected) => {
    const name = "system:discovery";
    const authorizer = authorizerOf([basicUser, { name, role: name, rules, to: "system:authenticated" }]);
    const rights = rightsOf({ user: { username: "x", groups: ["others"] } }, authorizer);
    expect(rights.map(describeAccess)).toEqual(expected);
  });
});
