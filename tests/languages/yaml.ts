import { outputOf, yamlProgram } from "../support/engine/yamlProgram.ts";
import type { Language, Mapping, MappingOptions, Mappings } from "./language.ts";

/** Programs in YAML. */
export const yaml: Language = {
  name: "YAML",
  options: async () => ({ language: "yaml" }),
  setUp: async () => {},
  write: (project, program) => project.program(program),
  program: (mappings, usernames = {}) => {
    const outputs = Object.entries(usernames).map(([name, mapping]) => [name, outputOf(`${mapping}.username`)]);
    return yamlProgram(inYaml(mappings), `outputs: ${JSON.stringify(Object.fromEntries(outputs))}\n`);
  },
  withImported: (printed, mappings) => {
    const [code = ""] = /^resources:\n( {2}.*\n)+/m.exec(printed) ?? [];
    const own = Object.entries(inYaml(mappings)).map(([name, mapping]) => {
      return `  ${name}: ${JSON.stringify({ type: "aws-auth:IdentityMapping", ...mapping })}\n`;
    });
    return code + own.join("");
  },
  codeOfImport: `  ci:
    type: aws-auth:IdentityMapping
    properties:
      arn: arn:aws:iam::111122223333:role/ci
      groups:
        - deployers
      username: ci
`,
};

function inYaml(mappings: Mappings): Readonly<Record<string, { properties: object; options: object }>> {
  return Object.fromEntries(
    Object.entries(mappings).map(([name, { properties, options = {} }]: [string, Mapping]) => {
      return [name, { properties, options: yamlOptions(options) }];
    }),
  );
}

// An alias is a URN here.
function yamlOptions({ dependsOn = [], aliases = [], ...others }: MappingOptions): object {
  const urn = (name: string) => `urn:pulumi:test::test::aws-auth:index:IdentityMapping::${name}`;
  return { ...others, dependsOn: dependsOn.map(outputOf), aliases: aliases.map(urn) };
}
