import { quoted } from "./text";

export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value has named fields, such as a YAML map or a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The items of a list, each with its fields; empty for any other value. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** The strings of a list, with an empty string for any other item. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The string itself; JSON for any other value. */
export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function withoutUnset<Value>(fields: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

export function jsonFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function describeUnknownKey(key: string, allowed: readonly string[]): string {
  return `unknown key ${quoted(key)}; valid keys: ${allowed.join(", ")}`;
}
