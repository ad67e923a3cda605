import { droppedBecause, type Entry } from "../document";
import { type ArnFault, describeMapping, type IamArn, parseIamArn, principalKey } from "../mapping";
import type { CallerIdentity } from "./callerIdentity";
import type { PlacedEntry } from "./placedEntry";
import { foldCase, ssoRolePrefix } from "./resolve";

/**
 * Why an entry that looks as if it were for an identity is not; undefined for one that has nothing to do with it.
 *
 * @param placed an entry that the identity does not meet.
 */
export function nearMissOf(placed: PlacedEntry, identity: CallerIdentity): string | undefined {
  const { entry } = placed;
  if (entry.key === "mapAccounts") return undefined;
  const dropped = droppedBecause(entry);
  if (dropped !== undefined && mentions(placed, identity)) {
    return `it names this identity, but the authenticator drops it: ${dropped}`;
  }
  if (entry.sso !== undefined) return entry.arn === undefined ? ssoMiss(entry, identity) : undefined;
  return entry.arn === undefined ? undefined : arnMiss(entry.arn, identity);
}

function ssoMiss({ sso }: Entry, identity: CallerIdentity): string | undefined {
  if (sso === undefined || !foldCase(identity.arn).startsWith(ssoRolePrefix(sso))) return undefined;
  return sso.partition === ""
    ? undefined
    : `it names this permission set, but an sso entry with a partition fits nobody; remove partition from it`;
}

function arnMiss(text: string, identity: CallerIdentity): string | undefined {
  const subject = foldCase(identity.arn);
  const arn = parseIamArn(text);
  if (arn.kind === "fault") return faultMiss(text, arn, subject);
  if (foldCase(principalKey(text)) === subject && arn.path !== "") {
    return `its ARN has the role's path "${arn.path}", which AWS leaves out of sessions, so it never matches; write ${quote(identity.arn)}`;
  }
  return sameNameMiss(arn, identity) ?? permissionSetMiss(arn, identity);
}

function faultMiss(text: string, fault: ArnFault, subject: string): string | undefined {
  const meant = fault.suggestion !== undefined && foldCase(principalKey(fault.suggestion)) === subject;
  if (meant) return `it never matches: ${fault.reason}`;
  if (fault.code !== "wildcard") return undefined;
  const pattern = foldCase(text)
    .split("*")
    .map((part) => part.replace(/[\\^$.|+()[\]{}?]/g, String.raw`\$&`).replaceAll(String.raw`\?`, "."))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(subject) ? `it never matches: ${fault.reason}` : undefined;
}

/** An entry for somebody of the same name. */
function sameNameMiss(arn: IamArn, identity: CallerIdentity): string | undefined {
  if (foldCase(arn.name) !== foldCase(identity.name) || (identity.kind !== "role" && identity.kind !== "user")) {
    return undefined;
  }
  if (arn.account !== identity.account) return `it names ${arn.kind} "${arn.name}" of another account, ${arn.account}`;
  if (arn.partition !== identity.partition) return `it names another partition, "${arn.partition}"`;
  if (arn.kind !== identity.kind)
    return `it names the ${arn.kind} "${arn.name}", and this identity is a ${identity.kind}`;
  return `its ARN has ${arn.path === "" ? "no path" : `the path "${arn.path}"`}, and AWS reports a user with the path it has: ${quote(identity.arn)}`;
}

/** An entry for a role of the same permission set that IAM Identity Center made at another time. */
function permissionSetMiss(arn: IamArn, identity: CallerIdentity): string | undefined {
  const own = permissionSetOf(identity.name);
  const other = permissionSetOf(arn.name);
  const isSame = own !== undefined && own === other && arn.kind === "role" && arn.account === identity.account;
  return isSame
    ? `it names a role of the same permission set with another suffix, "${arn.name}", which is probably stale: IAM Identity Center makes a new role each time the set is assigned anew; write ${quote(identity.arn)}`
    : undefined;
}

/** The permission set that a role of IAM Identity Center belongs to, in lower case. */
export function permissionSetOf(roleName: string): string | undefined {
  return /^awsreservedsso_(.+)_[0-9a-z]+$/.exec(roleName.toLowerCase())?.[1];
}

/** Whether any text in an entry is the identity's ARN, under whatever field it stands. */
function mentions({ value }: PlacedEntry, identity: CallerIdentity): boolean {
  if (!(value instanceof Map)) return false;
  const texts = [...value.values()].filter((field) => typeof field === "string");
  return texts.some((text) => foldCase(principalKey(text.trim())) === foldCase(identity.arn));
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** What an entry gives, for messages. */
export function describeContent(entry: Entry): string {
  if (entry.key === "mapAccounts") return `account ${quote(entry.account ?? "")}`;
  return describeMapping({ kind: "role", arn: "", username: entry.username, groups: entry.groups });
}
