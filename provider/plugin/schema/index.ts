import content from "./schema.json";

/** A type in a Pulumi schema. */
export interface TypeSpec {
  type?: string;
  items?: TypeSpec;
  $ref?: string | undefined;
  oneOf?: TypeSpec[];
}

/** A property in a Pulumi schema. */
export interface PropertySpec extends TypeSpec {
  description: string;
  secret?: boolean;
  willReplaceOnChanges?: boolean;
}

/** An object in a Pulumi schema. */
export interface ObjectSpec {
  description: string;
  properties: Record<string, PropertySpec>;
  required?: string[];
}

/** A string of a few values. */
export interface EnumSpec {
  description: string;
  enum: { name: string; value: string; description: string }[];
}

/** A resource in a Pulumi schema. */
export interface ResourceSpec extends ObjectSpec {
  inputProperties: Record<string, PropertySpec>;
  requiredInputs?: string[];
  isComponent?: boolean;
}

/** A function in a Pulumi schema. */
export interface FunctionSpec {
  description: string;
  inputs: ObjectSpec;
  outputs: ObjectSpec;
}

/** Where a version is published. */
export interface Published {
  readonly homepage?: string;
  readonly repository?: string;
  readonly pluginDownloadURL?: string;
}

/** A Pulumi schema, as far as code reads it. */
export interface PackageSpec {
  provider: { description: string; inputProperties: Record<string, PropertySpec> };
  types: Record<string, ObjectSpec | EnumSpec>;
  resources: Record<string, ResourceSpec>;
  functions: Record<string, FunctionSpec>;
}

/** The schema without what depends on the version. */
export const spec: PackageSpec = content;

/**
 * The schema of a version of the package, from which the SDKs and their documentation are generated. `npm run docs` writes the
 * descriptions that stand in doc comments or in this folder's Markdown files to `schema.json`; the rest of it is written by hand.
 */
export function schema(version: string, published: Published = {}) {
  return { ...content, ...spec, version, ...published, config: { variables: spec.provider.inputProperties } };
}
