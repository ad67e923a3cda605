import { describeUnknownKey, type Fields, fieldsOf, isFields } from "../../provider/text/fields";
import { describePlaceholder, placeholderIn, quoted } from "../../provider/text/text";
import type { ClusterConfigMapping, ConfigSource, Finding, Path } from "./config";

/** The keys of an item that are present and have the right types. As in eksctl, an empty value counts as absent. */
export type ReadMapping = Readonly<ClusterConfigMapping>;

/** Reads one item of `iamIdentityMappings` and checks the types of its keys, but not their combination. */
export function readMapping(given: unknown, path: Path, source: ConfigSource) {
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
  return { value, problems: fields.problemsWith() };
}

/** Reads the `metadata` of an eksctl file. Accepts keys for the creation of the cluster without checking them. */
export function readMetadata(given: unknown, source: ConfigSource) {
  const fields = new FieldReader(given, ["metadata"], source);
  const value = { name: fields.string("name"), region: fields.string("region") };
  const others = ["version", "forceUpdateVersion", "rollbackConfig", "tags", "annotations"];
  return { value, problems: fields.problemsWith(others) };
}

/** Reads the keys of one part of a ClusterConfig by type. Methods return undefined if the key is invalid or absent. */
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

  strings(key: string): string[] | undefined {
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

  /** The type errors of the keys that were read, then the unknown keys: those that were not read and are not in `others`. */
  problemsWith(others: readonly string[] = []): readonly Finding[] {
    if (!isFields(this.#given)) {
      return [{ path: this.#path, reason: `${this.#show(this.#given, [])} is not a mapping of keys to values` }];
    }
    const allowed = [...this.#known, ...others];
    const unknown = Object.keys(this.#fields).filter((key) => !allowed.includes(key));
    const problems = unknown.map((key) => ({ path: [...this.#path, key], reason: describeUnknownKey(key, allowed) }));
    return [...this.#problems, ...problems];
  }

  /** The value of a key. A key without a value is null, which counts as absent, as in eksctl. */
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
