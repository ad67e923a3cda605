import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  describeMapping,
  type Mapping,
  principalKey,
  principalOf,
  sameContent,
} from "../../../provider/mapping/index.ts";

describe("principalKey", () => {
  test.each([
    ["folds the letter case", "arn:aws:iam::123456789012:role/Admin", "arn:aws:iam::123456789012:role/admin"],
    ["drops a role's path", "arn:aws:iam::123456789012:role/eng/ops/Admin", "arn:aws:iam::123456789012:role/admin"],
    [
      "drops the path of an SSO role",
      "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_01",
      "arn:aws:iam::123456789012:role/awsreservedsso_ops_01",
    ],
    [
      "keeps a user's path, which AWS reports",
      "arn:aws:iam::123456789012:user/eng/alice",
      "arn:aws:iam::123456789012:user/eng/alice",
    ],
    ["keeps the partition", "arn:aws-cn:iam::123456789012:role/x/Admin", "arn:aws-cn:iam::123456789012:role/admin"],
    ["takes any account", "arn:aws:iam::<account>:role/x/Admin", "arn:aws:iam::<account>:role/admin"],
    [
      "leaves another service's ARN",
      "arn:aws:sts::123456789012:assumed-role/A/b",
      "arn:aws:sts::123456789012:assumed-role/a/b",
    ],
    ["leaves a path without a name", "arn:aws:iam::123456789012:role/eng/", "arn:aws:iam::123456789012:role/eng/"],
    ["leaves what is no ARN", "Not/An ARN", "not/an arn"],
    ["leaves an empty text", "", ""],
  ])("%s", (_, arn, key) => {
    expect(principalKey(arn)).toBe(key);
  });

  test("is its own key", () => {
    const arn = fc.tuple(
      fc.constantFrom("arn:aws:iam::123456789012:role/", "ARN:AWS:iam::1:Role/", "arn:aws:iam::1:user/", ""),
      fc.string({ unit: fc.constantFrom("a", "B", "/", ":", " ", "\n", "İ", "ſ") }),
    );
    fc.assert(
      fc.property(arn, ([prefix, rest]) => {
        const key = principalKey(prefix + rest);
        expect(principalKey(key)).toBe(key);
      }),
    );
  });

  test("takes linear time on a hostile text", () => {
    const started = performance.now();
    principalKey(`arn:aws:iam::1:role/${"a/".repeat(200_000)}`);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

test("principalOf is the ARN's key, or the account", () => {
  expect(principalOf({ kind: "role", arn: "arn:aws:iam::1:role/p/A", groups: [] })).toBe("arn:aws:iam::1:role/a");
  expect(principalOf({ kind: "account", account: "012345678901" })).toBe("012345678901");
});

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
