/**
 * The context that the SDK passes to `check` with the inputs, since a dynamic provider gets neither the URN nor the
 * options of a resource. `check` does not return it, so it is never stored in the state.
 */
export interface ResourceContext {
  readonly urn: string | undefined;
  /** The resource option `ignoreChanges`. Changes to these properties outside of Pulumi are not drift. */
  readonly ignoreChanges: readonly string[];
  readonly isPreview: boolean;
  /** Defers a report until it is known that this is a preview, since a plugin's check does not learn that. */
  readonly inPreview?: (tell: () => Promise<void>) => void;
  /** Whether the run has just read the mapping with the settings of the state, as the engine does for a plugin. */
  readonly isRead?: boolean;
  /** The properties that the program marks as secret, entirely or in part. `check` refuses those in {@link storedInMap}. */
  readonly secrets: readonly string[];
}

/** The input that contains the context. The engine hides properties whose names start with two underscores. */
export const contextInput = "__context";

/** The property that stores the ID of the resource's claim. */
export const claimProperty = "__claim";

export const ignoredProperty = "__ignored";

export function ignoredIn({ [ignoredProperty]: ignored }: Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(ignored) ? ignored.map(String) : [];
}

/** The property that stores the principal of the access entry with the role's path, which `arn` lacks. */
export const accessEntryProperty = "__accessEntry";

/** The inputs that a program can set, and the only properties that become outputs. */
export const inputNames = [
  "cluster",
  "arn",
  "account",
  "username",
  "groups",
  "noDuplicateARNs",
  "adopt",
  "authenticationMode",
] as const;

/** The inputs that aws-auth and access entries expose to everyone who may read them. */
export const storedInMap = ["arn", "account", "username", "groups"] as const;

/** Parses the context of a resource. Empty for a program that creates the resource without this SDK. */
export function readContext(input: unknown): ResourceContext {
  const given: { [Name in keyof ResourceContext]?: unknown } = typeof input === "string" ? JSON.parse(input) : {};
  return {
    urn: typeof given.urn === "string" ? given.urn : undefined,
    ignoreChanges: Array.isArray(given.ignoreChanges) ? given.ignoreChanges.map(String) : [],
    isPreview: given.isPreview === true,
    secrets: Array.isArray(given.secrets) ? given.secrets.map(String) : [],
  };
}

/** The type of an identity mapping in the schema of the resource plugin. */
export const mappingType = "aws-auth:index:IdentityMapping";

/** The changes that only the plan shows, by property and subject. They never become outputs. */
export interface PlanProperties {
  readonly drift?: Readonly<Record<string, string>>;
  readonly adoption?: Readonly<Record<string, string>>;
}
