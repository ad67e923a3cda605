import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { repository } from "../../support/engine/testProject.ts";

const inCluster = (fields: string) =>
  `new awsAuth.IdentityMapping("a", { cluster: { ${fields} }, account: "012345678901" });`;

describe("the types in an editor", () => {
  it("offer the inputs of a mapping", () => {
    const names = ["account", "adopt", "arn", "authenticationMode", "cluster", "groups", "noDuplicateARNs", "username"];
    expect(completions('new awsAuth.IdentityMapping("a", { ▮ });')).toEqual(names);
  });

  it("offer all fields of a cluster, and only those of its form once it is known", () => {
    const onlyOfEks = ["account", "profile", "region", "roleArn"];
    const others = ["name", "arn", "eksCluster", "context", "kubeconfig", "manifest"];
    expect(completions(inCluster("▮"))).toEqual([...onlyOfEks, ...others].toSorted());
    expect(completions(inCluster('name: "prod", ▮'))).toEqual(expect.arrayContaining(onlyOfEks));
    for (const form of ['manifest: "aws-auth.yaml"', 'context: "prod"']) {
      expect(completions(inCluster(`${form}, ▮`)).filter((name) => onlyOfEks.includes(name))).toEqual([]);
    }
  });

  it.each([
    ['name: "prod", region: "eu-west-1", account: "111122223333", profile: "ops", roleArn: "arn:a"', []],
    ['kubeconfig: "~/.kube/config", context: "prod"', []],
    ['context: "prod"', []],
    ['manifest: "aws-auth.yaml"', []],
    ['name: "prod", manifest: "aws-auth.yaml"', ["Types of property 'manifest' are incompatible."]],
    ['name: "prod", context: "prod"', ["Types of property 'context' are incompatible."]],
    ['kubeconfig: "k", manifest: "aws-auth.yaml"', ["Types of property 'manifest' are incompatible."]],
    ['context: "prod", region: "eu-west-1"', ["'region' does not exist in type"]],
    ['nmae: "prod"', ["'nmae' does not exist in type"]],
  ])("check the cluster { %s }", (fields, messages) => {
    expect(errorsIn(inCluster(fields))).toEqual(messages.map((message) => expect.stringContaining(message)));
  });

  it("describe every input, resource and function with a distinct text", () => {
    const inputs = ["cluster", "arn", "account", "username", "groups", "noDuplicateARNs", "adopt"];
    const exported = ["IdentityMapping", "IdentityMappings", "ServiceIdentityMapping", "getIdentityMappings"];
    const programs = [
      ...inputs.map((input) => `const args: awsAuth.IdentityMappingArgs = {}; args.▮${input};`),
      ...exported.map((name) => `awsAuth.▮${name};`),
    ];
    const texts = programs.map((program) => hover(program).split("\n").slice(1).join(" ").trim());
    expect(texts.filter((text) => text.length < 40)).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each(["IdentityMapping", "IdentityMappings", "ServiceIdentityMapping"])(
    "show the description and the example of the class for the constructor of %s",
    (name) => {
      const [, ofClass] = hover(`awsAuth.▮${name};`).split(`export ${name}\n`);
      const [, ofConstructor] = hover(`new awsAuth.▮${name}("a", {});`).split(`export ${name}\n`);
      const example = `\n\nnew awsAuth.${name}(`;
      expect(ofClass).toContain(`@example \`\`\`ts\nimport * as awsAuth from "pulumi-aws-auth";${example}`);
      expect(ofConstructor).toBe(ofClass);
    },
  );

  it.each([
    ["const x: awsAuth.▮EksClusterResource;", "`@pulumi/"],
    ["const x: awsAuth.▮EksClusterComponent;", "`@pulumi/"],
    ["awsAuth.▮ServiceIdentityMapping;", "`@pulumi/"],
    ["declare const args: awsAuth.EksClusterArgs; args.▮manifest;", "Not allowed with `name`."],
    ["awsAuth.▮getIdentityMappings;", "export getIdentityMappings\nReads the mappings in a cluster's aws-auth"],
    ["awsAuth.▮getIdentityMappingsOutput;", "export getIdentityMappingsOutput\nLike {@link"],
  ])("show the text for %s without reading a package name as a tag", (program, text) => {
    expect(hover(program)).toContain(text);
    expect(hover(program)).not.toMatch(/^@pulumi/m);
  });
});

/** The open program, which imports the built package by name as `awsAuth`. */
const file = join(repository, "open-in-an-editor.ts");
let open = { text: "", version: 0 };
const contentOf = (name: string) => (name === file ? open.text : ts.sys.readFile(name));
const service = ts.createLanguageService({
  ...ts.sys,
  getScriptFileNames: () => [file],
  getScriptVersion: (name) => (name === file ? String(open.version) : "0"),
  getScriptSnapshot: (name) => {
    const content = contentOf(name);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => repository,
  getCompilationSettings: () => ({
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    types: [],
  }),
  getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
  fileExists: (name) => name === file || ts.sys.fileExists(name),
  readFile: contentOf,
  useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
});

/** Opens a program and returns the position of its caret `▮`. */
function openProgram(program: string): number {
  const text = `import * as awsAuth from "pulumi-aws-auth";\n${program}`;
  open = { text: text.replace("▮", ""), version: open.version + 1 };
  return text.indexOf("▮");
}

/** The names that the editor suggests, without the methods of Output. */
function completions(program: string): string[] {
  const { entries = [] } = service.getCompletionsAtPosition(file, openProgram(program), {}) ?? {};
  const names = entries.map(({ name }) => name).filter((name) => name !== "apply" && name !== "get");
  return names.toSorted();
}

/** The errors that the editor underlines. */
function errorsIn(program: string): string[] {
  openProgram(program);
  const found = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

/** The hover text of a name, including tags such as `@example`. */
function hover(program: string): string {
  const info = service.getQuickInfoAtPosition(file, openProgram(program));
  const tags = info?.tags ?? [];
  return [
    ts.displayPartsToString(info?.displayParts),
    ts.displayPartsToString(info?.documentation),
    ...tags.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`),
  ].join("\n");
}
