import { resolve } from "node:path";
import { AwsAuthError } from "../../errors";
import { type Fields, isFields } from "../../text/fields";
import { quoted } from "../../text/text";
import { readRequiredFile } from "../../textFile";

/** @param label the item that refers to the file. */
export function readNamedFile(path: string, label: string): Buffer {
  return readRequiredFile(path, (reason) => {
    const fault = `${label} refers to file ${quoted(path)}, which cannot be read (${reason})`;
    return new AwsAuthError("invalidKubeconfig", `${fault}; correct the path`);
  });
}

/** An item of a kubeconfig. Fields are validated when they are read, so only those of the context in use have to be valid. */
export class KubeconfigItem {
  readonly label: string;
  /** The base of relative paths; undefined for content that does not come from a file. */
  readonly directory: string | undefined;
  readonly #fields: Fields;
  readonly #known = new Set<string>();

  constructor(label: string, fields: Fields, directory: string | undefined) {
    this.label = label;
    this.#fields = fields;
    this.directory = directory;
  }

  value(key: string): unknown {
    this.#known.add(key);
    return this.#fields[key] ?? undefined;
  }

  /** An empty string is treated as absent. A number is an error, since an unquoted token `0123` is parsed as the number 83. */
  text(key: string): string | undefined {
    return this.#typed(key, (value) => typeof value === "string", "a string, in quotes") || undefined;
  }

  flag(key: string): boolean {
    return this.#typed(key, (value) => typeof value === "boolean", "true or false") ?? false;
  }

  list(key: string): readonly unknown[] {
    return this.#typed(key, (value) => Array.isArray(value), "a list") ?? [];
  }

  #typed<T>(key: string, isRight: (value: unknown) => value is T, type: string): T | undefined {
    const value = this.value(key);
    if (value !== undefined && !isRight(value)) {
      throw this.wrongType(key, type);
    }
    return value;
  }

  inner(key: string): KubeconfigItem | undefined {
    const value = this.value(key);
    return isFields(value) ? new KubeconfigItem(`${key} of ${this.label}`, value, this.directory) : undefined;
  }

  path(key: string): string | undefined {
    const path = this.text(key);
    return path === undefined || this.directory === undefined ? path : resolve(this.directory, path);
  }

  /** Content given as base64 in one field or as a path in another. As in kubectl, base64 takes precedence. */
  content(dataKey: string, pathKey: string): Buffer | undefined {
    const [data, path] = [this.text(dataKey)?.replace(/\s/g, ""), this.path(pathKey)];
    if (data !== undefined && (data.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(data))) {
      throw this.wrongType(dataKey, "base64");
    }
    if (data !== undefined) {
      return Buffer.from(data, "base64");
    }
    return path === undefined ? undefined : readNamedFile(path, this.label);
  }

  /** Refuses fields that were not read and are not harmless, since ignoring them might select another identity. */
  assertRead(harmless: readonly string[]): void {
    const known = [...this.#known, ...harmless];
    const other = Object.keys(this.#fields).find((key) => !known.includes(key));
    if (other !== undefined) {
      throw this.refusal(`has the unsupported field ${quoted(other)}`, `remove it; supported: ${known.join(", ")}`);
    }
  }

  wrongType(key: string, type: string): AwsAuthError {
    return this.refusal(`has ${key}, which must be ${type}`, "correct it");
  }

  refusal(fault: string, remedy: string): AwsAuthError {
    return new AwsAuthError("invalidKubeconfig", `${this.label} ${fault}; ${remedy}`);
  }
}
