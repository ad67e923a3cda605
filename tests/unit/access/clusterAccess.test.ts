import { describe, expect, it } from "vitest";
import { type ClusterAccess, clusterAccess } from "../../../provider/access/clusterAccess.ts";
import { overriddenEntries } from "../../../provider/access/compare.ts";
import { admissionsOf } from "../../../provider/access/loginMap.ts";
import { type Answer, judge, whoCan } from "../../../provider/access/verdict.ts";
import type { AccessPolicy, LiveAccessEntry } from "../../../provider/accessEntries/index.ts";
import { callerIn } from "../../../provider/authenticator/index.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { type AccessRequest, Authorizer, noObjects, parseRbac } from "../../../provider/rbac/index.ts";
import { live } from "../accessEntries/support.ts";

const iam = (resource: string) => `arn:aws:iam::111122223333:${resource}`;
const session = (role: string, name: string) => `arn:aws:sts::111122223333:assumed-role/${role}/${name}`;
const mapRoles = `- rolearn: ${iam("role/dev")}\n  username: dev\n  groups: [viewers]\n`;
const map = parseMap({ mapRoles, mapAccounts: '- "111122223333"\n' });
const rights = { authorizer: new Authorizer(noObjects), unread: undefined };

function policy(name: string, ...namespaces: string[]): AccessPolicy {
  const policyArn = `arn:aws-cn:eks::aws:cluster-access-policy/${name}`;
  return { policyArn, scope: namespaces.length === 0 ? { type: "cluster" } : { type: "namespace", namespaces } };
}

function both(...entries: readonly Partial<LiveAccessEntry>[]): ClusterAccess {
  return clusterAccess(map, "API_AND_CONFIG_MAP", { value: entries.map((entry) => live(entry)) });
}

function usernames(access: ClusterAccess, arn: string) {
  return admissionsOf(access.logins, callerIn(arn)).map(({ user }) => user && String(user.username));
}

describe("who gets in", () => {
  const entry = { principalArn: iam("role/eng/dev"), username: "by-entry", groups: ["ops"] };

  it("is decided by the access entry, in whatever path and letter case, and by aws-auth for all others", () => {
    const access = both(entry);
    for (const arn of [iam("role/dev"), iam("role/eng/dev"), iam("role/DEV"), session("dev", "jane")]) {
      expect(usernames(access, arn)).toEqual(["by-entry"]);
    }
    expect(usernames(access, iam("role/other"))).toEqual([iam("role/other")]);
    expect(usernames(both({ ...entry, principalArn: iam("user/eng/jane") }), iam("user/jane"))).toEqual([
      iam("user/jane"),
    ]);
  });

  it("knows the session's name where it is given", () => {
    const access = both({ ...entry, username: "dev:{{SessionName}}" });
    expect(usernames(access, session("dev", "jane@example.com"))).toEqual(["dev:jane-example.com"]);
    expect(admissionsOf(access.logins, callerIn(iam("role/dev")))[0]?.user?.username).toBeInstanceOf(RegExp);
  });

  it("is nobody without an access entry where the map is empty, as it is in mode API", () => {
    const access = clusterAccess(parseMap({}), "API", { value: [live(entry)] });
    expect(usernames(access, iam("role/dev"))).toEqual(["by-entry"]);
    expect(usernames(access, iam("role/other"))).toEqual([undefined]);
  });

  it("is open where a role has several access entries, of which one is dead", () => {
    const access = both(entry, { ...entry, principalArn: iam("role/old/dev"), username: "old" });
    expect(usernames(access, iam("role/dev"))).toEqual(["by-entry", "old"]);
  });

  it("is a node for every type but STANDARD", () => {
    const access = both({ ...entry, type: "EC2", username: "", groups: [] });
    const { answer, outcomes } = judge(access, callerIn(iam("role/dev")), { verb: "get", path: "/x" }, rights);
    expect([answer, outcomes[0]?.doubt]).toEqual(["unknown", expect.stringContaining("Node authorizer")]);
  });
});

const pods = (verb: string, namespace: string): AccessRequest => {
  return { verb, group: "", resource: "pods", subresource: "", name: "", namespace };
};
const secrets = (verb: string, namespace: string): AccessRequest =>
  ({ ...pods(verb, namespace), resource: "secrets" }) as AccessRequest;

describe("what an access policy allows", () => {
  it.each<[policies: AccessPolicy[], request: AccessRequest, answer: Answer, doubt?: string]>([
    [[policy("AmazonEKSClusterAdminPolicy")], { verb: "post", path: "/anything" }, "yes"],
    [[policy("AmazonEKSClusterAdminPolicy")], pods("frob", ""), "yes"],
    [[policy("AmazonEKSClusterAdminPolicy", "a")], pods("frob", "a"), "yes"],
    [[policy("AmazonEKSClusterAdminPolicy", "a")], pods("get", "b"), "no"],
    [[policy("AmazonEKSClusterAdminPolicy", "a")], pods("get", ""), "no"],
    [[policy("AmazonEKSClusterAdminPolicy", "a")], { verb: "get", path: "/metrics" }, "no"],
    [[policy("AmazonEKSViewPolicy")], pods("list", ""), "yes"],
    [[policy("AmazonEKSViewPolicy")], secrets("get", "a"), "no"],
    [[policy("AmazonEKSViewPolicy")], pods("delete", "a"), "no"],
    [[policy("AmazonEKSEditPolicy")], secrets("get", "a"), "yes"],
    [[policy("AmazonEKSEditPolicy")], pods("delete", "a"), "yes"],
    [
      [policy("AmazonEKSEditPolicy")],
      { ...pods("create", "a"), group: "rbac.authorization.k8s.io", resource: "roles" } as AccessRequest,
      "no",
    ],
    [
      [policy("AmazonEKSAdminPolicy")],
      { ...pods("create", "a"), group: "rbac.authorization.k8s.io", resource: "roles" } as AccessRequest,
      "yes",
    ],
    [[policy("AmazonEKSAdminPolicy")], { ...pods("list", ""), resource: "nodes" } as AccessRequest, "no"],
    [[policy("AmazonEKSAdminViewPolicy")], secrets("watch", ""), "yes"],
    [[policy("AmazonEKSAdminViewPolicy")], secrets("update", "a"), "no"],
    [[policy("AmazonEKSSecretReaderPolicy")], secrets("get", "a"), "yes"],
    [[policy("AmazonEKSSecretReaderPolicy")], pods("get", "a"), "no"],
    [[policy("AmazonEKSViewPolicy", "dev-*", "web")], pods("get", "dev-a"), "yes"],
    [[policy("AmazonEKSViewPolicy", "dev-*", "web")], pods("get", "web"), "yes"],
    [[policy("AmazonEKSViewPolicy", "dev-*")], pods("get", "my-dev-a"), "no"],
    [[policy("AmazonEKSViewPolicy", "d.v")], pods("get", "dev"), "no"],
    [[policy("AmazonEKSViewPolicy", "*")], pods("get", "any"), "yes"],
    [[policy("AmazonEKSViewPolicy", "*")], pods("get", ""), "no"],
    [[policy("AmazonEKSViewPolicy", "a"), policy("AmazonEKSEditPolicy", "b")], pods("delete", "b"), "yes"],
    [
      [policy("AmazonEKSFuturePolicy", "a")],
      pods("get", "a"),
      "unknown",
      "the rules of access policy AmazonEKSFuturePolicy are not known",
    ],
    [[policy("AmazonEKSFuturePolicy", "a")], pods("get", "b"), "no"],
    [[policy("AmazonEKSFuturePolicy"), policy("AmazonEKSViewPolicy")], pods("get", "a"), "yes"],
  ])("%j: %j", (policies, request, answer, doubt) => {
    const access = both({ principalArn: iam("role/eng/dev"), username: "x", groups: [], policies });
    const verdict = judge(access, callerIn(iam("role/dev")), request, rights);
    expect([verdict.answer, verdict.outcomes[0]?.doubt]).toEqual([answer, doubt]);
    // The policies hold whatever the bindings say, and bindings that cannot be read take nothing away.
    const blind = judge(access, callerIn(iam("role/dev")), request, { ...rights, unread: "no" });
    expect(blind.answer).toBe(answer === "yes" ? "yes" : "unknown");
  });

  it("adds to what bindings give to the username and the groups", () => {
    const objects = parseRbac({
      clusterroles: [{ metadata: { name: "r" }, rules: [{ verbs: ["get"], apiGroups: [""], resources: ["nodes"] }] }],
      clusterrolebindings: [
        {
          metadata: { name: "b" },
          roleRef: { kind: "ClusterRole", name: "r" },
          subjects: [{ kind: "Group", name: "ops" }],
        },
      ],
      roles: [],
      rolebindings: [],
    });
    const access = both({ principalArn: iam("role/dev"), groups: ["ops"], policies: [policy("AmazonEKSViewPolicy")] });
    const bound = { authorizer: new Authorizer(objects), unread: undefined };
    const ask = (request: AccessRequest) => judge(access, callerIn(iam("role/dev")), request, bound);
    expect(ask({ ...pods("get", ""), resource: "nodes" } as AccessRequest).answer).toBe("yes");
    expect(ask(pods("get", "")).outcomes[0]?.grants.map(({ by }) => by?.binding.kind)).toEqual(["AccessPolicy"]);
  });
});

it("names every login that may, where its name decides", () => {
  const document = parseMap({ mapRoles: `- rolearn: ${iam("role/ops")}\n  username: "ops:{{SessionName}}"\n` });
  const authorizer = new Authorizer(
    parseRbac({
      clusterroles: [{ metadata: { name: "r" }, rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }] }],
      clusterrolebindings: [
        {
          metadata: { name: "b" },
          roleRef: { kind: "ClusterRole", name: "r" },
          subjects: ["ops:jane", "ops:mallory"].map((name) => ({ kind: "User", name })),
        },
      ],
      roles: [],
      rolebindings: [],
    }),
  );
  const request = pods("get", "a");
  const asked = judge(clusterAccess(document), callerIn(iam("role/ops")), request, { authorizer, unread: undefined });
  expect(asked.outcomes.map(({ doubt }) => doubt)).toEqual([
    `it depends on the name of the session: only a login as username "ops:jane" or username "ops:mallory" may`,
  ]);
});

describe("access entries that cannot be read", () => {
  const blind = clusterAccess(map, "API_AND_CONFIG_MAP", { unread: "may not do eks:ListAccessEntries" });
  const bound = (username: string) =>
    new Authorizer(
      parseRbac({
        clusterroles: [{ metadata: { name: "r" }, rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }] }],
        clusterrolebindings: [
          {
            metadata: { name: "b" },
            roleRef: { kind: "ClusterRole", name: "r" },
            subjects: [{ kind: "User", name: username }],
          },
        ],
        roles: [],
        rolebindings: [],
      }),
    );

  it("make no answer of aws-auth a yes or a no, since one may win", () => {
    const identity = callerIn(iam("role/dev"));
    const seen = { authorizer: bound("dev"), unread: undefined };
    for (const [by, granted] of [
      [seen, 1],
      [rights, 0],
    ] as const) {
      const { answer, outcomes } = judge(blind, identity, pods("get", "a"), by);
      expect([answer, outcomes.map(({ doubt, grants }) => [doubt, grants.length])]).toEqual([
        "unknown",
        [["may not do eks:ListAccessEntries", granted]],
      ]);
    }
    expect(judge(clusterAccess(map), identity, pods("get", "a"), seen).answer).toBe("yes");
    expect(judge(clusterAccess(map), identity, pods("get", "a"), rights).answer).toBe("no");
  });

  it("make a doubt of whoever may by aws-auth, and of nobody else", () => {
    const can = (username: string) =>
      whoCan(blind, pods("get", "a"), { authorizer: bound(username), unread: undefined }).map(
        ({ identity, verdict }) => [identity, verdict.answer],
      );
    expect(can("dev")).toEqual([[iam("role/dev"), "unknown"]]);
    expect(can("other")).toEqual([]);
  });
});

it("lists whoever can by an access entry, once, and not by the entry of the map that it wins over", () => {
  const map = parseMap({
    mapRoles: `- rolearn: ${iam("role/dev")}\n  username: dev\n  groups: ["system:masters"]\n`,
  });
  const entries = [
    live({ principalArn: iam("role/eng/dev"), groups: [] }),
    live({ principalArn: iam("role/eng/ops"), groups: [], policies: [policy("AmazonEKSViewPolicy", "a")] }),
    live({ principalArn: iam("role/old/ops"), groups: [], policies: [policy("AmazonEKSViewPolicy", "a")] }),
  ];
  const access = clusterAccess(map, "API_AND_CONFIG_MAP", { value: entries });
  const can = (request: AccessRequest) =>
    whoCan(access, request, rights).map(({ identity, verdict }) => [identity, verdict.outcomes.length]);
  expect(can(pods("get", "a"))).toEqual([[iam("role/ops"), 2]]);
  expect(can(pods("delete", "a"))).toEqual([]);
});

describe("entries of the map that access entries win over", () => {
  const overridden = (mapRoles: string, ...entries: readonly Partial<LiveAccessEntry>[]) =>
    [
      ...overriddenEntries(
        clusterAccess(parseMap({ mapRoles }), "API_AND_CONFIG_MAP", {
          value: entries.map((entry) => live(entry)),
        }),
      ).values(),
    ].map(({ placed, isEqual }) => [placed.position, isEqual]);
  const entry = (username: string, groups: string) =>
    `- rolearn: ${iam("role/dev")}\n  username: ${username}\n  groups: [${groups}]\n`;
  const standard = { principalArn: iam("role/eng/dev"), username: "dev" };

  it.each<[title: string, mapRoles: string, entry: Partial<LiveAccessEntry>, found: (number | boolean)[][]]>([
    ["the same", entry("dev", "b, a"), { ...standard, groups: ["a", "b"] }, [[1, true]]],
    ["another group", entry("dev", "a"), { ...standard, groups: [] }, [[1, false]]],
    [
      "an administrator",
      entry("dev", '"system:masters"'),
      {
        ...standard,
        groups: [],
        policies: [
          {
            policyArn: policy("x").policyArn.replace("aws-cn", "aws").replace(/x$/, "AmazonEKSClusterAdminPolicy"),
            scope: { type: "cluster" },
          },
        ],
      },
      [[1, true]],
    ],
    ["what no access entry can say", entry("dev", '"system:bootstrappers"'), { ...standard, groups: [] }, [[1, false]]],
    ["only what counts otherwise", entry("old", "a") + entry("dev", "a"), { ...standard, groups: ["a"] }, [[2, true]]],
    ["not somebody else's", entry("dev", "a"), { ...standard, principalArn: iam("role/other") }, []],
  ])("%s", (_, mapRoles, entry, found) => {
    expect(overridden(mapRoles, entry)).toEqual(found);
  });
});
