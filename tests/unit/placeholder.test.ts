import { expect, it } from "vitest";
import { placeholderInArn } from "../../provider/placeholder.ts";

it.each([
  ["arn:aws:iam::<ACCOUNT_ID>:role/dev", "<ACCOUNT_ID>"],
  ["arn:aws:iam::ACCOUNT_ID:role/dev", "ACCOUNT_ID"],
  ["ACCOUNT_ID", "ACCOUNT_ID"],
  // The authenticator folds the case of an ARN, and of each of its parts.
  ["ARN:aws:IAM::111122223333:role/dev", undefined],
  ["ARN:AWS:IAM::111122223333:ROLE/ADMIN", undefined],
  ["111122223333", undefined],
])("the placeholder of %s is %s", (text, placeholder) => {
  expect(placeholderInArn(text)).toBe(placeholder);
});
