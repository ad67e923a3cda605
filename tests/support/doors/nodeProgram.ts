import type { Declared } from "./declared.ts";

/** A Node program of mappings, and its outputs. */
export function nodeProgram(mappings: Declared, outputs: Readonly<Record<string, unknown>> = {}): string {
  return `
    const made = {};
    const kinds = {
      secret: ({ value }) => pulumi.secret(valueOf(value)),
      late: ({ value, of }) => made[of].id.apply(() => value),
      output: ({ resource, property }) => made[resource][property],
      call: ({ args }) => awsAuth.getIdentityMappings(args),
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
