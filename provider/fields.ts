import { closestOf, quoted } from "./text";

/** A value with named fields, of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value has named fields, as a map of YAML or an object of JSON has. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of a value; those of anything else are none. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** What is wrong with a key that is not one of the allowed ones: the nearest of them, and all. */
export function describeUnknownKey(key: string, allowed: readonly string[]): string {
  return `unknown key ${quoted(key)}; ${didYouMean(key, allowed)}allowed: ${allowed.join(", ")}`;
}

/** The question whether the nearest of the allowed words was meant, with a space after it; empty where none is near. */
export function didYouMean(word: string, allowed: readonly string[]): string {
  const meant = closestOf(word, allowed);
  return meant === undefined ? "" : `did you mean ${quoted(meant)}? `;
}
