import { describe, expect, test } from "vitest";
import {
  type AwsAuthMap,
  appendEntry,
  entriesOf,
  mapChangesSince,
  parseMap,
  removeEntry,
  renderKey,
  replaceEntry,
} from "../../../provider/awsAuthMap/index.ts";
import type { Mapping } from "../../../provider/mapping/index.ts";

const arn = "arn:aws:iam::123456789012:role/Admin";
const admin: Mapping = { kind: "role", arn, username: "admin", groups: ["system:masters"] };
const account: Mapping = { kind: "account", arn: "012345678901", username: "", groups: [] };
const eksctl = `- groups:\n  - system:masters\n  rolearn: ${arn}\n  username: admin\n`;
const json = `{"rolearn":"${arn}","username":"admin","groups":["system:masters"]}`;

/** Returns the text of mapRoles after an edit, and checks that it is read as intended. */
function edited(text: string, edit: (map: AwsAuthMap) => AwsAuthMap): string {
  const map = parseMap({ mapRoles: text });
  const after = edit(map);
  mapChangesSince(after, map);
  return renderKey(after, "mapRoles");
}

const append = (text: string, mapping = admin) => edited(text, (map) => appendEntry(map, mapping));

function onEntry(text: string, index: number, edit: typeof removeEntry): string {
  return edited(text, (map) =>
    entriesOf(map)
      .slice(index, index + 1)
      .reduce(edit, map),
  );
}

const remove = (text: string, index: number) => onEntry(text, index, (map, entry) => removeEntry(map, entry));
const replace = (text: string, mapping: Mapping = admin, index = 0) =>
  onEntry(text, index, (map, entry) => replaceEntry(map, entry, mapping));

/** The texts before and after a change that is written `«before→after»`. */
const change = (text: string): readonly [before: string, after: string] => [
  text.replaceAll(/«(.*?)→.*?»/gs, "$1"),
  text.replaceAll(/«.*?→(.*?)»/gs, "$1"),
];

describe("appendEntry to a key without entries", () => {
  test.each<[title: string, change: string]>([
    ["an empty text", `«→${eksctl}»`],
    ["blank text", ` \n\n«→${eksctl}»`],
    ["[]", `«[]\n→${eksctl}»`],
    ["[] without a line break", `«[]→${eksctl.trimEnd()}»`],
    ["empty quotes", `«""\n→${eksctl}»`],
    ["brackets with white space", `«[\n]\n→${eksctl}»`],
    ["brackets with much white space", `# a\n«[${" \t\r\n".repeat(50)}]→${eksctl.trimEnd()}»`],
    ["null", `«null\n→${eksctl}»`],
    ["comments", `# managed by hand\n«→${eksctl}»`],
    ["comments without a final line break", `# managed by hand«→\n${eksctl.trimEnd()}»`],
    ["comments around []", `# a\n«  []\n→${eksctl}»# b\n`],
    ["a comment after []", `«[] →»# none yet\n«→${eksctl}»`],
    ["Windows line breaks", `# a\r\n«[]\r\n→${eksctl.replaceAll("\n", "\r\n")}»`],
  ])("appends to %s in eksctl's layout", (_, text) => {
    const [before, after] = change(text);
    expect(append(before)).toBe(after);
  });

  test("writes only the fields that a mapping has", () => {
    expect(append("", { kind: "role", arn, username: "dev", groups: [] })).toBe(`- rolearn: ${arn}\n  username: dev\n`);
    expect(append("", { kind: "role", arn, username: "", groups: ["a"] })).toBe(
      `- groups:\n  - a\n  rolearn: ${arn}\n`,
    );
  });

  test("writes a user to mapUsers, and an account to mapAccounts in quotes", () => {
    const user: Mapping = { kind: "user", arn: "arn:aws:iam::123456789012:user/alice", username: "y", groups: [] };
    const map = appendEntry(appendEntry(parseMap({}), user), account);
    expect(renderKey(map, "mapUsers")).toBe('- userarn: arn:aws:iam::123456789012:user/alice\n  username: "y"\n');
    expect(renderKey(map, "mapAccounts")).toBe('- "012345678901"\n');
  });
});

describe("appendEntry after the last entry", () => {
  const rest = "groups:\n  - system:masters\n  username: admin";
  test.each<[title: string, change: string]>([
    [
      "with its field order",
      `- rolearn: r\n  username: u\n«→- rolearn: ${arn}\n  username: admin\n  groups:\n  - system:masters\n»`,
    ],
    [
      "with the indented groups of an earlier entry",
      `- rolearn: q\n  groups: # c\n    - g\n- rolearn: r\n  groups: [g]\n«→- rolearn: ${arn}\n  groups:\n    - system:masters\n  username: admin\n»`,
    ],
    [
      "with an indentation and wide dashes",
      `  -   "rolearn": r\n      "groups":\n        - g\n«→  -   rolearn: ${arn}\n      groups:\n        - system:masters\n      username: admin\n»`,
    ],
    ["in block style after braces", `- {rolearn: r}\n«→- rolearn: ${arn}\n  ${rest}\n»`],
    ["after comments", `- groups: []\n# end\n«→${eksctl}»`],
    ["without additional fields", `- rolearn: r\n  constructor: c\n  __proto__: p\n«→- rolearn: ${arn}\n  ${rest}\n»`],
    ["without a final line break", `- rolearn: r«→\n- rolearn: ${arn}\n  ${rest}»`],
    ["in JSON", `[{"rolearn":"r","username":"u"}«→,${json}»]`],
    [
      "in JSON with spaces",
      `[{"groups": []}, {"rolearn": "s"}«→, {"rolearn": "${arn}", "groups": ["system:masters"], "username": "admin"}»]\n`,
    ],
    [
      "in JSON over lines",
      `[\n  {\n    "rolearn": "r"\n  }«→,\n  {\n    "rolearn": "${arn}",\n    "groups": ["system:masters"],\n    "username": "admin"\n  }»\n]\n`,
    ],
    [
      "one entry on each line, between comments",
      `# head\n[\n  {groups: []},\n  {groups: []}«→,\n  {"groups": ["system:masters"], "rolearn": "${arn}", "username": "admin"}»\n] # behind\n`,
    ],
  ])("appends in its layout, and restores the text on removal: %s", (_, text) => {
    const [before, after] = change(text);
    expect(append(before)).toBe(after);
    expect(remove(after, entriesOf(parseMap({ mapRoles: before })).length)).toBe(before);
  });

  test.each<[text: string, expected: string]>([
    ["- '111111111111'\n", "- '111111111111'\n- \"012345678901\"\n"],
    ['["111111111111", 222222222222]', '["111111111111", 222222222222, "012345678901"]'],
  ])("appends an account to %j", (mapAccounts, expected) => {
    expect(renderKey(appendEntry(parseMap({ mapAccounts }), account), "mapAccounts")).toBe(expected);
  });
});

describe("replaceEntry", () => {
  test.each<[title: string, change: string]>([
    [
      "with its indentation and order",
      `# a\n  - username: «u→admin»\n    «roleARN: r→rolearn: ${arn}»\n    groups:\n        - «g→system:masters»\n  # b\n`,
    ],
    ["in braces", `«- {groups: [], rolearn: r}\n→${eksctl}»- rolearn: s\n`],
    ["without a final line break", `«- groups: []→${eksctl.trimEnd()}»`],
    ["with Windows line breaks", `«- groups: []\r\n→${eksctl.replaceAll("\n", "\r\n")}»`],
    ["in JSON", `[«{"rolearn":"r","username":"u"}→${json}»,{"rolearn":"s"}]`],
  ])("replaces only the entry: %s", (_, text) => {
    const [before, after] = change(text);
    expect(replace(before)).toBe(after);
  });

  test("keeps an entry with the same content unchanged, with its comments and group order", () => {
    const text = `- rolearn: ${arn} # why\n  username: admin\n  groups: [b, a]\n  userid: x\n`;
    const map = parseMap({ mapRoles: text });
    expect(
      entriesOf(map).reduce((rest, entry) => replaceEntry(rest, entry, { ...admin, groups: ["a", "b"] }), map),
    ).toBe(map);
  });

  test.each<[title: string, text: string, message: RegExp]>([
    [
      "a comment in a line",
      "- rolearn: s\n# a\n- rolearn: r\n  username: u # c\n",
      /\(line 4 of the key\) has a comment that would be lost/,
    ],
    [
      "a comment between lines",
      "- rolearn: s\n-\n  # c\n  rolearn: r\n",
      /entry 2 .* \(line 3 of the key\) has a comment/,
    ],
    [
      "another field",
      "- rolearn: s\n- rolearn: r\n  userid: x\n",
      /\(line 2 of the key\) has the field "userid" that would be lost/,
    ],
  ])("refuses to lose %s", (_, text, message) => {
    expect(() => replace(text, admin, 1)).toThrow(
      expect.objectContaining({ code: "unsupportedEntry", message: expect.stringMatching(message) }),
    );
  });
});

test.each<[title: string, index: number, change: string]>([
  ["the first", 0, "# head\n«- rolearn: a\n  x: 1 # why\n→»- rolearn: b\n"],
  ["one between comments", 1, "- rolearn: a\n# on b\n«- rolearn: b\n→»  # below b\n\n- rolearn: c\n"],
  ["the last, between comments", 1, "- rolearn: a\n# on b\n«- rolearn: b\n→»# tail\n"],
  ["the last without a final line break", 1, "- rolearn: a«\n- rolearn: b→»"],
  ["one in braces over lines", 0, "«- {rolearn: a,\n   x: 1}\n→»- rolearn: b\n"],
  ["the first in brackets", 0, "[«{rolearn: a}, →»{rolearn: b}]\n"],
  ["one in brackets", 1, '[{"rolearn":"a"}«,{"rolearn":"b"}→»,{"rolearn":"c"}]'],
  ["the only one", 0, "# head\n\n«  - rolearn: a→[]»\n# tail\n"],
  ["the only one, without a final line break", 0, "«- rolearn: a→[]»"],
  ["the only one in brackets", 0, "# head\n[«\n  {rolearn: a}\n→»] # tail\n"],
  ["the only one, with Windows line breaks", 0, "«- rolearn: a\r\n  x: 1→[]»\r\n"],
])("removes exactly the lines of an entry: %s", (_, index, text) => {
  const [before, after] = change(text);
  expect(remove(before, index)).toBe(after);
});

test("refuses to edit a key that cannot be read", () => {
  expect(() => append("- rolearn: r\n   username: u\n")).toThrow(
    expect.objectContaining({
      code: "unreadableKey",
      message:
        "mapRoles in kube-system/aws-auth cannot be read; line 2, column 4: the indentation does not match the lines above it; correct it manually, then run again",
    }),
  );
});

test("refuses to edit an entry of another version of the map", () => {
  const [old, now] = [parseMap({ mapRoles: "- rolearn: r\n" }), parseMap({ mapRoles: "- rolearn: r\n" })];
  const [entry] = entriesOf(old);
  expect(() => entry && removeEntry(now, entry)).toThrow(expect.objectContaining({ code: "conflict" }));
});

test("refuses a write that would not be read back as intended", () => {
  const map = parseMap({ mapRoles: eksctl });
  const items = map.mapRoles.items.map((item) => ({ ...item, text: item.text.replace("admin", "a: b") }));
  expect(() => mapChangesSince({ ...map, mapRoles: { ...map.mapRoles, items } }, map)).toThrow(
    expect.objectContaining({ code: "unsupportedEntry" }),
  );
});

/** A group as it is written into a block list, and into a list in brackets. */
function written(group: string): readonly [inLines: string, inBrackets: string] {
  const [lines, brackets] = ["- rolearn: r\n  groups:\n  - g\n", '[{"rolearn":"r","groups":["g"]}]'].map((mapRoles) => {
    const map = appendEntry(parseMap({ mapRoles }), { kind: "role", arn: "r", username: "", groups: [group] });
    expect(entriesOf(parseMap({ mapRoles: renderKey(map, "mapRoles") })).at(-1)?.groups).toEqual([group]);
    return renderKey(map, "mapRoles").slice(mapRoles.length - 1);
  });
  return [lines?.split("  - ")[1]?.trimEnd() ?? "", /"groups":\[(.*)\]\}\]$/.exec(brackets ?? "")?.[1] ?? ""];
}

test.each([
  ..."admin system:masters system:node:{{EC2PrivateDNSName}} é yesterday n1 /x $x a[b a?b".split(" "),
  "arn:aws:iam::123456789012:role/a+b=c,d.e@f-g_h",
  "a b",
])("writes %s without quotes in a block list", (text) => {
  expect(written(text)).toEqual([text, JSON.stringify(text)]);
});

describe("a string that YAML readers parse as another type", () => {
  const words = "y Y n N yes Yes YES no on On off OFF true False tRUE null Null ~ = <<".split(" ");
  const numbers =
    "0 -1 +1 123 012345678901 0123 0o17 0x1F 0b11 1_000 1e3 1.5 .5 -.5 1,000 12:30:45 190:20:30.15 1. 0.0.0.0".split(
      " ",
    );
  const others = ["2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", ".inf", "-.Inf", ".nan"];
  test.each(["", ...words, ...numbers, ...others])("is written in quotes: %j", (text) => {
    expect(written(text)).toEqual([JSON.stringify(text), JSON.stringify(text)]);
  });
});

test.each([
  ..."{{SessionName}}|-a|?a|:a|,a|[a|]a|{a|}a|#a|&a|*a|!a|'a|\"a|%a|@a|`a|...|... a|---| a|a: b|a:|a #b|a ".split("|"),
  ...["|a", ">a", "a\tb", "a\nb", "a\u0085b", "a\u2028b", "\ufeffa", "a\u007fb"],
])("writes %j in double quotes and printable ASCII, because it is not a plain scalar", (text) => {
  const [lines] = written(text);
  expect(lines).toMatch(/^"[ -~]*"$/);
  expect(JSON.parse(lines)).toBe(text);
});
