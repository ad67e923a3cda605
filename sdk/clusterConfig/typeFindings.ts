import type { core } from "zod";
import { closestOf } from "../../provider/closest";
import { quoted } from "../../provider/cluster/text";
import type { Finding, Path } from "./config";
import type { ConfigSource } from "./source";

/**
 * What a schema has to say about a part of a ClusterConfig, in words.
 *
 * @param base where the part is.
 * @param keys the keys that it may have.
 */
export function typeFindings(
  issues: readonly core.$ZodIssue[],
  base: Path,
  keys: readonly string[],
  source: ConfigSource,
): Finding[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...path, key], reason: describeUnknownKey(key, keys) }));
    }
    const expected = issue.code === "invalid_type" ? issue.expected : issue.code;
    return [{ path, reason: describeType(expected, path, source) }];
  });
}

/** What is wrong with a key that is not known. */
export function describeUnknownKey(key: string, keys: readonly string[]): string {
  const meant = closestOf(key, keys);
  return `unknown key ${quoted(key)}; ${meant === undefined ? "" : `did you mean ${quoted(meant)}? `}allowed: ${keys.join(", ")}`;
}

/** What is wrong with the type of a value. */
function describeType(expected: string, path: Path, source: ConfigSource): string {
  const value = valueAt(source.value, path);
  const shown = typeof value === "object" && value !== null ? describeKind(value) : spelt(value, path, source);
  const name = [...path].reverse().find((step) => typeof step === "string") ?? "";
  switch (expected) {
    case "string":
      return `${name} ${shown} is not a text but ${describeKind(value)}${consequence(value, path, source)}`;
    case "array":
      return `${name} ${shown} is not a list; write ${name}: [${typeof value === "string" ? quoted(value) : "..."}]`;
    case "boolean":
      return `${name} ${shown} must be true or false, without quotes`;
    default:
      return `${shown} is not a mapping of keys to values`;
  }
}

function consequence(value: unknown, path: Path, source: ConfigSource): string {
  if (typeof value === "object") {
    return "";
  }
  const spelling = source.spelling(path);
  const isAccount = path.at(-1) === "account";
  const loss = isAccount ? ", which loses leading zeros" : "";
  return spelling === undefined
    ? `${loss}; write it in quotes${isAccount ? ", as a string of 12 digits" : ""}`
    : ` to YAML${loss}; write it in quotes: "${spelling}"`;
}

function spelt(value: unknown, path: Path, source: ConfigSource): string {
  return typeof value === "string" ? quoted(value) : (source.spelling(path) ?? String(value));
}

function describeKind(value: unknown): string {
  if (Array.isArray(value)) {
    return "a list";
  }
  if (value instanceof Date) {
    return "a date";
  }
  return value === null || value === undefined
    ? "nothing"
    : typeof value === "object"
      ? "a mapping"
      : `a ${typeof value}`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((parent, step) => {
    const entries: [string, unknown][] = typeof parent === "object" && parent !== null ? Object.entries(parent) : [];
    return entries.find(([key]) => key === String(step))?.[1];
  }, value);
}
