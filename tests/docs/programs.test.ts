import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { renderAccessEntries } from "../../cli/importAccessEntries.ts";
import { type CodeBlock, readPages } from "../support/docs/markdown.ts";
import { repository } from "../support/engine/testProject.ts";
import { entry, iam } from "../support/migration/world.ts";
import { adminPolicyArn, facts, liveOf } from "../unit/migration/support.ts";

const directory = join(repository, "examples");
const { config } = ts.readConfigFile(join(directory, "tsconfig.json"), ts.sys.readFile);
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, directory);

it("the examples, all programs in the documents as they stand, and what import prints for @pulumi/aws compile with the real types", () => {
  const blocks = readPages().flatMap((page) => page.blocks.filter(({ language }) => language === "ts"));
  expect(blocks.length).toBeGreaterThan(10);
  expect(fileNames.length).toBeGreaterThan(8);
  blocks.push({ place: "docs/command-line.md:1000", language: "ts", text: printedAccessEntries() });
  const wrong = { place: "README.md:10", language: "ts", text: "\nexport const account: string = 12;" };
  // One program for all, since loading the types is what takes time; the last one shows that a problem is found.
  expect(compile([...blocks, wrong], fileNames)).toEqual([
    "README.md:11 Type 'number' is not assignable to type 'string'.",
  ]);
});

/** What `import --format access-entries` prints, with everything that an access entry can have. */
function printedAccessEntries(): string {
  const named = (policy: string) => adminPolicyArn.replace("ClusterAdmin", policy);
  const policies = [
    { policyArn: adminPolicyArn, scope: { type: "cluster" } as const },
    { policyArn: named("View"), scope: { type: "namespace", namespaces: ["a", "b"] } as const },
  ];
  const tags = { "pulumi-aws-auth/claims/abc": "org/infra/prod dev" };
  const entries = [liveOf({ policies, tags }), liveOf({ principalArn: iam("role/node"), type: "EC2_LINUX" })];
  return renderAccessEntries(facts({ map: { mapRoles: entry(iam("role/admins"), "admin", "ops") }, entries }), "prod");
}

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
