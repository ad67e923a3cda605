import { describe, expect, it } from "vitest";
import { placeholderIn, placeholderInArn } from "../../provider/placeholder.ts";

describe("a placeholder", () => {
  it.each([
    ["arn:aws:iam::<ACCOUNT_ID>:role/dev", "<ACCOUNT_ID>"],
    ["a-<account id>", "<account id>"],
    ["arn:aws:iam::$" + "{AWS_ACCOUNT}:role/dev", "$" + "{AWS_ACCOUNT}"],
    ["{{ .Values.role }}", "{{ .Values.role }}"],
  ])("is found in %s", (text, found) => {
    expect(placeholderIn(text)).toBe(found);
  });

  it.each(["arn:aws:iam::ACCOUNT_ID:role/dev", "ACCOUNT_ID", "arn:aws:iam::YOUR_ACCOUNT:role/<NAME>"])(
    "may be a word in capitals for an account, as in %s",
    (text) => {
      expect(placeholderInArn(text)).toMatch(/^(?:ACCOUNT_ID|<NAME>)$/);
    },
  );

  it.each(["arn:aws:iam::111122223333:role/ACCOUNT_ID", "system:masters", "a<b", "$HOME", "{x}", "a > b < c"])(
    "is not in %s",
    (text) => {
      expect(placeholderInArn(text)).toBeUndefined();
    },
  );
});
