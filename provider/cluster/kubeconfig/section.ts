import { AwsAuthError } from "../../errors";
import { type Fields, isFields } from "../../text/fields";
import { quoted } from "../../text/text";

/**
 * A part of a kubeconfig with fields of known types. As in client-go, a value of another type is an error: a token `0123` without
 * quotes is the number 83. Null and an empty string count as absent.
 *
 * @throws AwsAuthError (all methods) `invalidKubeconfig`.
 */
export class Section {
  /** The name for messages. */
  readonly label: string;
  readonly isThere: boolean;
  readonly fields: Fields;

  constructor(label: string, value: unknown) {
    this.label = label;
    this.isThere = value !== undefined && value !== null;
    if (this.isThere && !isFields(value)) {
      throw this.refusal("must be a map", "correct it");
    }
    this.fields = isFields(value) ? value : {};
  }

  text(key: string): string | undefined {
    const value = this.fields[key] ?? "";
    if (typeof value !== "string") {
      throw this.#wrongType(key, "a string, in quotes");
    }
    return value === "" ? undefined : value;
  }

  /** Binary data, as text. */
  base64(key: string): string | undefined {
    const value = this.text(key)?.replace(/[\r\n]/g, "");
    if (value !== undefined && (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))) {
      throw this.#wrongType(key, "base64");
    }
    return value;
  }

  flag(key: string): boolean {
    const value = this.fields[key] ?? false;
    if (typeof value !== "boolean") {
      throw this.#wrongType(key, "true or false");
    }
    return value;
  }

  texts(key: string): string[] {
    return this.#list(key).map((value) => {
      if (typeof value !== "string") {
        throw this.#wrongType(key, "a list of strings, each in quotes");
      }
      return value;
    });
  }

  /** The field as a section of its own; an empty one if it is absent. */
  section(key: string): Section {
    return new Section(`${quoted(key)} of ${this.label}`, this.fields[key]);
  }

  /** A list of sections. */
  sections(key: string, item: string): Section[] {
    return this.#list(key).map((value, index) => new Section(`${item} ${index + 1} of ${this.label}`, value));
  }

  /** The error that this part breaks a rule. */
  refusal(fault: string, remedy: string): AwsAuthError {
    return new AwsAuthError("invalidKubeconfig", `${this.label} ${fault}; ${remedy}`);
  }

  #list(key: string): unknown[] {
    const value = this.fields[key] ?? [];
    if (!Array.isArray(value)) {
      throw this.#wrongType(key, "a list");
    }
    return value;
  }

  #wrongType(key: string, type: string): AwsAuthError {
    return new AwsAuthError(
      "invalidKubeconfig",
      `${quoted(key)} of ${this.label} must be ${type}; correct it, since kubectl refuses it too`,
    );
  }
}
