import { describe, expect, it, test } from "vitest";
import {
  assertReadable,
  effectiveEntries,
  entriesOf,
  findEntries,
  parseMap,
  positionOf,
} from "../../../provider/awsAuthMap/index.ts";
import { parseManifest } from "../../../provider/cluster/manifest/editManifest.ts";
import { placedEntries, placeOf } from "../../../provider/identity/placedEntry.ts";

const admin = "arn:aws:iam::123456789012:role/admin";
const document = parseMap({
  mapUsers: `- userarn: ${admin}\n  username: user\n`,
  mapRoles: [
    `- rolearn: arn:aws:iam::123456789012:role/Admin\n  username: first\n`,
    `- rolearn: arn:aws:iam::123456789012:role/ADMIN\n  username: second\n`,
    `- rolearn: arn:aws:iam::123456789012:role/eng/Admin\n  username: path\n`,
    `- rolearn: ${admin}\n  username: dropped\n  sso: {accountid: "123456789012"}\n`,
    `- rolearn: arn:aws:iam::123456789012:role/other\n  username: other\n`,
  ].join(""),
  mapAccounts: '- "012345678901"\n',
});

function names(entries: readonly { readonly username: string }[]): string[] {
  return entries.map(({ username }) => username);
}

test("entriesOf lists mapRoles, mapUsers and mapAccounts in this order", () => {
  expect(names(entriesOf(document))).toEqual(["first", "second", "path", "dropped", "other", "user", ""]);
});

test("findEntries ignores letter case and the path of a role", () => {
  expect(names(findEntries(document, admin))).toEqual(["first", "second", "path", "dropped", "user"]);
  expect(findEntries(document, "012345678901")).toHaveLength(1);
  expect(findEntries(document, "arn:aws:iam::123456789012:role/none")).toEqual([]);
});

test("the last entry of mapRoles that has an effect is in force", () => {
  expect(effectiveEntries(findEntries(document, admin)).at(-1)?.username).toBe("second");
});

test("the last entry of mapUsers is in force if mapRoles has none", () => {
  const users = parseMap({ mapUsers: `- userarn: ${admin}\n  username: a\n- userarn: ${admin}\n  username: b\n` });
  expect(effectiveEntries(findEntries(users, admin)).at(-1)?.username).toBe("b");
});

test("the entry of an account is in force for the account", () => {
  expect(effectiveEntries(findEntries(document, "012345678901")).at(-1)?.key).toBe("mapAccounts");
  expect(effectiveEntries(findEntries(document, "nobody"))).toEqual([]);
});

test("positionOf counts from 1 in the list of the entry", () => {
  expect(entriesOf(document).map((entry) => positionOf(document, entry))).toEqual([1, 2, 3, 4, 5, 1, 1]);
  expect(positionOf(parseMap({}), entriesOf(document)[0] ?? { key: "mapRoles", username: "", groups: [] })).toBe(0);
});

const head = "# a comment\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth}\ndata:\n";
const label = 'manifest "aws-auth.yaml"';

async function read(data: string) {
  const manifest = parseManifest(head + data, label);
  return parseMap(manifest?.data ?? {}, undefined, undefined, { label, places: manifest?.places });
}

describe("a line of a manifest", () => {
  it.each([
    ["a literal", "  mapRoles: |\n    # c\n    - rolearn: a\n", "mapRoles entry 1 (line 8)"],
    ["a literal with an indentation indicator", "  mapRoles: |2\n      - rolearn: a\n", "mapRoles entry 1 (line 7)"],
    ["a literal after blank lines", "  mapRoles: |\n\n\n    - rolearn: a\n", "mapRoles entry 1 (line 9)"],
    [
      "quotes, which are on one line of the file",
      '  mapRoles: "- rolearn: a\\n- rolearn: b\\n"\n',
      "mapRoles entry 1 (line 6)",
    ],
    ["a folded block", "  mapRoles: >\n    - rolearn: a\n", "mapRoles entry 1 (line 6)"],
  ])("is reported as the line of the file, for %s", async (_title, data, place) => {
    const [first] = placedEntries(await read(data));
    expect(first && placeOf(first)).toBe(place);
  });

  it("is reported with file and column if a key cannot be parsed", async () => {
    const document = await read("  mapRoles: |\n    - rolearn: a\n       username: b\n");
    expect(() => assertReadable(document, ["mapRoles"])).toThrow(
      `mapRoles in ${label} cannot be read; line 8, column 8: the indentation does not match`,
    );
  });

  it("is reported without a column if a key in quotes cannot be parsed", async () => {
    const document = await read('  mapRoles: "- rolearn: a\\n   username: b\\n"\n');
    expect(() => assertReadable(document, ["mapRoles"])).toThrow("line 6: the indentation");
  });

  it("is the line of the key for a cluster, which the error contains", () => {
    const origin = { label: 'EKS cluster "prod" (eu-central-1)' };
    const document = parseMap({ mapRoles: "- rolearn: a\n   username: b\n" }, undefined, undefined, origin);
    expect(() => assertReadable(document, ["mapRoles"])).toThrow(
      'mapRoles in kube-system/aws-auth of EKS cluster "prod" (eu-central-1) cannot be read; line 2, column 4: the',
    );
  });
});
