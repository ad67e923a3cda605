import { describe, expect, test } from "vitest";
import { entriesOf, entryMapping, parseDocument, problemsOf } from "../../../provider/document/index.ts";

// Every expectation here was read off the authenticator's own ParseMap (v0.6.13).

function read(mapRoles: string) {
  const document = parseDocument({ mapRoles });
  expect(problemsOf(document)).toEqual([]);
  return entriesOf(document);
}

describe("a username is what the authenticator reads", () => {
  const strings = [
    "dev",
    "'y'",
    '"123"',
    "y1",
    "yEs",
    "tRue",
    "nULL",
    "=",
    "12:30:45",
    "2001-12-14",
    "1_000a",
    "0x",
    "0o8",
    "1e",
    "1e400",
    "-.nan",
    "._5",
    "!!str 123",
    "! 123",
    "!x 1",
  ];
  test.each(strings)("%s is a string", (source) => {
    const [entry] = read(`- rolearn: r\n  username: ${source}\n`);
    expect(entry?.username).toBe(source.replace(/^(?:!!str|!x|!) /, "").replace(/^(['"])(.*)\1$/, "$2"));
  });

  const others = [
    "y",
    "Y",
    "n",
    "No",
    "yes",
    "on",
    "OFF",
    "true",
    "False",
    "null",
    "~",
    "",
    "123",
    "-1",
    "+1",
    "1e3",
    "0123",
    "08",
    "0o17",
    "0x1F",
    "1_000",
    "0b11",
    "0b-11",
    ".5",
    ".5_5",
    "1.",
    "18446744073709551616",
    "!!int '3'",
    "[a]",
    "{a: b}",
  ];
  test.each(others)("%j is no string, which leaves it empty", (source) => {
    expect(read(`- rolearn: r\n  username: ${source}\n`)).toEqual([
      { key: "mapRoles", arn: "r", principal: "r", username: "", groups: [] },
    ]);
  });
});

describe("a block scalar ends with a line break where the text has one", () => {
  test.each<[string, string]>([
    ["|\n    a\n", "a\n"],
    ["|\n    a", "a"],
    [">\n    a\n    b", "a b"],
    ["|+\n    a", "a"],
    ["|+\n    a\n\n", "a\n\n"],
    ["|2\n      a", "  a"],
    ["|-\n    a", "a"],
    ["|\n    a\n    ", "a\n"],
    ["|\n    a\n      ", "a\n  "],
    ["|\r\n    a\r\n\r\n    b", "a\n\nb"],
  ])("%j", (source, username) => {
    expect(read(`- rolearn: r\n  username: ${source}`)).toMatchObject([{ username }]);
  });
});

describe("groups are what the authenticator reads", () => {
  test.each<[string, string[]]>([
    ["groups: [a, b]", ["a", "b"]],
    ["groups:\n  - a\n  - b", ["a", "b"]],
    ["groups: a", []],
    ["groups: {a: b}", []],
    ["groups:", []],
    ["groups: []", []],
    ["groups: [a, 1, [b], y, c]", ["a", "", "", "", "c"]],
    ["groups: [a]\n  groups: [b]", ["b"]],
    ["Groups: [a, b]\n  groups: [c]", ["c"]],
    ["GROUPS: [a, b]\n  groups: [1, 2, 3]", ["a", "b", ""]],
    ["Groups: [a]\n  groups: b", ["a"]],
    ["Groups: [a]\n  groups:", []],
  ])("%s", (source, groups) => {
    expect(read(`- rolearn: r\n  ${source}\n`)).toMatchObject([{ groups }]);
  });
});

describe("fields are found in any letter case", () => {
  test.each<[string, string, string | undefined]>([
    ["a capital one", "- roleARN: r", "r"],
    ["of two spellings the lower-case one counts", "- rolearn: a\n  roleARN: b", "a"],
    ["whatever their order", "- roleARN: b\n  rolearn: a", "a"],
    ["unless that is no string", "- roleARN: b\n  rolearn: 1", "b"],
    ["of two others the one that sorts last", "- roleARN: b\n  RoleArn: a", "b"],
    ["of one twice the last", "- rolearn: a\n  rolearn: b", "b"],
    ["quoted", '- "rolearn": a', "a"],
    ["not with another name", "- role_arn: a", undefined],
    ["not of a user", "- userarn: a", undefined],
  ])("%s", (_, text, arn) => {
    expect(read(`${text}\n`)[0]?.arn).toBe(arn);
  });

  test("a long s counts as an s", () => {
    expect(read("- rolearn: a\n  uſername: u\n  groupſ: [g]\n")).toMatchObject([{ username: "u", groups: ["g"] }]);
  });

  test("the names of the ConfigMap's keys are case-sensitive", () => {
    expect(entriesOf(parseDocument({ maproles: "- rolearn: a\n", MapRoles: "- rolearn: b\n" }))).toEqual([]);
  });
});

describe("entries are what the authenticator reads", () => {
  test.each<[string, string, (string | undefined)[]]>([
    [
      "an item without an ARN keeps its place",
      "- a\n- rolearn: r\n- null\n- [x]\n",
      [undefined, "r", undefined, undefined],
    ],
    ["merge keys", "- &a {rolearn: r, username: u}\n- <<: *a\n", ["r", "r"]],
    ["a merge key overrides what stands before it", "- &a {rolearn: r}\n- rolearn: q\n  <<: *a\n", ["r", "r"]],
    ["and not what stands behind it", "- &a {rolearn: r}\n- <<: *a\n  rolearn: q\n", ["r", "q"]],
    ["of two merged maps the first", "- &a {rolearn: r}\n- &b {rolearn: q}\n- <<: [*a, *b]\n", ["r", "q", "r"]],
    ["a quoted << is a field", '- &a {rolearn: r}\n- "<<": *a\n', ["r", undefined]],
    [
      "the last anchor of a name before the alias",
      "- rolearn: &a x\n- rolearn: &a w\n- rolearn: *a\n- rolearn: &a z\n",
      ["x", "w", "w", "z"],
    ],
    ["explicit keys", "- ? rolearn\n  : r\n", ["r"]],
    ["folded text", "- rolearn: >-\n    a\n    b\n", ["a b"]],
    ["base64", "- rolearn: !!binary aGk=\n", ["hi"]],
    ["the first document alone", "- rolearn: a\n---\n- rolearn: b\n", ["a"]],
    ["whatever stands behind its end", "- rolearn: a\n...\n%[}\n", ["a"]],
    ["a list in flow style", '[{"rolearn":"a"},{"rolearn":"b"}]', ["a", "b"]],
    ["a return alone is a line break", "- rolearn: a\r  username: b\r- rolearn: c\r", ["a", "c"]],
    ["null is an empty list", "~\n", []],
    ["comments alone are an empty list", "# nothing\n", []],
    ["two backticks are an empty list", " `` \n", []],
    ["empty quotes are an empty list", "''", []],
  ])("%s", (_, text, arns) => {
    expect(read(text).map(({ arn }) => arn)).toEqual(arns);
  });

  test("an sso entry tells its permission set, and no ARN", () => {
    const text = "- sso:\n    permissionSetName: Ops\n    accountID: '012345678901'\n  username: ops\n";
    expect(read(text)).toEqual([
      {
        key: "mapRoles",
        username: "ops",
        groups: [],
        sso: { permissionSetName: "Ops", accountId: "012345678901", partition: "" },
      },
    ]);
    expect(read(text).map(entryMapping)).toEqual([undefined]);
  });

  test("accounts are their source text, quoted or not, and what is no scalar is none", () => {
    const document = parseDocument({
      mapAccounts: "- \"012345678901\"\n- 012345678901\n- '1'\n- y\n- .inf\n- [a]\n- !!binary aGk=\n- ~\n",
    });
    const accounts = entriesOf(document).map(({ account }) => account);
    expect(accounts).toEqual(["012345678901", "012345678901", "1", "y", ".inf", undefined, "hi", ""]);
  });

  test("users are read by userarn", () => {
    const [entry] = entriesOf(
      parseDocument({ mapUsers: "- userarn: arn:aws:iam::1:user/p/A\n  username: a\n  groups: [g]\n" }),
    );
    expect(entry).toEqual({
      key: "mapUsers",
      arn: "arn:aws:iam::1:user/p/A",
      principal: "arn:aws:iam::1:user/p/a",
      username: "a",
      groups: ["g"],
    });
    expect(entry && entryMapping(entry)).toEqual({
      kind: "user",
      arn: "arn:aws:iam::1:user/p/A",
      username: "a",
      groups: ["g"],
    });
  });
});

describe("a key that the authenticator drops is a problem that names the line", () => {
  test.each<[title: string, text: string, place: [line: number, column: number], reason: string]>([
    [
      "a number that JSON cannot express",
      "- rolearn: a\n  other: .inf\n",
      [2, 10],
      ".inf is a number that JSON cannot express: put it in quotes",
    ],
    [
      "a space out of place",
      "- rolearn: a\n   username: b\n",
      [2, 12],
      "the indentation does not fit the lines above it",
    ],
    ["a dash out of place", "- rolearn: a\n - rolearn: b\n", [2, 2], "the indentation does not fit the lines above it"],
    [
      "a quote that is not closed",
      "- rolearn: a\n  username: 'b\n",
      [3, 1],
      "a quote is not closed: close it, or indent its continuation lines",
    ],
    [
      "a bracket that is not closed",
      "- rolearn: a\n  groups: [b\n",
      [3, 1],
      "a bracket or brace is not closed, or what is in it is not indented",
    ],
    [
      "a tab as indentation",
      "- rolearn: a\n\tusername: b\n",
      [2, 2],
      "the indentation does not fit the lines above it",
    ],
    [
      "a template at the beginning of a value",
      "- rolearn: a\n  username: {{SessionName}}:x\n",
      [2, 28],
      "there is unexpected text after the end of a value; check its indentation and quotes",
    ],
    [
      "a control character",
      "- rolearn: a\n  username: b\u0007\n",
      [2, 14],
      "the character U+0007 is not allowed in YAML: remove it",
    ],
    ["an alias without an anchor", "- rolearn: a\n- *b\n", [2, 3], "the alias *b has no anchor: put it in quotes"],
    ["an anchor that holds itself", "- &a [*a]\n", [1, 7], "the anchor &a contains itself"],
    ["a map as a key", "- rolearn: a\n  ? {b: c}\n  : d\n", [2, 5], "a key is a list or a map: write it as a string"],
    ["a null key", "- ~: a\n", [1, 3], "a key is null: write it as a string"],
    [
      "a value that does not fit its tag",
      "- rolearn: a\n- !!int b\n",
      [2, 9],
      '"b" does not fit its tag: remove the tag',
    ],
    ["a merge key without a map", "- <<: a\n", [1, 7], "a merge key << takes a map or a list of maps"],
    ["a map in place of the list", "rolearn: a\n", [1, 1], "it is not a list: begin each entry with a dash"],
    ["a text in place of the list", "# head\nnone\n", [2, 1], "it is not a list: begin each entry with a dash"],
    [
      "an escape that YAML 1.1 does not know",
      '- rolearn: a\n  username: "b\\/c"\n',
      [2, 13],
      "the escape \\/ is unknown to YAML 1.1: write / alone",
    ],
  ])("%s", (_, text, [line, column], reason) => {
    const document = parseDocument({ mapRoles: text, mapUsers: "- userarn: u\n" });
    expect(problemsOf(document)).toEqual([{ key: "mapRoles", line, column, reason }]);
    expect(entriesOf(document)).toHaveLength(1);
  });

  // What the YAML 1.2 parser takes, and the authenticator's YAML 1.1 reader does not, or takes for something else.
  test.each<[string, string, number]>([
    ["an escaped line break before an empty line", '- rolearn: "a\\\n\n    b"\n', 1],
    ["an escaped quote at the end of a line", '- "rolearn": "a\\"\n  "username": \'b\'\n', 1],
    ["a line that ends the document in quotes", "- rolearn: 'a\n---\n  b'\n", 1],
    ["a tab before text under a |", "- rolearn: |\n    \ta\n", 1],
    ["a tab behind a dash", "- \trolearn: a\n", 1],
    ["a question mark in brackets", "- rolearn: a\n  groups: [a?b]\n", 2],
    ["a leading colon in braces", "- {rolearn: :a}\n", 1],
    ["a colon before a brace", "- rolearn: a\n  x: [b:{c}]\n", 2],
    ["a colon before a comma", "- rolearn: a\n  x: [b:, c]\n", 2],
    ["no key before a colon", "- rolearn: a\n- : b\n", 2],
    ["a key over two lines in braces", '- {"role\n  arn": a}\n', 2],
    ["a colon that is not under its question mark", "- ? rolearn\n   : a\n", 2],
    ["an anchor with a colon in its name", "- rolearn: &a:b c\n", 1],
    ["a tag that touches its value", '- rolearn: !"a"\n', 1],
    ["a directive for another version", "%YAML 1.2\n---\n- rolearn: a\n", 1],
    ["a document that ends before it begins", "# a\n...\n- rolearn: a\n", 2],
    ["a byte order mark at the beginning of a line", "# a\n\ufeff- rolearn: a\n", 2],
    ["a line separator in a value", "- rolearn: |\n    a\u2028    b\n", 1],
    ["a line of spaces behind text that begins further to the right", "- rolearn: |2\n      a\n     \n", 3],
    ["a line of spaces behind a no-break space", "- rolearn: |2\n      a\u00a0\n     \n", 3],
    ["a line of spaces in place of text", "- rolearn: |\n\n    \n", 3],
  ])("%s", (_, text, line) => {
    expect(problemsOf(parseDocument({ mapRoles: text }))).toMatchObject([{ line }]);
  });

  test.each<[string, string]>([
    ["a question mark and a colon", "- rolearn: a?:b\n"],
    ["a tab before a comment", "- rolearn: a\t# b\n"],
    ["a bracket that closes at its key's column", "- rolearn: a\n  groups: [\n    b\n  ]\n"],
    ["a line separator in a comment", "# a\u2028- rolearn: a\n"],
    ["a byte order mark at the beginning", "\ufeff- rolearn: a\n"],
    ["a colon behind quotes", '- {"rolearn":"a"}\n'],
    ["the version 1.1", "%YAML 1.1\n---\n- rolearn: a\n"],
  ])("%s is no problem", (_, text) => {
    expect(read(text)).toHaveLength(1);
  });

  test.each<[string, string]>([
    [
      "aliases that multiply",
      `- &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefghi"].map((name, i) => `- &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`)}]\n`).join("")}`,
    ],
    ["brackets nested without end", "[".repeat(100_000)],
    ["dashes nested without end", `${"- ".repeat(50_000)}a`],
  ])("%s end in a problem within seconds", (_, text) => {
    const started = performance.now();
    expect(problemsOf(parseDocument({ mapRoles: text }))).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

test("a key whose text is that of the document before is not parsed again", () => {
  const before = parseDocument({ mapRoles: "- rolearn: a\n", mapUsers: "[]\n" });
  const after = parseDocument({ mapRoles: "- rolearn: a\n", mapUsers: "- userarn: b\n" }, before);
  expect(after.mapRoles).toBe(before.mapRoles);
  expect(after.mapUsers).not.toBe(before.mapUsers);
});

describe("a comment or an empty line before a value on a line of its own", () => {
  const a = "arn:aws:iam::111122223333:role/a";
  const rest = "- rolearn: arn:aws:iam::111122223333:role/b\n  username: ub\n";

  test.each([
    ["without a space, before the ARN", `- rolearn:\n#old\n    ${a}\n  username: ua\n`],
    ["empty, before one at the margin", `- rolearn:\n\n# old\n    ${a}\n  username: ua\n`],
    ["in the last property", `- username: ua\n  rolearn:\n#old\n    ${a}\n`],
    ["several", `- rolearn: ${a}\n  username:\n#x\n\n#y\n    ua\n`],
    ["after the dash", `-\n#x\n  rolearn: ${a}\n  username: ua\n`],
    ["with a carriage return", `- rolearn:\r\n#old\r\n\r\n#x\r\n    ${a}\r\n  username: ua\r\n`],
  ])("is none of it: %s", (_title, item) => {
    expect(read(item + rest).map(({ arn, username }) => [arn, username])).toEqual([
      [a, "ua"],
      ["arn:aws:iam::111122223333:role/b", "ub"],
    ]);
  });

  test("is none of it, among groups and accounts", () => {
    const [entry, next] = read(`- rolearn: ${a}\n  groups:\n#x\n  -\n#y\n    ga\n  - gb\n${rest}`);
    expect([entry?.groups, next?.username]).toEqual([["ga", "gb"], "ub"]);
    const accounts = entriesOf(parseDocument({ mapAccounts: "- \n#x\n  123456789012\n- 210987654321\n" }));
    expect(accounts.map(({ account }) => account)).toEqual(["123456789012", "210987654321"]);
  });
});
