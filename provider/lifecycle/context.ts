/**
 * The context that the program passes to `check` along with the inputs, since a dynamic provider gets neither the URN nor the
 * options of a resource. `check` does not return it, so it never reaches the state.
 */
export interface ResourceContext {
  /** The resource's URN, for messages and to identify it within the program. */
  readonly urn: string | undefined;
  /** The resource's label in the record of claims: its stack and its name. */
  readonly label: string | undefined;
  /** The resource option `ignoreChanges`. Changes to these properties outside of Pulumi are not drift. */
  readonly ignoreChanges: readonly string[];
  /** Whether this run is a preview. */
  readonly isPreview: boolean;
  /** The properties that the program marks as secret, in whole or in part. */
  readonly secrets: readonly string[];
  /** The `cluster` inputs of all resources that are created together with this one, as JSON; undefined if they have only one. */
  readonly prefetch: string | undefined;
}

/** The input that carries the context. The engine hides properties whose names begin with two underscores. */
export const contextInput = "__context";

/**
 * What `check` returns in that input, in previews alone, if the map has to be changed for the resource, or it is not known whether. The
 * program reads it from the outputs.
 */
export const changesMap = "changes the map";

/** Serializes the context to one string, since each field of an object would cost as much time as another input. */
export function writeContext(context: ResourceContext): string {
  return JSON.stringify(context);
}

/** Parses the context of a resource. Empty for a program that constructs the resource without this SDK. */
export function readContext(input: unknown): ResourceContext {
  const given: { [Name in keyof ResourceContext]?: unknown } = typeof input === "string" ? JSON.parse(input) : {};
  return {
    urn: typeof given.urn === "string" ? given.urn : undefined,
    label: typeof given.label === "string" ? given.label : undefined,
    ignoreChanges: Array.isArray(given.ignoreChanges) ? given.ignoreChanges.map(String) : [],
    isPreview: given.isPreview === true,
    secrets: Array.isArray(given.secrets) ? given.secrets.map(String) : [],
    prefetch: typeof given.prefetch === "string" ? given.prefetch : undefined,
  };
}

/** The name in a URN. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
