import { describe, expect, it } from "vitest";
import type { AccessReview, IdentityChange } from "../../../provider/review/model.ts";
import { companyClusters, companyReview, type SampleCluster, sampleReview } from "../../support/review/sample.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const id = "eks:eu-central-1/111122223333/prod";

/** A cluster with one role in the groups, to which roles are bound. */
function cluster(groups: readonly string[], bound?: SampleCluster["bound"], username = "dev"): SampleCluster {
  const mapRoles = `- rolearn: ${role("dev")}\n  username: ${username}\n  groups: [${groups.join(", ")}]\n`;
  return { id, name: "prod", data: { mapRoles }, ...(bound && { bound }) };
}

/** What changed from one cluster to another. */
function between(before: SampleCluster, now: SampleCluster): readonly IdentityChange[] {
  return sampleReview([now], { since: sampleReview([before]) }).changes?.identities ?? [];
}

const write = [{ verbs: ["create"], apiGroups: [""], resources: ["pods"] }];

describe("what changed since an earlier review", () => {
  it("names who is new, changed and gone, with rights gained and lost", () => {
    const { changes } = companyReview();
    expect(changes?.since).toBe("2026-11-24T04:00:00.000Z");
    const said = changes?.identities.map(({ identity, change, gains, loses, isNewAdministrator }) => {
      return [identity.split("/").at(-1), change, gains.length, loses.length, isNewAdministrator];
    });
    expect(said).toEqual([
      ["platform-admins", "new", 1, 0, true],
      ["developers", "changed", 7, 0, false],
      ["contractors", "gone", 0, 7, false],
    ]);
  });

  it("is nothing where a binding has another name, groups another order, or an ARN another letter case", () => {
    const before = cluster(["a", "b"], [{ role: "view", to: "a" }]);
    const now = cluster(["b", "a"], [{ role: "view", to: "b" }]);
    expect(
      between(before, { ...now, data: { mapRoles: (now.data["mapRoles"] ?? "").replace("role/dev", "role/DEV") } }),
    ).toEqual([]);
  });

  it.each([
    [
      "a username",
      cluster([], [], "a"),
      cluster([], [], "b"),
      { details: ['now username "b"', 'no longer username "a"'] },
    ],
    [
      "a new account, which has no username",
      cluster([]),
      { ...cluster([]), data: { ...cluster([]).data, mapAccounts: '["444455556666"]' } },
      { change: "new", details: [] },
    ],
    ["a group without rights", cluster([], []), cluster(["x"], []), { details: ['now group "x"'] }],
    [
      "the rules of a role",
      cluster(["x"], [{ role: "own", rules: write, to: "x" }]),
      cluster(
        ["x"],
        [{ role: "own", rules: [...write, ...write.map((rule) => ({ ...rule, resources: ["services"] }))], to: "x" }],
      ),
      { details: ['ClusterRole "own" (creates pods) everywhere allows something else'], gains: [], loses: [] },
    ],
    [
      "what binds the same group",
      cluster(["x"], [{ role: "view", to: "x" }]),
      cluster(["x"], [{ role: "edit", namespace: "a", to: "x" }]),
      { gains: ['edit in "a"'], loses: ["view everywhere"], details: [], isNewAdministrator: false },
    ],
    [
      "an ARN that nobody matches any more",
      cluster(["x"], []),
      {
        ...cluster([], []),
        data: {
          mapRoles: `- rolearn: ${role("dev")}\n  username: dev\n  groups: [x]\n  sso: {permissionSetName: a, accountID: "1"}\n`,
        },
      },
      { change: "changed", details: ["no longer gets in", 'no longer username "dev"', 'no longer group "x"'] },
    ],
  ] satisfies [string, SampleCluster, SampleCluster, Partial<IdentityChange>][])(
    "tells of %s",
    (_, before, now, expected) => {
      expect(between(before, now)).toEqual([expect.objectContaining({ cluster: id, ...expected })]);
    },
  );

  it.each([
    ["everything, from less", [{ role: "edit", to: "x" }], [{ role: "cluster-admin", to: "x" }], true],
    ["a way to everything, from none", [{ role: "view", to: "x" }], [{ role: "edit", to: "x" }], true],
    ["everything in one namespace", [], [{ role: "cluster-admin", namespace: "a", to: "x" }], false],
    [
      "everything by another binding",
      [{ role: "cluster-admin", to: "x" }],
      [{ role: "cluster-admin", kind: "User", to: "dev" }],
      false,
    ],
    ["less than everything", [{ role: "cluster-admin", to: "x" }], [{ role: "edit", to: "x" }], false],
  ] satisfies [string, SampleCluster["bound"], SampleCluster["bound"], boolean][])(
    "takes %s for a new administrator or not",
    (_, before, now, expected) => {
      const changes = between(cluster(["x"], before), cluster(["x"], now));
      expect(changes.some(({ isNewAdministrator }) => isNewAdministrator)).toBe(expected);
    },
  );

  describe("by the name of the session", () => {
    const template = '"ops:{{SessionName}}"';
    const admins = (to: string | readonly string[], kind: "Group" | "User" = "User") =>
      cluster(["x"], [{ role: "cluster-admin", kind, to }], template);

    it.each([
      [
        "the whole group where only one login was an administrator",
        admins("ops:jane"),
        admins("x", "Group"),
        { gains: ["cluster-admin everywhere"], loses: [], isNewAdministrator: true },
      ],
      [
        "only one login where the whole group was",
        admins("x", "Group"),
        admins("ops:jane"),
        { gains: [], loses: ["cluster-admin everywhere"], isNewAdministrator: false },
      ],
      [
        "another login",
        admins("ops:jane"),
        admins("ops:mallory"),
        {
          gains: ['cluster-admin everywhere, only for username "ops:mallory"'],
          loses: ['cluster-admin everywhere, only for username "ops:jane"'],
          isNewAdministrator: true,
        },
      ],
      [
        "one more login",
        admins("ops:jane"),
        admins(["ops:jane", "ops:mallory"]),
        { gains: ['cluster-admin everywhere, only for username "ops:mallory"'], loses: [], isNewAdministrator: true },
      ],
    ] satisfies [string, SampleCluster, SampleCluster, Partial<IdentityChange>][])(
      "tells of %s",
      (_, before, now, expected) => {
        expect(between(before, now)).toMatchObject([{ details: [], ...expected }]);
      },
    );

    it("tells nothing where the same logins are", () => {
      expect(between(admins(["ops:jane", "ops:kim"]), admins(["ops:kim", "ops:jane"]))).toEqual([]);
    });
  });

  it("takes whoever may rewrite aws-auth now for a new administrator", () => {
    const rules = [{ verbs: ["patch"], apiGroups: [""], resources: ["configmaps"], resourceNames: ["aws-auth"] }];
    const writer = cluster(["x"], [{ role: "own", rules, namespace: "kube-system", to: "x" }]);
    expect(between(cluster(["x"], []), writer)).toMatchObject([{ isNewAdministrator: true }]);
  });

  it("tells of no rights where one of the reviews does not have them, and of an administrator that it cannot rule out", () => {
    const [blind, seeing] = [cluster(["x"]), cluster(["x"], [{ role: "cluster-admin", to: "x" }])];
    expect(between(seeing, blind)).toEqual([]);
    expect(between(blind, seeing)).toEqual([
      expect.objectContaining({ gains: [], loses: [], isNewAdministrator: true }),
    ]);
  });
});

describe("clusters of which only one review knows", () => {
  const [prod, staging] = companyClusters();
  const since: AccessReview = sampleReview([prod, staging]);

  it("are new, with everybody in them, or gone", () => {
    const other = { ...staging, id: "eks:eu-central-1/111122223333/other", name: "other" };
    const { changes } = sampleReview([prod, other], { since });
    expect(changes?.clusters.map(({ name, change }) => [name, change])).toEqual([
      ["other", "new"],
      [staging.name, "gone"],
    ]);
    expect(changes?.identities.map(({ cluster, change }) => [cluster, change])).toEqual([
      [other.id, "new"],
      [other.id, "new"],
    ]);
  });

  it.each([
    ["one has this URL", ["server:0123456789ab-ba9876543210"], []],
    [
      "one with this URL is there that nothing else leads to",
      ["server:0123456789ab-", "server:0123456789ab-ba9876543210"],
      ["new", "new", "gone"],
    ],
    ["nothing but this URL leads to the only one", ["server:0123456789ab-"], []],
    [
      "two have this URL",
      ["server:0123456789ab-ba9876543210", "server:0123456789ab-cb9876543210"],
      ["new", "new", "gone"],
    ],
    ["none has", ["server:cb9876543210-ba9876543210"], ["new", "gone"]],
  ])("are those of an earlier version, which knew only the URL of an API server, where %s", (_, ids, expected) => {
    const earlier = sampleReview([{ ...staging, id: "server:0123456789ab" }]);
    const { changes } = sampleReview(
      ids.map((server) => ({ ...staging, id: server })),
      { since: earlier },
    );
    expect(changes?.clusters.map(({ change }) => change)).toEqual(expected);
  });

  it.each([
    ["by its ID", { id: staging.id }],
    ["by its ID without the account", { id: "eks:eu-central-1/staging" }],
    ["perhaps", {}],
  ])("are not gone where one of them was not read, known %s", (_, known) => {
    const unread = [{ ...known, name: "staging", code: "clusterUnreachable", message: "it does not answer" }];
    expect(sampleReview([prod], { since, unread }).changes).toMatchObject({ clusters: [], identities: [] });
  });

  it("are an API server that nothing but its URL leads to, and one of this URL behind a proxy", () => {
    const [plain, proxied] = ["server:0123456789ab-", "server:0123456789ab-ba9876543210"];
    for (const [before, now] of [
      [plain, proxied],
      [proxied, plain],
    ]) {
      const earlier = sampleReview([{ ...staging, id: before ?? "" }]);
      const { changes } = sampleReview([{ ...staging, id: now ?? "" }], { since: earlier });
      expect(changes?.clusters.map(({ id, change }) => [id, change])).toEqual([
        [now, "new"],
        [before, "gone"],
      ]);
    }
  });
});

describe("clusters of one ID", () => {
  const clusterOf = (server: string, name: string, ...admins: string[]): SampleCluster => ({
    id: server,
    name,
    data: { mapRoles: admins.map((admin) => `- rolearn: ${role(admin)}\n  groups: [system:masters]\n`).join("") },
  });
  const unread = (server: string) => [{ id: server, name: "x", code: "clusterUnreachable", message: "no" }];
  const [one, two] = ["server:0123456789ab-", "server:0123456789ab-#2"];
  const [a, b] = [clusterOf(one, "a", "boss"), clusterOf(two, "b")];

  /** The clusters that are new or gone, and those with a new administrator. */
  function toldOf({ changes }: AccessReview) {
    const admins = (changes?.identities ?? []).filter(({ isNewAdministrator }) => isNewAdministrator);
    return [changes?.clusters.map(({ name, change }) => `${name} ${change}`), admins.map(({ cluster }) => cluster)];
  }

  it.each([
    ["one is left", [clusterOf(one, "b", "boss")], [], [["a gone"], [one]]],
    ["the other is left", [clusterOf(one, "a", "boss")], [], [["b gone"], []]],
    ["they are in another order", [clusterOf(one, "b", "boss"), clusterOf(two, "a", "boss")], [], [[], [one]]],
    ["there is another one", [clusterOf(one, "c", "boss")], [], [["c new", "a gone", "b gone"], [one]]],
    ["one is not read", [clusterOf(two, "b", "boss")], unread(one), [[], [two]]],
    [
      "two have one name",
      [clusterOf(one, "a", "boss"), clusterOf(two, "a", "boss")],
      [],
      [
        ["a new", "a new", "a gone", "b gone"],
        [one, two],
      ],
    ],
  ])("are compared by their names where %s", (_, now, missing, expected) => {
    const since = sampleReview([a, b]);
    expect(toldOf(sampleReview(now, { since, unread: missing }))).toEqual(expected);
  });

  it.each([
    ["several are there now", [b, a].map((cluster, i) => ({ ...cluster, id: [one, two][i] ?? "" })), [], []],
    ["another one is not read now", [{ ...b, id: one }], unread(two), []],
    ["another one was not read", [{ ...b, id: one }], [], unread(two)],
  ])("are not taken for each other where %s", (_, now, missing, missed) => {
    const since = sampleReview([a], { unread: missed });
    const { changes } = sampleReview(now, { since, unread: missing });
    expect(changes?.clusters).toContainEqual({ id: one, name: "b", change: "new" });
  });

  it("are the same by the ID alone where each review has one, whatever leads there", () => {
    expect(toldOf(sampleReview([{ ...a, name: "renamed" }], { since: sampleReview([a]) }))).toEqual([[], []]);
  });

  it("are not a manifest whose name ends like a number", () => {
    const since = sampleReview([{ ...a, id: "manifest:map.yaml#2", name: "map.yaml#2" }]);
    const review = sampleReview([{ ...a, id: "manifest:map.yaml", name: "map.yaml" }], { since });
    expect(toldOf(review)).toEqual([["map.yaml new", "map.yaml#2 gone"], ["manifest:map.yaml"]]);
  });
});
