import { parseUrn } from "../engine/urn";

/**
 * The context that the program passes to `check` along with the inputs, since a dynamic provider gets neither the URN nor the
 * options of a resource. `check` does not return it, so it never reaches the state.
 */
export interface ResourceContext {
  /** The resource's URN, for messages and to identify it within the program. */
  readonly urn: string | undefined;
  /** The resource's label in the record of claims: its stack and its name. */
  readonly label: string | undefined;
  /** What the IDs of its claims begin with, from `stemOf`; undefined for a resource constructed without this SDK. */
  readonly stem?: string | undefined;
  /** The resource option `ignoreChanges`. Changes to these properties outside of Pulumi are not drift. */
  readonly ignoreChanges: readonly string[];
  readonly isPreview: boolean;
  /** Keeps a report of `check` until it is known whether this is a preview. Only in the plugin, whose check is not told. */
  readonly keepForPreview?: (tell: () => Promise<void>) => void;
  /** Whether the engine has read the resource just before, after everything that it depends on was made. */
  readonly isRead?: boolean;
  /** Whether that has found its entry gone, so that the engine makes it again as a new resource. */
  readonly isGone?: boolean;
  /** The properties that the program marks as secret, in whole or in part. `check` refuses those in {@link storedInMap}. */
  readonly secrets: readonly string[];
}

/** The input that carries the context. The engine hides properties whose names begin with two underscores. */
export const contextInput = "__context";

/**
 * The property of inputs and outputs that stores what a mapping does not say of its access entry. Only there if it has one. The engine
 * hides properties whose names begin with two underscores.
 */
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

/** The inputs that aws-auth and access entries show to everyone who may read them. */
export const storedInMap = ["arn", "account", "username", "groups"] as const;

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
    stem: typeof given.stem === "string" ? given.stem : undefined,
    ignoreChanges: Array.isArray(given.ignoreChanges) ? given.ignoreChanges.map(String) : [],
    isPreview: given.isPreview === true,
    secrets: Array.isArray(given.secrets) ? given.secrets.map(String) : [],
  };
}

/** Reports what belongs to a preview alone. */
export async function reportInPreview(
  { isPreview, keepForPreview }: ResourceContext,
  tell: () => Promise<void>,
): Promise<void> {
  await (isPreview ? tell() : keepForPreview?.(tell));
}

/** The name of a resource; of one without a URN, what stands for it. */
export function nameOf(urn: string): string {
  return parseUrn(urn)?.name ?? urn;
}

/** The type of an identity mapping in the schema of the resource plugin. */
export const mappingType = "aws-auth:index:IdentityMapping";

/** The type of the component that makes mappings of the items of an eksctl ClusterConfig. */
export const identityMappingsType = "aws-auth:index:IdentityMappings";

/** The type of the component that gives an AWS service access to a namespace. */
export const serviceIdentityMappingType = "aws-auth:index:ServiceIdentityMapping";

/** Whether a resource maps the role of an AWS service: it is a child of that component. */
export function isOfService(urn: string | undefined): boolean {
  return parentType(urn) === serviceIdentityMappingType;
}

function parentType(urn: string | undefined): string | undefined {
  return urn === undefined ? undefined : parseUrn(urn)?.parentTypes.at(-1);
}

/** The properties that the plan displays and that never become outputs. */
export const shownNames = ["drift", "adoption"] as const;

/** The changes that the plan displays, by property and subject. */
export type Shown = { readonly [name in (typeof shownNames)[number]]?: Readonly<Record<string, string>> };

/** What the plan shows of all places. */
export function shownOf(plans: readonly Required<Shown>[]): Shown {
  const all = shownNames.map((name) => [name, Object.assign({}, ...plans.map((plan) => plan[name]))] as const);
  return Object.fromEntries(all.filter(([, changes]) => Object.keys(changes).length > 0));
}
