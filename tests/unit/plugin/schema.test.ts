import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { settingNames } from "../../../provider/cluster/settings.ts";
import { inputNames } from "../../../provider/lifecycle/state.ts";
import { schema } from "../../../provider/plugin/schema/index.ts";
import type { ObjectSpec, PropertySpec } from "../../../provider/plugin/schema/spec.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const spec = schema("1.2.3");
const resource = spec.resources["aws-auth:index:IdentityMapping"];

/** The doc comment of a declaration, on one line. */
function docOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(doc?.comment) ?? "";
  return text
    .replace(/\{@link (\w+)\}/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

/** The doc comments of what an interface or a class declares, by name. */
function docsIn(file: string, ...names: string[]): Record<string, string> {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
  const docs: Record<string, string> = {};
  ts.forEachChild(source, (node) => {
    if ((ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) && names.includes(node.name?.text ?? "")) {
      docs[""] = docOf(node);
      for (const member of node.members) {
        const isStatic =
          ts.canHaveModifiers(member) &&
          ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
        if ((ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) && !isStatic) {
          const isRefused = member.type?.kind === ts.SyntaxKind.UndefinedKeyword;
          if (!isRefused) {
            docs[member.name.getText()] = docOf(member);
          }
        }
      }
    }
  });
  return docs;
}

function descriptionsOf(properties: Readonly<Record<string, PropertySpec>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(properties ?? {}).map(([name, { description }]) => [name, description]));
}

function propertiesOf(name: string): Readonly<Record<string, PropertySpec>> {
  const type = spec.types[`aws-auth:index:${name}`];
  return type !== undefined && "properties" in type ? type.properties : {};
}

function sentences(text: string): string[] {
  return text.replace(/\s+/g, " ").split(/(?<=\.) (?=[A-Z])/);
}

/** What the resource plugin does not share with the npm package's components, in the words of either. */
const differences = [
  ["Requires the package `@pulumi/kubernetes`.", "Requires the Kubernetes provider."],
  [", which requires the package `@pulumi/aws`", ""],
  [
    "It cannot contain outputs of other resources.",
    "It cannot contain outputs of other resources that are not known in a preview.",
  ],
] as const;

describe("the schema", () => {
  it("has the inputs of the lifecycle, and the settings of every provider", () => {
    expect(Object.keys(resource?.inputProperties ?? {}).toSorted()).toEqual([...inputNames].toSorted());
    expect(Object.keys(spec.provider.inputProperties).toSorted()).toEqual([...settingNames].toSorted());
    expect(spec.config.variables).toEqual(spec.provider.inputProperties);
  });

  it("describes inputs and outputs of the resource in the words of the Node SDK", () => {
    const { "": _args, ...inputs } = docsIn("sdk/identityMapping.ts", "IdentityMappingArgs");
    expect(descriptionsOf(resource?.inputProperties)).toEqual(inputs);
    const { "": _class, ...outputs } = docsIn("sdk/identityMapping.ts", "IdentityMapping");
    expect(descriptionsOf(resource?.properties)).toEqual(outputs);
  });

  it("describes the resource in the words of the Node SDK, where a plugin is not another thing", () => {
    const { "": words = "" } = docsIn("sdk/identityMapping.ts", "IdentityMapping");
    const [own = ""] = (resource?.description ?? "").split("\n\n{{% examples %}}");
    const [here, there] = [sentences(own), sentences(words)];
    expect(here.filter((sentence) => !there.includes(sentence))).toEqual([
      "A preview also shows what was changed or removed outside of Pulumi, which `pulumi up` restores.",
      "Pulumi's options `protect`, `retainOnDelete`, `ignoreChanges`, `aliases`, `deletedWith` and `--target` work as usual.",
      "The ID consists of cluster and principal, such as `eks:eu-central-1/111122223333/prod/arn:aws:iam::111122223333:role/admin`.",
      "To import an existing entry, give its ID, or the ARN or account alone for the cluster in the stack's configuration.",
      "It looks where `aws-auth:authenticationMode` says; to look elsewhere, begin the ID with the mode, as in `API:arn:aws:iam::111122223333:role/admin`.",
    ]);
    expect(there.filter((sentence) => !here.includes(sentence))).toEqual([
      "A message of the resource shows what was changed or removed outside of Pulumi, which `pulumi up` restores.",
      "It fails if somebody changed the entry, until `pulumi refresh` accepts the change.",
      "Pulumi's options `protect`, `retainOnDelete`, `ignoreChanges`, `aliases`, `deletedWith` and `--target` work as usual; changes to properties in `ignoreChanges` are not drift.",
      "The ID consists of cluster and principal, such as `eks:eu-central-1/111122223333/prod/arn:aws:iam::111122223333:role/admin`; a mapping created by version 0.1.0 keeps its ID without the cluster's account.",
      "An unknown input is an error with a suggestion.",
      "Pulumi's option `import` does not work for dynamic resources: to take over an existing entry, declare a resource with the same content, or set `adopt`.",
    ]);
  });

  it("describes a cluster and a found mapping in the words of the Node SDK", () => {
    const forms = ["EksClusterArgs", "KubeconfigClusterArgs", "ManifestClusterArgs"];
    const { "": _form, ...cluster } = docsIn("sdk/cluster.ts", ...forms);
    // A resource plugin sees no setting of another package.
    cluster["region"] = (cluster["region"] ?? "").replace(
      ", then `aws:region` of the stack, then",
      " of the stack, then",
    );
    expect(descriptionsOf(propertiesOf("Cluster"))).toEqual(cluster);
    const { "": words, ...found } = docsIn("provider/findMappings.ts", "FoundIdentityMapping");
    expect(descriptionsOf(propertiesOf("FoundIdentityMapping"))).toEqual(found);
    expect(spec.types["aws-auth:index:FoundIdentityMapping"]?.description).toBe(words);
    const { "": _function, ...args } = docsIn("sdk/getIdentityMappings.ts", "GetIdentityMappingsOutputArgs");
    expect(descriptionsOf(spec.functions["aws-auth:index:getIdentityMappings"]?.inputs.properties)).toEqual(args);
  });

  it.each([
    ["IdentityMappings", "sdk/configItems.ts", "sdk/identityMappings.ts"],
    ["ServiceIdentityMapping", "sdk/serviceAccess.ts", "sdk/serviceIdentityMapping.ts"],
  ])(
    "describes the component %s in the words of the Node SDK, less what a plugin does not need",
    (name, args, file) => {
      const component = spec.resources[`aws-auth:index:${name}`];
      const { "": _args, ...inputs } = docsIn(args, `${name}Args`);
      const { "": words = "", ...outputs } = docsIn(file, name);
      const own = (text: string) => differences.reduce((all, [theirs, ours]) => all.replace(theirs, ours), text);
      const here = Object.entries(inputs).map(([input, text]) => [input, own(text)]);
      expect(descriptionsOf(component?.inputProperties)).toEqual(Object.fromEntries(here));
      expect(descriptionsOf(component?.properties)).toEqual(outputs);
      const [description = ""] = (component?.description ?? "").split("\n\n{{% examples %}}");
      expect(sentences(description)).toEqual(sentences(own(words)));
    },
  );

  it("has an example in every language, and only references to types that it has", () => {
    for (const { description } of Object.values(spec.resources)) {
      for (const language of ["typescript", "python", "go", "csharp", "java", "yaml"]) {
        expect(description).toContain(`\n\`\`\`${language}\n`);
      }
    }
    const references = [...JSON.stringify(spec).matchAll(/#\/types\/([\w:-]+)/g)].map(([, token = ""]) => token);
    expect(new Set(references)).toEqual(new Set(Object.keys(spec.types)));
    for (const [, token = ""] of JSON.stringify(spec).matchAll(/#\/resources\/([\w:-]+)/g)) {
      expect(spec.resources).toHaveProperty([token]);
    }
  });

  it("requires only properties that there are", () => {
    const objects: ObjectSpec[] = [
      ...Object.values(spec.types).filter((type) => "properties" in type),
      ...Object.values(spec.resources),
      ...Object.values(spec.functions).flatMap(({ inputs, outputs }) => [inputs, outputs]),
    ];
    for (const { properties, required = [] } of objects) {
      expect(Object.keys(properties)).toEqual(expect.arrayContaining([...required]));
    }
  });
});
