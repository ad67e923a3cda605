/** A plain scalar that the authenticator reads as a number or a boolean, which no field accepts. */
export class OtherScalar {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** A value as the authenticator reads it, before it interprets fields. */
export type Value = string | null | OtherScalar | readonly Value[] | ReadonlyMap<string, Value>;

/** The type of a plain scalar; `refused` for `.inf`, which JSON cannot express, `<<`, and numbers that may exceed 64 bits. */
type ScalarKind = "string" | "null" | "other" | "refused";

/**
 * The type of a plain scalar in the authenticator's YAML library, gopkg.in/yaml.v2 2.4.0. Follows `resolve` in its
 * resolve.go, not the YAML 1.1 specification: base-60 numbers are strings, and dates are read as strings.
 */
export function scalarKind(text: string): ScalarKind {
  if (nullWord.test(text)) {
    return "null";
  }
  if (boolWord.test(text)) {
    return "other";
  }
  if (refusedWord.test(text)) {
    return "refused";
  }
  const digits = text.replaceAll("_", "");
  const isInRange = Number.isFinite(Number(digits));
  if (text.startsWith(".")) {
    return pointFloat.test(text) && isInRange ? "other" : "string";
  }
  if (!/^[-+0-9]/.test(text)) {
    return "string";
  }
  if (prefixed.test(digits)) {
    return digits.length > maxPrefixedLength ? "refused" : "other";
  }
  return float.test(digits) && isInRange ? "other" : "string";
}

const nullWord = /^(?:|~|null|Null|NULL)$/;
const boolWord = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const refusedWord = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|<<)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
// After a leading point, underscores must be between digits; elsewhere they may be anywhere.
const pointFloat = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
// The last alternative is specific to yaml.v2, and allows a sign after the prefix.
const prefixed = /^[-+]?0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)$|^0b[-+][01]+$/;
const maxPrefixedLength = 16;

/** Writes a string as a YAML scalar on one line of a block, without quotes if every reader, of YAML 1.1 or 1.2, strict or lenient, reads the same string. */
export function renderScalar(text: string): string {
  const isPlain = plainSafe.test(text) && !text.startsWith("...") && !/:(?:\s|$)|\s#|\s$/.test(text);
  const isStringEverywhere = scalarKind(text) === "string" && !numberLike.test(text) && !reservedWord.test(text);
  return isPlain && isStringEverywhere ? text : doubleQuoted(text);
}

/** Writes a string as a double-quoted YAML scalar, which JSON readers read as the same string. */
export function doubleQuoted(text: string): string {
  // Also escape the line breaks of YAML 1.1, which its readers, such as kubectl, would fold.
  return JSON.stringify(text).replace(
    unsafeCharacters,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

// The first character is not an indicator for any YAML reader.
const plainSafe = /^[\p{L}\p{N}_./$+(][\p{L}\p{N}_./$+(){}[\],=@:;%&*!?#^~|<>` -]*$/u;
const unsafeCharacters = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
// Digits, signs and separators that start like a number: base-60 numbers, dates, versions, account IDs.
const numberLike = /^[-+]?\.?[0-9][0-9a-fA-FxXoObB_:.,TtZz\s+-]*$/;
// In any letter case, since some readers ignore it. `=` is the default value of YAML 1.1.
const reservedWord = /^(?:y|n|yes|no|on|off|true|false|null|~|=|[-+]?\.inf|\.nan)$/i;
