import { describe, expect, it } from "vitest";
import { contentFindings } from "../../../provider/authenticator/contentFindings.ts";
import { placedEntries } from "../../../provider/authenticator/index.ts";
import { parseDocument } from "../../../provider/document/index.ts";

const arn = "arn:aws:iam::111122223333:role/node";
const head = `- rolearn: ${arn}\n`;
const nodeName = "system:node:{{EC2PrivateDNSName}}";
const cause = "since YAML reads more deeply indented lines as the rest of an unquoted string";
const before = 'put "groups:" on a line of its own before them';

function found(mapRoles: string, line?: number): string[] {
  const places = line === undefined ? undefined : { mapRoles: { line, column: 5 } };
  const document = parseDocument({ mapRoles }, undefined, undefined, { label: "aws-auth.yaml", places });
  return placedEntries(document).flatMap((placed) =>
    contentFindings(document, placed).map(({ rule, reason }) => `${rule}: ${reason}`),
  );
}

describe("contentFindings, of strings that swallowed list items", () => {
  it.each<[title: string, mapRoles: string, findings: readonly string[]]>([
    [
      "a username",
      `# nodes\n${head}  username: ${nodeName}\n    - system:bootstrappers\n    - system:nodes\n`,
      [
        `swallowed-list: username "${nodeName} - system:bootstrappers - system:nodes" swallowed the 2 list items below it (from line 4), ${cause}; ${before}`,
      ],
    ],
    [
      "a group",
      `${head}  username: ${nodeName}\n  groups:\n  - system:bootstrappers\n    - system:nodes\n`,
      [
        `swallowed-list: group "system:bootstrappers - system:nodes" swallowed the list item below it (from line 5), ${cause}; give every item of the list the same indentation`,
      ],
    ],
    [
      "the field groups",
      `${head}  username: ${nodeName}\n  groups: system:bootstrappers\n    - system:nodes\n`,
      [
        `swallowed-list: groups "system:bootstrappers - system:nodes" swallowed the list item below it (from line 4), ${cause}; begin the list on a line of its own`,
      ],
    ],
    [
      "an ARN",
      `- username: a\n  RoleARN: ${arn}\n\n    -\n`,
      [`swallowed-list: rolearn "${arn}\\n-" swallowed the list item below it (from line 4), ${cause}; ${before}`],
    ],
    [
      "a username in braces, whose lines nobody counts",
      `[{rolearn: "${arn}", username: a\n  - b}]\n`,
      [`swallowed-list: username "a - b" swallowed the list item below it, ${cause}; ${before}`],
    ],
  ])("finds %s", (_title, mapRoles, findings) => {
    expect(found(mapRoles)).toEqual(findings);
  });

  it.each<[title: string, mapRoles: string, rules: readonly string[]]>([
    ["a list", `${head}  groups:\n    - a\n    - b\n`, []],
    ["a string with a dash in it", `${head}  username: a - b\n`, ["whitespace"]],
    ["a string in quotes", `${head}  username: "a\n    - b"\n`, ["whitespace"]],
    ["a block of lines", `${head}  username: |-\n    a\n    - b\n`, ["whitespace"]],
    ["a string over two lines without a dash", `${head}  username: a\n    b\n`, ["whitespace"]],
    ["a field that means nothing", `${head}  username: a\n  note: x\n    - y\n`, []],
    ["anchors, with which an entry cannot be read alone", `${head}  username: &a a\n    - b\n`, ["whitespace"]],
  ])("finds none in %s", (_title, mapRoles, rules) => {
    expect(found(mapRoles).map((finding) => finding.replace(/:.*/s, ""))).toEqual(rules);
  });

  it("names the line of the file as well", () => {
    expect(found(`${head}  username: a\n    - b\n`, 8)).toEqual([
      expect.stringContaining("(from line 10, 3 of the key)"),
    ]);
  });
});
