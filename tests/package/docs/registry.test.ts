import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import schema from "../../../provider/plugin/schema.json";
import { parsePage } from "../../support/docs/markdown.ts";
import { repository } from "../../support/engine/testProject.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");
const address = schema.repository;
const owner = address.split("/")[3] ?? "";

const languages = ["typescript", "python", "go", "csharp", "java", "yaml", "hcl"];

/** The examples of a description by language. */
function examplesIn(text: string): Record<string, string> {
  const blocks = parsePage("schema.json", text).blocks.filter(({ language }) => languages.includes(language));
  return Object.fromEntries(blocks.map(({ language, text: code }) => [language, code]));
}

const ofResource = examplesIn(schema.resources["aws-auth:index:IdentityMapping"].description);
const ofFunction = examplesIn(schema.functions["aws-auth:index:getIdentityMappings"].description);

it("the schema and the first page of Pulumi's Registry have the same examples in each language", () => {
  expect([ofResource, ofFunction].map(Object.keys)).toEqual([languages, languages]);
  const page = parsePage("docs/_index.md", read("docs/_index.md"));
  const shown = page.blocks.filter(({ language }) => languages.includes(language)).map(({ text }) => text);
  expect(shown).toEqual([ofResource, ofFunction].flatMap(Object.values));
});

it.each([
  ["typescript", "drift-check/index.ts", ofResource],
  ["python", "languages/python/__main__.py", ofResource],
  ["python", "languages/python/__main__.py", ofFunction],
  ["go", "languages/go/main.go", ofResource],
  ["go", "languages/go/main.go", ofFunction],
  ["csharp", "languages/csharp/Program.cs", ofResource],
  ["csharp", "languages/csharp/Program.cs", ofFunction],
  ["java", "languages/java/src/main/java/App.java", ofResource],
  ["java", "languages/java/src/main/java/App.java", ofFunction],
  ["yaml", "languages/yaml/Pulumi.yaml", ofResource],
  ["yaml", "languages/yaml/Pulumi.yaml", ofFunction],
])("the %s of an example is part of examples/%s", (language, file, examples) => {
  const lines = read(`examples/${file}`).split("\n");
  const code = (examples[language] ?? "").replace(/^import \* as awsAuth.*\n/m, "");
  let from = 0;
  const missing = code.split("\n").filter((line) => {
    const found = lines.indexOf(line, from);
    from = found < 0 ? from : found + 1;
    return found < 0;
  });
  expect(missing).toEqual([]);
});

it.each(["csharp", "java", "hcl"])("the examples in %s have the values of those in Python", (language) => {
  // HCL writes the names of the package and of its types as strings.
  const valuesIn = (code = "") => new Set(code.match(/"[^"]*"/g)?.filter((text) => !text.includes("aws-auth")));
  for (const examples of [ofResource, ofFunction]) {
    expect(valuesIn(examples[language])).toEqual(valuesIn(examples["python"]));
  }
});

it("only these files contain the owner of the repository, who publishes the package", () => {
  // The scripts refuse the placeholder, and the rehearsal replaces it.
  const args = ["grep", "-lF", "--untracked", `${owner}/pulumi-aws-auth`, "--", ":!scripts", ":!tests/rehearsal"];
  const files = execFileSync("git", args, { cwd: repository, encoding: "utf8" });
  expect(files.trim().split("\n")).toEqual([
    "docs/_index.md",
    "docs/installation-configuration.md",
    "docs/other-languages.md",
    "docs/security.md",
    "examples/languages/go/main.go",
    "package.json",
    "provider/plugin/schema.json",
  ]);
  const { homepage, repository: source, bugs } = JSON.parse(read("package.json"));
  expect([homepage, source.url, bugs.url]).toEqual([schema.homepage, `git+${address}.git`, `${address}/issues`]);
  expect(schema.pluginDownloadURL).toBe(address.replace("https://", "github://api."));
});
