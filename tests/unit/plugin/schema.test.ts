import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { settingNames } from "../../../provider/cluster/settings.ts";
import { inputNames } from "../../../provider/lifecycle/context.ts";
import { type ObjectSpec, schema } from "../../../provider/plugin/schema/index.ts";
import { describedSchema } from "../../../scripts/pluginSchema.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const spec = schema("1.2.3");
const resource = spec.resources["aws-auth:index:IdentityMapping"];

describe("the schema", () => {
  it("has the inputs of the lifecycle, and the settings of every provider", () => {
    expect(Object.keys(resource?.inputProperties ?? {}).toSorted()).toEqual([...inputNames].toSorted());
    expect(Object.keys(spec.provider.inputProperties).toSorted()).toEqual([...settingNames].toSorted());
    expect(spec.config.variables).toEqual(spec.provider.inputProperties);
  });

  it("has the words of the npm package's doc comments and of the Markdown files; `npm run docs` writes them", () => {
    const file = readFileSync(join(root, "provider", "plugin", "schema", "schema.json"), "utf8");
    expect(file).toBe(`${JSON.stringify(describedSchema(root), null, 2)}\n`);
  });

  it("has every input of a mapping as an output", () => {
    expect(Object.keys(resource?.properties ?? {}).toSorted()).toEqual([...inputNames].toSorted());
  });

  it("has paragraphs in its descriptions, but no tags and no other line breaks", () => {
    expect(resource?.description).toContain("\n\nStacks that map an identity");
    expect(JSON.stringify(resource?.inputProperties)).not.toContain("\\n");
    expect(JSON.stringify(spec)).not.toMatch(/@(link|remarks|example|returns)\b/);
    expect(spec.resources["aws-auth:index:IdentityMappings"]?.description).toContain(
      "each an IdentityMapping or a Service",
    );
  });

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
