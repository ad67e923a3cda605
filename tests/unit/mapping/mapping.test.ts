import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Content,
  describeContent,
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
    ["only folds the ARN of another service", "arn:aws:sts::1:assumed-role/A/b", "arn:aws:sts::1:assumed-role/a/b"],
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
const account: Mapping = { kind: "account", arn: "012345678901", username: "", groups: [] };

test("principalOf returns the key of the ARN, or the account", () => {
  expect([base, account].map(principalOf)).toEqual([`${iam}:role/admin`, "012345678901"]);
});

test.each<[title: string, isSame: boolean, other: Partial<Content>]>([
  ["the order of their groups", true, { groups: ["b", "a"] }],
  ["a repeated group", true, { groups: ["a", "b", "a"] }],
  ["the username", false, { username: "Dev" }],
  ["the groups", false, { groups: ["a"] }],
  ["the letter case of a group", false, { groups: ["a", "B"] }],
])("two contents that differ in %s are the same: %s", (_, isSame, difference) => {
  const other = { ...base, ...difference };
  expect([sameContent(base, other), sameContent(other, base)]).toEqual([isSame, isSame]);
});

test.each<[string, Content]>([
  ['username "dev", groups ["a", "b"]', base],
  ['username "dev"', { ...base, groups: [] }],
  ['groups ["a"]', { username: "", groups: ["a"] }],
  ["no username and no groups", account],
])("describeContent returns %s", (text, content) => {
  expect(describeContent(content)).toBe(text);
});
