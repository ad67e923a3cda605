import { describeUnknownKey, type Fields, fieldsOf, isFields } from "../../provider/fields";
import { describePlaceholder, placeholderIn } from "../../provider/placeholder";
import { quoted } from "../../provider/text";
import type { ConfigSource, Finding, Path } from "./config";

/** The keys of an item that are there and have the right types. eksctl does not tell an empty value from none. */
export interface ReadMapping {
  readonly arn?: string | undefined;
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly account?: string | undefined;
  readonly serviceName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly noDuplicateARNs?: boolean | undefined;
}

/** A part of a ClusterConfig as it was read, and every key that is unknown or has a value of the wrong type. */
interface Read<T> {
  readonly value: T;
  readonly problems: readonly Finding[];
}

/** Reads one item of `iamIdentityMappings`: the types of its keys. Which go together is another matter. */
export function readMapping(given: unknown, path: Path, source: ConfigSource): Read<ReadMapping> {
  const fields = new FieldReader(given, path, source);
  const value = {
    arn: fields.string("arn"),
    username: fields.string("username"),
    groups: fields.strings("groups"),
    account: fields.string("account"),
    serviceName: fields.string("serviceName"),
    namespace: fields.string("namespace"),
    noDuplicateARNs: fields.boolean("noDuplicateARNs"),
  };
  return { value, problems: fields.problemsWith([]) };
}

/** Reads the `metadata` of an eksctl file. What only concerns the making of the cluster is known here, and not looked at. */
export function readMetadata(
  given: unknown,
  source: ConfigSource,
): Read<{ readonly name: string | undefined; readonly region: string | undefined }> {
  const fields = new FieldReader(given, ["metadata"], source);
  const value = { name: fields.string("name"), region: fields.string("region") };
  const others = ["version", "forceUpdateVersion", "rollbackConfig", "tags", "annotations"];
  return { value, problems: fields.problemsWith(others) };
}

/**
 * Reads the keys of one part of a ClusterConfig, each by its type; a method gives undefined where the key is invalid or not there.
 */
class FieldReader {
  readonly #given: unknown;
  readonly #fields: Fields;
  readonly #path: Path;
  readonly #source: ConfigSource;
  readonly #known: string[] = [];
  readonly #problems: Finding[] = [];

  constructor(given: unknown, path: Path, source: ConfigSource) {
    this.#given = given;
    this.#fields = fieldsOf(given);
    this.#path = path;
    this.#source = source;
  }

  string(key: string): string | undefined {
    const value = this.#take(key);
    return value !== undefined && value !== "" && this.#isString(value, [key]) ? value : undefined;
  }

  strings(key: string): readonly string[] | undefined {
    const value = this.#take(key);
    if (value === undefined) {
      return undefined;
    }
    if (!Array.isArray(value)) {
      const list = typeof value === "string" ? quoted(value) : "...";
      return this.#problem([key], `${key} ${this.#show(value, [key])} is not a list; write ${key}: [${list}]`);
    }
    const sound = Array.from<unknown>(value).filter((item, index) => this.#isString(item, [key, index]));
    return sound.length > 0 && sound.length === value.length ? sound : undefined;
  }

  boolean(key: string): boolean | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === "boolean") {
      return value;
    }
    return this.#problem([key], `${key} ${this.#show(value, [key])} must be true or false, without quotes`);
  }

  /**
   * Everything that is wrong with the types of the keys that were read, then the keys that are neither these nor others that may
   * be.
   */
  problemsWith(others: readonly string[]): readonly Finding[] {
    if (!isFields(this.#given)) {
      return [{ path: this.#path, reason: `${this.#show(this.#given, [])} is not a mapping of keys to values` }];
    }
    const allowed = [...this.#known, ...others];
    const unknown = Object.keys(this.#fields).filter((key) => !allowed.includes(key));
    const problems = unknown.map((key) => ({ path: [...this.#path, key], reason: describeUnknownKey(key, allowed) }));
    return [...this.#problems, ...problems];
  }

  /** The value of a key; a key without one is null, which eksctl takes for a key that is not there. */
  #take(key: string): unknown {
    this.#known.push(key);
    return this.#fields[key] ?? undefined;
  }

  #isString(value: unknown, path: Path): value is string {
    if (typeof value === "string") {
      return true;
    }
    const spelling = this.#source.spelling([...this.#path, ...path]);
    const placeholder = spelling === undefined ? undefined : placeholderIn(spelling);
    const what = `${path[0]} ${this.#show(value, path)} is not a string but ${describeKind(value)}`;
    this.#problem(
      path,
      placeholder === undefined
        ? `${what}${this.#consequence(value, spelling, path)}`
        : describePlaceholder(String(path[0]), placeholder),
    );
    return false;
  }

  #consequence(value: unknown, spelling: string | undefined, path: Path): string {
    if (typeof value === "object") {
      return "";
    }
    const isAccount = path.at(-1) === "account";
    const loss = isAccount ? ", which loses leading zeros" : "";
    return spelling === undefined
      ? `${loss}; write it in quotes${isAccount ? ", as a string of 12 digits" : ""}`
      : ` to YAML${loss}; write it in quotes: "${spelling}"`;
  }

  #show(value: unknown, path: Path): string {
    if (typeof value === "object" && value !== null) {
      return describeKind(value);
    }
    if (typeof value === "string") {
      return quoted(value);
    }
    return this.#source.spelling([...this.#path, ...path]) ?? String(value);
  }

  #problem(path: Path, reason: string): undefined {
    this.#problems.push({ path: [...this.#path, ...path], reason });
  }
}

function describeKind(value: unknown): string {
  if (value === null || value === undefined) {
    return "nothing";
  }
  if (value instanceof Date) {
    return "a date";
  }
  if (Array.isArray(value)) {
    return "a list";
  }
  return typeof value === "object" ? "a mapping" : `a ${typeof value}`;
}
