import { hasRolePath } from "../mapping/mapping";
import type { Entry } from "./entry";

/** Why the authenticator drops an entry for every identity; undefined if it does not. */
export function droppedBecause(entry: Entry): string | undefined {
  if (entry.key === "mapAccounts") {
    return entry.account === undefined ? "it is not an account ID" : undefined;
  }
  if (entry.key === "mapUsers") {
    return entry.arn === undefined ? "it has no userarn" : undefined;
  }
  const { arn, sso } = entry;
  if (sso === undefined) {
    return arn === undefined ? "it has neither rolearn nor sso" : undefined;
  }
  if (arn !== undefined) {
    return "it has both rolearn and sso";
  }
  if (!/^[0-9]{12}$/.test(sso.accountId)) {
    return `its sso accountID ${JSON.stringify(sso.accountId)} is not 12 digits`;
  }
  if (!permissionSetName.test(sso.permissionSetName)) {
    return `its sso permissionSetName ${JSON.stringify(sso.permissionSetName)} cannot be a permission set's`;
  }
  const isKnown = sso.partition === "" || partitions.includes(sso.partition);
  return isKnown ? undefined : `its sso partition ${JSON.stringify(sso.partition)} is not an AWS partition`;
}

// https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PermissionSet.html
const permissionSetName = /^[\w+=,.@-]{1,32}$/;
const partitions = ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/**
 * The entry that the authenticator uses, of several for one principal: the last one in mapRoles or, if there is none, the last one
 * in mapUsers. Undefined if none of them {@link isEffective has an effect}.
 */
export function entryInForce(entries: readonly Entry[]): Entry | undefined {
  const effective = entries.filter(isEffective);
  return effective.findLast(({ key }) => key === "mapRoles") ?? effective.at(-1);
}

/**
 * Whether an entry has an effect for its ARN or account. An entry that is {@link droppedBecause dropped}, or whose role has a path,
 * has none. Entries with `sso` are for a permission set, and count only with a feature gate that is off by default.
 */
export function isEffective(entry: Entry): boolean {
  if (entry.sso !== undefined || droppedBecause(entry) !== undefined) {
    return false;
  }
  return entry.account !== undefined || (entry.arn !== undefined && !hasRolePath(entry.arn));
}
