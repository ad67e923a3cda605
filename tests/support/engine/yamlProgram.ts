/** A mapping of a YAML program. */
export interface YamlMapping {
  readonly properties: object;
  readonly options?: object;
}

/** A YAML program of these mappings, by name. JSON is YAML. */
export function yamlProgram(mappings: Readonly<Record<string, YamlMapping>>, rest = ""): string {
  const resources = Object.entries(mappings).map(([name, { properties, options = {} }]) => {
    return [name, { type: "aws-auth:IdentityMapping", properties, options }] as const;
  });
  return `resources: ${JSON.stringify(Object.fromEntries(resources))}\n${rest}`;
}

/** A resource of a YAML program, or an output of one. */
export function outputOf(path: string): string {
  return `\${${path}}`;
}
