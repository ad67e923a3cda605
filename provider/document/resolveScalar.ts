import type { Scalar } from "yaml";
import { type ScalarKind, scalarKind } from "./scalar";
import { ValueFault } from "./value";

/** A scalar, and what its tag or, without one, its look makes of it. */
export interface ResolvedScalar {
  readonly kind: ScalarKind;
  readonly text: string;
}

/**
 * Resolves a scalar as yaml.v2 does.
 *
 * @throws ValueFault where it does not fit its tag.
 */
export function resolveScalar(scalar: Scalar.Parsed): ResolvedScalar {
  const text = typeof scalar.value === "string" ? scalar.value : "";
  const tag = isImplicit(scalar) ? "" : (scalar.tag ?? "tag:yaml.org,2002:str");
  if (tag === "tag:yaml.org,2002:binary") return { kind: "string", text: decodeBinary(scalar, text) };
  const expected = tagKinds[tag];
  if (expected === undefined) return { kind: "string", text };
  const kind = scalarKind(text);
  if (!expected.includes(kind) || (tag.endsWith(":timestamp") && !timestamp.test(text)))
    throw new ValueFault(scalar.range[0], `${JSON.stringify(text)} does not fit its tag`);
  return { kind, text };
}

/** Whether a scalar is left to its reader to type. */
export function isImplicit(scalar: Scalar.Parsed): boolean {
  return scalar.tag === undefined && scalar.type === "PLAIN";
}

function decodeBinary(scalar: Scalar.Parsed, text: string): string {
  const digits = text.replace(/[\r\n]/g, "");
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) {
    throw new ValueFault(scalar.range[0], "a !!binary value is not base64");
  }
  return Buffer.from(digits, "base64").toString("utf8");
}

// allowedTimestampFormats in yaml.v2's resolve.go; reading only asks for one under its tag.
const timestamp =
  /^\d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?|[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))?$/;

// Tags that yaml.v2 resolves; any other one leaves a string.
const tagKinds: Readonly<Record<string, readonly ScalarKind[]>> = {
  "": ["string", "null", "bool", "number", "unsigned", "infinite", "merge"],
  "tag:yaml.org,2002:bool": ["bool"],
  "tag:yaml.org,2002:int": ["number", "unsigned"],
  "tag:yaml.org,2002:float": ["number", "unsigned", "infinite"],
  "tag:yaml.org,2002:null": ["null"],
  "tag:yaml.org,2002:timestamp": ["string"],
};
