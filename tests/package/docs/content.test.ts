import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Application } from "typedoc";
import ts from "typescript";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseAllDocuments } from "yaml";
import { type CodeBlock, readPages } from "../../support/docs/markdown.ts";
import { repository } from "../../support/engine/testProject.ts";
import { exampleNames } from "../../support/exampleProject.ts";

const read = (...file: string[]): string => readFileSync(join(repository, ...file), "utf8");
const blocks = readPages().flatMap((page) => page.blocks);

describe("the documentation", () => {
  it.each([
    ["docs/troubleshooting.md", /^\| `([a-zA-Z]+)` \| `.+` \| \S.+\|$/gm, "provider/errors.ts", "AwsAuthErrorCode"],
    ["docs/command-line.md", /^\| `([a-z-]+)` +\| (?:error|warning|note)/gm, "provider/reports/lint.ts", "LintRule"],
  ])("has a row in %s for each error code or rule, and no others", (page, row, source, union) => {
    const [, members = ""] = new RegExp(`^export type ${union} =([^;]+);`, "m").exec(read(source)) ?? [];
    const expected = Array.from(members.matchAll(/"([\w-]+)"/g), ([, member]) => member);
    expect(expected.length).toBeGreaterThan(10);
    expect(Array.from(read(page).matchAll(row), ([, member]) => member).toSorted()).toEqual(expected.toSorted());
  });

  it("contains valid YAML and JSON, like the examples", () => {
    const files = readdirSync(join(repository, "examples"), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.ya?ml$/.test(file))
      .map((file) => ({ place: file, text: read("examples", file) }));
    const texts = [...blocks.filter(({ language }) => language === "yaml"), ...files];
    expect(texts.length).toBeGreaterThan(15);
    const problems = texts.flatMap(({ place, text }) =>
      parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => `${place} ${message}`)),
    );
    expect(problems).toEqual([]);
    for (const { text } of blocks.filter(({ language }) => language === "json")) {
      JSON.parse(text);
    }
  });

  it("contains programs that compile with the real types, like the examples", () => {
    const directory = join(repository, "examples");
    const { config } = ts.readConfigFile(join(directory, "tsconfig.json"), ts.sys.readFile);
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, directory);
    const programs = blocks.filter(({ language }) => language === "ts");
    expect(programs.length).toBeGreaterThan(10);
    expect(fileNames.length).toBeGreaterThan(8);
    const wrong = { place: "README.md:10", language: "ts", text: "\nexport const account: string = 12;" };
    // One compilation for all, since loading the types is slow; the last program shows that errors are detected.
    expect(compile([...programs, wrong], fileNames, options)).toEqual([
      "README.md:11 Type 'number' is not assignable to type 'string'.",
    ]);
  });

  it("includes a reference that matches the doc comments (run `npm run docs` to update it)", async () => {
    const out = await mkdtemp(join(tmpdir(), "aws-auth-reference-"));
    onTestFinished(() => rm(out, { recursive: true }));
    const options = { options: join(repository, "typedoc.json"), out, logLevel: "Warn" } as const;
    const app = await Application.bootstrapWithPlugins(options);
    const project = await app.convert();
    if (project === undefined) {
      throw new Error("the doc comments cannot be read");
    }
    await app.generateOutputs(project);
    expect(app.logger.hasWarnings()).toBe(false);
    expect(read("docs", "reference.md")).toBe(readFileSync(join(out, "reference.md"), "utf8"));
  });
});

describe("an example is complete when copied", () => {
  const { inNode, others } = exampleNames();
  const howToCopy = "[copy of this example](../README.md#run-one)";

  it.each(inNode)("examples/%s", (name) => {
    const { dependencies, devDependencies } = JSON.parse(read("examples", name, "package.json"));
    const { importedFiles } = ts.preProcessFile(read("examples", name, "index.ts"));
    const imported = importedFiles.map(({ fileName }) => fileName);
    expect(imported).toContain("pulumi-aws-auth");
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...imported, "@pulumi/pulumi"]));
    expect(Object.keys(devDependencies)).toEqual(["@types/node", "typescript"]);
    expect(read("examples", name, "tsconfig.json")).not.toContain("..");
    expect(read("examples", name, "README.md")).toContain(howToCopy);
    expect(read("examples", name, "Pulumi.yaml")).toContain("\nmain: index.ts\n");
  });

  it.each(others)("examples/languages/%s, without Node.js", (name) => {
    const readme = read("examples", "languages", "README.md");
    expect(readdirSync(join(repository, "examples", "languages", name))).not.toContain("package.json");
    expect(read("examples", "languages", name, "Pulumi.yaml")).not.toContain("plugins:");
    expect(readme).toContain(`](${name}/`);
    expect(readme).toContain(howToCopy);
    expect(readme).toContain("(../../docs/other-languages.md#install-the-plugin)");
  });
});

/** Type-checks files, and each block as a file in its page's directory. */
function compile(programs: readonly CodeBlock[], files: readonly string[], options: ts.CompilerOptions): string[] {
  const inMemory = new Map(programs.map((block) => [join(repository, `${block.place.replace(":", ".")}.ts`), block]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => inMemory.has(name) || fileExists(name);
  host.readFile = (name) => inMemory.get(name)?.text ?? readFile(name);
  host.getSourceFile = (name, language, ...rest) => {
    const text = inMemory.get(name)?.text;
    return text === undefined ? getSourceFile(name, language, ...rest) : ts.createSourceFile(name, text, language);
  };
  const rootNames = [...files, ...inMemory.keys()];
  const program = ts.createProgram(rootNames, { ...options, moduleDetection: ts.ModuleDetectionKind.Force }, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    const [page, first] = inMemory.get(file?.fileName ?? "")?.place.split(":") ?? [file?.fileName, 1];
    return `${page}:${Number(first) + line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}
