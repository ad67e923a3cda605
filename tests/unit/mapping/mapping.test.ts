import { describe, expect, test } from "vitest";
import { describeMapping, type Mapping, sameContent } from "../../../provider/mapping/index.ts";

const arn = "arn:aws:iam::123456789012:role/Admin";
const base: Mapping = { kind: "role", arn, username: "dev", groups: ["a", "b"] };

describe("two mappings have the same content", () => {
  test.each<[string, Mapping, Mapping]>([
    ["whatever the order of their groups", base, { ...base, groups: ["b", "a"] }],
    ["however often a group is listed", base, { ...base, groups: ["a", "b", "a"] }],
    ["whatever the letter case of the ARN", base, { ...base, arn: arn.toUpperCase() }],
    ["whatever the role's path", base, { ...base, arn: "arn:aws:iam::123456789012:role/eng/Admin" }],
    ["whichever list they stand in", base, { ...base, kind: "user" }],
    [
      "without a username, and with an empty one",
      { kind: "role", arn, groups: ["a"] },
      { kind: "role", arn, username: "", groups: ["a"] },
    ],
    [
      "if they are the same account",
      { kind: "account", account: "012345678901" },
      { kind: "account", account: "012345678901" },
    ],
  ])("%s", (_, a, b) => {
    expect(sameContent(a, b)).toBe(true);
    expect(sameContent(b, a)).toBe(true);
  });
});

describe("two mappings differ", () => {
  test.each<[string, Mapping, Mapping]>([
    ["in the username", base, { ...base, username: "Dev" }],
    ["in the groups", base, { ...base, groups: ["a"] }],
    ["in the letter case of a group", base, { ...base, groups: ["a", "B"] }],
    ["in the principal", base, { ...base, arn: `${arn}2` }],
    ["in the path of a user", { ...base, arn: "arn:aws:iam::1:user/a/u" }, { ...base, arn: "arn:aws:iam::1:user/u" }],
    [
      "in being an account",
      { kind: "account", account: "012345678901" },
      { kind: "role", arn: "012345678901", groups: [] },
    ],
  ])("%s", (_, a, b) => {
    expect(sameContent(a, b)).toBe(false);
    expect(sameContent(b, a)).toBe(false);
  });
});

test.each<[string, Mapping]>([
  ['username "dev", groups ["a", "b"]', base],
  ['username "dev", no groups', { kind: "role", arn, username: "dev", groups: [] }],
  ['no username, groups ["a"]', { kind: "role", arn, groups: ["a"] }],
  ['account "012345678901"', { kind: "account", account: "012345678901" }],
])("describeMapping says %s", (text, mapping) => {
  expect(describeMapping(mapping)).toBe(text);
});
