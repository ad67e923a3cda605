import { expect, it } from "vitest";
import { entriesOf, parseMap } from "../../../provider/awsAuthMap/index.ts";
import { clusterAccess, unreadOf } from "../../../provider/identity/clusterAccess.ts";
import { identitiesIn } from "../../../provider/identity/identitiesIn.ts";
import { identityOf, neverMatchesBecause, parseIdentity } from "../../../provider/identity/identity.ts";
import {
  describeEntryContent,
  matchesArn,
  ownershipOf,
  ownerTexts,
  placedEntries,
  placeOf,
  sameNameEntries,
} from "../../../provider/identity/placedEntry.ts";
import { live } from "../../support/accessEntries.ts";

const account = "111122223333";
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const federated = `arn:aws-cn:sts::${account}:federated-user/bob`;

it.each<[arn: string, identity: string | undefined]>([
  [iam("role/dev"), `role ${iam("role/dev")} dev`],
  ["arn:aws:sts::111122223333:assumed-role/dev/jane@x", `role ${iam("role/dev")} dev jane@x`],
  ["arn:aws:sts::111122223333:assumed-role/eng/dev/jane", `role ${iam("role/eng/dev")} dev jane`],
  [` ${iam("role/eng//dev/")} `, `role ${iam("role/dev")} dev`],
  [iam("user/eng//jane"), `user ${iam("user/eng/jane")} jane`],
  [federated, `federatedUser ${federated} bob`],
  [iam("root"), `root ${iam("root")}`],
  ["ARN:AWS:IAM::111122223333:ROLE/Dev", `role ${iam("role/Dev")} Dev`],
  [iam("group/x"), undefined],
  [iam("root/x"), undefined],
  [iam("user/"), undefined],
  [iam("role/"), undefined],
  [federated.replace("bob", ""), undefined],
  ["arn:aws:sts::111122223333:assumed-role/dev", undefined],
  ["dev", undefined],
  ["arn:aws:s3:::bucket", undefined],
])("compares %s as %s", (text, expected) => {
  const { kind, arn, name, sessionName = "", ...found } = parseIdentity(text) ?? {};
  expect(kind && `${kind} ${arn} ${name} ${sessionName}`.trim()).toBe(expected);
  expect(found).toEqual(kind === undefined ? {} : { account });
});

const set = `permissionSetName: Ops, accountID: "${account}"`;

it.each<[title: string, data: Record<string, string>, reason: string]>([
  ["a role", { mapRoles: `- rolearn: ${iam("role/dev")}` }, ""],
  ["a root user", { mapUsers: `- userarn: ${iam("root")}` }, ""],
  ["a federated user", { mapUsers: `- userarn: ${federated}` }, ""],
  ["an account", { mapAccounts: `- "${account}"` }, ""],
  ["a permission set", { mapRoles: `- sso: {${set}}` }, ""],
  ["a role with a path", { mapRoles: `- rolearn: ${iam("role/a/dev")}` }, `; write "${iam("role/dev")}"`],
  [
    "a root user",
    { mapUsers: "- userarn: arn:aws:iam::12:root" },
    'has the account "12", which does not have 12 digits',
  ],
  ["a placeholder", { mapUsers: "- userarn: arn:aws:iam::<ID>:root" }, "has the placeholder <ID>; expand it first"],
  ["an ARN of a different kind", { mapRoles: "- rolearn: dev" }, 'arn "dev" is not the ARN of an IAM role or user'],
  ["13 digits", { mapAccounts: '- "1111222233334"' }, '"1111222233334" is not an AWS account ID of 12 digits'],
  ["a partition", { mapRoles: `- sso: {${set}, partition: aws}` }, "an sso entry with a partition; remove it"],
  [
    "an entry without an ARN",
    { mapRoles: "- username: dev" },
    "the authenticator ignores it because it has neither rolearn nor sso",
  ],
])("finds why no identity matches %s", (_title, data, reason) => {
  const all = entriesOf(parseMap(data)).flatMap(neverMatchesBecause);
  const texts = all.map(({ text, remedy }) => [text, remedy].filter((part) => part !== undefined).join("; "));
  expect(texts).toEqual(reason === "" ? [] : [expect.stringContaining(reason)]);
});

it("finds each identity of a cluster once, with the entries that may apply to it", () => {
  const roles = ["role/OPS", "role/AWSReservedSSO_Ops_0123456789abcdef", "role/eng/ops", "role/ops"].map(iam);
  const data = {
    mapRoles: `- sso: {${set}}\n- username: none\n${roles.map((arn) => `- rolearn: ${arn}\n`).join("")}`,
    mapUsers: `- userarn: ${iam("user/jane")}\n`,
    mapAccounts: `- "${account}"\n- "444455556666"\n- "${account}"\n`,
  };
  const entries = ["role/b", "role/a", "role/eng/dev"].map((name) => live({ principalArn: iam(name) }));
  const access = clusterAccess(parseMap(data), "API_AND_CONFIG_MAP", { value: entries });
  const bound = [iam("user/jane"), iam("user/ann"), "jane", federated.replace(account, "777788889999")];
  const found = identitiesIn(access, bound).map(({ name, who, entries }) => {
    return `${name}: ${who?.answer}, ${entries.map(({ key, position }) => `${key} ${position}`)}`;
  });
  expect(found.map((line) => line.replace(`arn:aws:iam::${account}:`, ""))).toEqual([
    "role/AWSReservedSSO_Ops_*: yes, mapRoles 1,mapAccounts 3",
    "mapRoles entry 2: undefined, mapRoles 2",
    "role/OPS: yes, mapRoles 3,mapRoles 6",
    "role/AWSReservedSSO_Ops_0123456789abcdef: yes, mapRoles 1,mapRoles 4",
    "role/eng/ops: undefined, mapRoles 5",
    "user/jane: yes, mapUsers 1",
    "user/ann: yes, mapAccounts 3",
    `account ${account}: yes, mapAccounts 1,mapAccounts 3`,
    "account 444455556666: yes, mapAccounts 2",
    "role/a: yes, ",
    "role/b: yes, ",
    "role/dev: yes, ",
  ]);
});

it("describes an entry by its place and its owners, and what could not be read", () => {
  const map = parseMap({ mapUsers: `- userarn: ${iam("user/jane")}\n`, mapAccounts: `["${account}"]` });
  expect(placedEntries(map).map(placeOf)).toEqual(["mapUsers entry 1 (line 1)", "mapAccounts entry 1"]);
  const unread = { ...clusterAccess(map), unread: "no", refusedKeys: new Map([["mapUsers", "unclear"]] as const) };
  expect([unreadOf(clusterAccess(map)), unreadOf(unread)]).toEqual([undefined, "no; unclear"]);
});

it.each([
  [iam("user/eng/jane"), iam("user/Jane"), true],
  [iam("role/dev"), ` ${iam("role/eng/dev")} `, true],
  [iam("user/jane"), iam("user/janet"), false],
  [iam("user/jane"), iam("role/jane"), false],
])("the entry of %s is for %s: %s", (arn, given, matches) => {
  expect(matchesArn({ arn }, given)).toBe(matches);
});

it.each([
  ["dev", /is not an IAM identity; specify the ARN/],
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
  const mapRoles = [iam(resource), iam("role/xdev"), arn].map((rolearn) => `- rolearn: ${rolearn}\n`).join("");
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
  [
    "for several entries of one principal that an owner claims one of them",
    { mapRoles: `${mapRoles}${mapRoles.replace("role/Dev", "role/eng/dev")}${sso}` },
    `${dev} aaaaaaaa.000001 o\n${dev} bbbbbbbb.000001 p`,
    [
      ["o (this or another entry)", "p (this or another entry)"],
      ["o (this or another entry)", "p (this or another entry)"],
      [],
    ],
  ],
  ["none without claims", { mapRoles }, "", [[]]],
  [
    "none for a permission set or an entry without an ARN",
    { mapRoles: `${sso}- username: dev\n` },
    `${dev} aaaaaaaa.000001 o`,
    [[], []],
  ],
])("the owners of entries are %s", (_title, data, claims, owners) => {
  const map = parseMap(data, undefined, claims);
  const ownerships = entriesOf(map).map((entry) => ownershipOf(map, entry));
  expect(ownerships.map((one) => ownerTexts(one))).toEqual(owners);
  expect(ownerships.flatMap((one) => one.owners)).toEqual(owners.flat().filter((text) => !text.includes("another")));
});

it("describes the content of each entry, including a missing username and an account", () => {
  const role = (rest: string) => `- rolearn: ${iam("role/dev")}\n${rest}`;
  const mapRoles = `${role("  username: dev\n  groups: [a]\n")}${role("  username: dev\n")}${role("  username: yes\n  groups: [a]\n")}${role("")}`;
  expect(entriesOf(parseMap({ mapRoles, mapAccounts: '- "111122223333"\n' })).map(describeEntryContent)).toEqual([
    'username "dev", groups ["a"]',
    'username "dev"',
    'no username, groups ["a"]',
    "no username and no groups",
    'account "111122223333"',
  ]);
});
