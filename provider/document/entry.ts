import type { Mapping } from "../mapping/mapping.ts";

/** The keys of the ConfigMap that hold mappings, in the order in which the authenticator consults them. */
export const dataKeys = ["mapRoles", "mapUsers", "mapAccounts"] as const;

/** A key of the ConfigMap that holds mappings. */
export type DataKey = (typeof dataKeys)[number];

/** The roles of an IAM Identity Center permission set, which an entry may name instead of an ARN. */
export interface SsoRoles {
  readonly permissionSetName: string;
  readonly accountId: string;
  /** Empty means `aws`. The authenticator matches nobody when it is set. */
  readonly partition: string;
}

/** One entry, as the authenticator reads it. */
export interface Entry {
  /** The key that it stands in. */
  readonly key: DataKey;
  /** ARN of the role or user, as spelt. Absent in mapAccounts, in `sso` entries, and where the authenticator finds none. */
  readonly arn?: string;
  /** What `principalKey` makes of the ARN, or the account's digits. Absent in an entry that names neither. */
  readonly principal?: string;
  /** Kubernetes username; empty where it is missing or not a string. */
  readonly username: string;
  /** Kubernetes groups, as listed; an item that is not a string is an empty one. */
  readonly groups: readonly string[];
  /** The AWS account of an entry of mapAccounts. */
  readonly account?: string;
  /** The permission set, in an entry of mapRoles that has `sso`. */
  readonly sso?: SsoRoles;
}

/** Whether an entry stands for a permission set, whatever ARN it has besides. */
export function isSso({ sso }: Pick<Entry, "sso">): boolean {
  return sso !== undefined;
}

/** The mapping that an entry stands for; undefined when it names no ARN and no account. */
export function entryMapping(entry: Entry): Mapping | undefined {
  if (entry.account !== undefined) return { kind: "account", account: entry.account };
  if (entry.arn === undefined) return undefined;
  const username = entry.username === "" ? {} : { username: entry.username };
  return { kind: entry.key === "mapUsers" ? "user" : "role", arn: entry.arn, ...username, groups: entry.groups };
}

/** The key that a mapping belongs in. */
export function keyOf(mapping: Mapping): DataKey {
  if (mapping.kind === "account") return "mapAccounts";
  return mapping.kind === "user" ? "mapUsers" : "mapRoles";
}

/** The name of the field that holds the ARN in entries of a key. */
export function arnField(key: DataKey): "rolearn" | "userarn" {
  return key === "mapUsers" ? "userarn" : "rolearn";
}
