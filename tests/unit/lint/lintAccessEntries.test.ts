import { expect, it } from "vitest";
import { clusterAccess } from "../../../provider/access/clusterAccess.ts";
import { parseDocument } from "../../../provider/document/index.ts";
import { lintAccessEntries } from "../../../provider/lint/lintAccessEntries.ts";
import { arn, live } from "../accessEntries/support.ts";

const map = parseDocument({ mapRoles: `- rolearn: ${arn}\n  username: dev\n  groups: [viewers]\n` });
const label = 'EKS cluster "prod"';

it("says of an entry that an access entry wins, as a note where both say the same", () => {
  const same = clusterAccess(map, "API_AND_CONFIG_MAP", { value: [live()] });
  expect(lintAccessEntries(same, label)).toEqual([
    {
      rule: "overridden",
      severity: "note",
      key: "mapRoles",
      position: 1,
      line: 1,
      arn,
      message: `this entry has no effect: the access entry of "${arn}" wins, and says the same`,
    },
  ]);
  const other = clusterAccess(map, "API_AND_CONFIG_MAP", { value: [live({ groups: ["editors"] })] });
  expect(lintAccessEntries(other, label)).toMatchObject([
    {
      rule: "overridden",
      severity: "warning",
      message: `this entry has no effect: the access entry of "${arn}" wins: username "dev", groups ["editors"] counts, not username "dev", groups ["viewers"]; remove this entry, or make both say the same`,
    },
  ]);
});

it("says that a map does not count, or that access entries could not be read", () => {
  const rules = (...args: Parameters<typeof clusterAccess>) =>
    lintAccessEntries(clusterAccess(...args), label).map(({ rule, severity, message }) => [rule, severity, message]);
  expect(rules(parseDocument({}), "API", { value: [live()] })).toEqual([
    ["map-ignored", "note", expect.stringContaining(`${label} has authentication mode API and ignores aws-auth`)],
  ]);
  expect(rules(map, "API_AND_CONFIG_MAP", { unread: "may not do eks:ListAccessEntries" })).toEqual([
    ["access-entries-unread", "note", expect.stringContaining("may not do eks:ListAccessEntries")],
  ]);
  expect(rules(map, "CONFIG_MAP")).toEqual([]);
  expect(rules(map)).toEqual([]);
});
