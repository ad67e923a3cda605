import { expect, it } from "vitest";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { identityOf, parseIdentity } from "../../../provider/identity/identity.ts";
import { sameNameEntries } from "../../../provider/identity/placedEntry.ts";

const account = "111122223333";
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;

it.each([
  ["arn:aws:iam::111122223333:role/dev", "arn:aws:iam::111122223333:role/dev"],
  ["arn:aws:sts::111122223333:assumed-role/dev/jane@x", "arn:aws:iam::111122223333:role/dev"],
  ["arn:aws:iam::111122223333:role/eng/ops/dev", "arn:aws:iam::111122223333:role/dev"],
  ["arn:aws:iam::111122223333:user/eng/jane", "arn:aws:iam::111122223333:user/eng/jane"],
  ["arn:aws-cn:sts::111122223333:federated-user/bob", "arn:aws-cn:sts::111122223333:federated-user/bob"],
  ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"],
  ["ARN:AWS:IAM::111122223333:ROLE/Dev", "arn:aws:iam::111122223333:role/Dev"],
  ["arn:aws:iam::111122223333:group/x", undefined],
  ["arn:aws:sts::111122223333:assumed-role/dev", undefined],
  ["dev", undefined],
  ["arn:aws:s3:::bucket", undefined],
])("compares %s as %s", (arn, canonical) => {
  expect(parseIdentity(arn)?.arn).toBe(canonical);
});

it.each([
  ["dev", /is not an IAM identity; give the ARN/],
  ["arn:aws:iam::<ACCOUNT_ID>:role/dev", /has the placeholder <ACCOUNT_ID>; expand it first$/],
  ["arn:aws:iam::ACCOUNT_ID:role/dev", /has the placeholder ACCOUNT_ID; expand it first$/],
])("refuses %s", (arn, message) => {
  expect(() => identityOf(arn)).toThrow(
    expect.objectContaining({ code: "invalidInput", message: expect.stringMatching(message) }),
  );
});

it.each<[title: string, resource: string, arn: string]>([
  ["in a role's path", "role/dev", iam("role/eng/dev")],
  ["in another account", "role/dev", "arn:aws:iam::444455556666:role/dev"],
  ["in another partition", "role/dev", `arn:aws-cn:iam::${account}:role/dev`],
  ["of a user", "role/dev", iam("user/dev")],
  ["of a user without the path", "user/eng/jane", iam("user/jane")],
])("finds an entry for the same name %s", (_title, resource, arn) => {
  const mapRoles = [iam("role/ops"), iam("role/xdev"), arn].map((rolearn) => `- rolearn: ${rolearn}\n`).join("");
  const found = sameNameEntries(parseMap({ mapRoles }), identityOf(iam(resource)));
  expect(found.map(({ position }) => position)).toEqual([3]);
});
