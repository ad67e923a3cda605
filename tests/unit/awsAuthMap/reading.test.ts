import { describe, expect, test } from "vitest";
import { entriesOf, entryMapping, parseMap, problemsOf } from "../../../provider/awsAuthMap/index.ts";
import { toolMaps } from "../../support/authenticator/toolMaps.ts";

// The expectations are results of the authenticator's ParseMap (v0.6.13).

function read(mapRoles: string) {
  const map = parseMap({ mapRoles });
  expect(problemsOf(map)).toEqual([]);
  return entriesOf(map);
}

test.each(Object.entries(toolMaps))("reads a map as %s writes it", (_, data) => {
  const map = parseMap(data);
  expect(problemsOf(map)).toEqual([]);
  expect(entriesOf(map).length).toBeGreaterThan(0);
});

describe("the username of an entry", () => {
  const strings = "dev 'y' \"123\" y1 yEs tRue nULL = 12:30:45 2001-12-14 1_000a 0x 0o8 1e 1e400 -.nan ._5 -a a#b";
  test.each(strings.split(" "))("is a string: %s", (source) => {
    expect(read(`- rolearn: r\n  username: ${source} # c\n`)[0]?.username).toBe(source.replace(/^(['"])(.*)\1$/, "$2"));
  });

  const others =
    "y Y n No yes on OFF true False null ~ 123 -1 +1 1e3 0123 08 0o17 0x1F 1_000 0b11 0b-11 .5 .5_5 1. 18446744073709551616 [a]";
  test.each(["", ...others.split(" "), "{a: b}"])("is empty, because it is not a string: %j", (source) => {
    expect(read(`- rolearn: r\n  username: ${source}\n`)).toEqual([
      { key: "mapRoles", arn: "r", principal: "r", username: "", groups: [] },
    ]);
  });

  test.each<[source: string, username: string]>([
    ["|\n    a\n", "a\n"],
    ["|-\n    a", "a"],
    [">-\n     a # b \n", "a # b "],
    [">\r\n    a\r\n", "a\n"],
    ['"\\u0041\\n\\"\t"\n', 'A\n"\t'],
    ["'it''s'\n", "it's"],
  ])("is read as the authenticator does from %j", (source, username) => {
    expect(read(`- rolearn: r\n  username: ${source}`)).toMatchObject([{ username }]);
  });
});

test.each<[source: string, groups: string[]]>([
  ["groups: [a, b]", ["a", "b"]],
  ["groups:\n  - a\n  # c\n  - b", ["a", "b"]],
  ["groups: a", []],
  ["groups: {a: b}", []],
  ["groups:", []],
  ["groups: [ ]", []],
  ["groups: [a, 1, [b], y, c]", ["a", "", "", "", "c"]],
  ["GROUPS:\n    -\n    - a", ["", "a"]],
  ["groups: [\n a,\n 'b' ]", ["a", "b"]],
])("reads the groups of %j as the authenticator does", (source, groups) => {
  expect(read(`- rolearn: r\n  ${source}\n`)).toMatchObject([{ groups }]);
});

test.each<[title: string, text: string, arns: (string | undefined)[]]>([
  ["a field in other letter case", "- roleARN: r\n- 'RoleArn': s\n", ["r", "s"]],
  ["an entry without an ARN", "- role_arn: a\n- userarn: a\n- {}\n", [undefined, undefined, undefined]],
  ["a dash on its own line", "-\n  rolearn: r\n- # c\n    rolearn: s\n", ["r", "s"]],
  ["JSON", '[{"rolearn":"a"},\n\t{"rolearn" : "b"}]', ["a", "b"]],
  ["a document's start", "# c\n--- # d\n  - rolearn: r\n", ["r"]],
  ["null", " ~ # none\n", []],
  ["only comments", "# nothing\n", []],
  ["two backticks", " `` \n", []],
  ["empty quotes", "''", []],
])("reads %s", (_, text, arns) => {
  expect(read(text).map(({ arn }) => arn)).toEqual(arns);
});

test("reads the permission set of an sso entry, which has no mapping", () => {
  const text = "- sso:\n    permissionSetName: Ops\n    accountID: '012345678901'\n  username: ops\n";
  const sso = { permissionSetName: "Ops", accountId: "012345678901", partition: "" };
  expect(read(text)).toEqual([{ key: "mapRoles", username: "ops", groups: [], sso }]);
  expect(read(text).map(entryMapping)).toEqual([undefined]);
});

test("reads accounts as their source text, quoted or not", () => {
  const map = parseMap({ mapAccounts: "- \"012345678901\"\n- 012345678901\n- '1'\n- y\n" });
  expect(entriesOf(map).map(({ account }) => account)).toEqual(["012345678901", "012345678901", "1", "y"]);
});

test("reads users by userarn", () => {
  const [entry] = entriesOf(parseMap({ mapUsers: "- userarn: arn:aws:iam::1:user/p/A\n  username: a\n" }));
  expect(entry).toMatchObject({ arn: "arn:aws:iam::1:user/p/A", principal: "arn:aws:iam::1:user/p/a" });
  expect(entry && entryMapping(entry)?.kind).toBe("user");
});

test("ignores keys in other letter case", () => {
  expect(entriesOf(parseMap({ maproles: "- rolearn: a\n" }))).toEqual([]);
});

const strayDash = /^a list item follows a field .*: align its dash with the other items, or add .* such as "groups:"/;
const oddForm = /^anchors, aliases, merge keys, tags and other special forms of YAML are not supported: /;

describe("problemsOf", () => {
  test.each<[title: string, text: string, place: [line: number, column: number], reason: string | RegExp]>([
    ["an anchor", "- rolearn: &a r\n", [1, 12], oddForm],
    ["an alias", "- rolearn: a\n- *b\n", [2, 3], oddForm],
    ["a merge key", "- rolearn: a\n- <<: *a\n", [2, 3], oddForm],
    ["a tag", "- rolearn: !!str a\n", [1, 12], oddForm],
    ["an explicit key", "- rolearn: a\n  ? b\n  : c\n", [2, 3], oddForm],
    ["a directive", "%YAML 1.1\n---\n- rolearn: a\n", [1, 1], /^it is not a list/],
    ["a list in the line of its key", "- groups: - a\n", [1, 11], oddForm],
    ["a repeated field", "- rolearn: a\n  roleARN: b\n", [2, 3], "the field roleARN is repeated: keep one of them"],
    ["a repeated field in braces", "- {a: b, A: c}\n", [1, 10], "the field A is repeated: keep one of them"],
    ["a number that JSON cannot express", "- rolearn: a\n  other: .inf\n", [2, 10], /put it in quotes$/],
    ["a hexadecimal number of any size", "- username: 0x12345678901234567\n", [1, 13], /put it in quotes$/],
    ["text over several lines", "- rolearn: a\n    b\n", [2, 5], /^the indentation does not match/],
    ["a value on the next line", "- rolearn:\n    a\n", [2, 5], /^this is not a field/],
    ["a block scalar of two lines", "- rolearn: |\n    a\n    b\n", [3, 5], /^a value has several lines/],
    ["a block scalar with an indicator", "- rolearn: |2\n    a\n", [1, 12], /^there is text after \| or >/],
    ["a block scalar without its line break", "- rolearn: |\n    a", [2, 5], /add one$/],
    ["a space out of place", "- rolearn: a\n   username: b\n", [2, 4], /^the indentation does not match/],
    ["an entry that is indented like a field", "- rolearn: a\n  username: u\n  - rolearn: b\n", [3, 3], strayDash],
    ["a group without its field", "- rolearn: a\n  username: u\n    - viewers\n", [3, 5], strayDash],
    ["a dash out of place", "- rolearn: a\n - rolearn: b\n", [2, 2], /^the indentation does not match/],
    ["a quote that is not closed", "- rolearn: a\n  username: 'b\n", [2, 13], /^a quote is not closed/],
    ["a bracket that is not closed", "- rolearn: a\n  groups: [b\n", [3, 1], /^a comma or ] is missing/],
    ["a comma at the end", "- rolearn: a\n  groups: [b,]\n", [2, 14], /^a value is missing/],
    ["a comment in brackets", "[\n  # c\n]\n", [2, 3], /^a comment is in brackets/],
    ["a tab as indentation", "- rolearn: a\n\tusername: b\n", [2, 1], /^a tab is used/],
    ["a template at the start", "- username: {{SessionName}}:x\n", [1, 14], /^this is not a field/],
    ["a colon in a value", "- rolearn: a\n  username: b: c\n", [2, 13], /has a colon: put it in quotes$/],
    ["a control character", "- username: b\u0007\n", [1, 14], "the character U+0007 is not allowed: remove it"],
    ["a byte order mark", "\ufeff- rolearn: a\n", [1, 1], "the character U+FEFF is not allowed: remove it"],
    ["a single carriage return", "- rolearn: a\r", [1, 13], "the character U+000D is not allowed: remove it"],
    ["an escape that JSON does not know", '- username: "\\x41"\n', [1, 13], /^a backslash/],
    ["half of a surrogate pair", '- username: "\\ud800"\n', [1, 13], /^a backslash/],
    ["an unusual field name", "- rolearn: a\n  y: b\n", [2, 3], /^this is not a field/],
    ["a second document", "- rolearn: a\n---\n- rolearn: b\n", [2, 1], /^it has more than one document/],
    ["the end of a document", "- rolearn: a\n...\n", [2, 1], /^it has more than one document/],
    ["text after the list", "[]\n- rolearn: a\n", [2, 1], /^the indentation does not match/],
    ["a map", "rolearn: a\n", [1, 1], "it is not a list: start each entry with a dash"],
    ["an entry that is not a map", "- rolearn: a\n- b\n", [2, 1], /^an entry is not a map of fields/],
    ["a list in a list", "- - a\n", [1, 3], /^a list is nested/],
  ])("reports the position of %s", (_, text, [line, column], reason) => {
    const map = parseMap({ mapRoles: text, mapUsers: "- userarn: u\n" });
    const [{ place, text: sentence } = { place: undefined, text: "" }, ...more] = problemsOf(map);
    expect([place, ...more]).toEqual([{ key: "mapRoles", line, column }]);
    const start = `mapRoles cannot be read; line ${line}, column ${column}: `;
    expect(sentence.slice(0, start.length)).toBe(start);
    expect(sentence.slice(start.length)).toMatch(reason);
    expect(entriesOf(map)).toHaveLength(1);
  });

  test("reports an account that is not a scalar", () => {
    expect(problemsOf(parseMap({ mapAccounts: '- "1"\n- [a]\n' }))).toMatchObject([
      { place: { key: "mapAccounts", line: 2 } },
    ]);
  });

  test.each<[title: string, text: string]>([
    ["brackets", `- ${"[".repeat(100_000)}`],
    ["braces", `- ${"{a: ".repeat(100_000)}`],
    ["lines", `- a:\n${Array.from({ length: 1_000 }, (_, i) => `${" ".repeat(i + 4)}a:\n`).join("")}`],
  ])("reports deep %s", (_, text) => {
    expect(problemsOf(parseMap({ mapRoles: text }))).toMatchObject([
      { text: expect.stringMatching(/: lists or maps are nested too deeply$/) },
    ]);
  });
});

test("reuses the parsed key if its text has not changed", () => {
  const before = parseMap({ mapRoles: "- rolearn: a\n", mapUsers: "[]\n" });
  const after = parseMap({ mapRoles: "- rolearn: a\n", mapUsers: "- userarn: b\n" }, before);
  expect(after.mapRoles).toBe(before.mapRoles);
  expect(after.mapUsers).not.toBe(before.mapUsers);
});
