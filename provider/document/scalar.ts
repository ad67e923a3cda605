/**
 * What a plain YAML scalar is to the authenticator's reader, gopkg.in/yaml.v2 2.4.0.
 *
 * - `unsigned`: an integer that only fits without a sign, a number that cannot be a key
 * - `infinite`: .inf and .nan, which JSON cannot express, so that the whole key is dropped
 * - `merge`: `<<`, a string wherever it is not a key
 */
export type ScalarKind = "string" | "null" | "bool" | "number" | "unsigned" | "infinite" | "merge";

/**
 * Tells what the authenticator takes a plain scalar for. Follows `resolve` in yaml.v2's resolve.go, not the YAML 1.1 specification:
 * base-60 numbers are strings to it, and dates are read back as strings.
 */
export function scalarKind(text: string): ScalarKind {
  if (text === "<<") return "merge";
  if (nullWord.test(text)) return "null";
  if (boolWord.test(text)) return "bool";
  if (infiniteWord.test(text)) return "infinite";
  if (text.startsWith("."))
    return pointFloat.test(text) && hasFloatRange(text.replaceAll("_", "")) ? "number" : "string";
  if (!/^[-+0-9]/.test(text)) return "string";
  const digits = text.replaceAll("_", "");
  return integerKind(digits) ?? (float.test(digits) && hasFloatRange(digits) ? "number" : "string");
}

/** Whether a plain scalar is a string to every YAML reader, of version 1.1 or 1.2, strict or lenient. */
export function isStringEverywhere(text: string): boolean {
  return scalarKind(text) === "string" && !numberLike.test(text) && !reservedWord.test(text);
}

const nullWord = /^(?:|~|null|Null|NULL)$/;
const boolWord = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const infiniteWord = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
// Behind a leading point an underscore has to stand between digits, elsewhere it may stand anywhere.
const pointFloat = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
// Go's ParseInt with base 0; its last form is yaml.v2's own, and takes a sign behind the prefix.
const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]+|0|[1-9][0-9]*)$|^0b([-+])([01]+)$/;
// Anything of digits, signs and separators that starts like a number: sexagesimals, dates, versions, account IDs.
const numberLike = /^[-+]?\.?[0-9][0-9a-fA-FxXoObB_:.,TtZz\s+-]*$/;
// Spelt in any letter case, since some readers fold it; `=` is YAML 1.1's default value.
const reservedWord = /^(?:y|n|yes|no|on|off|true|false|null|~|=|[-+]?\.inf|\.nan)$/i;

/** Undefined for what is no integer of 64 bits; it may still be a float. */
function integerKind(digits: string): "number" | "unsigned" | undefined {
  const parts = integer.exec(digits);
  if (parts === null) return undefined;
  const sign = parts[1] || parts[3] || undefined;
  const literal = parts[2] ?? `0b${parts[4]}`;
  const magnitude = BigInt(literal.replace(/^0(?=[0-7])/, "0o"));
  if (magnitude < 2n ** 63n || (sign === "-" && magnitude === 2n ** 63n)) return "number";
  return sign === undefined && magnitude < 2n ** 64n ? "unsigned" : undefined;
}

function hasFloatRange(digits: string): boolean {
  return Number.isFinite(Number(digits));
}
