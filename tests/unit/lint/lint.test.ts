import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { describeProblem } from "../../../provider/errors.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { parseIdentity } from "../../../provider/identity/identity.ts";
import { placedEntries } from "../../../provider/identity/placedEntry.ts";
import { whoLogsIn } from "../../../provider/identity/whoLogsIn.ts";
import { type LintProblem, lintMap } from "../../../provider/lint.ts";
import { anyMap } from "../../support/authenticator/maps.ts";
import { iam } from "../../support/migration/world.ts";
import { cases } from "../../support/nightly.ts";
import { arn, live } from "../accessEntries/support.ts";

const good = `- rolearn: ${arn}\n  username: dev\n  groups: [viewers]\n`;
const changed = (before: string, after: string) => good.replace(before, after);
type Data = Readonly<Record<string, string>>;

function lint(data: Data, bound?: readonly string[], claims?: string): readonly LintProblem[] {
  const access = clusterAccess(parseMap(data, undefined, claims));
  return lintMap({ data, access, bound: bound && new Set(bound) });
}

function short({ code, severity, place: { key, position, line } }: LintProblem): string {
  return [severity, code, key, position, line].filter((part) => part !== undefined).join(" ");
}

describe("lint", () => {
  it("finds nothing in a sound map", () => {
    const mapUsers = "- userarn: arn:aws:iam::111122223333:user/eng/jane\n  username: jane:{{AccountID}}\n";
    expect(lint({ mapRoles: good, mapUsers, mapAccounts: '- "111122223333"\n', other: "x" }, ["viewers"])).toEqual([]);
  });

  // One problem each.
  const sso = (more = "") => `- sso: {permissionSetName: A, accountID: "111122223333"${more}}\n  username: a\n`;
  it.each<[finding: string, title: string, data: Data]>([
    ["error unreadable-key mapRoles 4", "a key that does not parse", { mapRoles: `${good}- {` }],
    ["error key-name", "a key in another letter case", { maproles: good }],
    ["error never-matches mapRoles 1 1", "an entry without an ARN", { mapRoles: "- username: x\n" }],
    ["error never-matches mapRoles 1 1", "rolearn beside sso", { mapRoles: `${good}  sso: {}\n` }],
    ["error never-matches mapRoles 1 1", "a role's path", { mapRoles: changed("role/", "role/eng/") }],
    ["error never-matches mapRoles 1 1", "a wildcard", { mapRoles: changed("/dev", "/d*") }],
    ["error never-matches mapAccounts 1 1", "an account that is none", { mapAccounts: '- "1234"\n' }],
    [
      "error never-matches mapRoles 1 1",
      "a node's template for a user, in whatever list",
      { mapRoles: `- rolearn: ${iam("user/dev")}\n  username: "{{EC2PrivateDNSName}}"\n` },
    ],
    ["error never-matches mapRoles 1 1", "an sso entry with a partition", { mapRoles: sso(", partition: aws") }],
    [
      "error never-matches mapUsers 1 1, error never-matches mapUsers 2 2",
      "two entries that never match, neither of which shadows the other",
      { mapUsers: "- {userarn: dev, username: a}\n- {userarn: dev, username: b}\n" },
    ],
    ["error shadowed mapRoles 1 1", "a shadowed entry", { mapRoles: good + changed("name: dev", "name: x") }],
    [
      "error shadowed mapUsers 1 1",
      "an entry shadowed from the other list",
      { mapRoles: good, mapUsers: `- userarn: ${arn}\n  username: x\n` },
    ],
    ["warning shadowed mapRoles 1 1", "a repeated entry", { mapRoles: good + good }],
    [
      "error undecided mapUsers 2 2",
      "a user in two spellings",
      { mapUsers: ["dev", "Dev"].map((name) => `- {userarn: "${iam(`user/${name}`)}", username: ${name}}\n`).join("") },
    ],
    ["warning undecided mapRoles 1 1", "an sso entry", { mapRoles: sso() }],
    [
      "warning account-root mapUsers 1 1",
      "the root user of an account",
      { mapUsers: "- {userarn: 'arn:aws:iam::111122223333:root', username: root}\n" },
    ],
    ["error field mapRoles 1 1", "a username that is a number", { mapRoles: changed("name: dev", "name: 1") }],
    ["error field mapRoles 1 1", "groups that are not a list", { mapRoles: changed("[viewers]", "viewers") }],
    ["error field mapRoles 1 1", "a group that is a boolean", { mapRoles: changed("viewers", "viewers, no") }],
    ["warning field mapRoles 1 1", "a misspelt field", { mapRoles: `${good}  group: [x]\n` }],
    ["warning no-rights mapRoles 1 1", "neither username nor groups", { mapRoles: `- rolearn: ${arn}\n` }],
    ["error template mapRoles 1 1", "an unknown template", { mapRoles: changed("name: dev", "name: '{{X}}'") }],
    ["warning node mapRoles 1 1", "nodes without a node's username", { mapRoles: changed("viewers", "system:nodes") }],
    [
      "warning unbound-group mapRoles 1 1",
      "a group that looks like one of Kubernetes",
      { mapRoles: changed("viewers", "system:master") },
    ],
  ])("reports %s for %s", (finding, _title, data) => {
    expect(lint(data).map(short).join(", ")).toBe(finding);
  });

  it("finds groups that no binding names, except those of Kubernetes and those with a template", () => {
    const groups = '[viewers, typo, system:masters, system:custom, eks:kube-proxy-windows, "team-{{AccountID}}"]';
    const found = lint({ mapRoles: changed("[viewers]", groups) }, ["viewers", "system:custom"]);
    expect(found.map((problem) => [problem.code, describeProblem(problem)])).toEqual([
      ["unbound-group", 'no binding of the cluster names the group "typo"; bind a role to it, or correct the name'],
    ]);
  });

  it("accepts whitespace in a group that a binding names", () => {
    const data = { mapRoles: changed("viewers", "domain users") };
    expect(lint(data, ["domain users"])).toEqual([]);
    expect(lint(data, ["viewers"]).map(({ code }) => code)).toEqual(["whitespace", "unbound-group"]);
  });

  it("finds a claim whose entry is gone, unless a key is unknown", () => {
    const claim = "111122223333:role/ops aaaaaaaa.000001 organization/infra/prod ops";
    expect(lint({ mapRoles: good }, undefined, claim).map(describeProblem)).toEqual([
      `"organization/infra/prod ops" claims an entry for "arn:aws:iam::111122223333:role/ops", which aws-auth does not have; run "pulumi up" of that stack, or if it is gone, remove the line "${claim}" from the annotation pulumi-aws-auth/claims`,
    ]);
    expect(lint({ mapRoles: "- {" }, undefined, claim).map(({ code }) => code)).toEqual(["unreadable-key"]);
  });
});

describe("lint of a cluster with access entries", () => {
  type Entries = Parameters<typeof clusterAccess>[2];
  const entry = (username: string) => `- rolearn: ${arn}\n  username: ${username}\n  groups: [viewers]\n`;
  it.each<[title: string, mapRoles: string, mode: "API" | "API_AND_CONFIG_MAP", read: Entries, found: string[]]>([
    ["another", entry("old"), "API_AND_CONFIG_MAP", { value: [live({})] }, ["error shadowed mapRoles 1 1"]],
    ["an equal one", entry("dev"), "API_AND_CONFIG_MAP", { value: [live({})] }, []],
    ["unread ones", entry("dev"), "API_AND_CONFIG_MAP", { unread: "no" }, ["note not-checked"]],
    ["a cluster that ignores aws-auth", "- {", "API", { value: [] }, ["note not-checked"]],
  ])("reports entries without effect: %s", (_title, mapRoles, mode, read, found) => {
    const access = clusterAccess(parseMap({ mapRoles }), mode, read);
    expect(lintMap({ data: { mapRoles }, access }).map(short)).toEqual(found);
  });
});

it("lint and logins agree: an entry that never matches gives no login, and does not count as shadowed", () => {
  let checked = 0;
  fc.assert(
    fc.property(anyMap, (generated) => {
      // One of the two accounts is none, as in examples that were copied.
      const data = Object.fromEntries(
        Object.entries(generated).map(([key, text]) => [key, text.replaceAll("012345678901", "1234")]),
      );
      const document = parseMap(data);
      const access = clusterAccess(document);
      const findings = lintMap({ data, access });
      for (const { entry, key, position } of placedEntries(document)) {
        const rules = findings
          .filter(({ place }) => place.key === key && place.position === position)
          .map(({ code }) => code);
        const identity = parseIdentity(entry.arn ?? "");
        if (identity === undefined || !rules.includes("never-matches")) {
          continue;
        }
        checked++;
        expect(rules).not.toContain("shadowed");
        const given = whoLogsIn(access, identity).logins.filter(
          (login) => login.entry === entry && login.user !== undefined,
        );
        expect(given).toEqual([]);
      }
    }),
    { seed: 20261125, numRuns: cases(300, 2_000) },
  );
  expect(checked).toBeGreaterThan(100);
});
