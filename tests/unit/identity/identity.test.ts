import { expect, it } from "vitest";
import { entriesOf, parseMap } from "../../../provider/awsAuthMap/index.ts";
import { identityOf, parseIdentity } from "../../../provider/identity/identity.ts";
import { ownersOf, sameNameEntries } from "../../../provider/identity/placedEntry.ts";

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

const dev = `${account}:role/dev`;
const mapRoles = `- {rolearn: "${iam("role/Dev")}", username: dev, groups: [b, a]}\n`;
const sso = `- {rolearn: "${iam("role/dev")}", sso: {permissionSetName: A, accountID: "${account}"}, username: dev}\n`;

it.each<[title: string, data: Record<string, string>, claims: string, owners: readonly string[][]]>([
  [
    "each owner once",
    { mapRoles },
    `${dev} aaaaaaaa.000001 apps/prod dev\n${dev} bbbbbbbb.000001 infra/prod dev\n${dev} bbbbbbbb.000002 infra/prod dev\n${account}:role/ops aaaaaaaa.000002 o\nno claim`,
    [["apps/prod dev", "infra/prod dev"]],
  ],
  [
    "the owner of an account",
    { mapAccounts: '- "012345678901"\n' },
    "012345678901 aaaaaaaa.000001 infra/prod a",
    [["infra/prod a"]],
  ],
  ["a line that cannot be parsed", { mapRoles }, `${dev} of the future`, [[`${dev} of the future`]]],
  ["none without claims", { mapRoles }, "", [[]]],
  [
    "none for a permission set or an entry without an ARN",
    { mapRoles: `${sso}- username: dev\n` },
    `${dev} aaaaaaaa.000001 o`,
    [[], []],
  ],
])("ownersOf returns %s", (_title, data, claims, owners) => {
  const map = parseMap(data, undefined, claims);
  expect(entriesOf(map).map((entry) => ownersOf(map, entry))).toEqual(owners);
});
