import type { Properties } from "../lifecycle/state";
import { closestOf, quoted } from "../text/text";

/** A problem of a property. */
export interface PropertyProblem {
  readonly property: string;
  /** One sentence. */
  readonly reason: string;
}

/** The names that a function or a component has for its arguments. */
export interface ArgumentNames {
  readonly names: readonly string[];
  readonly required: readonly string[];
}

/**
 * The names that are unknown, and those that are missing.
 *
 * @param what what the names are of, in the singular: an argument or an input.
 */
export function nameProblems(
  given: Properties,
  { names, required }: ArgumentNames,
  what: "argument" | "input",
): PropertyProblem[] {
  const unknown = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((property) => {
      const meant = closestOf(property, names);
      const remedy = meant === undefined ? `the ${what}s are ${names.join(", ")}` : `did you mean ${meant}?`;
      return { property, reason: `${quoted(property)} is not an ${what}; ${remedy}` };
    });
  const missing = required
    .filter((name) => given[name] === undefined || given[name] === null)
    .map((property) => ({ property, reason: `${property} is not set` }));
  return [...unknown, ...missing];
}
