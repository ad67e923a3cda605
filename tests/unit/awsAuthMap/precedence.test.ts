import { expect, test } from "vitest";
import { entriesOf, entryInForce, findEntries, parseMap, positionOf } from "../../../provider/awsAuthMap/index.ts";

const admin = "arn:aws:iam::123456789012:role/admin";
const document = parseMap({
  mapUsers: `- userarn: ${admin}\n  username: user\n`,
  mapRoles: [
    `- rolearn: arn:aws:iam::123456789012:role/Admin\n  username: first\n`,
    `- rolearn: arn:aws:iam::123456789012:role/ADMIN\n  username: second\n`,
    `- rolearn: arn:aws:iam::123456789012:role/eng/Admin\n  username: path\n`,
    `- rolearn: arn:aws:iam::123456789012:role/other\n  username: other\n`,
  ].join(""),
  mapAccounts: '- "012345678901"\n',
});

function names(entries: readonly { readonly username: string }[]): string[] {
  return entries.map(({ username }) => username);
}

test("entries come in the order of mapRoles, mapUsers, mapAccounts", () => {
  expect(names(entriesOf(document))).toEqual(["first", "second", "path", "other", "user", ""]);
});

test("a principal's entries are found in any letter case and with any path of the role", () => {
  expect(names(findEntries(document, admin))).toEqual(["first", "second", "path", "user"]);
  expect(findEntries(document, "012345678901")).toHaveLength(1);
  expect(findEntries(document, "arn:aws:iam::123456789012:role/none")).toEqual([]);
});

test("the last entry of mapRoles is in force, one with a path never", () => {
  expect(entryInForce(findEntries(document, admin))?.username).toBe("second");
});

test("mapUsers counts where mapRoles has none", () => {
  const users = parseMap({ mapUsers: `- userarn: ${admin}\n  username: a\n- userarn: ${admin}\n  username: b\n` });
  expect(entryInForce(findEntries(users, admin))?.username).toBe("b");
});

test("an account's entry is in force for the account", () => {
  expect(entryInForce(findEntries(document, "012345678901"))?.key).toBe("mapAccounts");
  expect(entryInForce(findEntries(document, "nobody"))).toBeUndefined();
});

test("positions are counted from 1 in the entry's own list", () => {
  expect(entriesOf(document).map((entry) => positionOf(document, entry))).toEqual([1, 2, 3, 4, 1, 1]);
  expect(positionOf(parseMap({}), entriesOf(document)[0] ?? { key: "mapRoles", username: "", groups: [] })).toBe(0);
});
