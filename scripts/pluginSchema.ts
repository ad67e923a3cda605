import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { ObjectSpec, PackageSpec } from "../provider/plugin/schema/index.ts";

/** The files whose doc comments describe what the plugin shares with the npm package. */
const sources = [
  "provider/cluster/findMappings.ts",
  "sdk/cluster.ts",
  "sdk/configItems.ts",
  "sdk/getIdentityMappings.ts",
  "sdk/identityMapping.ts",
  "sdk/identityMappings.ts",
  "sdk/serviceAccess.ts",
  "sdk/serviceIdentityMapping.ts",
];

/**
 * The plugin's `schema.json` with the descriptions that stand elsewhere: in the doc comments of the npm package and, of a resource or a
 * function, in the Markdown file of its name, which has what is only in the plugin, and examples.
 *
 * @throws Error if a property that the npm package should have is without a comment there.
 */
export function describedSchema(repository: string): PackageSpec {
  const read = (name: string) => readFileSync(join(repository, "provider", "plugin", "schema", name), "utf8");
  const spec: PackageSpec = JSON.parse(read("schema.json"));
  const comments = new Map(sources.flatMap((source) => commentsIn(join(repository, source))));
  const describe = (properties: ObjectSpec["properties"], ...owners: readonly string[]) => {
    for (const [name, property] of Object.entries(properties)) {
      const text = owners.map((owner) => comments.get(`${owner}.${name}`)).find((comment) => comment);
      if (text === undefined) {
        throw new Error(`no doc comment of ${owners.join(" or ")} describes ${name}`);
      }
      property.description = text;
    }
  };
  for (const [token, described] of Object.entries({ ...spec.resources, ...spec.functions })) {
    const name = token.replace(/^.*:/, "");
    described.description = [comments.get(name) ?? [], read(`${name}.md`).trimEnd()].flat().join("\n\n");
    if ("inputProperties" in described) {
      describe(described.inputProperties, `${name}Args`);
      describe(described.properties, name, `${name}Args`);
    }
  }
  for (const [name, ...owners] of [
    ["Cluster", "EksClusterArgs", "KubeconfigClusterArgs", "ManifestClusterArgs"],
    ["FoundIdentityMapping", "FoundIdentityMapping"],
  ]) {
    const type = spec.types[`aws-auth:index:${name}`];
    describe(type !== undefined && "properties" in type ? type.properties : {}, ...owners);
  }
  describe(
    spec.functions["aws-auth:index:getIdentityMappings"]?.inputs.properties ?? {},
    "GetIdentityMappingsOutputArgs",
  );
  return spec;
}

/** The doc comments of a file's classes, interfaces and functions, by name, and of their members, as `IdentityMapping.arn`. */
function commentsIn(file: string): [name: string, text: string][] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((node) => {
    if (ts.isFunctionDeclaration(node)) {
      return [[node.name?.text ?? "", textOf(node)]];
    }
    if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) {
      return [];
    }
    const name = node.name?.text ?? "";
    // A member of the type undefined says only that it is not allowed.
    const members = [...node.members].filter((member) => {
      return (
        ts.isPropertyDeclaration(member) ||
        (ts.isPropertySignature(member) && member.type?.kind !== ts.SyntaxKind.UndefinedKeyword)
      );
    });
    return [
      [name, textOf(node)],
      ...members.map((member): [string, string] => [`${name}.${member.name?.getText()}`, textOf(member)]),
    ];
  });
}

/** The text of a doc comment as Markdown with a line for each paragraph, without its tags. */
function textOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? "")
    .replace(/\{@link (\w+)\}/g, "$1")
    .replace(/(?<!\n)\n(?!\n)/g, " ")
    .trim();
}
