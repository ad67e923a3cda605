/** Resource options, with the names that all Pulumi languages share; other resources are given by name. */
export interface DeclaredOptions {
  readonly dependsOn?: readonly string[];
  readonly deletedWith?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly ignoreChanges?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  readonly hideDiffs?: readonly string[];
  readonly version?: string;
  /** The previous names of the resource, in a project with the default name. */
  readonly aliases?: readonly string[];
}

/** A mapping as a program declares it. Any value may be {@link Special}. */
export interface DeclaredMapping {
  readonly properties: object;
  readonly options?: DeclaredOptions | undefined;
}

/** The mappings of a program by resource name, in order. */
export type Declared = Readonly<Record<string, DeclaredMapping>>;

const kind = "$kind";

/** A value that can only be expressed in the text of a program. */
export type Special =
  | { readonly [kind]: "late"; readonly value: string; readonly of: string }
  | { readonly [kind]: "output"; readonly resource: string; readonly property: string };

/** A string that is unknown until the program has created a resource, which must be on a manifest. */
export function unknownUntil(of: string, value: string): Special {
  return { [kind]: "late", value, of };
}

export function output(resource: string, property: string): Special {
  return { [kind]: "output", resource, property };
}

/** Mappings without resource options. */
export function withoutOptions(mappings: Readonly<Record<string, object>>): Declared {
  return Object.fromEntries(Object.entries(mappings).map(([name, properties]) => [name, { properties }]));
}

/** A mapping of the role of each name, with the name as username, in groups if any are given. */
export function rolesNamed(names: readonly string[], groups?: readonly string[]): Declared {
  const role = (name: string) => ({ arn: `arn:aws:iam::111122223333:role/${name}`, username: name });
  return withoutOptions(Object.fromEntries(names.map((name) => [name, { ...role(name), ...(groups && { groups }) }])));
}

/** The same mappings, each of which depends on the previous one, for a predictable result. */
export function inOrder(mappings: Declared): Declared {
  const names = Object.keys(mappings);
  return Object.fromEntries(
    Object.entries(mappings).map(([name, { properties, options = {} }], index) => {
      const before = index === 0 ? [] : names.slice(index - 1, index);
      return [name, { properties, options: { ...options, dependsOn: [...(options.dependsOn ?? []), ...before] } }];
    }),
  );
}

/** Replaces the special values at any depth. */
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
