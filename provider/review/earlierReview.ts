import { strengths } from "../access/strength";
import { authenticationModes } from "../accessEntries/authenticationMode";
import { AwsAuthError } from "../errors";
import { type Fields, isFields } from "../text/fields";
import { errorCode, quoted } from "../text/text";
import { describeReadFailure, readSmallFile } from "../yaml/textFile";
import type { EarlierCluster, EarlierEntry, EarlierIdentity, EarlierReview, EarlierRight } from "./changes";
import { schemaVersion } from "./model";

/**
 * Reads a review that was kept.
 *
 * @throws AwsAuthError `invalidInput` for a file that cannot be read, or that is no review of this version or an earlier one.
 */
export async function readEarlierReview(path: string): Promise<EarlierReview> {
  const content = await readSmallFile(path, maxBytes).catch((error: unknown) => {
    const code = errorCode(error);
    const reason = describeReadFailure(code, maxBytes);
    throw invalid(path, `${reason ?? `it cannot be read (${code ?? "unknown error"})`}; ${remedy}`);
  });
  return parseEarlierReview(content.toString("utf8"), path);
}

/** A review of many large clusters takes some megabytes each. */
const maxBytes = 256 * 1024 * 1024;

const remedy = 'give a file that "review -o json" printed';

/** @param path names it in messages. */
export function parseEarlierReview(text: string, path: string): EarlierReview {
  const review = parseJson(text);
  if (!isFields(review) || review["kind"] !== "AccessReview") {
    throw invalid(path, `it is not an access review; ${remedy}`);
  }
  const version = review["schemaVersion"];
  if (typeof version === "number" && version > schemaVersion) {
    const newest = `this version of pulumi-aws-auth reads ${schemaVersion}`;
    throw invalid(path, `its schemaVersion ${version} is newer than ${newest}; update the package`);
  }
  try {
    return reviewIn(new Reader(review, ""));
  } catch (error) {
    if (error instanceof BrokenReview) {
      throw invalid(path, `it is not a whole access review: ${error.message}; ${remedy}`);
    }
    throw error;
  }
}

function invalid(path: string, message: string): AwsAuthError {
  return new AwsAuthError("invalidInput", `the earlier review ${quoted(path)} cannot be compared with: ${message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reviewIn(review: Reader): EarlierReview {
  return {
    createdAt: review.text("createdAt"),
    clusters: review.items("clusters").map(clusterIn),
    unread: review.items("unread").map((cluster) => (cluster.has("id") ? { id: cluster.text("id") } : {})),
  };
}

function clusterIn(cluster: Reader): EarlierCluster {
  return {
    id: cluster.text("id"),
    name: cluster.text("name"),
    hasRights: cluster.flag("hasRights"),
    ...(cluster.has("authenticationMode") && {
      authenticationMode: cluster.oneOf("authenticationMode", authenticationModes),
    }),
    ...(cluster.has("accessEntriesUnread") && { accessEntriesUnread: cluster.text("accessEntriesUnread") }),
    identities: cluster.items("identities").map(
      (identity): EarlierIdentity => ({
        identity: identity.text("identity"),
        entries: identity.items("entries").map(entryIn),
      }),
    ),
  };
}

function entryIn(entry: Reader): EarlierEntry {
  return {
    effect: entry.oneOf("effect", ["counts", "mayCount", "shadowed", "dead"]),
    username: entry.text("username"),
    groups: entry.texts("groups"),
    rights: entry.items("rights").map(rightIn),
    ...(entry.has("source") && { source: entry.oneOf("source", ["aws-auth", "access-entry"]) }),
  };
}

function rightIn(right: Reader): EarlierRight {
  const role = right.has("role") ? right.item("role") : undefined;
  return {
    access: right.text("access"),
    allows: right.oneOf("allows", strengths),
    ...(right.has("namespace") && { namespace: right.text("namespace") }),
    ...(role !== undefined && { role: { kind: role.text("kind"), name: role.text("name") } }),
    ...(right.has("rules") && { rules: right.text("rules") }),
    ...(right.has("onlyForThatName") && { onlyForThatName: true as const }),
    ...(right.has("onlyFor") && { onlyFor: right.text("onlyFor") }),
  };
}

/** What is wrong with a review, in a clause. */
class BrokenReview extends Error {
  override readonly name = "BrokenReview";
}

/** Reads the fields of an object, and says where it is broken. */
class Reader {
  readonly #fields: Fields;
  readonly #place: string;

  constructor(value: unknown, place: string) {
    if (!isFields(value)) {
      throw new BrokenReview(`${place} is not an object`);
    }
    this.#fields = value;
    this.#place = place === "" ? "" : `${place}.`;
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  text(name: string): string {
    const value = this.#fields[name];
    return typeof value === "string" ? value : this.#broken(name, "a string");
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    return typeof value === "boolean" ? value : this.#broken(name, "true or false");
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.#fields[name];
    return choices.find((choice) => choice === value) ?? this.#broken(name, `one of ${choices.join(", ")}`);
  }

  texts(name: string): string[] {
    const values = this.#list(name);
    return values.map((value) => (typeof value === "string" ? value : this.#broken(name, "a list of strings")));
  }

  item(name: string): Reader {
    return new Reader(this.#fields[name], `${this.#place}${name}`);
  }

  items(name: string): Reader[] {
    return this.#list(name).map((value, index) => new Reader(value, `${this.#place}${name}[${index}]`));
  }

  #list(name: string): readonly unknown[] {
    const value = this.#fields[name];
    return Array.isArray(value) ? value : this.#broken(name, "a list");
  }

  #broken(name: string, expected: string): never {
    throw new BrokenReview(`${this.#place}${name} is not ${expected}`);
  }
}
