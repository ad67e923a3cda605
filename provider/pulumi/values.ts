import { isFields } from "../text/fields";

/** The string that the engine uses for an unknown value, also inside lists and objects. Part of the provider protocol. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return value === unknownValue;
}

export function hasUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return isUnknown(value);
  }
  return Object.values(value).some(hasUnknown);
}

/** Removes what Pulumi's messages cannot represent: lone surrogates and undefined fields. Converts strings also by a function, if given. */
export function wellFormed<Value>(value: Value, convert?: (text: string) => string): Value;
export function wellFormed(value: unknown, convert = (text: string) => text): unknown {
  if (typeof value === "string") {
    return convert(value).toWellFormed();
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown = null) => wellFormed(item, convert));
  }
  if (!isFields(value)) {
    return value;
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [convert(name).toWellFormed(), wellFormed(field, convert)]));
}

/** The components of a resource's URN, without the types of its parents; undefined for any other text. A name may contain any characters. */
export function parseUrn(urn: string) {
  const [, stack = "", project = "", types = "", name = ""] = /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/s.exec(urn) ?? [];
  const type = types.split("$").pop();
  return type ? { stack, project, type, name } : undefined;
}
