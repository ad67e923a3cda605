import { mappingTypes } from "../engine/state.ts";
import { outputOf, yamlProgram } from "../engine/yamlProgram.ts";
import { type Declared, type DeclaredOptions, replaceSpecial, type Special } from "./declared.ts";

/** The sections of a YAML program of mappings as resources of the plugin, and its outputs. */
export function pluginProgram(mappings: Declared, outputs: Readonly<Record<string, unknown>> = {}): string {
  const resources = Object.entries(mappings).map(([name, { properties, options = {} }]) => {
    return [name, { properties: Object(inYaml(properties)), options: yamlOptions(options) }] as const;
  });
  const section = Object.keys(outputs).length === 0 ? "" : `outputs: ${JSON.stringify(inYaml(outputs))}\n`;
  return yamlProgram(Object.fromEntries(resources), section);
}

function yamlOptions({ dependsOn = [], deletedWith, aliases, ...others }: DeclaredOptions): object {
  return {
    ...others,
    ...(dependsOn.length > 0 && { dependsOn: dependsOn.map(outputOf) }),
    ...(deletedWith !== undefined && { deletedWith: outputOf(deletedWith) }),
    ...(aliases !== undefined && {
      aliases: aliases.map((name) => `urn:pulumi:test::test::${mappingTypes[1]}::${name}`),
    }),
  };
}

function inYaml(value: unknown): unknown {
  return replaceSpecial(value, specialInYaml);
}

function specialInYaml(special: Special): unknown {
  switch (special.$kind) {
    case "secret":
      return { "fn::secret": inYaml(special.value) };
    case "output":
      return outputOf(`${special.resource}.${special.property}`);
    case "late": {
      // An ID begins with "manifest", so that what stands before that is empty, but not known before the resource is made.
      const nothing = { "fn::select": [0, { "fn::split": ["manifest", outputOf(`${special.of}.id`)] }] };
      return { "fn::join": ["", [special.value, nothing]] };
    }
    case "call":
      return {
        "fn::invoke": { function: "aws-auth:getIdentityMappings", arguments: special.args, return: "mappings" },
      };
  }
}
