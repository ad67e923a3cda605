import type { Properties } from "../lifecycle/state";
import { quoted } from "../text/text";
import { spec } from "./schema";

/** A problem of a property. */
export interface PropertyProblem {
  readonly property: string;
  /** One sentence. */
  readonly reason: string;
}

/**
 * The names that are unknown, and those that are missing, by the schema.
 *
 * @param token of a function, which has arguments, or of a component, which has inputs.
 */
export function nameProblems(given: Properties, token: string): PropertyProblem[] {
  const { functions, resources } = spec;
  const inputs = functions[token]?.inputs;
  const what = inputs === undefined ? "input" : "argument";
  const names = Object.keys(inputs?.properties ?? resources[token]?.inputProperties ?? {});
  const required = inputs?.required ?? resources[token]?.requiredInputs ?? [];
  const unknown = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((property) => {
      return { property, reason: `${quoted(property)} is not an ${what}; valid ${what}s: ${names.join(", ")}` };
    });
  const missing = required
    .filter((name) => given[name] === undefined || given[name] === null)
    .map((property) => ({ property, reason: `${property} is not set` }));
  return [...unknown, ...missing];
}
