import type { Settings } from "../cluster";
import { isSameEntry, type ResourceState } from "./state";

/** A mapping in the stack's state, parsed. */
export interface Before {
  readonly urn: string;
  readonly state: ResourceState;
}

/** A mapping that the program declares, parsed. */
export interface After {
  readonly urn: string;
  readonly state: ResourceState | undefined;
  readonly ignoreChanges: readonly string[];
  readonly isChanged: boolean;
}

/**
 * The mappings in the state that the program no longer declares under any name. Includes mappings whose name now declares something
 * else: they are replaced, and their old entries removed.
 */
export function removedFrom(stored: readonly Before[], declared: readonly After[], settings: Settings): Before[] {
  const byUrn = new Map(declared.map((mapping) => [mapping.urn, mapping]));
  const before = new Map(stored.map(({ urn, state }) => [urn, state]));
  return stored.filter(({ urn, state }) => {
    const own = byUrn.get(urn);
    const isKept = own !== undefined && (own.state === undefined || isSameEntry(state, own.state, settings));
    return !isKept && !declared.some((other) => takesOver(other, before.get(other.urn), state, settings));
  });
}

/**
 * Whether a new mapping is an existing one under a new name. Returns true for mappings that are not fully known yet, since a false
 * alarm would be worse than none, and the removal checks again.
 */
function takesOver(
  { state: declared }: After,
  before: ResourceState | undefined,
  other: ResourceState,
  settings: Settings,
): boolean {
  if (declared === undefined) {
    return before === undefined;
  }
  const isNew = before === undefined || !isSameEntry(before, other, settings);
  return isSameEntry(declared, other, settings) && isNew;
}

/**
 * Whether another process may declare a mapping: a component from a package in another language runs in its own process, and this
 * program does not see its resources. True for a child of components that have no mapping of this program as a child.
 */
export function mayBeDeclaredElsewhere({ urn }: Before, declared: readonly After[]): boolean {
  const parents = parentTypesOf(urn);
  return parents !== "" && !declared.some((mapping) => parentTypesOf(mapping.urn) === parents);
}

/** The types of the components around a resource, from its URN; empty if there are none. */
function parentTypesOf(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(0, Math.max(0, types.lastIndexOf("$")));
}
