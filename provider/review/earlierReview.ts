import { strengths } from "../access/strength";
import { authenticationModes } from "../accessEntries/authenticationMode";
import { AwsAuthError } from "../errors";
import { isFields, jsonFields } from "../text/fields";
import { errorCode, quoted } from "../text/text";
import { describeReadFailure, readSmallFile } from "../yaml/textFile";
import type { EarlierReview } from "./changes";
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
  const review = jsonFields(text);
  if (review?.["kind"] !== "AccessReview") {
    throw invalid(path, `it is not an access review; ${remedy}`);
  }
  const version = review["schemaVersion"];
  if (typeof version === "number" && version > schemaVersion) {
    const newest = `this version of pulumi-aws-auth reads ${schemaVersion}`;
    throw invalid(path, `its schemaVersion ${version} is newer than ${newest}; update the package`);
  }
  try {
    assertWhole(review);
    return review;
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

/** What is wrong with a review, in a clause. */
class BrokenReview extends Error {
  override readonly name = "BrokenReview";
}

/** Makes sure that a review has all that is looked at of it. */
function assertWhole(review: unknown): asserts review is EarlierReview {
  object({ createdAt: text, clusters: list(cluster), unread: list(object({ id: optional(text) })) })(review, "");
}

/** Throws a {@link BrokenReview} for a value that is not what it should be, and says at which place. */
type Check = (value: unknown, place: string) => void;

function kind(expected: string, isSound: (value: unknown) => boolean): Check {
  return (value, place) => {
    if (!isSound(value)) {
      throw new BrokenReview(`${place} is not ${expected}`);
    }
  };
}

function oneOf(choices: readonly unknown[]): Check {
  return kind(`one of ${choices.join(", ")}`, (value) => choices.includes(value));
}

function optional(check: Check): Check {
  return (value, place) => value === undefined || check(value, place);
}

function list(item: Check, placeOf = (place: string, index: number) => `${place}[${index}]`): Check {
  return (value, place) => {
    if (!Array.isArray(value)) {
      throw new BrokenReview(`${place} is not a list`);
    }
    for (const [index, one] of value.entries()) {
      item(one, placeOf(place, index));
    }
  };
}

function object(fields: Readonly<Record<string, Check>>): Check {
  return (value, place) => {
    if (!isFields(value)) {
      throw new BrokenReview(`${place} is not an object`);
    }
    for (const [name, check] of Object.entries(fields)) {
      check(value[name], place === "" ? name : `${place}.${name}`);
    }
  };
}

const isText = (value: unknown) => typeof value === "string";
const text = kind("a string", isText);

const right = object({
  access: text,
  allows: oneOf(strengths),
  namespace: optional(text),
  role: optional(object({ kind: text, name: text })),
  rules: optional(text),
  onlyFor: optional(text),
});

const entry = object({
  effect: oneOf(["counts", "mayCount", "shadowed", "dead"]),
  username: text,
  groups: list(kind("a list of strings", isText), (place) => place),
  rights: list(right),
  source: optional(oneOf(["aws-auth", "access-entry"])),
});

const cluster = object({
  id: text,
  name: text,
  hasRights: kind("true or false", (value) => typeof value === "boolean"),
  authenticationMode: optional(oneOf(authenticationModes)),
  accessEntriesUnread: optional(text),
  identities: list(object({ identity: text, entries: list(entry) })),
});
