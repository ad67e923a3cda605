import type { Scalar } from "yaml";

/** A scalar that is neither a string nor null to the authenticator: a number or a boolean, which no field accepts. */
export class OtherScalar {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** The value of a YAML node as the authenticator reads it, before it interprets fields. */
export type Value = string | null | OtherScalar | readonly Value[] | ReadonlyMap<string, Value>;

/** A problem that makes the authenticator drop a whole key although its YAML is well-formed. */
export class ValueProblem extends Error {
  /** Offset in the text. */
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** Whether two values are deeply equal. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) {
    return true;
  }
  if (a instanceof OtherScalar) {
    return b instanceof OtherScalar && a.source === b.source;
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && sameValue(value, b.get(key) ?? null));
  }
  return false;
}

/**
 * The type of a plain YAML scalar in the authenticator's YAML library, gopkg.in/yaml.v2 2.4.0.
 *
 * - `unsigned`: an integer that only fits an unsigned type; it is a number, but cannot be a key
 * - `infinite`: .inf and .nan, which JSON cannot represent, so that the whole key is dropped
 * - `merge`: `<<`, which is a string unless it is a key
 */
type ScalarKind = "string" | "null" | "bool" | "number" | "unsigned" | "infinite" | "merge";

/**
 * The type of a plain scalar. Follows `resolve` in yaml.v2's resolve.go, not the YAML 1.1 specification: base-60 numbers are
 * strings to it, and dates are read back as strings.
 */
export function scalarKind(text: string): ScalarKind {
  if (text === "<<") {
    return "merge";
  }
  if (nullWord.test(text)) {
    return "null";
  }
  if (boolWord.test(text)) {
    return "bool";
  }
  if (infiniteWord.test(text)) {
    return "infinite";
  }
  if (text.startsWith(".")) {
    return pointFloat.test(text) && hasFloatRange(text.replaceAll("_", "")) ? "number" : "string";
  }
  if (!/^[-+0-9]/.test(text)) {
    return "string";
  }
  const digits = text.replaceAll("_", "");
  return integerKind(digits) ?? (float.test(digits) && hasFloatRange(digits) ? "number" : "string");
}

/** Whether a plain scalar is a string to every YAML reader, of version 1.1 or 1.2, strict or lenient. */
function isStringEverywhere(text: string): boolean {
  return scalarKind(text) === "string" && !numberLike.test(text) && !reservedWord.test(text);
}

const nullWord = /^(?:|~|null|Null|NULL)$/;
const boolWord = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const infiniteWord = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
// After a leading point, an underscore must be between digits; elsewhere it may be anywhere.
const pointFloat = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
// Go's ParseInt with base 0. The last alternative is yaml.v2's own, and allows a sign after the prefix.
const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]+|0|[1-9][0-9]*)$|^0b([-+])([01]+)$/;
// Digits, signs and separators that start like a number: sexagesimals, dates, versions, account IDs.
const numberLike = /^[-+]?\.?[0-9][0-9a-fA-FxXoObB_:.,TtZz\s+-]*$/;
// In any letter case, since some readers ignore it. `=` is the default value of YAML 1.1.
const reservedWord = /^(?:y|n|yes|no|on|off|true|false|null|~|=|[-+]?\.inf|\.nan)$/i;

/** Undefined if it is not a 64-bit integer; it may still be a float. */
function integerKind(digits: string): "number" | "unsigned" | undefined {
  const parts = integer.exec(digits);
  if (parts === null) {
    return undefined;
  }
  const sign = parts[1] || parts[3] || undefined;
  const literal = parts[2] ?? `0b${parts[4]}`;
  const magnitude = BigInt(literal.replace(/^0(?=[0-7])/, "0o"));
  if (magnitude < 2n ** 63n || (sign === "-" && magnitude === 2n ** 63n)) {
    return "number";
  }
  return sign === undefined && magnitude < 2n ** 64n ? "unsigned" : undefined;
}

function hasFloatRange(digits: string): boolean {
  return Number.isFinite(Number(digits));
}

/** A scalar with its type, according to its tag or, without one, its text. */
interface ResolvedScalar {
  readonly kind: ScalarKind;
  readonly text: string;
}

/**
 * Resolves a scalar as yaml.v2 does.
 *
 * @throws ValueProblem if it does not match its tag.
 */
export function resolveScalar(scalar: Scalar.Parsed): ResolvedScalar {
  const text = textOf(scalar);
  const tag = isImplicit(scalar) ? "" : (scalar.tag ?? "tag:yaml.org,2002:str");
  if (tag === "tag:yaml.org,2002:binary") {
    return { kind: "string", text: decodeBinary(scalar, text) };
  }
  const expected = tagKinds[tag];
  if (expected === undefined) {
    return { kind: "string", text };
  }
  const kind = scalarKind(text);
  if (!expected.includes(kind) || (tag.endsWith(":timestamp") && !timestamp.test(text))) {
    throw new ValueProblem(scalar.range[0], `${JSON.stringify(text)} does not fit its tag: remove the tag`);
  }
  return { kind, text };
}

/**
 * A block scalar's last line has a line break only if the source has one. The YAML 1.2 parser adds one where the source ends without.
 */
function textOf({ value, srcToken }: Scalar.Parsed): string {
  const text = typeof value === "string" ? value : "";
  return srcToken?.type === "block-scalar" && isOpen(srcToken.source, text) ? text.replace(/\n$/, "") : text;
}

/** Whether the source of a block scalar ends within a line of its text, and not behind it or with blanks that only indent. */
function isOpen(source: string, text: string): boolean {
  const indentation = leadingSpaces(source) - leadingSpaces(text);
  return source.length - (source.lastIndexOf("\n") + 1) > indentation;
}

/** The number of spaces before the first other character, in its line. */
function leadingSpaces(text: string): number {
  return /^ *(?=[^ \r\n])/m.exec(text)?.[0].length ?? 0;
}

/** Whether a scalar's type depends on its reader. */
export function isImplicit(scalar: Scalar.Parsed): boolean {
  return scalar.tag === undefined && scalar.type === "PLAIN";
}

function decodeBinary(scalar: Scalar.Parsed, text: string): string {
  const digits = text.replace(/[\r\n]/g, "");
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) {
    throw new ValueProblem(scalar.range[0], "a !!binary value is not base64: remove the tag");
  }
  return Buffer.from(digits, "base64").toString("utf8");
}

// allowedTimestampFormats in yaml.v2's resolve.go. Only needed for scalars with the timestamp tag.
const timestamp =
  /^\d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?|[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))?$/;

// Tags that yaml.v2 resolves. With any other tag a scalar is a string.
const tagKinds: Readonly<Record<string, readonly ScalarKind[]>> = {
  "": ["string", "null", "bool", "number", "unsigned", "infinite", "merge"],
  "tag:yaml.org,2002:bool": ["bool"],
  "tag:yaml.org,2002:int": ["number", "unsigned"],
  "tag:yaml.org,2002:float": ["number", "unsigned", "infinite"],
  "tag:yaml.org,2002:null": ["null"],
  "tag:yaml.org,2002:timestamp": ["string"],
};

/** How a scalar is quoted. */
export type Quote = "plain" | "single" | "double";

/** The context of a scalar. In `{}` or `[]`, fewer characters are allowed without quotes. */
export type Context = "block" | "flow";

/** Writes a string as a YAML scalar on one line, with the preferred quotes or, if readers might misread that, in double quotes. */
export function renderScalar(text: string, quote: Quote, context: Context = "block"): string {
  if (quote === "plain" && isPlainSafe(text, context)) {
    return text;
  }
  if (quote === "single" && isPrintable(text)) {
    return `'${text.replaceAll("'", "''")}'`;
  }
  return doubleQuoted(text);
}

/** Writes a string as a double-quoted YAML scalar on one line, which can represent any string. */
export function doubleQuoted(text: string): string {
  // YAML's double quotes support all JSON escapes. Also escapes the line breaks of YAML 1.1, which its readers, such as kubectl,
  // would fold.
  return JSON.stringify(text).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isPlainSafe(text: string, context: Context): boolean {
  const allowed = context === "block" ? plainInBlock : plainInFlow;
  return allowed.test(text) && !text.startsWith("...") && !/:(?:\s|$)|\s#|\s$/.test(text) && isStringEverywhere(text);
}

// Starts with a character that is not an indicator for any YAML reader, and contains only characters that are safe after it.
const plainInBlock = /^[\p{L}\p{N}_./$+(][\p{L}\p{N}_./$+(){}[\],=@:;%&*!?#^~|<>` -]*$/u;
const plainInFlow = /^[\p{L}\p{N}_./$+(][\p{L}\p{N}_./$+()=@:;%&*!^~|<> -]*$/u;
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function isPrintable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u.test(text);
}
