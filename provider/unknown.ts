/**
 * How the engine marks a value that is not known until something else has been created: this string stands in its place, inside
 * lists and objects as well. It is part of the provider protocol.
 */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is not known yet, as a whole. */
export function isUnknown(value: unknown): boolean {
  return value === unknownValue;
}

/** Whether a value, or anything inside it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return isUnknown(value);
  }
  return Object.values(value).some(hasUnknown);
}
