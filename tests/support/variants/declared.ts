/** Resource options, by the names that every language of Pulumi has for them; other resources by their names. */
export interface DeclaredOptions {
  readonly dependsOn?: readonly string[];
  readonly deletedWith?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly ignoreChanges?: readonly string[];
  readonly customTimeouts?: Readonly<Record<"create" | "update" | "delete", string>>;
  /** The names that the resource had before, in a project of the default name. */
  readonly aliases?: readonly string[];
}

/** A mapping as a program declares it. Any value may be {@link Special}. */
export interface DeclaredMapping {
  readonly properties: object;
  readonly options?: DeclaredOptions | undefined;
}

/** The mappings of a program by the names of their resources, in order. */
export type Declared = Readonly<Record<string, DeclaredMapping>>;

const kind = "$kind";

/** A value that only the text of a program can say. */
export type Special =
  | { readonly [kind]: "late"; readonly value: string; readonly of: string }
  | { readonly [kind]: "output"; readonly resource: string; readonly property: string }
  | { readonly [kind]: "call"; readonly args: object };

/** A string that no preview knows before it has created a resource of the program, which has to be on a manifest. */
export function late(of: string, value: string): Special {
  return { [kind]: "late", value, of };
}

export function output(resource: string, property: string): Special {
  return { [kind]: "output", resource, property };
}

/** What `getIdentityMappings` returns. */
export function foundMappings(args: object = {}): Special {
  return { [kind]: "call", args };
}

/** Mappings without options of their own. */
export function plainly(mappings: Readonly<Record<string, object>>): Declared {
  return Object.fromEntries(Object.entries(mappings).map(([name, properties]) => [name, { properties }]));
}

/** A mapping for the role of each name, which is its username as well, in groups if any are given. */
export function rolesNamed(names: readonly string[], groups?: readonly string[]): Declared {
  const role = (name: string) => ({ arn: `arn:aws:iam::111122223333:role/${name}`, username: name });
  return plainly(Object.fromEntries(names.map((name) => [name, { ...role(name), ...(groups && { groups }) }])));
}

/** The same mappings, each of which is made after the one before, so that the resulting bytes can be told beforehand. */
export function inOrder(mappings: Declared): Declared {
  const names = Object.keys(mappings);
  return Object.fromEntries(
    Object.entries(mappings).map(([name, { properties, options = {} }], index) => {
      const before = index === 0 ? [] : names.slice(index - 1, index);
      return [name, { properties, options: { ...options, dependsOn: [...(options.dependsOn ?? []), ...before] } }];
    }),
  );
}

/** Replaces the special values, however deep. */
export function replaceSpecial(value: unknown, replace: (special: Special) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => replaceSpecial(item, replace));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (isSpecial(value)) {
    return replace(value);
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaceSpecial(item, replace)]));
}

function isSpecial(value: object): value is Special {
  return kind in value;
}
