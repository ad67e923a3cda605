import { describe, expect, it } from "vitest";
import { renderMarkdown } from "../../../cli/report/markdown.ts";
import { renderPage } from "../../../cli/report/page.ts";
import { renderText } from "../../../cli/report/text.ts";
import { renderCsv } from "../../../cli/review/csv.ts";
import { reviewPage, reviewReport } from "../../../cli/review/report.ts";
import type { LiveAccessEntry } from "../../../provider/accessEntries/index.ts";
import { parseEarlierReview } from "../../../provider/review/earlierReview.ts";
import type { AccessReview, ReviewedIdentity } from "../../../provider/review/model.ts";
import { type SampleCluster, sampleReview } from "../../support/review/sample.ts";
import { adminPolicy, arn, live, viewPolicy } from "../accessEntries/support.ts";

const id = "eks:eu-central-1/111122223333/prod";
const entry = (username: string, ...groups: string[]) =>
  `- rolearn: ${arn}\n  username: ${username}\n  groups: ${JSON.stringify(groups)}\n`;

/** A cluster with a map and access entries. */
function cluster(
  mapRoles: string,
  entries: SampleCluster["entries"],
  mode: SampleCluster["mode"] = "API_AND_CONFIG_MAP",
) {
  const more = { ...(entries !== undefined && { entries }), ...(mode !== undefined && { mode }) };
  return { id, name: "prod", data: { mapRoles }, bound: [], ...more } satisfies SampleCluster;
}

const withEntries = (mapRoles: string, ...entries: readonly Partial<LiveAccessEntry>[]) =>
  cluster(mapRoles, { value: entries.map((one) => live(one)) });

function people(sample: SampleCluster): readonly ReviewedIdentity[] {
  return sampleReview([sample]).clusters.flatMap(({ identities }) => identities);
}

const findings = (sample: SampleCluster) =>
  people(sample).flatMap(({ findings }) => findings.map(({ severity, rule }) => `${severity} ${rule}`));

describe("a review with access entries", () => {
  it("has everybody who gets in by one, with policies, rights, owner and risks as any other", () => {
    const tags = { "pulumi-aws-auth/claim": "aaaaaaaa.000001 acme/infra/prod dev" };
    const [admin, viewer] = people(
      withEntries(
        "",
        { policies: [viewPolicy("team-*")], tags, groups: [] },
        {
          principalArn: "arn:aws:iam::111122223333:user/jane",
          policies: [adminPolicy],
          groups: [],
        },
      ),
    );
    expect(admin).toMatchObject({
      identity: "arn:aws:iam::111122223333:user/jane",
      kind: "user",
      isAdministrator: true,
      findings: [{ rule: "everything", severity: "high" }, { rule: "iam-user" }, { rule: "unowned" }],
    });
    expect(viewer).toMatchObject({
      identity: arn,
      kind: "role",
      isAdministrator: false,
      findings: [],
      entries: [
        {
          source: "access-entry",
          key: "accessEntries",
          position: 1,
          effect: "counts",
          accessEntry: {
            principalArn: arn,
            type: "STANDARD",
            policies: [{ name: "AmazonEKSViewPolicy", namespaces: ["team-*"] }],
          },
          username: "dev",
          groups: [],
          owners: ["acme/infra/prod dev"],
          rights: [
            {
              access: 'AmazonEKSViewPolicy (much as view) in "team-*"',
              by: "access policy of its access entry",
              allows: "read",
              namespace: "team-*",
              role: { kind: "AccessPolicy", name: "AmazonEKSViewPolicy" },
              isKnownByName: true,
              rules: expect.stringMatching(/^[0-9a-f]{12}$/),
            },
          ],
        },
      ],
    });
  });

  it("has the entry of the map that it wins over, and finds fault with it only where it differs", () => {
    const differs = withEntries(entry("old", "viewers"), {});
    expect(people(differs)[0]?.entries.map(({ source, effect }) => [source, effect])).toEqual([
      ["access-entry", "counts"],
      ["aws-auth", "shadowed"],
    ]);
    expect(findings(differs)).toEqual(["medium shadowed", "low unowned"]);
    expect(findings(withEntries(entry("dev", "viewers"), {}))).toEqual(["low unowned"]);
  });

  it("does not pass over a policy whose rules are not known, nor an access entry that may be dead", () => {
    const policies = [
      { policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonNewPolicy", scope: { type: "cluster" } as const },
    ];
    expect(findings(withEntries("", { policies }))).toEqual(["medium unknown-policy", "low unowned"]);
    const twice = withEntries("", {}, { principalArn: "arn:aws:iam::111122223333:role/old/dev" });
    expect(findings(twice)).toEqual(["medium undecided", "low unowned"]);
  });
});

describe("changes since an earlier review", () => {
  const since = (before: SampleCluster, now: SampleCluster) =>
    sampleReview([now], { since: parseEarlierReview(JSON.stringify(sampleReview([before])), "since.json") });
  const inMap = cluster(entry("dev", "viewers"), { value: [] });

  it("are none where the same access comes from an access entry now, which is told as a move, back and forth", () => {
    const inEntry = withEntries("", { groups: ["viewers"] });
    const forth = since(inMap, inEntry);
    expect(forth.changes).toMatchObject({
      identities: [],
      moved: [{ cluster: id, identity: arn, from: "aws-auth", to: "access-entry" }],
      notes: [],
    });
    expect(since(inEntry, inMap).changes?.moved).toMatchObject([{ from: "access-entry", to: "aws-auth" }]);
    const said = "the same access, from aws-auth to its access entry";
    const terminal = { out: () => {}, err: () => {}, width: 100, hasColour: false };
    expect(renderText(reviewReport(forth), terminal)).toContain(
      `0 changes since the review of 2026-11-25T04:00:00.000Z:\n  - moved: ${arn} in prod; ${said}\n`,
    );
    expect(renderText(reviewReport(forth), terminal)).toMatch(
      /\n {2}CHANGE {2}IDENTITY.+\n {2}moved {3}arn:\S+ {2}access entry {2}dev /,
    );
    expect(renderMarkdown(reviewReport(forth))).toContain(`\n- moved: \`${arn}\` in prod; ${said}\n`);
    expect(renderCsv(forth)).toContain(`"moved; ${said}","access-entry"\r\n`);
    const page = renderPage(reviewReport(forth), reviewPage(forth, "1.2.3"));
    expect(page).toContain(`<li>${said}</li>`);
    expect(page).toMatch(/data-marks="cluster-0 low unowned moved"[\s\S]+<span class="tag good">moved<\/span>/);
  });

  it("do not take everything from an administrator who has it by another way now", () => {
    const before = cluster(entry("dev", "system:masters"), { value: [] });
    const now = withEntries("", { groups: [], policies: [adminPolicy] });
    expect(since(before, now).changes?.identities).toMatchObject([
      { gains: [], loses: [], details: ['no longer group "system:masters"'], isNewAdministrator: false },
    ]);
  });

  it("have a new administrator by access policy", () => {
    const now = withEntries("", { groups: ["viewers"], policies: [adminPolicy] });
    expect(since(inMap, now).changes?.identities).toMatchObject([{ change: "changed", isNewAdministrator: true }]);
  });

  it("count people as new of whom an earlier version knew nothing, and say why", () => {
    const { changes } = since({ id, name: "prod", data: {}, bound: [] }, withEntries("", {}));
    expect(changes?.identities).toMatchObject([{ identity: arn, change: "new" }]);
    expect(changes?.notes).toEqual([
      "prod: the earlier review did not read its access entries; whoever gets in by one alone is new",
    ]);
    expect(since(cluster("", { value: [] }), withEntries("", {})).changes?.notes).toEqual([]);
  });

  it("count people as unchanged whose access entries cannot be read now", () => {
    const blind = cluster(entry("old"), { unread: "may not do eks:ListAccessEntries" });
    const { changes } = since(
      withEntries(entry("old"), {}, { principalArn: "arn:aws:iam::111122223333:user/jane" }),
      blind,
    );
    expect(changes).toMatchObject({ identities: [], moved: [] });
    expect(changes?.notes).toEqual([
      "prod: its access entries cannot be read now; whoever had one counts as unchanged",
    ]);
  });
});

it("reads a kept review with and without its fields", () => {
  const review = sampleReview([withEntries(entry("old"), {})]);
  const cluster = (text: string) => parseEarlierReview(text, "x").clusters[0];
  const kept = cluster(JSON.stringify(review));
  expect(kept).toMatchObject({ authenticationMode: "API_AND_CONFIG_MAP" });
  expect(kept?.identities[0]?.entries.map(({ source }) => source)).toEqual(["access-entry", "aws-auth"]);
  const drop = ["source", "authenticationMode"];
  const old = cluster(JSON.stringify(review, (key, value) => (drop.includes(key) ? undefined : value)));
  expect(old).not.toHaveProperty("authenticationMode");
  expect(() => cluster(JSON.stringify(review).replace('"API_AND_CONFIG_MAP"', '"BOTH"'))).toThrow(
    "clusters[0].authenticationMode is not one of CONFIG_MAP, API_AND_CONFIG_MAP, API",
  );
});

it("says in a report that access entries could not be read", () => {
  const review: AccessReview = sampleReview([cluster(entry("dev"), { unread: "may not do eks:ListAccessEntries" })]);
  expect(review.clusters[0]).toMatchObject({ accessEntriesUnread: "may not do eks:ListAccessEntries" });
});
