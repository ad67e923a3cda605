import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { repository } from "../../support/engine/testProject.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");

/** The cells of a column in the tables of the page, by its heading. */
function cellsIn(page: string, heading: string): string[] {
  const tables = page.split(/\n\n+/).map((paragraph) => paragraph.split("\n").map((line) => line.split(" | ")));
  return tables.flatMap(([head = [], , ...rows]) => {
    const column = head.findIndex((name) => name.replaceAll("|", "").trim() === heading);
    return column < 0 ? [] : rows.map((row) => row[column] ?? "");
  });
}

/** The fixed parts of each quoted message. */
function quotedIn(cells: readonly string[]): string[][] {
  return cells
    .flatMap((cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, text = ""]) => text))
    .map((text) => text.split("…").filter((part) => part.length > 2));
}

const page = read("docs/troubleshooting.md");
const messages = quotedIn([...cellsIn(page, "message"), ...cellsIn(page, "messages")]);

const texts: string[] = [];
const thrown: string[][] = [];
for (const file of globSync("{sdk,provider,cli}/**/*.ts", { cwd: repository })) {
  visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true), false);
}

/** Collects all texts, and the messages of errors and of refusals. */
function visit(node: ts.Node, inRefusals: boolean): void {
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
    texts.push(node.text);
  } else if (ts.isNewExpression(node) && node.expression.getText() === "AwsAuthError") {
    thrown.push(fixedParts(node.arguments?.[1]));
  } else if (inRefusals && ts.isReturnStatement(node)) {
    thrown.push(fixedParts(node.expression));
  }
  const isInside = inRefusals || (ts.isFunctionDeclaration(node) && node.name?.text === "describeRefusal");
  ts.forEachChild(node, (child) => visit(child, isInside));
}

/** The fixed parts of a message. A variable has none. */
function fixedParts(node: ts.Node | undefined): string[] {
  if (node !== undefined && ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
  }
  return node !== undefined && ts.isStringLiteralLike(node) ? [node.text] : [];
}

describe("docs/troubleshooting.md", () => {
  it("has a row for each message of an error and of a refusal", () => {
    const specific = thrown.filter((parts) => parts.some((part) => part.length > 20));
    expect(specific.length).toBeGreaterThan(60);
    const withPart = (quoted: string) => specific.filter((parts) => parts.some((part) => part.includes(quoted)));
    // A part of many messages, such as a common remedy, does not identify one.
    const listed = new Set(
      messages
        .flat()
        .map(withPart)
        .filter(({ length }) => length <= 2)
        .flat(),
    );
    expect(specific.filter((parts) => !listed.has(parts)).map((parts) => parts.join("…"))).toEqual([]);
  });

  it("quotes only messages that exist", () => {
    expect(messages.length).toBeGreaterThan(80);
    const isInSource = (part: string) => texts.some((text) => text.includes(part.trim()));
    expect(messages.filter((parts) => !parts.every(isInSource)).map((parts) => parts.join("…"))).toEqual([]);
  });
});
