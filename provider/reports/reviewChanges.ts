import { AwsAuthError } from "../errors";
import { foldCase } from "../identity/identity";
import { parseIamArn } from "../mapping";
import { fieldsOf, isFields, jsonFields } from "../text/fields";
import { plural, quoted } from "../text/text";
import { readFailureOf, readSmallFile } from "../textFile";
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
import { trustedText } from "./trust";

/** The differences in access between two reviews. Skips clusters that one of them knows only in part. */
export function compareReviews(
  review: Pick<AccessReview, "clusters" | "unread">,
  earlier: AccessReview,
): ReviewChanges {
  const names = new Map([...earlier.clusters, ...review.clusters].map(({ id, name }) => [id, name]));
  const compared = [...names].map(([id, name]) => {
    const [was, is] = [earlier, review].map(({ clusters }) => clusters.find((one) => one.id === id));
    if (!isWhole(was, earlier) || !isWhole(is, review)) {
      return { changes: [], unknown: [`${name} is not compared, because one of the reviews is incomplete`] };
    }
    const pairs = pairsOf(was, is);
    const roles = pairs.filter(([old, current]) => old && current && !trustOf(old) !== !trustOf(current)).length;
    const unknown = `the principals that can assume ${plural(roles, "role")} of ${name} are not compared, because they are unknown in one of the reviews`;
    return {
      changes: pairs.flatMap(([old, current]) => compareIdentity(id, old, current)),
      unknown: roles === 0 ? [] : [unknown],
    };
  });
  return {
    since: earlier.createdAt,
    identities: compared.flatMap(({ changes }) => changes),
    unknown: [...new Set(compared.flatMap(({ unknown }) => unknown))],
  };
}

/** A cluster that a review lacks may be one that it could not read, or an EKS cluster whose account it does not know. */
function isWhole(cluster: ReviewedCluster | undefined, review: Pick<AccessReview, "clusters" | "unread">): boolean {
  const isPartial = review.clusters.some(({ id, unknown }) => id.includes("#") && unknown.length > 0);
  return cluster === undefined ? review.unread.length === 0 && !isPartial : cluster.unknown.length === 0;
}

function pairsOf(...clusters: readonly (ReviewedCluster | undefined)[]) {
  const [before, now] = clusters.map((one) => new Map(one?.identities.map((each) => [foldCase(each.identity), each])));
  return [...new Map([...(now ?? []), ...(before ?? [])]).keys()].map(
    (key) => [before?.get(key), now?.get(key)] as const,
  );
}

function compareIdentity(cluster: string, old?: ReviewedIdentity, current?: ReviewedIdentity): IdentityChange[] {
  const [had, has] = [accessOf(old), accessOf(current)];
  const change = had.size === 0 ? "new" : has.size === 0 ? "gone" : "changed";
  const [trusted, trusts] = [trustOf(old), trustOf(current)];
  const isTrustKnown = change === "changed" && trusted !== undefined && trusts !== undefined;
  const [before, now] = isTrustKnown ? [new Set([...had, ...trusted]), new Set([...has, ...trusts])] : [had, has];
  const [created, recreated] = [old?.iam?.createdAt, current?.iam?.createdAt];
  const isRecreated = change === "changed" && created !== undefined && recreated !== undefined && created !== recreated;
  const gains = [
    ...(isRecreated ? [`access for the role or user that was recreated on ${recreated.slice(0, 10)}`] : []),
    ...[...now].filter((one) => !before.has(one)),
  ];
  const loses = [...before].filter((one) => !now.has(one));
  const identity = current?.identity ?? old?.identity ?? "";
  return gains.length + loses.length === 0 ? [] : [{ cluster, identity, change, gains, loses }];
}

/** Who may assume a role; no one if it is missing, or a user. Undefined if that is unknown. */
function trustOf({ identity = "", iam, findings = [] }: Partial<ReviewedIdentity> = {}): Set<string> | undefined {
  const isNone =
    parseIamArn(identity)?.kind === "user" || findings.some(({ rule }) => rule === "missing" || rule === "stale-sso");
  const trust = iam?.assumedBy ?? (isNone ? [] : undefined);
  return trust && new Set(trust.map((one) => `${one.isDenied ? "denied" : "trusted"} principal ${trustedText(one)}`));
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

/** The right of an administrator, as listed in changes. */
export const everything = "every right in the cluster";

/** The powers that follow from an identity's rights, since a role may allow more than its name suggests. */
const powers: Readonly<Partial<Record<ReviewRule, string>>> = {
  everything,
  escalation: "ways to escalate its privileges",
  secrets: "the secrets of all namespaces",
};

/**
 * Reads an earlier review.
 *
 * @throws AwsAuthError `invalidInput` for a file that cannot be read, or that is not a review of this schema version.
 */
export async function readEarlierReview(path: string): Promise<AccessReview> {
  const content = await readSmallFile(path, maxBytes).catch((error: unknown) => {
    throw unusableReview(path, readFailureOf(error, maxBytes));
  });
  return parseEarlierReview(content.toString("utf8"), path);
}

/** A review of many large clusters takes some megabytes per cluster. */
const maxBytes = 256 * 1024 * 1024;

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
  const remedy = 'use the output of "review -o json" from this version';
  return new AwsAuthError("invalidInput", `--since ${quoted(path)} cannot be used: ${reason}; ${remedy}`);
}

/** Whether a review has all fields that are compared. */
function isReview(review: unknown): review is AccessReview {
  return isObject(review, ["createdAt"], { clusters: isCluster, unread: isFields });
}

const isText = (value: unknown) => typeof value === "string";
const isCluster = (value: unknown) => isObject(value, ["id", "name"], { unknown: isText, identities: isIdentity });
const isIdentity = (value: unknown) =>
  isObject(value, ["identity"], { entries: isEntry, findings: isFields }) && isIam(fieldsOf(value)["iam"]);
const isIam = (value: unknown) =>
  fieldsOf(value)["assumedBy"] === undefined || isObject(value, [], { assumedBy: isTrusted });
const isTrusted = (value: unknown) => isObject(value, ["principal"], { conditions: isText });
const isEntry = (value: unknown) => isObject(value, ["effect", "username"], { groups: isText, rights: isFields });

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
