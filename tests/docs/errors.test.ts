import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");

describe("docs/troubleshooting.md", () => {
  const codes = membersOf("provider/errors.ts", "AwsAuthErrorCode");
  const rows = [...read("docs/troubleshooting.md").matchAll(/^\| `([a-zA-Z]+)` \| `.+` \| \S.+\|$/gm)].map(
    ([, code]) => code,
  );

  it("has a row with a message and a remedy for every code, and no other", () => {
    expect(codes.length).toBeGreaterThan(10);
    expect(rows.toSorted()).toEqual(codes.toSorted());
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
