import { describe, expect, it } from "vitest";
import { compareMaps } from "../../../provider/access/compare.ts";
import { loginMap } from "../../../provider/access/loginMap.ts";
import { summarize, unreadNotes } from "../../../provider/access/summary.ts";
import type { ClusterRights } from "../../../provider/access/verdict.ts";
import { parseDocument } from "../../../provider/document/index.ts";
import { Authorizer, parseRbac } from "../../../provider/rbac/index.ts";
import { live } from "../accessEntries/support.ts";

const account = "111122223333";
interface Given {
  readonly username?: string;
  readonly groups?: readonly string[];
}

/** A map of roles by their names, and of others by their ARNs; in its order. */
function mapOf(roles: readonly (readonly [name: string, given: Given])[], accounts: readonly string[] = []) {
  const mapRoles = roles.map(([name, { username = name, groups = [] }]) => ({
    rolearn: name.startsWith("arn:") ? name : `arn:aws:iam::${account}:role/${name}`,
    username,
    groups,
  }));
  return parseDocument({ mapRoles: JSON.stringify(mapRoles), mapAccounts: JSON.stringify(accounts) });
}

const group = (name: string) => ({ kind: "Group", name, apiGroup: "rbac.authorization.k8s.io" });
const binding = (name: string, role: string, subject: object | object[], namespace?: string) => ({
  metadata: { name, namespace },
  roleRef: { kind: "ClusterRole", name: role },
  subjects: [subject].flat(),
});
const role = (name: string, verbs: readonly string[], resources: readonly string[]) => ({
  metadata: { name },
  rules: [{ verbs, apiGroups: [""], resources }],
});

const rights: ClusterRights = {
  unread: undefined,
  authorizer: new Authorizer(
    parseRbac({
      clusterrolebindings: [
        binding("on-call", "view", group("on-call")),
        binding("system:basic-user", "system:basic-user", group("system:authenticated")),
        binding("ghost", "gone", group("ghosts")),
        binding("both", "view", [group("first"), group("second")]),
        binding("root", "cluster-admin", group("root")),
        binding(
          "crew",
          "cluster-admin",
          ["ops:jane", "ops:kim", "sre:jane"].map((name) => ({ kind: "User", name })),
        ),
        binding("ci", "edit", { kind: "User", name: `arn:aws:iam::${account}:role/ci` }),
        binding("other", "edit", { kind: "User", name: "arn:aws:iam::444455556666:role/ci" }),
      ],
      rolebindings: [
        binding("viewers", "view", group("viewers"), "team-a"),
        binding("viewers", "view", group("viewers"), "team-b"),
        binding("ops", "edit", group("ops"), "team-a"),
        binding("alice", "secret-reader", { kind: "User", name: "alice" }, "team-b"),
      ],
      clusterroles: [
        role("view", ["get"], ["pods"]),
        role("edit", ["get", "create"], ["pods"]),
        role("secret-reader", ["get"], ["secrets"]),
        {
          metadata: { name: "system:basic-user" },
          rules: [{ verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] }],
        },
        { metadata: { name: "cluster-admin" }, rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }] },
      ],
      roles: [],
    }),
  ),
};

type Map = ReturnType<typeof mapOf>;
const told = (
  before: Map,
  after: Map,
  by: { readonly rights: ClusterRights | undefined } = { rights },
  notes: readonly string[] = [],
) => {
  const change = compareMaps(before, after);
  return summarize("prod", change, by.rights, [...unreadNotes(change, by.rights), ...notes]);
};
/** What is said of identities alone. */
const lines = (before: Map, after: Map) => told(before, after).filter((line) => /^ {2}[-+~] | {10}/.test(line));

const viewer = { groups: ["viewers"] };
const admin = { groups: ["system:masters"] };
const dev = mapOf([["dev", viewer]]);

describe("the access summary", () => {
  it("says who gains, loses and keeps what, administrators first, and how many others there are", () => {
    const others: [string, Given][] = [
      ["a", viewer],
      ["b", viewer],
    ];
    const before = mapOf([...others, ["dev", viewer], ["on-call", { groups: ["on-call"] }]]);
    const after = mapOf([...others, ["dev", { groups: ["ops", "viewers"] }], ["platform-admins", admin]]);
    expect(told(before, after, { rights }, ["a note"])).toEqual([
      "access on prod after this update:",
      "  + role/platform-admins  gains  everything (group system:masters)",
      "  ~ role/dev              gains  edit in team-a (group ops)",
      "                          keeps  view in team-a, team-b (group viewers)",
      "  - role/on-call          loses  view everywhere (group on-call)",
      "  2 other identities are not affected",
      "  a note",
    ]);
  });

  it("orders identities by name, whatever the order of the map", () => {
    const named = ["b", "c", "a"].map((name): [string, Given] => [name, viewer]);
    const both = [mapOf(named), mapOf(named.toReversed())].map((map) => lines(map, mapOf([])));
    expect(both[0]).toEqual(both[1]);
    expect(both[0]?.map((line) => line.slice(4, 10))).toEqual(["role/a", "role/b", "role/c"]);
  });

  it("says so where a change of the text is none of access", () => {
    const spelt = mapOf([[`arn:aws:iam::${account}:role/DEV`, { username: "dev", ...viewer }]]);
    expect(told(dev, spelt)).toEqual(["access on prod stays as it is"]);
    expect(told(dev, dev)).toEqual(["access on prod stays as it is"]);
  });

  it.each<[string, Map, Map, string[]]>([
    [
      "leaves out what only everybody has",
      mapOf([]),
      mapOf([["x", {}]]),
      ["  + role/x  gains  what every authenticated user has"],
    ],
    [
      "the same of somebody who goes",
      mapOf([["x", {}]]),
      mapOf([]),
      ["  - role/x  loses  what every authenticated user has"],
    ],
    [
      "names a group of which no binding speaks",
      mapOf([]),
      mapOf([["x", { groups: ["tests"] }]]),
      ["  + role/x  gains  group tests (no binding names it)"],
    ],
    [
      "says what a node gets",
      mapOf([]),
      mapOf([["n", { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] }]]),
      ["  + role/n  gains  what a node needs (group system:nodes)"],
    ],
    [
      "says what a role allows that not everybody knows",
      mapOf([]),
      mapOf([["x", { username: "alice" }]]),
      ['  + role/x  gains  ClusterRole "secret-reader" (reads secrets) in team-b (username alice)'],
    ],
    [
      "sees another username, which is another user",
      dev,
      mapOf([["dev", { username: "ops", ...viewer }]]),
      ["  ~ role/dev  username  dev => ops;  keeps  view in team-a, team-b (group viewers)"],
    ],
    [
      "says that a role does not exist",
      mapOf([]),
      mapOf([["x", { groups: ["ghosts"] }]]),
      ['  + role/x  gains  ClusterRole "gone" (does not exist, so nothing) everywhere (group ghosts)'],
    ],
    [
      "speaks of an account as a whole",
      mapOf([]),
      mapOf([], ["444455556666"]),
      ["  + account 444455556666  gains  what every authenticated user has"],
    ],
    [
      "says nothing of an ARN that nobody ever has",
      mapOf([]),
      mapOf([[`arn:aws:iam::${account}:role/team/x`, admin]]),
      [],
    ],
    [
      "names none of the groups of one binding as bound by nothing",
      mapOf([]),
      mapOf([["x", { groups: ["first", "second"] }]]),
      ["  + role/x  gains  view everywhere (group first)"],
    ],
    [
      "tells a group from a user of the same name",
      mapOf([["alice", { groups: ["alice"] }]]),
      mapOf([["alice", {}]]),
      [
        "  ~ role/alice  loses  group alice (no binding names it)",
        '                keeps  ClusterRole "secret-reader" (reads secrets) in team-b (username alice)',
      ],
    ],
    [
      "tells groups with templates apart",
      mapOf([["x", { groups: ["a-{{SessionName}}"] }]]),
      mapOf([["x", { groups: ["b-{{SessionName}}"] }]]),
      [
        "  ~ role/x  gains  group b-{{SessionName}} (no binding names it)",
        "            loses  group a-{{SessionName}} (no binding names it)",
      ],
    ],
    [
      "says nothing else of a group with a template that a binding may name",
      mapOf([]),
      mapOf([["x", { groups: ["on-{{SessionName}}"] }]]),
      ["  + role/x  gains  view everywhere (group on-call, only for logins with that name)"],
    ],
    [
      "says what a node loses with its username",
      mapOf([["n", { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] }]]),
      mapOf([["n", { username: "node", groups: ["system:nodes"] }]]),
      [
        "  ~ role/n  gains  group system:nodes without a node's username (no binding names it)",
        "            loses  what a node needs (group system:nodes)",
        "            username  system:node:{{EC2PrivateDNSName}} => node",
      ],
    ],
    [
      "tells accounts apart",
      mapOf([]),
      mapOf([
        ["x", { groups: ["on-call"] }],
        ["arn:aws:iam::444455556666:role/x", { groups: ["on-call"] }],
      ]),
      [
        "  + 111122223333:role/x  gains  view everywhere (group on-call)",
        "  + 444455556666:role/x  gains  view everywhere (group on-call)",
      ],
    ],
  ])("%s", (_title, before, after, expected) => {
    expect(lines(before, after)).toEqual(expected);
  });

  it("compares whoever may do everything by all that they have, and tells only that", () => {
    const both = mapOf([["dev", { groups: ["system:masters", "viewers"] }]]);
    expect(lines(dev, both)).toEqual(["  ~ role/dev  gains  everything (group system:masters)"]);
    expect(lines(both, dev)).toEqual([
      "  ~ role/dev  loses  everything (group system:masters)",
      "              keeps  view in team-a, team-b (group viewers)",
    ]);
  });

  it("names every login that may, and takes none for another", () => {
    const as = (prefix: string) => mapOf([["x", { username: `${prefix}:{{SessionName}}` }]]);
    const only = (name: string) => `cluster-admin everywhere (username ${name}, only for logins with that name)`;
    const said = lines(as("ops"), as("sre")).join(" ").replaceAll(/ +/g, " ");
    expect(said).toBe(
      ` ~ role/x gains ${only("sre:jane")} loses ${only("ops:jane")}, ${only("ops:kim")} username ops:{{SessionName}} => sre:{{SessionName}}`,
    );
  });

  it("obeys the last of several entries, so that the one before it has no effect", () => {
    const shadowed = mapOf([
      ["dev", viewer],
      ["dev", admin],
    ]);
    expect(lines(dev, shadowed)).toEqual([
      "  ~ role/dev  gains  everything (group system:masters)",
      "              loses  view in team-a, team-b (group viewers)",
    ]);
    expect(lines(shadowed, mapOf([["dev", admin]]))).toEqual([]);
  });

  it("falls back to the account's entry when an identity loses its own", () => {
    const both = mapOf([["dev", viewer]], [account]);
    expect(lines(both, mapOf([], [account]))).toEqual([
      `  ~ role/dev  loses  view in team-a, team-b (group viewers)`,
      `              username  dev => arn:aws:iam::${account}:role/dev`,
    ]);
  });

  it("names those of an account that bindings name and the map does not", () => {
    const { users } = rights.authorizer;
    const has = mapOf([["dev", viewer]], [account]);
    const gone = compareMaps(has, dev, users);
    expect(gone.others).toBe(1);
    expect(summarize("prod", gone, rights, []).slice(1, 3)).toEqual([
      "  - account 111122223333  loses  what every authenticated user has",
      `  - role/ci               loses  edit everywhere (username arn:aws:iam::${account}:role/ci)`,
    ]);
    expect(compareMaps(has, mapOf([], [account]), users).changes).toHaveLength(1);
    expect(compareMaps(has, mapOf([["ci", {}]], []), users).changes).toHaveLength(3);
  });

  it("puts first whoever becomes an administrator by a binding", () => {
    const many = Array.from({ length: 23 }, (_, index): [string, Given] => [`r${index}`, viewer]);
    const shown = told(mapOf([]), mapOf([...many, ["z", { groups: ["root"] }]]));
    expect(shown[1]).toBe("  + role/z    gains  cluster-admin everywhere (group root)");
  });

  it("calls an access policy a policy, and one of administrators everything", () => {
    const eks = "arn:aws:eks::aws:cluster-access-policy";
    const entry = (...policies: readonly (readonly [name: string, ...namespaces: string[]])[]) =>
      loginMap({
        document: mapOf([]),
        mode: "API",
        entries: [
          live({
            principalArn: `arn:aws:iam::${account}:role/eng/x`,
            username: "x",
            groups: ["viewers"],
            policies: policies.map(([name, ...namespaces]) => ({
              policyArn: `${eks}/${name}`,
              scope: namespaces.length === 0 ? { type: "cluster" } : { type: "namespace", namespaces },
            })),
          }),
        ],
      });
    expect(lines(entry(), entry(["AmazonEKSEditPolicy", "b", "a"], ["AmazonNewPolicy"]))).toEqual([
      "  ~ role/x  gains  AmazonEKSEditPolicy in a, b (access policy, much as edit), AmazonNewPolicy everywhere (access policy, its rules are not known here)",
      "            keeps  view in team-a, team-b (group viewers)",
    ]);
    const admin = entry(["AmazonEKSClusterAdminPolicy"]);
    expect(lines(entry(), admin)).toEqual([
      "  ~ role/x  gains  everything (access policy AmazonEKSClusterAdminPolicy)",
    ]);
    // The same for a manifest, which has no bindings but may have been compared with them.
    const inMap = mapOf([["x", { groups: ["viewers", "system:masters"] }]]);
    expect(told(inMap, admin)).toEqual(["access on prod stays as it is"]);
  });

  it("hides what an entry says for a secret, however it is filled in", () => {
    const secrets = ["hush-{{AccountID}}", "ops:{{SessionName}}", "{{SessionName}}-call"];
    const show = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
    const hidden = (given: Given) => {
      const change = compareMaps(mapOf([]), mapOf([["x", given]]));
      return summarize("prod", change, rights, [], show).join(" ");
    };
    expect(hidden({ username: "u", groups: ["hush-{{AccountID}}"] })).toContain("gains  group [secret] (no binding");
    expect(hidden({ username: "ops:{{SessionName}}" })).toMatch(/username \[secret\], only for logins with that name/);
    expect(hidden({ username: "u", groups: ["{{SessionName}}-call"] })).toMatch(/view everywhere \(group \[secret\],/);
    const renamed = compareMaps(mapOf([["x", {}]]), mapOf([["x", { username: "hush-{{AccountID}}" }]]));
    expect(summarize("prod", renamed, rights, [], show)[1]).toContain("username  x => [secret]");
  });

  it("tells names apart that are hidden", () => {
    const [before, after] = ["a", "b"].map((name) => mapOf([["x", { username: name, groups: [name] }]]));
    const change = compareMaps(before ?? dev, after ?? dev);
    expect(summarize("prod", change, undefined, [], (name) => (name.length === 1 ? "[secret]" : name))[1]).toBe(
      "  ~ role/x  gains  group [secret];  loses  group [secret];  username  [secret] => [secret]",
    );
  });

  it.each([
    ["a manifest", undefined, "  a manifest has no bindings, so only groups are shown"],
    [
      "a cluster whose bindings may not be listed",
      { ...rights, unread: "listing roles returned 403" },
      "  only groups are shown: listing roles returned 403",
    ],
  ])("shows the groups alone of %s", (_title, by, note) => {
    expect(
      told(
        dev,
        mapOf([
          ["dev", { groups: ["ops", "system:masters"] }],
          ["x", viewer],
        ]),
        { rights: by },
      ),
    ).toEqual([
      "access on prod after this update:",
      "  ~ role/dev  gains  everything (group system:masters);  loses  group viewers",
      "  + role/x    gains  group viewers",
      note,
    ]);
  });

  it("names twenty identities, and quotes what could be taken for something else", () => {
    const many = Array.from({ length: 23 }, (_, index): [string, Given] => [`r${index}`, viewer]);
    const shown = told(mapOf([]), mapOf(many));
    expect(shown).toHaveLength(22);
    expect(shown.at(-1)).toBe("  and 3 more identities");
    const groups = ["a, b", ...Array.from({ length: 9 }, (_, index) => `some-longer-group-${index}`)];
    const long = told(mapOf([]), mapOf([["x", { groups }]]), { rights: undefined });
    expect(long[1]).toMatch(/^ {2}\+ role\/x {2}gains {2}group "a, b", group some-longer-group-0, /);
    expect(
      long
        .slice(1, -1)
        .join(" ")
        .match(/some-longer/g),
    ).toHaveLength(9);
  });
});
