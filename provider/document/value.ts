/** A scalar that is neither a string nor null to the authenticator: a number or a boolean, which no field takes. */
export class OtherScalar {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** What the authenticator makes of a YAML node before it looks at any field. */
export type Value = string | null | OtherScalar | readonly Value[] | ReadonlyMap<string, Value>;

/** What makes the authenticator drop a whole key although its YAML is well formed. */
export class ValueFault extends Error {
  /** Offset in the text. */
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** Whether two values are the same in every part. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a instanceof OtherScalar) return b instanceof OtherScalar && a.source === b.source;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && sameValue(value, b.get(key) ?? null));
  }
  return false;
}
