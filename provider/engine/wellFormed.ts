import { isFields } from "../text/fields";

/** The same value, as far as a message of Pulumi has a form for it: it has none for half of a surrogate pair, nor for what is not set. */
export function wellFormed<Value>(value: Value): Value;
export function wellFormed(value: unknown): unknown {
  if (typeof value === "string") {
    return value.toWellFormed();
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown = null) => wellFormed(item));
  }
  if (!isFields(value)) {
    return value;
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name.toWellFormed(), wellFormed(field)]));
}
