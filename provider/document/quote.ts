import { isStringEverywhere } from "./scalar";

/** How a scalar is quoted. */
export type Quote = "plain" | "single" | "double";

/** Where a scalar stands: in `{}` or `[]` it may hold fewer characters unquoted. */
export type Context = "block" | "flow";

/** Writes a text as a YAML scalar on one line, quoted as wished or, where readers would take that for something else, in double quotes. */
export function renderScalar(text: string, quote: Quote, context: Context = "block"): string {
  if (quote === "plain" && isPlainSafe(text, context)) return text;
  if (quote === "single" && isPrintable(text)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isPlainSafe(text: string, context: Context): boolean {
  const allowed = context === "block" ? plainInBlock : plainInFlow;
  return allowed.test(text) && !text.startsWith("...") && !/:(?:\s|$)|\s#|\s$/.test(text) && isStringEverywhere(text);
}

// Begins with what is no indicator to any YAML reader, and goes on without quotes and brackets that only look like one.
const plainInBlock = /^[\p{L}\p{N}_./$+(][\p{L}\p{N}_./$+(){}[\],=@:;%&*!?#^~|<>` -]*$/u;
const plainInFlow = /^[\p{L}\p{N}_./$+(][\p{L}\p{N}_./$+()=@:;%&*!^~|<> -]*$/u;
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function isPrintable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u.test(text);
}
