import { hasUnknownAccount } from "../cluster/clusterRef";
import { AwsAuthError } from "../errors";
import { foldCase } from "../identity/identity";
import { isFields, jsonFields } from "../text/fields";
import { errorCode, quoted } from "../text/text";
import { describeReadFailure, readSmallFile } from "../textFile";
import {
  type AccessReview,
  hasEffect,
  type IdentityChange,
  type ReviewChanges,
  type ReviewedCluster,
  type ReviewedIdentity,
  type ReviewRule,
  schemaVersion,
} from "./accessReview";

/** The differences in access between two reviews. Skips clusters that one of them knows only in part. */
export function compareReviews(
  review: Pick<AccessReview, "clusters" | "unread">,
  earlier: AccessReview,
): ReviewChanges {
  const names = new Map([...earlier.clusters, ...review.clusters].map(({ id, name }) => [id, name]));
  const compared = [...names].map(([id, name]) => {
    const [was, is] = [earlier, review].map(({ clusters }) => clusters.find((one) => one.id === id));
    const isKnown = isWhole(was, earlier) && isWhole(is, review);
    return { name, isKnown, changes: isKnown ? compareCluster(id, was, is) : [] };
  });
  const unknown = new Set(compared.filter(({ isKnown }) => !isKnown).map(({ name }) => name));
  return {
    since: earlier.createdAt,
    identities: compared.flatMap(({ changes }) => changes),
    unknown: [...unknown].map((name) => `${name} is not compared, since one of the reviews is incomplete`),
  };
}

/** A cluster that a review lacks may be one that it could not read, or an EKS cluster whose account it does not know. */
function isWhole(cluster: ReviewedCluster | undefined, review: Pick<AccessReview, "clusters" | "unread">): boolean {
  const mayBeIt = ({ id, unknown }: ReviewedCluster) => unknown.length > 0 && hasUnknownAccount(id);
  return cluster === undefined
    ? review.unread.length === 0 && !review.clusters.some(mayBeIt)
    : cluster.unknown.length === 0;
}

function compareCluster(cluster: string, was?: ReviewedCluster, is?: ReviewedCluster): IdentityChange[] {
  const [before, now] = [byIdentity(was), byIdentity(is)];
  return [...new Map([...now, ...before]).keys()].flatMap((key): IdentityChange[] => {
    const [old, current] = [before.get(key), now.get(key)];
    const [had, has] = [accessOf(old), accessOf(current)];
    const gains = [...has].filter((one) => !had.has(one));
    const loses = [...had].filter((one) => !has.has(one));
    const change = had.size === 0 ? "new" : has.size === 0 ? "gone" : "changed";
    const identity = current?.identity ?? old?.identity ?? "";
    return gains.length + loses.length === 0 ? [] : [{ cluster, identity, change, gains, loses }];
  });
}

function byIdentity({ identities }: Pick<ReviewedCluster, "identities"> = { identities: [] }) {
  return new Map(identities.map((one) => [foldCase(one.identity), one]));
}

/** The access by an identity's effective entries; empty if it cannot log in. The source of the access is ignored. */
function accessOf({ entries = [], findings = [] }: Partial<ReviewedIdentity> = {}): Set<string> {
  const effective = entries.filter(hasEffect);
  return new Set([
    ...findings.flatMap(({ rule }) => powers[rule] ?? []),
    ...effective.flatMap(({ username, groups, rights }) => [
      username === "" ? "a login without a username" : `username ${quoted(username)}`,
      ...groups.map((group) => `group ${quoted(group)}`),
      ...rights.map(({ access, rules }) => (rules === undefined ? access : `${access} (rules ${rules})`)),
    ]),
  ]);
}

/** The right of an administrator, as a change names it. */
export const everything = "every right in the cluster";

/** The powers that follow from an identity's rights, since a role may allow more than its name suggests. */
const powers: Readonly<Partial<Record<ReviewRule, string>>> = {
  everything,
  escalation: "ways to escalate its rights",
  secrets: "the secrets of all namespaces",
};

/**
 * Reads an earlier review.
 *
 * @throws AwsAuthError `invalidInput` for a file that cannot be read, or that is not a review of this schema version.
 */
export async function readEarlierReview(path: string): Promise<AccessReview> {
  const content = await readSmallFile(path, maxBytes).catch((error: unknown) => {
    const code = errorCode(error);
    throw unusableReview(path, describeReadFailure(code, maxBytes) ?? `it cannot be read (${code ?? "unknown error"})`);
  });
  return parseEarlierReview(content.toString("utf8"), path);
}

/** A review of many large clusters takes some megabytes per cluster. */
const maxBytes = 256 * 1024 * 1024;

/** @param path the file's path, for messages. */
export function parseEarlierReview(text: string, path: string): AccessReview {
  const review = jsonFields(text);
  if (review?.["kind"] !== "AccessReview") {
    throw unusableReview(path, "it is not an access review");
  }
  const version = review["schemaVersion"];
  if (version !== schemaVersion) {
    throw unusableReview(path, `its schemaVersion is ${quoted(version)}, but this version requires ${schemaVersion}`);
  }
  if (!isReview(review)) {
    throw unusableReview(path, "it is incomplete or was edited");
  }
  return review;
}

function unusableReview(path: string, reason: string): AwsAuthError {
  const remedy = 'give the output of "review -o json" of this version';
  return new AwsAuthError("invalidInput", `--since ${quoted(path)} cannot be used: ${reason}; ${remedy}`);
}

/** Whether a review has all fields that are compared. */
function isReview(review: unknown): review is AccessReview {
  return isObject(review, ["createdAt"], { clusters: isCluster, unread: isFields });
}

const isText = (value: unknown) => typeof value === "string";
const isCluster = (value: unknown) => isObject(value, ["id", "name"], { unknown: isText, identities: isIdentity });
const isIdentity = (value: unknown) => isObject(value, ["identity"], { entries: isEntry, findings: isFields });
const isEntry = (value: unknown) => isObject(value, ["effect", "username"], { groups: isText, rights: isFields });

/** Whether an object has these fields with strings, and these lists with valid items. */
function isObject(
  value: unknown,
  texts: readonly string[],
  lists: Record<string, (item: unknown) => boolean>,
): boolean {
  return (
    isFields(value) &&
    texts.every((name) => isText(value[name])) &&
    Object.entries(lists).every(([name, isSound]) => {
      const items = value[name];
      return Array.isArray(items) && items.every(isSound);
    })
  );
}
