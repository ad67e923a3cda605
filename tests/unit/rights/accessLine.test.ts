import { expect, it } from "vitest";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { accessLine } from "../../../provider/rights/accessLine.ts";
import { Authorizer } from "../../../provider/rights/authorizer.ts";
import { parseRbac } from "../../../provider/rights/bindings.ts";
import type { ClusterRights } from "../../../provider/rights/verdicts.ts";
import { live } from "../accessEntries/support.ts";

const account = "111122223333";
const dev = `arn:aws:iam::${account}:role/dev`;

interface Content {
  readonly username?: string;
  readonly groups?: readonly string[];
}

const group = (name: string) => ({ kind: "Group", name });
const binding = (name: string, role: string, subject: object, namespace?: string) => ({
  metadata: { name, namespace },
  roleRef: { kind: "ClusterRole", name: role },
  subjects: [subject],
});
const role = (name: string, ...verbs: readonly string[]) => ({
  metadata: { name },
  rules: [{ verbs, apiGroups: ["*"], resources: ["*"] }],
});

const rights: ClusterRights = {
  unread: undefined,
  authorizer: new Authorizer(
    parseRbac({
      clusterrolebindings: [
        binding("on-call", "view", group("on-call")),
        binding("system:basic-user", "system:basic-user", group("system:authenticated")),
        binding("ghost", "gone", group("ghosts")),
        binding("root", "cluster-admin", group("root")),
      ],
      rolebindings: [
        binding("viewers", "view", group("viewers"), "team-a"),
        binding("viewers", "view", group("viewers"), "team-b"),
        binding("ops", "edit", group("ops"), "team-a"),
        binding("alice", "secret-reader", { kind: "User", name: "alice" }, "team-b"),
      ],
      clusterroles: [
        role("view", "get"),
        role("edit", "create"),
        role("secret-reader", "get"),
        {
          metadata: { name: "system:basic-user" },
          rules: [{ verbs: ["create"], apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews"] }],
        },
        role("cluster-admin", "*"),
      ],
      roles: [],
    }),
  ),
};

/** A map with an entry of the role. */
function inMap(content?: Content) {
  const mapRoles = content === undefined ? [] : [{ rolearn: dev, username: "dev", ...content }];
  return clusterAccess(parseMap({ mapRoles: JSON.stringify(mapRoles) }));
}

/** A cluster with an access entry of the role, with these policies. */
function inEntry(...policies: readonly (readonly [name: string, ...namespaces: string[]])[]) {
  const entry = live({
    groups: [],
    policies: policies.map(([name, ...namespaces]) => ({
      policyArn: `arn:aws:eks::aws:cluster-access-policy/${name}`,
      scope: namespaces.length === 0 ? { type: "cluster" } : { type: "namespace", namespaces },
    })),
  });
  return clusterAccess(parseMap({}), "API", { value: [entry] });
}

const node = { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] };

it.each([
  [
    "a group more",
    inMap({ groups: ["viewers"] }),
    inMap({ groups: ["viewers", "ops"] }),
    "gains edit in team-a (group ops), keeps view in team-a and team-b",
  ],
  [
    "a group less",
    inMap({ groups: ["on-call", "ops"] }),
    inMap({ groups: ["ops"] }),
    "loses view everywhere (group on-call), keeps edit in team-a",
  ],
  ["a new mapping without rights", inMap(), inMap({}), "gains what every authenticated user has"],
  ["a mapping without rights that goes", inMap({}), inMap(), "loses what every authenticated user has"],
  [
    "an administrator, whose other rights add nothing",
    inMap({ groups: ["ops"] }),
    inMap({ groups: ["system:masters", "ops", "on-call"] }),
    "gains everything (group system:masters), loses edit in team-a (group ops)",
  ],
  [
    "a role that allows everything",
    inMap(),
    inMap({ groups: ["root"] }),
    "gains everything (cluster-admin, group root)",
  ],
  [
    "a binding of the username",
    inMap({ username: "bob" }),
    inMap({ username: "alice" }),
    "gains secret-reader in team-b (username alice)",
  ],
  [
    "a role that does not exist",
    inMap(),
    inMap({ groups: ["ghosts"] }),
    "gains gone everywhere (group ghosts, the role does not exist)",
  ],
  [
    "groups without bindings",
    inMap(),
    inMap({ groups: ["a, b", "tests"] }),
    'gains group "a, b" (no binding), group tests (no binding)',
  ],
  [
    "a group of some sessions",
    inMap(),
    inMap({ groups: ["on-{{SessionName}}", "x-{{SessionName}}"] }),
    "gains view everywhere (group on-call, depends on the session name), group x-{{SessionName}} (no binding)",
  ],
  [
    "an administrator in some sessions, who has other rights too",
    inMap(),
    inMap({ groups: ["system:{{SessionName}}", "ops"] }),
    "gains everything (group system:masters, depends on the session name), edit in team-a (group ops)",
  ],
  ["a node", inMap(), inMap(node), "gains what a node needs (group system:nodes)"],
  [
    "a node without its username",
    inMap(node),
    inMap({ ...node, username: "x" }),
    "gains group system:nodes (no binding), loses what a node needs (group system:nodes)",
  ],
  [
    "access policies",
    inEntry(),
    inEntry(["AmazonEKSEditPolicy", "b", "a"], ["AmazonNewPolicy"]),
    "gains AmazonEKSEditPolicy in a and b (access policy), AmazonNewPolicy everywhere (access policy)",
  ],
  [
    "a policy of administrators",
    inMap(),
    inEntry(["AmazonEKSClusterAdminPolicy"]),
    "gains everything (access policy AmazonEKSClusterAdminPolicy)",
  ],
])("describes %s", (_title, before, after, expected) => {
  expect(accessLine(dev, before, after, rights)).toBe(`role/dev: ${expected}`);
});

it.each([
  ["nothing changes", inMap({ groups: ["ops"] }), inMap({ groups: ["ops"] })],
  ["only the username changes", inMap({ username: "bob" }), inMap({ username: "carol" })],
  [
    "the same rights come from an access entry",
    inMap({ groups: ["system:masters"] }),
    inEntry(["AmazonEKSClusterAdminPolicy"]),
  ],
])("is undefined if %s", (_title, before, after) => {
  expect(accessLine(dev, before, after, rights)).toBeUndefined();
});

it.each([
  ["a manifest", undefined],
  ["a cluster whose bindings cannot be read", { ...rights, unread: "listing roles returned 403" }],
])("names groups only for %s", (_title, without) => {
  const line = accessLine(dev, inMap({ groups: ["viewers"] }), inMap({ groups: ["ops"] }), without);
  expect(line).toBe("role/dev: gains group ops, loses group viewers");
});

it("names a user without its path, and an account", () => {
  const ann = `arn:aws:iam::${account}:user/eng/ann`;
  const after = clusterAccess(
    parseMap({
      mapUsers: JSON.stringify([{ userarn: ann.replace("eng/", ""), username: "ann", groups: ["ops"] }]),
      mapAccounts: JSON.stringify([account]),
    }),
  );
  const line = (principal: string) => accessLine(principal, inMap(), after, undefined);
  expect(line(ann.replace("eng/", ""))).toBe("user/ann: gains group ops");
  expect(line(account)).toBe(`account ${account}: gains what every authenticated user has`);
});
