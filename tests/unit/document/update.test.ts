import { describe, expect, test } from "vitest";
import { entriesOf, parseDocument, renderKey, updateEntry } from "../../../provider/document/index.ts";
import type { Mapping } from "../../../provider/mapping/index.ts";

/** Updates the first entry of mapRoles to the given fields. */
function update(text: string, fields: { arn?: string; username?: string; groups?: string[] }): string {
  const document = parseDocument({ mapRoles: text });
  const [entry] = entriesOf(document);
  if (entry === undefined) {
    throw new Error("the map is empty");
  }
  const mapping: Mapping = { kind: "role", arn: "r", groups: [], ...fields };
  return renderKey(updateEntry(document, entry, mapping).document, "mapRoles");
}

describe("a value changes in its place", () => {
  test.each<[string, string, { arn?: string; username?: string; groups?: string[] }, string]>([
    [
      "the username",
      "- rolearn: r # why\n  username: u # who\n",
      { username: "v" },
      "- rolearn: r # why\n  username: v # who\n",
    ],
    ["in its quotes", "- rolearn: r\n  username: 'u'\n", { username: "v" }, "- rolearn: r\n  username: 'v'\n"],
    [
      "in quotes where it needs them",
      "- rolearn: r\n  username: u\n",
      { username: "no" },
      '- rolearn: r\n  username: "no"\n',
    ],
    [
      "in braces",
      "- {username: u, rolearn: r, x: [1]}\n",
      { username: "a,b" },
      '- {username: "a,b", rolearn: r, x: [1]}\n',
    ],
    [
      "behind its key's line",
      "- rolearn: r\n  username:\n    u\n",
      { username: "v" },
      "- rolearn: r\n  username:\n    v\n",
    ],
    [
      "over several lines",
      "- rolearn: r\n  username: u\n    v\n  x: 1\n",
      { username: "w" },
      "- rolearn: r\n  username: w\n  x: 1\n",
    ],
    ["under a |", "- username: |\n    u\n  rolearn: r\n", { username: "w" }, "- username: w\n  rolearn: r\n"],
    [
      "under a > at the end",
      "- rolearn: r\n  username: >\n    u\n",
      { username: "w" },
      "- rolearn: r\n  username: w\n",
    ],
    ["of a field without one", "- rolearn: r\n  username:\n", { username: "w" }, "- rolearn: r\n  username: w\n"],
    [
      "of a field without one, before a comment",
      "- rolearn: r\n  username: # none\n",
      { username: "w" },
      "- rolearn: r\n  username: w # none\n",
    ],
    ["that was no string", "- rolearn: r\n  username: yes\n", { username: "w" }, "- rolearn: r\n  username: w\n"],
    [
      "the spelling of the ARN",
      "- roleARN: R\n  username: u\n",
      { arn: "r", username: "u" },
      "- roleARN: r\n  username: u\n",
    ],
    ["without a final line break", "- rolearn: r\n  username: u", { username: "v" }, "- rolearn: r\n  username: v"],
    [
      "with Windows line breaks",
      "- rolearn: r\r\n  username: u\r\n",
      { username: "v" },
      "- rolearn: r\r\n  username: v\r\n",
    ],
    [
      "with Windows line breaks, and without a final one",
      "# a\r\n- rolearn: r",
      { username: "v" },
      "# a\r\n- rolearn: r\r\n  username: v",
    ],
  ])("%s", (_, text, fields, expected) => {
    expect(update(text, fields)).toBe(expected);
  });
});

describe("in a list in brackets", () => {
  test.each<[string, string, { arn?: string; username?: string; groups?: string[] }, string]>([
    [
      "a value changes in its place",
      '[{"rolearn":"r","username":"u"},{"rolearn":"s"}]',
      { username: "v" },
      '[{"rolearn":"r","username":"v"},{"rolearn":"s"}]',
    ],
    [
      "fields come, in the style of the others",
      '[{"rolearn":"r","x":1},{"rolearn":"s"}]',
      { username: "u", groups: ["a", "b"] },
      '[{"rolearn":"r","username":"u","groups":["a","b"],"x":1},{"rolearn":"s"}]',
    ],
    [
      "a field comes on a line of its own",
      '[\n  {\n    "rolearn": "r", # why\n    "x": 1 # one\n  }\n]\n',
      { username: "u" },
      '[\n  {\n    "rolearn": "r", # why\n    "username": "u",\n    "x": 1 # one\n  }\n]\n',
    ],
    [
      "a field comes behind the last, whose comment stays",
      "[{\n  rolearn: r # why\n}]\n",
      { username: "u" },
      "[{\n  rolearn: r, # why\n  username: u\n}]\n",
    ],
    [
      "a field goes, comments stay",
      "[{\n  rolearn: r, # why\n  username: u, # who\n  groups: [g] # which\n}]\n",
      { username: "u" },
      "[{\n  rolearn: r, # why\n  username: u # who\n  # which\n}]\n",
    ],
    [
      "a field goes from the middle",
      '[{"rolearn":"r","username":"u","groups":["g"]}]',
      { groups: ["g"] },
      '[{"rolearn":"r","groups":["g"]}]',
    ],
    [
      "JSON's null and empty list become JSON",
      '[{"rolearn":"r","username":null,"groups":[]}]',
      { username: "u", groups: ["g", "h"] },
      '[{"rolearn":"r","username":"u","groups":["g","h"]}]',
    ],
    [
      "groups change on their lines",
      '[{"rolearn":"r","groups":[\n  "a"\n]}]',
      { groups: ["a", "b"] },
      '[{"rolearn":"r","groups":[\n  "a",\n  "b"\n]}]',
    ],
    [
      "a single group gets a neighbour",
      '[{"rolearn":"r","groups":["a"]}]',
      { groups: ["a", "b"] },
      '[{"rolearn":"r","groups":["a","b"]}]',
    ],
  ])("%s", (_, text, fields, expected) => {
    expect(update(text, fields)).toBe(expected);
  });
});

describe("groups change in their layout", () => {
  test.each<[string, string, string[], string]>([
    [
      "a set that is the same stays",
      "- rolearn: r\n  groups: [ b,a, a ]\n  username: old\n",
      ["a", "b"],
      "- rolearn: r\n  groups: [ b,a, a ]\n",
    ],
    [
      "lines, with their remarks",
      "- rolearn: r\n  groups:\n  - a # A\n  # on b\n  - b\n  x: 1\n",
      ["b", "c"],
      "- rolearn: r\n  groups:\n  # on b\n  - b\n  - c\n  x: 1\n",
    ],
    [
      "indented lines",
      "- groups:\n    -  'a'\n  rolearn: r\n",
      ["b", "a"],
      "- groups:\n    -  'b'\n    -  'a'\n  rolearn: r\n",
    ],
    [
      "brackets",
      "- rolearn: r\n  groups: [ a, 'b' ] # which\n",
      ["b", "y"],
      "- rolearn: r\n  groups: [ 'b', \"y\" ] # which\n",
    ],
    [
      "brackets over lines",
      "- rolearn: r\n  groups: [\n    a,\n    b\n  ]\n",
      ["b", "c", "d"],
      "- rolearn: r\n  groups: [\n    b,\n    c,\n    d\n  ]\n",
    ],
    ["empty brackets", "- rolearn: r\n  groups: []\n", ["a"], "- rolearn: r\n  groups: [a]\n"],
    ["no list", "- rolearn: r\n  groups: a\n", ["a"], "- rolearn: r\n  groups: [a]\n"],
    ["no value", "- rolearn: r\n  groups:\n", ["a", "b"], "- rolearn: r\n  groups: [a, b]\n"],
    ["what is no string goes", "- rolearn: r\n  groups:\n  - 1\n  - a\n", ["1"], '- rolearn: r\n  groups:\n  - "1"\n'],
    [
      "without a final line break",
      "- rolearn: r\n  groups:\n  - a",
      ["b", "c"],
      "- rolearn: r\n  groups:\n  - b\n  - c",
    ],
    [
      "the comment above a line that goes stays",
      "- rolearn: r\n  groups:\n  - a\n  # on b\n  - b\n",
      ["a"],
      "- rolearn: r\n  groups:\n  # on b\n  - a\n",
    ],
  ])("%s", (_, text, groups, expected) => {
    expect(update(text, { groups })).toBe(expected);
  });
});

describe("a field comes", () => {
  test.each<[string, string, { username?: string; groups?: string[] }, string]>([
    [
      "username, behind the ARN",
      "- groups: [g]\n  rolearn: r\n  x: 1\n",
      { username: "u", groups: ["g"] },
      "- groups: [g]\n  rolearn: r\n  username: u\n  x: 1\n",
    ],
    [
      "groups, behind the username",
      "- username: u\n  rolearn: r\n",
      { username: "u", groups: ["g"] },
      "- username: u\n  groups:\n  - g\n  rolearn: r\n",
    ],
    [
      "both",
      "- x: 1\n  rolearn: r # why\n",
      { username: "u", groups: ["g"] },
      "- x: 1\n  rolearn: r # why\n  username: u\n  groups:\n  - g\n",
    ],
    ["in quotes as its neighbour", '- "rolearn": "r"\n', { username: "u" }, '- "rolearn": "r"\n  "username": "u"\n'],
    [
      "in braces",
      "- {rolearn: r, x: 1}\n",
      { username: "u", groups: ["g"] },
      "- {rolearn: r, username: u, groups: [g], x: 1}\n",
    ],
    ["without a final line break", "- rolearn: r", { username: "u" }, "- rolearn: r\n  username: u"],
  ])("%s", (_, text, fields, expected) => {
    expect(update(text, fields)).toBe(expected);
  });
});

describe("a field goes", () => {
  test.each<[string, string, { username?: string; groups?: string[] }, string]>([
    [
      "with its lines",
      "- rolearn: r\n  groups:\n  - a\n  # b\n  - c\n  # on u\n  username: u\n",
      { username: "u" },
      "- rolearn: r\n  # on u\n  username: u\n",
    ],
    [
      "from behind the dash",
      "- groups:\n  - a\n  rolearn: r\n  username: u\n",
      { username: "u" },
      "- rolearn: r\n  username: u\n",
    ],
    [
      "from before a comment",
      "- username: u\n  # why\n  rolearn: r\n  groups: [g]\n",
      { groups: ["g"] },
      "-\n  # why\n  rolearn: r\n  groups: [g]\n",
    ],
    [
      "from behind a blank line",
      "- rolearn: r\n  username: u\n\n  groups: [g]\n- rolearn: s\n",
      { username: "u" },
      "- rolearn: r\n  username: u\n\n- rolearn: s\n",
    ],
    [
      "from behind comments, which stay",
      "- rolearn: r\n  username: u # who\n  # which\n\n  groups: # these\n  - g # one\n# tail\n",
      { username: "u" },
      "- rolearn: r\n  username: u # who\n  # which\n\n# tail\n",
    ],
    [
      "from behind a comment, for another",
      "- rolearn: r\n  # who\n  username: u\n",
      { groups: ["g"] },
      "- rolearn: r\n  groups:\n  - g\n  # who\n",
    ],
    [
      "from behind a blank line, without a final line break",
      "- rolearn: r\n  username: u\n\n  groups: [g]",
      { username: "u" },
      "- rolearn: r\n  username: u",
    ],
    [
      "from behind a comment, without a final line break",
      "- rolearn: r\r\n  username: u\r\n  # which\r\n  groups: [g]",
      { username: "u" },
      "- rolearn: r\r\n  username: u\r\n  # which",
    ],
    ["from the end", "- rolearn: r\n  groups: [g]\n  username: u", { groups: ["g"] }, "- rolearn: r\n  groups: [g]"],
    ["from braces", "- {username: u, rolearn: r, groups: [g]}\n", { groups: ["g"] }, "- {rolearn: r, groups: [g]}\n"],
    [
      "from the end of braces",
      "- {rolearn: r, groups: [g], username: u}\n",
      { groups: ["g"] },
      "- {rolearn: r, groups: [g]}\n",
    ],
    ["for another", "- rolearn: r\n  username: u", { groups: ["g"] }, "- rolearn: r\n  groups:\n  - g"],
  ])("%s", (_, text, fields, expected) => {
    expect(update(text, fields)).toBe(expected);
  });
});

test("fields that the mapping does not speak of stay", () => {
  const text = "- userid: AIDA0 # id\n  rolearn: r\n  sso: ~\n  username: u\n  x: {y: [1, 2]}\n# tail\n- rolearn: s\n";
  expect(update(text, { username: "v" })).toBe(text.replace("username: u", "username: v"));
});

test("an account changes in its quotes, and gets them", () => {
  const document = parseDocument({ mapAccounts: "- '111111111111' # a\n- 222222222222\n" });
  const [first, second] = entriesOf(document);
  if (first === undefined || second === undefined) {
    throw new Error("the list is empty");
  }
  const once = updateEntry(document, first, { kind: "account", account: "012345678901" });
  const twice = updateEntry(once.document, second, { kind: "account", account: "012345678902" });
  expect(renderKey(twice.document, "mapAccounts")).toBe("- '012345678901' # a\n- \"012345678902\"\n");
});

describe("an entry that is too odd to be sure of is refused, and nothing changes", () => {
  test.each<[string, string, { arn?: string; username?: string; groups?: string[] }]>([
    ["an explicit key", "- ? rolearn\n  : r\n", { username: "u" }],
    ["a field in two spellings", "- rolearn: r\n  username: u\n  Username: v\n", { username: "w" }],
    ["a merge key", "- &a {rolearn: r}\n- rolearn: s\n  <<: *a\n", { username: "u" }],
    ["an anchor", "- rolearn: r\n  username: &u u\n- rolearn: s\n  username: *u\n", { username: "v" }],
    ["a tag", "- rolearn: r\n  username: !!str u\n", { username: "v" }],
    ["a comment in brackets", "- rolearn: r\n  groups: [a, # A\n    b]\n", { groups: ["c"] }],
    ["a comment behind a |", "- rolearn: r\n  username: | # why\n    u\n", { username: "v" }],
    ["an item that is no map", "- r\n", { username: "v" }],
  ])("%s", (_, text, fields) => {
    expect(() => update(text, fields)).toThrow(expect.objectContaining({ code: "unsupportedEntry" }));
  });

  test("with a sentence that says where it is, and what to do", () => {
    expect(() => update("- ? rolearn\n  : r\n", { username: "u" })).toThrow(
      'mapRoles entry 1 ("r") in kube-system/aws-auth has a layout that cannot be edited safely, so nothing was changed; rewrite it as plain "key: value" lines by hand, then run again',
    );
  });
});

test("the refusal of an anchor names it", () => {
  expect(() => update("- rolearn: r\n  username: &u u\n- rolearn: s\n  username: *u\n", { username: "v" })).toThrow(
    "has a layout that cannot be edited safely: mapRoles has anchors or aliases, so nothing was changed;",
  );
});

test("an entry of another document, or of another kind, is refused", () => {
  const document = parseDocument({ mapRoles: "- rolearn: r\n" });
  const [entry] = entriesOf(parseDocument({ mapRoles: "- rolearn: r\n" }));
  if (entry === undefined) {
    throw new Error("the map is empty");
  }
  expect(() => updateEntry(document, entry, { kind: "role", arn: "s", groups: [] })).toThrow(
    expect.objectContaining({ code: "conflict" }),
  );
  expect(() => updateEntry(document, entry, { kind: "account", account: "012345678901" })).toThrow(
    expect.objectContaining({ code: "invalidInput" }),
  );
});
