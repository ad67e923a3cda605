import { isSameCluster, type Properties, principalOfState } from "./state";

/** A mapping as the stack's state has it. */
export interface StoredMapping {
  readonly urn: string;
  readonly outputs: Properties;
}

/** A mapping as the program declares it. */
export interface DeclaredMapping {
  readonly urn: string;
  /** What `check` made of its inputs; undefined while a part of that is not known. */
  readonly inputs: Properties | undefined;
  /** The properties that the program leaves to others. */
  readonly ignoreChanges: readonly string[];
}

/**
 * What the state has and the program no longer declares: neither under its name, nor under another one. One whose name declares
 * something else now is replaced, and its old entry removed.
 */
export function removedFrom(stored: readonly StoredMapping[], declared: readonly DeclaredMapping[]): StoredMapping[] {
  const byUrn = new Map(declared.map((mapping) => [mapping.urn, mapping]));
  const before = new Map(stored.map(({ urn, outputs }) => [urn, outputs]));
  return stored.filter((mapping) => {
    const own = byUrn.get(mapping.urn);
    const isKept = own !== undefined && (own.inputs === undefined || isSameEntry(mapping.outputs, own.inputs));
    return !isKept && !declared.some((other) => takesOver(other, before.get(other.urn), mapping));
  });
}

/**
 * Whether another process may declare a mapping: a component of a package in another language runs in one of its own, and this
 * program does not see what it declares. True of a child of components of which no mapping of this program is a child.
 */
export function mayBeDeclaredElsewhere({ urn }: StoredMapping, declared: readonly DeclaredMapping[]): boolean {
  const parents = parentTypesOf(urn);
  return parents !== "" && !declared.some((mapping) => parentTypesOf(mapping.urn) === parents);
}

/** The types of the components that a resource is in, as its URN chains them; empty: it is in none. */
function parentTypesOf(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(0, Math.max(0, types.lastIndexOf("$")));
}

/** Whether two sets of properties are about the same principal of the same cluster. */
export function isSameEntry(a: Properties, b: Properties): boolean {
  return principalOfState(a) === principalOfState(b) && isSameCluster(a, b);
}

/**
 * Whether a mapping that is new where it stands is another's under a new name. What is not known yet may be, and a false alarm would
 * be worse than none: the removal itself looks again.
 */
function takesOver({ inputs }: DeclaredMapping, before: Properties | undefined, { outputs }: StoredMapping): boolean {
  if (inputs === undefined) {
    return before === undefined;
  }
  return isSameEntry(inputs, outputs) && (before === undefined || !isSameEntry(before, outputs));
}
