import { resolve } from "node:path";
import { AwsAuthError } from "../../errors";
import type { Fields } from "../../text/fields";
import { quoted } from "../../text/text";

/** An item of a kubeconfig, not yet validated: only those of the context in use have to be valid. */
export interface Part {
  readonly fields: Fields;
  /** Names it in messages. */
  readonly label: string;
  /** The base of its relative paths; undefined for content that does not come from a file. */
  readonly directory: string | undefined;
}

/** A field that we do not know is refused: if it were ignored, the run might act as another identity. */
export function assertKnown({ fields, label }: Part, known: readonly string[]): void {
  const other = Object.keys(fields).find((key) => !known.includes(key));
  if (other !== undefined) {
    throw refusal(
      label,
      `has the field ${quoted(other)}, which is not supported`,
      `remove it; supported: ${known.join(", ")}`,
    );
  }
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Null and an empty string count as absent. A number is an error: a token `0123` without quotes is the number 83. */
export function textIn(part: Part, key: string): string | undefined {
  const value = part.fields[key] ?? "";
  if (!isText(value)) {
    throw wrongType(part, key, "a string, in quotes");
  }
  return value === "" ? undefined : value;
}

export function textsIn(part: Part, key: string): readonly string[] {
  const value = part.fields[key] ?? [];
  if (!Array.isArray(value) || !value.every(isText)) {
    throw wrongType(part, key, "a list of strings, each in quotes");
  }
  return value;
}

export function flagIn(part: Part, key: string): boolean {
  const value = part.fields[key] ?? false;
  if (typeof value !== "boolean") {
    throw wrongType(part, key, "true or false");
  }
  return value;
}

export function base64In(part: Part, key: string): Buffer | undefined {
  const value = textIn(part, key)?.replace(/\s/g, "");
  if (value !== undefined && (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))) {
    throw wrongType(part, key, "base64");
  }
  return value === undefined ? undefined : Buffer.from(value, "base64");
}

export function pathIn(part: Part, key: string): string | undefined {
  const path = textIn(part, key);
  return path === undefined || part.directory === undefined ? path : resolve(part.directory, path);
}

export function wrongType({ label }: Part, key: string, type: string): AwsAuthError {
  return refusal(label, `has ${key} that is not ${type}`, "correct it");
}

export function refusal(label: string, fault: string, remedy: string): AwsAuthError {
  return new AwsAuthError("invalidKubeconfig", `${label} ${fault}; ${remedy}`);
}
