import { droppedBecause, type Entry } from "../document";
import { type IamArn, parseIamArn, principalKey } from "../mapping";
import { type CallerIdentity, entryMismatches } from "./callerIdentity";
import type { PlacedEntry } from "./placedEntry";
import { foldCase, ssoRolePrefix } from "./resolve";

/**
 * Why an entry that seems to match an identity does not; undefined for an unrelated entry.
 *
 * @param placed an entry that does not match the identity.
 */
export function nearMissOf(placed: PlacedEntry, identity: CallerIdentity): string | undefined {
  const { entry } = placed;
  if (entry.key === "mapAccounts") {
    return undefined;
  }
  const dropped = droppedBecause(entry);
  if (dropped !== undefined && mentions(placed, identity)) {
    return `it names this identity, but the authenticator drops it: ${dropped}`;
  }
  if (entry.sso !== undefined) {
    return entry.arn === undefined ? ssoMiss(entry, identity) : undefined;
  }
  return entry.arn === undefined ? undefined : arnMiss(entry.arn, identity);
}

function ssoMiss({ sso }: Entry, identity: CallerIdentity): string | undefined {
  return sso === undefined || sso.partition === "" || !foldCase(identity.arn).startsWith(ssoRolePrefix(sso))
    ? undefined
    : `it names this permission set, but an sso entry with a partition matches nobody; remove partition from it`;
}

function arnMiss(text: string, identity: CallerIdentity): string | undefined {
  const subject = foldCase(identity.arn);
  const arn = parseIamArn(text);
  if (arn.kind === "invalid") {
    const isMeant = foldCase(principalKey(meantBy(text))) === subject;
    return isMeant || (arn.code === "wildcard" && isInPattern(text, subject)) ? neverMatches(text) : undefined;
  }
  if (foldCase(text) === subject) {
    return neverMatches(text);
  }
  if (foldCase(principalKey(text)) === subject && arn.path !== "") {
    return `its ARN has the role's path "${arn.path}", which AWS omits from sessions, so it never matches; write ${JSON.stringify(identity.arn)}`;
  }
  return sameNameMiss(arn, identity) ?? permissionSetMiss(arn, identity);
}

function meantBy(text: string): string {
  const arn = parseIamArn(text);
  return arn.kind === "invalid" && arn.suggestion !== undefined ? meantBy(arn.suggestion) : text;
}

function neverMatches(text: string): string {
  const reasons = entryMismatches(text).map(({ reason }) => reason);
  return `it never matches: ${reasons.join("; besides, ")}`;
}

/** Whether a subject fits a text with wildcards. Not with a regular expression, which would try every place for every wildcard. */
function isInPattern(text: string, subject: string): boolean {
  const pattern = foldCase(text);
  let [at, star, from] = [0, -1, 0];
  for (let place = 0; place < subject.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      from = place;
    } else if (pattern[at] === "?" || pattern[at] === subject[place]) {
      at++;
      place++;
    } else if (star === -1) {
      return false;
    } else {
      // The last wildcard takes in one character more.
      at = star + 1;
      place = ++from;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

/** An entry for somebody of the same name. */
function sameNameMiss(arn: IamArn, identity: CallerIdentity): string | undefined {
  if (foldCase(arn.name) !== foldCase(identity.name) || (identity.kind !== "role" && identity.kind !== "user")) {
    return undefined;
  }
  const differences = [
    ...(arn.account === identity.account
      ? []
      : [`it names ${arn.kind} "${arn.name}" of another account, ${arn.account}`]),
    ...(arn.partition === identity.partition ? [] : [`it names another partition, "${arn.partition}"`]),
    ...(arn.kind === identity.kind
      ? []
      : [`it names the ${arn.kind} "${arn.name}", and this identity is a ${identity.kind}`]),
    ...(arn.kind === "role" && arn.path !== ""
      ? [`its ARN has the role's path "${arn.path}", which AWS omits from sessions`]
      : []),
  ];
  if (differences.length > 0) {
    return differences.join("; ");
  }
  return `its ARN has ${arn.path === "" ? "no path" : `the path "${arn.path}"`}, and AWS reports a user with the path it has: ${JSON.stringify(identity.arn)}`;
}

/** An entry for an older or newer role of the same IAM Identity Center permission set. */
function permissionSetMiss(arn: IamArn, identity: CallerIdentity): string | undefined {
  const own = permissionSetOf(identity.name);
  const other = permissionSetOf(arn.name);
  const isSame = own !== undefined && own === other && arn.kind === "role" && arn.account === identity.account;
  return isSame
    ? `it names a role of the same permission set with another suffix, "${arn.name}", which is probably stale: IAM Identity Center makes a new role each time the set is assigned anew; write ${JSON.stringify(identity.arn)}`
    : undefined;
}

/** The permission set that a role of IAM Identity Center belongs to, in lower case. */
export function permissionSetOf(roleName: string): string | undefined {
  return /^awsreservedsso_(.+)_[0-9a-z]+$/.exec(roleName.toLowerCase())?.[1];
}

/** Whether any field of an entry holds the identity's ARN. */
function mentions({ value }: PlacedEntry, identity: CallerIdentity): boolean {
  if (!(value instanceof Map)) {
    return false;
  }
  const texts = [...value.values()].filter((field) => typeof field === "string");
  return texts.some((text) => foldCase(principalKey(text.trim())) === foldCase(identity.arn));
}
