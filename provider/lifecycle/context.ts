/**
 * What the program passes along with the inputs of a resource, for `check` alone: a dynamic provider is told neither the URN nor the
 * options of the resource that it checks. It is never returned, so it never reaches the state.
 */
export interface ResourceContext {
  /** The resource's URN, for messages and to tell the resources of one program apart. */
  readonly urn: string | undefined;
  /** Names the resource in the record of claims: its stack and its name. */
  readonly label: string | undefined;
  /** The properties of the resource option `ignoreChanges`: what happens to these outside of Pulumi is no drift. */
  readonly ignoreChanges: readonly string[];
  /** Whether nothing will be written in this run. */
  readonly isPreview: boolean;
  /** The properties that the program marks as secret, or that hold something which it marks so. */
  readonly secrets: readonly string[];
  /** As JSON, inputs that name the clusters of all resources which are made with this one; undefined where they have one. */
  readonly prefetch: string | undefined;
}

/** The name of the input that carries it; the engine shows no property whose name begins like this. */
export const contextInput = "__context";

/** The context as the input carries it: one string, since each field of an object costs every resource as much as another input. */
export function writeContext(context: ResourceContext): string {
  return JSON.stringify(context);
}

/** Reads the context of a resource; programs that build the resource by hand pass none. */
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

/** The name that a program gave to the resource with this URN. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
