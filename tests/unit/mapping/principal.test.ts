import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { principalKey, principalOf } from "../../../provider/mapping/index.ts";

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
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test("principalOf is the ARN's key, or the account", () => {
  expect(principalOf({ kind: "role", arn: "arn:aws:iam::1:role/p/A", groups: [] })).toBe("arn:aws:iam::1:role/a");
  expect(principalOf({ kind: "account", account: "012345678901" })).toBe("012345678901");
});
