import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  describeMapping,
  type Mapping,
  principalKey,
  principalOf,
  sameContent,
} from "../../../provider/mapping/index.ts";

const iam = "arn:aws:iam::123456789012";

describe("principalKey", () => {
  test.each([
    ["folds the letter case", `${iam}:role/Admin`, `${iam}:role/admin`],
    ["drops a role's path", `${iam}:role/aws-reserved/sso.amazonaws.com/Ops_01`, `${iam}:role/ops_01`],
    ["keeps a user's path, which AWS reports", `${iam}:user/eng/alice`, `${iam}:user/eng/alice`],
    ["keeps the partition", "arn:aws-cn:iam::1:role/x/Admin", "arn:aws-cn:iam::1:role/admin"],
    ["accepts any account", "arn:aws:iam::<account>:role/x/Admin", "arn:aws:iam::<account>:role/admin"],
    ["only folds another service's ARN", "arn:aws:sts::1:assumed-role/A/b", "arn:aws:sts::1:assumed-role/a/b"],
    ["keeps a path without a name", `${iam}:role/eng/`, `${iam}:role/eng/`],
    ["only folds other text", "Not/An ARN", "not/an arn"],
    ["keeps an empty string", "", ""],
  ])("%s", (_, arn, key) => {
    expect(principalKey(arn)).toBe(key);
  });

  test("is idempotent", () => {
    const prefix = fc.constantFrom(`${iam}:role/`, "ARN:AWS:iam::1:Role/", "arn:aws:iam::1:user/", "");
    const rest = fc.string({ unit: fc.constantFrom("a", "B", "/", ":", " ", "\n", "İ", "ſ") });
    fc.assert(
      fc.property(prefix, rest, (...parts) => {
        const key = principalKey(parts.join(""));
        expect(principalKey(key)).toBe(key);
      }),
    );
  });

  test("takes linear time on a hostile text", { timeout: 20_000 }, () => {
    principalKey(`arn:aws:iam::1:role/${"a/".repeat(200_000)}`);
  });
});

const arn = `${iam}:role/Admin`;
const base: Mapping = { kind: "role", arn, username: "dev", groups: ["a", "b"] };
const account: Mapping = { kind: "account", account: "012345678901" };

test("principalOf returns the key of the ARN, or the account", () => {
  expect([base, account].map(principalOf)).toEqual([`${iam}:role/admin`, "012345678901"]);
});

test.each<[title: string, isSame: boolean, Mapping, Mapping]>([
  ["the order of their groups", true, base, { ...base, groups: ["b", "a"] }],
  ["a repeated group", true, base, { ...base, groups: ["a", "b", "a"] }],
  ["the letter case of the ARN", true, base, { ...base, arn: arn.toUpperCase() }],
  ["the role's path", true, base, { ...base, arn: `${iam}:role/eng/Admin` }],
  ["the list that contains them", true, base, { ...base, kind: "user" }],
  ["an empty username", true, { kind: "role", arn, groups: [] }, { kind: "role", arn, username: "", groups: [] }],
  ["nothing, for accounts", true, account, { ...account }],
  ["the username", false, base, { ...base, username: "Dev" }],
  ["the groups", false, base, { ...base, groups: ["a"] }],
  ["the letter case of a group", false, base, { ...base, groups: ["a", "B"] }],
  ["the principal", false, base, { ...base, arn: `${arn}2` }],
  ["the path of a user", false, { ...base, arn: `${iam}:user/a/u` }, { ...base, arn: `${iam}:user/u` }],
  ["the kind account", false, account, { kind: "role", arn: "012345678901", groups: [] }],
])("two mappings that differ in %s have the same content: %s", (_, isSame, a, b) => {
  expect([sameContent(a, b), sameContent(b, a)]).toEqual([isSame, isSame]);
});

test.each<[string, Mapping]>([
  ['username "dev", groups ["a", "b"]', base],
  ['username "dev", no groups', { ...base, groups: [] }],
  ['no username, groups ["a"]', { kind: "role", arn, groups: ["a"] }],
  ['account "012345678901"', account],
])("describeMapping returns %s", (text, mapping) => {
  expect(describeMapping(mapping)).toBe(text);
});
