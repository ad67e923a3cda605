import { describe, expect, test } from "vitest";
import { appendEntry, parseDocument, removeEntry, renderKey } from "../../../provider/document/index.ts";
import type { Mapping } from "../../../provider/mapping/index.ts";

const arn = "arn:aws:iam::123456789012:role/Admin";
const admin: Mapping = { kind: "role", arn, username: "admin", groups: ["system:masters"] };
const eksctl = `- groups:\n  - system:masters\n  rolearn: ${arn}\n  username: admin\n`;

function append(text: string | undefined, mapping: Mapping = admin, key = "mapRoles"): string {
  const { document, entry } = appendEntry(parseDocument(text === undefined ? {} : { [key]: text }), mapping);
  return renderKey(document, entry.key);
}

describe("into a key without entries goes eksctl's own layout", () => {
  test.each<[string, string | undefined, string]>([
    ["no key", undefined, eksctl],
    ["an empty text", "", eksctl],
    ["blank text", " \n\n", eksctl],
    ["[]", "[]\n", eksctl],
    ["[] without a line break", "[]", eksctl.trimEnd()],
    ["empty quotes", '""\n', eksctl],
    ["null", "null\n", eksctl],
    ["a tilde", "~", eksctl],
    ["comments", "# managed by hand\n", `# managed by hand\n${eksctl}`],
    ["comments without a final line break", "# managed by hand", `# managed by hand\n${eksctl.trimEnd()}`],
    ["comments around []", "# a\n[]\n# b\n", `# a\n${eksctl}# b\n`],
    ["a comment behind []", "[] # none yet\n", `# none yet\n${eksctl}`],
    ["[] behind a document's mark", "--- []\n", `---\n${eksctl}`],
    ["a document's marks", "---\n...\n", `---\n${eksctl}...\n`],
    ["Windows line breaks", "# a\r\n[]\r\n", `# a\r\n${eksctl.replaceAll("\n", "\r\n")}`],
    ["Windows line breaks behind [] alone", "[]\r\n", eksctl.replaceAll("\n", "\r\n")],
  ])("%s", (_, text, expected) => {
    expect(append(text)).toBe(expected);
  });

  test("fields that are not wanted are not written", () => {
    expect(append("", { kind: "role", arn, username: "dev", groups: [] })).toBe(`- rolearn: ${arn}\n  username: dev\n`);
    expect(append("", { kind: "role", arn, groups: ["a"] })).toBe(`- groups:\n  - a\n  rolearn: ${arn}\n`);
  });

  test("a user goes into mapUsers", () => {
    const user: Mapping = { kind: "user", arn: "arn:aws:iam::123456789012:user/alice", username: "y", groups: [] };
    expect(append(undefined, user)).toBe('- userarn: arn:aws:iam::123456789012:user/alice\n  username: "y"\n');
  });

  test("an account goes into mapAccounts, in quotes", () => {
    expect(append(undefined, { kind: "account", account: "012345678901" })).toBe('- "012345678901"\n');
  });
});

describe("behind other entries goes their own style", () => {
  test.each<[string, string, string]>([
    [
      "the order of the fields",
      "- rolearn: r\n  username: u\n  groups:\n  - g\n",
      `- rolearn: ${arn}\n  username: admin\n  groups:\n  - system:masters\n`,
    ],
    [
      "a field that the neighbour lacks comes last",
      "- rolearn: r\n  username: u\n",
      `- rolearn: ${arn}\n  username: admin\n  groups:\n  - system:masters\n`,
    ],
    [
      "terraform's quotes",
      '- "groups":\n  - "system:masters"\n  "rolearn": "r"\n  "username": "u"\n',
      `- "groups":\n  - "system:masters"\n  "rolearn": "${arn}"\n  "username": "admin"\n`,
    ],
    [
      "single quotes",
      "- rolearn: 'r'\n  username: 'u'\n",
      `- rolearn: '${arn}'\n  username: 'admin'\n  groups:\n  - 'system:masters'\n`,
    ],
    [
      "indented groups",
      "- rolearn: r\n  groups:\n    - g\n",
      `- rolearn: ${arn}\n  groups:\n    - system:masters\n  username: admin\n`,
    ],
    [
      "groups in brackets",
      "- rolearn: r\n  groups: [g]\n",
      `- rolearn: ${arn}\n  groups: [system:masters]\n  username: admin\n`,
    ],
    [
      "an indented list",
      "  - rolearn: r\n    username: u\n",
      `  - rolearn: ${arn}\n    username: admin\n    groups:\n    - system:masters\n`,
    ],
    [
      "wide dashes",
      "-   rolearn: r\n    username: u\n",
      `-   rolearn: ${arn}\n    username: admin\n    groups:\n    - system:masters\n`,
    ],
    ["braces", "- {rolearn: r, username: u}\n", `- {rolearn: ${arn}, username: admin, groups: [system:masters]}\n`],
    [
      "Windows line breaks",
      "- rolearn: r\r\n",
      `- rolearn: ${arn}\r\n  groups:\r\n  - system:masters\r\n  username: admin\r\n`,
    ],
    [
      "Windows line breaks, without a final one",
      "- rolearn: q\r\n- rolearn: r",
      `\r\n- rolearn: ${arn}\r\n  groups:\r\n  - system:masters\r\n  username: admin`,
    ],
    [
      "groups as an earlier entry has them",
      "- rolearn: q\n  groups: [g]\n- rolearn: r\n",
      `- rolearn: ${arn}\n  groups: [system:masters]\n  username: admin\n`,
    ],
    [
      "an sso entry is no hindrance",
      "- sso: {permissionSetName: P}\n  username: u\n",
      `- username: admin\n  groups:\n  - system:masters\n  rolearn: ${arn}\n`,
    ],
    ["an item that is no entry is none either", "  - none\n", eksctl.replace(/^/gm, "  ").trimEnd().concat("\n")],
  ])("%s", (_, text, added) => {
    expect(append(text)).toBe(text + added);
  });

  test.each<[string, string, string]>([
    ["double", '- "111111111111"\n', '- "012345678901"\n'],
    ["single", "- '111111111111'\n", "- '012345678901'\n"],
    ["none", "  - 111111111111\n", '  - "012345678901"\n'],
  ])("accounts: quotes %s", (_, text, added) => {
    const { document } = appendEntry(parseDocument({ mapAccounts: text }), {
      kind: "account",
      account: "012345678901",
    });
    expect(renderKey(document, "mapAccounts")).toBe(text + added);
  });
});

describe("the new entry comes last", () => {
  const added = `- rolearn: ${arn}\n  groups:\n  - system:masters\n  username: admin\n`;
  test.each<[string, string, string]>([
    ["behind comments", "- rolearn: r\n# end\n", `- rolearn: r\n# end\n${added}`],
    ["before the document's end", "- rolearn: r\n# end\n...\n", `- rolearn: r\n# end\n${added}...\n`],
    ["before the next document", "- rolearn: r\n---\n- rolearn: s\n", `- rolearn: r\n${added}---\n- rolearn: s\n`],
    ["in a text without a final line break", "- rolearn: r", `- rolearn: r\n${added.trimEnd()}`],
    ["behind a comment without one", "- rolearn: r\n# end", `- rolearn: r\n# end\n${added.trimEnd()}`],
    [
      "behind text over lines that keeps its breaks",
      "- rolearn: |+\n    r\n\n",
      `- rolearn: |+\n    r\n\n- rolearn: "${arn}"\n`,
    ],
  ])("%s", (_, text, expected) => {
    expect(append(text).replaceAll('"', "")).toContain(expected.replaceAll('"', ""));
    const { document, entry } = appendEntry(parseDocument({ mapRoles: text }), admin);
    expect(renderKey(removeEntry(document, entry), "mapRoles")).toBe(text);
  });

  test.each(["|", ">", "|+", ">2"])(
    "and not behind a block scalar without a final line break, which would get one: %s",
    (header) => {
      expect(() => append(`- rolearn: late\n  username: ${header}\n      a`)).toThrow(
        expect.objectContaining({
          code: "unsupportedEntry",
          message: expect.stringContaining('mapRoles entry 1 ("late")'),
        }),
      );
    },
  );

  test.each(["\r---\n", "\u2028...\n", "\u0085--- # x\n"])(
    "and not behind the end of a document on a line that only YAML 1.1 begins: %j",
    (end) => {
      expect(() => append(`- rolearn: ${arn}x${end}`)).toThrow(expect.objectContaining({ code: "unsupportedEntry" }));
    },
  );
});

describe("a list in brackets is edited in its own style, and removing the entry gives the original bytes", () => {
  const json = `{"rolearn":"${arn}","username":"admin","groups":["system:masters"]}`;
  test.each<[string, string, string]>([
    [
      "JSON in one line, as AWS CDK writes it",
      '[{"rolearn":"r","username":"u","groups":["a","b"]}]',
      `[{"rolearn":"r","username":"u","groups":["a","b"]},${json}]`,
    ],
    [
      "JSON with spaces",
      '[{"rolearn": "r", "username": "u"}, {"rolearn": "s"}]\n',
      `[{"rolearn": "r", "username": "u"}, {"rolearn": "s"}, {"rolearn": "${arn}", "groups": ["system:masters"], "username": "admin"}]\n`,
    ],
    [
      "JSON with every value on its line",
      '[\n  {\n    "rolearn": "r",\n    "groups": [\n      "g"\n    ]\n  }\n]\n',
      `[\n  {\n    "rolearn": "r",\n    "groups": [\n      "g"\n    ]\n  },\n  {\n    "rolearn": "${arn}",\n    "groups": [\n      "system:masters"\n    ],\n    "username": "admin"\n  }\n]\n`,
    ],
    [
      "braces with spaces, unquoted",
      "[ { rolearn: r, username: u } ]\n",
      `[ { rolearn: r, username: u }, { rolearn: ${arn}, username: admin, groups: [system:masters] } ]\n`,
    ],
    [
      "an entry a line",
      "[\n  {rolearn: r},\n  {rolearn: s}\n]\n",
      `[\n  {rolearn: r},\n  {rolearn: s},\n  {rolearn: ${arn}, groups: [system:masters], username: admin}\n]\n`,
    ],
    [
      "a comma behind the last",
      "[\n  {rolearn: r,},\n]\n",
      `[\n  {rolearn: r,},\n  {rolearn: ${arn}, groups: [system:masters], username: admin,},\n]\n`,
    ],
    [
      "a comma in front",
      "[ {rolearn: r}\n, {rolearn: s}\n]\n",
      `[ {rolearn: r}\n, {rolearn: s}\n, {rolearn: ${arn}, groups: [system:masters], username: admin}\n]\n`,
    ],
    [
      "comments stay on their lines",
      "# head\n[ # first\n  {rolearn: r}, # r\n  # on s\n  {rolearn: s} # s\n  # last\n] # behind\n# tail\n",
      `# head\n[ # first\n  {rolearn: r}, # r\n  # on s\n  {rolearn: s}, # s\n  # last\n  {rolearn: ${arn}, groups: [system:masters], username: admin}\n] # behind\n# tail\n`,
    ],
    [
      "comments behind a last comma",
      "[\r\n  {rolearn: r}, # r, the first\r\n]\r\n",
      `[\r\n  {rolearn: r}, # r, the first\r\n  {rolearn: ${arn}, groups: [system:masters], username: admin},\r\n]\r\n`,
    ],
    [
      "behind what is no entry",
      "[none, &a {rolearn: r}, *a]\n...\n",
      `[none, &a {rolearn: r}, *a, {groups: [system:masters], rolearn: ${arn}, username: admin}]\n...\n`,
    ],
  ])("%s", (_, text, expected) => {
    const { document, entry } = appendEntry(parseDocument({ mapRoles: text }), admin);
    expect(renderKey(document, "mapRoles")).toBe(expected);
    expect(renderKey(removeEntry(document, entry), "mapRoles")).toBe(text);
  });

  test.each<[string, string, string]>([
    ["double", '["111111111111"]', '["111111111111", "012345678901"]'],
    ["double, tight", '["111111111111","222222222222"]', '["111111111111","222222222222","012345678901"]'],
    ["single", "[\n'111111111111'\n]\n", "[\n'111111111111',\n'012345678901'\n]\n"],
    ["none", "[111111111111]", '[111111111111, "012345678901"]'],
  ])("accounts: quotes %s", (_, text, expected) => {
    const account: Mapping = { kind: "account", account: "012345678901" };
    expect(append(text, account, "mapAccounts")).toBe(expected);
  });

  test("comments of an empty list stay above the first entry", () => {
    expect(append("[ # none\n] # yet\n")).toBe(`# none\n# yet\n${eksctl}`);
  });

  test("what JSON cannot be told apart from is still JSON", () => {
    for (const text of ['[{"rolearn":"r","username":null,"groups":[]}]', '[{"sso":{"accountID":"1"}}]']) {
      const added = append(text, { kind: "role", arn, username: 'no "quotes"', groups: ["y", "ab"] });
      expect(JSON.parse(added)).toEqual([
        ...JSON.parse(text),
        { rolearn: arn, username: 'no "quotes"', groups: ["y", "ab"] },
      ]);
    }
  });
});

test("items that refer to each other are left as they are", () => {
  const text = "- &a\n  rolearn: r\n  groups: &g [a]\n- <<: *a\n  rolearn: s\n";
  expect(append(text)).toBe(text + eksctl);
});

test("a key that the authenticator drops is not written over", () => {
  expect(() => append("- rolearn: r\n   username: u\n")).toThrow(
    expect.objectContaining({
      code: "unreadableKey",
      message:
        "mapRoles in kube-system/aws-auth cannot be read; line 2, column 12: the indentation does not fit the lines above it; a key that the authenticator cannot read maps nobody; correct it by hand, then run again",
    }),
  );
});
