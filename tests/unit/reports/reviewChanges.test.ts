import { describe, expect, it } from "vitest";
import type { ReviewChanges } from "../../../provider/reports/accessReview.ts";
import { parseEarlierReview } from "../../../provider/reports/reviewChanges.ts";
import { arn, live, missing } from "../../support/accessEntries.ts";
import { trustOf } from "../../support/eks/principals.ts";
import { entry as entryOf } from "../../support/migration/world.ts";
import { policy, rule, type SampleCluster, sampleReview } from "../../support/review/sample.ts";

const id = "eks:eu-central-1/111122223333/prod";
const entry = (username: string, ...groups: string[]) => entryOf(arn, username, ...groups);
const cluster = (mapRoles: string, more: Partial<SampleCluster> = {}): SampleCluster => {
  return { id, name: "prod", data: { mapRoles }, bound: [], ...more };
};
const withEntry = (content: Parameters<typeof live>[0]) =>
  cluster("", { mode: "API", entries: { value: [live(content)] } });
const unread = [{ name: "lab", code: "clusterUnreachable", message: "no answer" } as const];

function since(before: readonly SampleCluster[], now: readonly SampleCluster[]): ReviewChanges | undefined {
  const earlier = parseEarlierReview(JSON.stringify(sampleReview(before)), "since.json");
  return sampleReview(now, { since: earlier }).changes;
}

describe("changes since an earlier review", () => {
  const deployer = (verb: string) =>
    cluster(entry("dev", "ops"), { bound: [{ role: "deployer", rules: [rule([verb], ["deployments"])], to: "ops" }] });
  const viewer = (name: string) => cluster(entry("dev", "ops"), { bound: [{ role: "view", name, to: "ops" }] });
  const ofSession = (kind: "User" | "Group", ...to: string[]) =>
    cluster(entry("dev:{{SessionName}}", "ops"), { bound: [{ role: "edit", kind, to }] });
  const extended = (...more: object[]) =>
    cluster(entry("dev", "ops"), {
      bound: [{ role: "view", rules: [rule(["get"], ["pods"], [""]), ...more], to: "ops" }],
    });
  const withExec = extended(rule(["create"], ["pods/exec"], [""]));
  const execRight = expect.stringMatching(/^view \(and more: create pods\/exec\) everywhere \(rules [0-9a-f]{12}\)$/);
  const ownRole = [expect.stringMatching(/^ClusterRole "deployer" everywhere \(rules [0-9a-f]{12}\)$/)];
  const [dev, ops] = [cluster(entry("dev")), cluster(entry("dev", "ops"))];
  const nameless = cluster(entry("dev"), { id: "eks:eu-central-1/prod#0123456789abcdef", entries: { unread: "x" } });
  const gone = { change: "gone", gains: [], loses: ['username "dev"'] };
  const changed = (difference: object) => ({ change: "changed", gains: [], loses: [], ...difference });
  const masters = ["every right in the cluster", 'group "system:masters"', "everything everywhere"];
  const adminPolicy = "AmazonEKSClusterAdminPolicy";

  it.each<[title: string, before: SampleCluster[], now: SampleCluster[], changes: object[]]>([
    ["another order of groups", [cluster(entry("dev", "a", "b"))], [cluster(entry("dev", "b", "a"))], []],
    ["another letter case", [dev], [cluster(entry("dev").replace("role/dev", "role/DEV"))], []],
    ["a new identity", [cluster("")], [ops], [{ change: "new", gains: ['username "dev"', 'group "ops"'], loses: [] }]],
    ["a removed identity", [dev], [cluster("")], [gone]],
    ["an entry that no longer matches", [dev], [cluster(`${entry("dev")}  sso: {}\n`)], [gone]],
    ["a new administrator", [ops], [cluster(entry("dev", "ops", "system:masters"))], [changed({ gains: masters })]],
    ["changed rules of a role", [deployer("get")], [deployer("delete")], [changed({ gains: ownRole, loses: ownRole })]],
    [
      "a right of one session that becomes everybody's",
      [ofSession("User", "dev:eve")],
      [ofSession("Group", "ops")],
      [changed({ gains: ["edit everywhere"], loses: ['edit everywhere (sessions with username "dev:eve")'] })],
    ],
    [
      "a right that Kubernetes does not ship with a role",
      [extended()],
      [withExec],
      [changed({ gains: [execRight], loses: ["view everywhere"] })],
    ],
    [
      "rights that only some versions ship with a role",
      [extended()],
      [extended(rule(["get"], ["events"], ["events.k8s.io"]))],
      [],
    ],
    ["the same rights through a different binding", [viewer("a")], [viewer("b")], []],
    ["the same access through an access entry", [ops], [withEntry({ groups: ["ops"] })], []],
    [
      "everything through an access policy instead of system:masters",
      [cluster(entry("dev", "system:masters"))],
      [withEntry({ groups: [], policies: [policy(adminPolicy)] })],
      [changed({ gains: [`${adminPolicy} (everything) everywhere`], loses: masters.slice(1) })],
    ],
    ["a new cluster", [], [dev], [{ cluster: id, identity: arn, change: "new" }]],
    ["a removed cluster", [dev], [], [{ cluster: id, identity: arn, change: "gone" }]],
  ])("are the difference in access: %s", (_title, before, now, changes) => {
    expect(since(before, now)).toMatchObject({ identities: changes, unknown: [] });
  });

  const statement = (principal: string, condition?: object) => ({
    ...trustOf(principal).Statement[0],
    ...(condition && { Condition: condition }),
  });
  const createdOn = (date: string, ...statements: readonly object[]): Partial<SampleCluster> => {
    const role = { lastUsed: undefined, trustPolicy: JSON.stringify({ Statement: statements }) };
    return { principals: new Map([[arn, { arn, createdAt: new Date(date), role }]]) };
  };
  const trusting = (...statements: readonly object[]) => createdOn("2026-11-01", ...statements);
  const organization = (...id: string[]) => ({ StringEquals: { "aws:PrincipalOrgID": id } });
  const own = trusting(statement("111122223333"));
  const mapped = (more: Partial<SampleCluster> = {}, ...groups: string[]) => cluster(entry("dev", ...groups), more);
  const by = (trusted: string) => `trusted principal ${trusted}`;
  const byOwn = by("111122223333");
  const none: Partial<SampleCluster> = { principals: new Map([[arn, missing]]) };

  it.each<[title: string, before: SampleCluster, now: SampleCluster, changes: object[]]>([
    ["the same", mapped(own), mapped(own), []],
    [
      "another account",
      mapped(own),
      mapped(trusting(statement("111122223333"), statement("444455556666"))),
      [changed({ gains: [by("444455556666 (any identity of that account)")] })],
    ],
    [
      "a lost condition",
      mapped(trusting(statement("*", organization("o-1")))),
      mapped(trusting(statement("*"))),
      [changed({ gains: [by("* (anyone)")], loses: [by("* with aws:PrincipalOrgID o-1")] })],
    ],
    [
      "another organization",
      mapped(trusting(statement("*", organization("o-1")))),
      mapped(trusting(statement("*", organization("o-2")))),
      [changed({ gains: [by("* with aws:PrincipalOrgID o-2")], loses: [by("* with aws:PrincipalOrgID o-1")] })],
    ],
    [
      "the fourth of four organizations",
      mapped(trusting(statement("*", organization("o-1", "o-2", "o-3", "o-4")))),
      mapped(trusting(statement("*", organization("o-1", "o-2", "o-3", "o-5")))),
      [
        changed({
          gains: [by("* with aws:PrincipalOrgID o-1, o-2, o-3, o-5")],
          loses: [by("* with aws:PrincipalOrgID o-1, o-2, o-3, o-4")],
        }),
      ],
    ],
    [
      "a lost denial",
      mapped(trusting({ ...statement("444455556666"), Effect: "Deny" }, statement("111122223333"))),
      mapped(own),
      [changed({ loses: ["denied principal 444455556666 (denied)"] })],
    ],
    [
      "an added group",
      mapped(own),
      mapped(trusting(statement("ec2")), "ops"),
      [changed({ gains: ['group "ops"', by("ec2")], loses: [byOwn] })],
    ],
    [
      "a role that was created again",
      mapped(own),
      mapped(createdOn("2026-11-20", statement("111122223333"))),
      [changed({ gains: ["access for the role or user that was recreated on 2026-11-20"] })],
    ],
    ["a deleted role", mapped(own), mapped(none), [changed({ loses: [byOwn] })]],
    [
      "a new identity, whose trust is not new",
      cluster(""),
      mapped(own),
      [{ change: "new", gains: ['username "dev"'] }],
    ],
  ])("include who may assume a role: %s", (_title, before, now, changes) => {
    expect(since([before], [now])).toMatchObject({ identities: changes, unknown: [] });
  });

  it("are unknown for the trust of a role that only one of the reviews knows", () => {
    const unknown = [
      "the principals that can assume 1 role of prod are not compared, because they are unknown in one of the reviews",
    ];
    expect(since([mapped()], [mapped(own, "ops")])).toMatchObject({
      identities: [changed({ gains: ['group "ops"'] })],
      unknown,
    });
    expect(since([mapped(own)], [mapped()])).toMatchObject({ identities: [], unknown });
    expect(since([mapped()], [mapped()])).toMatchObject({ identities: [], unknown: [] });
  });

  it.each<[title: string, before: SampleCluster, now: SampleCluster]>([
    ["an unreadable key now", dev, cluster("- rolearn: [\n")],
    ["an unreadable key in the earlier review", cluster("- rolearn: [\n"), dev],
    ["unreadable access entries now", dev, cluster(entry("dev"), { mode: "API", entries: { unread: "x" } })],
    ["an EKS cluster whose account is unknown now", dev, nameless],
    ["an EKS cluster whose account was unknown", nameless, dev],
  ])("are unknown for a cluster that a review has read only in part: %s", (_title, before, now) => {
    const unknown = ["prod is not compared, because one of the reviews is incomplete"];
    expect(since([before], [now])).toMatchObject({ identities: [], unknown });
  });

  it("are unknown for a cluster that only one review has, if the other failed to read a cluster", () => {
    const [all, none] = [sampleReview([dev]), sampleReview([], { unread })];
    const unknown = [expect.stringContaining("is not compared")];
    expect(sampleReview([], { unread, since: all }).changes).toMatchObject({ identities: [], unknown });
    expect(sampleReview([dev], { since: none }).changes).toMatchObject({ identities: [], unknown });
  });
});

describe("an earlier review", () => {
  const review = JSON.stringify(sampleReview([cluster(entry("dev", "ops"))]));
  const { principals } = {
    principals: new Map([
      [arn, { arn, createdAt: new Date(0), role: { lastUsed: undefined, trustPolicy: JSON.stringify(trustOf("*")) } }],
    ]),
  };
  const trusted = JSON.stringify(sampleReview([cluster(entry("dev"), { principals })]));
  const broken = "it is incomplete or was edited";

  it.each<[title: string, text: string, reason: string]>([
    ["other JSON", "{}", "it is not an access review"],
    [
      "another schema",
      review.replace('Version":2', 'Version":1'),
      "its schemaVersion is 1, but this version requires 2",
    ],
    ["no groups", review.replace('"groups"', '"group"'), broken],
    ["principals without a name", trusted.replace('"principal":', '"name":'), broken],
    ["clusters that are not a list", review.replace('"clusters":[', '"clusters":"x","other":['), broken],
  ])("is refused: %s", (_title, text, reason) => {
    expect(() => parseEarlierReview(text, "a.json")).toThrow(
      `--since "a.json" cannot be used: ${reason}; use the output of "review -o json" from this version`,
    );
  });
});
