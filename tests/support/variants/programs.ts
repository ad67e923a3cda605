import { mappingTypes } from "../engine/state.ts";
import { type Declared, type DeclaredOptions, replaceSpecial, type Special } from "./declared.ts";

/** A Node program with these mappings and outputs. */
export function nodeProgram(mappings: Declared, outputs: Readonly<Record<string, unknown>> = {}): string {
  return `
    const made = {};
    const kinds = {
      late: ({ value, of }) => made[of].id.apply(() => value),
      output: ({ resource, property }) => made[resource][property],
    };
    function valueOf(value) {
      if (Array.isArray(value)) return value.map(valueOf);
      if (typeof value !== "object" || value === null) return value;
      if ("$kind" in value) return kinds[value.$kind](value);
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, valueOf(item)]));
    }
    for (const [name, { properties, options = {} }] of Object.entries(${JSON.stringify(mappings)})) {
      const { dependsOn = [], deletedWith, aliases = [], ...others } = options;
      made[name] = new IdentityMapping(name, valueOf(properties), {
        ...others,
        dependsOn: dependsOn.map((other) => made[other]),
        ...(deletedWith !== undefined && { deletedWith: made[deletedWith] }),
        aliases: aliases.map((name) => ({ name })),
      });
    }
    Object.assign(exports, valueOf(${JSON.stringify(outputs)}));
  `;
}

/** A YAML program with these mappings as resources of the plugin, and these outputs. JSON is YAML. */
export function yamlProgram(mappings: Declared, outputs: Readonly<Record<string, unknown>> = {}): string {
  const resources = Object.entries(mappings).map(([name, { properties, options = {} }]) => {
    return [name, { type: "aws-auth:IdentityMapping", properties: inYaml(properties), options: yamlOptions(options) }];
  });
  const section = Object.keys(outputs).length === 0 ? "" : `outputs: ${JSON.stringify(inYaml(outputs))}\n`;
  return `resources: ${JSON.stringify(Object.fromEntries(resources))}\n${section}`;
}

/** A reference to a resource of a YAML program, or to one of its outputs. */
export function outputOf(path: string): string {
  return `\${${path}}`;
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
    case "output":
      return outputOf(`${special.resource}.${special.property}`);
    case "late": {
      // An ID begins with "manifest", so the text before that is empty, but unknown until the resource is created.
      const nothing = { "fn::select": [0, { "fn::split": ["manifest", outputOf(`${special.of}.id`)] }] };
      return { "fn::join": ["", [special.value, nothing]] };
    }
  }
}
