/** A type in a Pulumi schema. */
export interface TypeSpec {
  readonly type?: "string" | "boolean" | "integer" | "array" | "object";
  readonly items?: TypeSpec;
  readonly $ref?: string;
  readonly oneOf?: readonly TypeSpec[];
}

/** A property in a Pulumi schema. */
export interface PropertySpec extends TypeSpec {
  readonly description: string;
  readonly secret?: true;
  readonly willReplaceOnChanges?: true;
}

/** An object in a Pulumi schema. */
export interface ObjectSpec {
  readonly description: string;
  readonly type?: "object";
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly required?: readonly string[];
}

/** A string of a few values. */
export interface EnumSpec {
  readonly description: string;
  readonly type: "string";
  readonly enum: readonly { readonly name: string; readonly value: string; readonly description: string }[];
}

/** A resource in a Pulumi schema. */
export interface ResourceSpec extends ObjectSpec {
  readonly inputProperties: Readonly<Record<string, PropertySpec>>;
  readonly requiredInputs?: readonly string[];
  readonly isComponent?: true;
}

/** A function in a Pulumi schema. */
export interface FunctionSpec {
  readonly description: string;
  readonly inputs: ObjectSpec;
  readonly outputs: ObjectSpec;
}

/** Where a version is published. */
export interface Published {
  readonly homepage?: string;
  readonly repository?: string;
  readonly pluginDownloadURL?: string;
}

/** A Pulumi schema, as far as this package uses it. */
export interface PackageSpec extends Published {
  readonly name: string;
  readonly displayName: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly attribution: string;
  readonly publisher: string;
  readonly meta: { readonly moduleFormat: string };
  readonly config: { readonly variables: Readonly<Record<string, PropertySpec>> };
  readonly provider: { readonly description: string; readonly inputProperties: Readonly<Record<string, PropertySpec>> };
  readonly types: Readonly<Record<string, ObjectSpec | EnumSpec>>;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  readonly language: Readonly<Record<string, object>>;
}
