import { type Content, hasRolePath, isAccountId, type Mapping, principalKey } from "../mapping";
import { textOf, textsOf } from "../text/fields";
import { OtherScalar, type Value } from "./scalar";

/** The keys of the ConfigMap that contain mappings, in the order in which the authenticator searches them. */
export const dataKeys = ["mapRoles", "mapUsers", "mapAccounts"] as const;

export type DataKey = (typeof dataKeys)[number];

/** The roles of an IAM Identity Center permission set, which an entry may have instead of an ARN. */
export interface SsoRoles {
  readonly permissionSetName: string;
  readonly accountId: string;
  /** Empty means `aws`. If set, the entry matches no identity. */
  readonly partition: string;
}

/** One entry, as the authenticator reads it: a username that is not a string is empty, as is such a group. */
export interface MapEntry extends Content {
  readonly key: DataKey;
  /** The ARN of the role or user, as written. Absent in mapAccounts, in `sso` entries, and if the authenticator finds none. */
  readonly arn?: string;
  /** The `principalKey` of the ARN, or the account ID. Absent in an entry without ARN and account. */
  readonly principal?: string;
  readonly account?: string;
  /** The permission set, in an entry of mapRoles that has `sso`, even if it also has an ARN. */
  readonly sso?: SsoRoles;
}

export function entryMapping({ key, account, arn = account, username, groups }: MapEntry): Mapping | undefined {
  return arn === undefined ? undefined : { kind: kindOf(key), arn, username, groups };
}

export function kindOf(key: DataKey): Mapping["kind"] {
  return key === "mapAccounts" ? "account" : key === "mapUsers" ? "user" : "role";
}

export function dataKeyOf({ kind }: Pick<Mapping, "kind">): DataKey {
  return kind === "account" ? "mapAccounts" : kind === "user" ? "mapUsers" : "mapRoles";
}

export function arnField(key: DataKey): "rolearn" | "userarn" {
  return key === "mapUsers" ? "userarn" : "rolearn";
}

/** Reads an item as the authenticator does, which skips values of the wrong type; undefined if it is not an entry. */
export function entryOf(key: DataKey, value: Value): MapEntry | undefined {
  if (key === "mapAccounts") {
    // The authenticator decodes the item directly into a string, so numbers keep their digits.
    const account = value instanceof OtherScalar ? value.source : value;
    return typeof account === "string" ? { key, account, principal: account, username: "", groups: [] } : undefined;
  }
  if (!(value instanceof Map)) {
    return undefined;
  }
  const arn = textOf(fieldIn(value, arnField(key)));
  const sso = key === "mapRoles" ? fieldIn(value, "sso") : undefined;
  return {
    key,
    ...(arn !== "" && { arn, principal: principalKey(arn) }),
    username: textOf(fieldIn(value, "username")),
    groups: textsOf(fieldIn(value, "groups")),
    ...(sso != null && { sso: ssoRoles(sso) }),
  };
}

function ssoRoles(value: Value): SsoRoles {
  const fields: ReadonlyMap<string, Value> = value instanceof Map ? value : new Map();
  return {
    permissionSetName: textOf(fieldIn(fields, "permissionsetname")),
    accountId: textOf(fieldIn(fields, "accountid")),
    partition: textOf(fieldIn(fields, "partition")),
  };
}

/** A field in any letter case. The reader refuses duplicate spellings. */
function fieldIn(fields: ReadonlyMap<string, Value>, name: string): Value | undefined {
  return [...fields].find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Why the authenticator drops an entry for all identities; undefined if it does not. */
export function droppedBecause({ key, arn, sso }: MapEntry): string | undefined {
  if (sso === undefined) {
    const isComplete = key === "mapAccounts" || arn !== undefined;
    return isComplete ? undefined : key === "mapUsers" ? "it has no userarn" : "it has neither rolearn nor sso";
  }
  if (arn !== undefined) {
    return "it has both rolearn and sso";
  }
  if (!isAccountId(sso.accountId)) {
    return `its sso accountID ${JSON.stringify(sso.accountId)} is not 12 digits`;
  }
  if (!permissionSetName.test(sso.permissionSetName)) {
    return `its sso permissionSetName ${JSON.stringify(sso.permissionSetName)} is not a valid permission set name`;
  }
  const isKnown = sso.partition === "" || partitions.includes(sso.partition);
  return isKnown ? undefined : `its sso partition ${JSON.stringify(sso.partition)} is not an AWS partition`;
}

// https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PermissionSet.html
const permissionSetName = /^[\w+=,.@-]{1,32}$/;
const partitions = ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/**
 * Sorts entries that match one identity by precedence: the authenticator uses the last entry of the first list that has one.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/tree/master/pkg/mapper/configmap
 */
function byPrecedence(entries: readonly MapEntry[]): readonly MapEntry[] {
  return dataKeys.toReversed().flatMap((key) => entries.filter((entry) => entry.key === key));
}

/** The entries of a principal that {@link isEffective have an effect}, with the one in force last. */
export function effectiveEntries(entries: readonly MapEntry[]): readonly MapEntry[] {
  return byPrecedence(entries.filter(isEffective));
}

/** The entries in force among those that match an identity. Of several spellings of a user, the authenticator chooses one at each login. */
export function entriesInForce(matching: readonly MapEntry[]): readonly MapEntry[] {
  const sorted = byPrecedence(matching);
  const list = sorted.filter(({ key }) => key === sorted.at(-1)?.key);
  // The authenticator stores an entry by its account, the ARN of a user, or the ARN of a role in lower case.
  const storeKey = ({ key, account, arn = account }: MapEntry) => (key === "mapRoles" ? arn?.toLowerCase() : arn);
  return [...new Map(list.map((entry) => [storeKey(entry), entry])).values()];
}

/**
 * Whether an entry has an effect for its ARN or account. An entry that is {@link droppedBecause dropped}, or whose role has a path, has
 * none. Entries with `sso` are for a permission set, and apply only with a feature gate that is off by default.
 */
export function isEffective(entry: MapEntry): boolean {
  return entry.sso === undefined && droppedBecause(entry) === undefined && !hasRolePath(entry.arn ?? "");
}
