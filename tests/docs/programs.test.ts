import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { type CodeBlock, readPages } from "../support/docs/markdown.ts";
import { repository } from "../support/engine/testProject.ts";

const directory = join(repository, "examples");
const { config } = ts.readConfigFile(join(directory, "tsconfig.json"), ts.sys.readFile);
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, directory);

it("compiles the examples and all programs in the documents with the real types", () => {
  const blocks = readPages().flatMap((page) => page.blocks.filter(({ language }) => language === "ts"));
  expect(blocks.length).toBeGreaterThan(10);
  expect(fileNames.length).toBeGreaterThan(8);
  const wrong = { place: "README.md:10", language: "ts", text: "\nexport const account: string = 12;" };
  // One program for all, since loading the types is what takes time; the last one shows that a problem is found.
  expect(compile([...blocks, wrong], fileNames)).toEqual([
    "README.md:11 Type 'number' is not assignable to type 'string'.",
  ]);
});

/** Type-checks files, and blocks as if each were a file beside its page. */
function compile(blocks: readonly CodeBlock[], files: readonly string[]): string[] {
  const inMemory = new Map(blocks.map((block) => [join(repository, `${block.place.replace(":", ".")}.ts`), block]));
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
