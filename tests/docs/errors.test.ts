import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");

describe("docs/errors.md", () => {
  const codes = membersOf("provider/errors.ts", "AwsAuthErrorCode");
  const text = read("docs/errors.md");

  it("has every code, and no other", () => {
    expect(codes.length).toBeGreaterThan(10);
    const sections = Array.from(text.matchAll(/^## ([a-z]\w+)$/gm), ([, name]) => name);
    expect(sections.toSorted()).toEqual(codes.toSorted());
    for (const code of codes) {
      expect(text).toContain(`[${code}](#${code.toLowerCase()})`);
    }
  });

  it.each(codes)("says cause and remedy of %s, and shows a message", (code) => {
    const [section = ""] = text.split(`\n## ${code}\n`)[1]?.split(/^## /m) ?? [];
    expect(section).toMatch(/^\*\*Cause:\*\* \w/m);
    expect(section).toMatch(/^\*\*Remedy:\*\* \S/m);
    expect(section).toMatch(/^[>|] `/m);
  });
});

it("docs/command-line.md has every rule of lint", () => {
  const rules = membersOf("provider/lint.ts", "LintRule");
  const rows = Array.from(read("docs/command-line.md").matchAll(/^\| `([a-z-]+)` +\| (?:error|warning|note)/gm));
  expect(rows.map(([, rule]) => rule).toSorted()).toEqual(rules.toSorted());
});

/** The members of a union of texts, which no program can look at. */
function membersOf(file: string, name: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  const members: string[] = [];
  source.forEachChild((node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== name || !ts.isUnionTypeNode(node.type)) {
      return;
    }
    for (const type of node.type.types) {
      if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) {
        members.push(type.literal.text);
      }
    }
  });
  return members;
}
