import { isAlias, isScalar, type ParsedNode, type Scalar } from "yaml";
import { type Mapping, principalKey, sameGroups } from "../mapping/mapping";
import type { Evaluator } from "../yamlv2/evaluator";
import { resolveScalar, type Value } from "../yamlv2/scalar";

/** The keys of the ConfigMap that hold mappings, in the order in which the authenticator reads them. */
export const dataKeys = ["mapRoles", "mapUsers", "mapAccounts"] as const;

export type DataKey = (typeof dataKeys)[number];

/** The roles of an IAM Identity Center permission set, which an entry may give instead of an ARN. */
export interface SsoRoles {
  readonly permissionSetName: string;
  readonly accountId: string;
  /** Empty means `aws`. If it is set, the authenticator matches nobody. */
  readonly partition: string;
}

/** One entry, as the authenticator reads it. */
export interface Entry {
  readonly key: DataKey;
  /** ARN of the role or user, as written. Absent in mapAccounts, in `sso` entries, and if the authenticator finds none. */
  readonly arn?: string;
  /** The `principalKey` of the ARN, or the account ID. Absent in an entry without ARN and account. */
  readonly principal?: string;
  /** Kubernetes username; empty if it is missing or not a string. */
  readonly username: string;
  /** Kubernetes groups, as listed; an item that is not a string becomes an empty string. */
  readonly groups: readonly string[];
  /** The AWS account of an entry of mapAccounts. */
  readonly account?: string;
  /** The permission set, in an entry of mapRoles that has `sso`. */
  readonly sso?: SsoRoles;
}

/** Whether an entry is for a permission set, even if it also has an ARN. */
export function isSso({ sso }: Pick<Entry, "sso">): boolean {
  return sso !== undefined;
}

/** The mapping of an entry; undefined if it has neither ARN nor account. */
export function entryMapping(entry: Entry): Mapping | undefined {
  if (entry.account !== undefined) {
    return { kind: "account", account: entry.account };
  }
  if (entry.arn === undefined) {
    return undefined;
  }
  const username = entry.username === "" ? {} : { username: entry.username };
  return { kind: entry.key === "mapUsers" ? "user" : "role", arn: entry.arn, ...username, groups: entry.groups };
}

export function keyOf(mapping: Mapping): DataKey {
  if (mapping.kind === "account") {
    return "mapAccounts";
  }
  return mapping.kind === "user" ? "mapUsers" : "mapRoles";
}

export function arnField(key: DataKey): "rolearn" | "userarn" {
  return key === "mapUsers" ? "userarn" : "rolearn";
}

/**
 * Reads an item of mapRoles or mapUsers as the authenticator does: with Go's encoding/json, which skips values of the wrong type.
 */
export function readMappingEntry(key: DataKey, value: Value): Entry {
  const fields = new Fields(value);
  const arn = fields.text(arnField(key));
  const sso = key === "mapRoles" ? fields.sso() : undefined;
  return {
    key,
    ...(arn === "" ? {} : { arn, principal: principalKey(arn) }),
    username: fields.text("username"),
    groups: fields.groups(),
    ...(sso === undefined ? {} : { sso }),
  };
}

/** Reads an item of mapAccounts as the authenticator does: a scalar's source text, whatever its type. Skips anything else. */
export function readAccountEntry(
  node: ParsedNode | null,
  evaluator: Evaluator,
): { readonly entry: Entry; readonly value: Value } {
  const value = accountText(node, evaluator);
  const account = value === null ? {} : { account: value, principal: value };
  return { entry: { key: "mapAccounts", ...account, username: "", groups: [] }, value };
}

/** Whether an entry has exactly the content of a mapping, including the spelling of the ARN. */
export function isWrittenAs(entry: Entry, mapping: Mapping): boolean {
  if (mapping.kind === "account") {
    return entry.account === mapping.account;
  }
  return (
    entry.arn === mapping.arn && entry.username === (mapping.username ?? "") && sameGroups(entry.groups, mapping.groups)
  );
}

/** Whether a key of an entry names a field. Folds case as encoding/json does, including the long s and the Kelvin sign. */
export function namesField(key: string, field: string): boolean {
  return key.toLowerCase().replaceAll("\u017f", "s") === field;
}

function accountText(node: ParsedNode | null, evaluator: Evaluator): string | null {
  if (isAlias(node)) {
    return evaluator.follow(node, (target) => accountText(target, evaluator));
  }
  if (node !== null && !isScalar(node)) {
    return null;
  }
  if (node === null) {
    return "";
  }
  // The authenticator decodes it directly into a string, so numbers keep their digits, and .inf is accepted.
  const { kind, text } = resolveScalar(node as Scalar.Parsed);
  return kind === "null" ? "" : text;
}

/** The fields of one entry, found by name in any letter case. */
class Fields {
  private readonly entries: readonly (readonly [string, Value])[];

  constructor(value: Value) {
    // The authenticator reads a JSON object with sorted keys. Of rolearn and roleARN, the former comes last and wins.
    this.entries = value instanceof Map ? [...value].sort(([a], [b]) => (a < b ? -1 : 1)) : [];
  }

  text(field: string): string {
    return this.of(field).findLast((value) => typeof value === "string") ?? "";
  }

  groups(): readonly string[] {
    let groups: readonly string[] = [];
    for (const value of this.of("groups")) {
      if (value === null) {
        groups = [];
      }
      // An item that is not a string leaves the value that an earlier spelling of the field put there.
      else if (Array.isArray(value)) {
        groups = value.map((item, index) => (typeof item === "string" ? item : (groups[index] ?? "")));
      }
    }
    return groups;
  }

  sso(): SsoRoles | undefined {
    let sso: SsoRoles | undefined;
    for (const value of this.of("sso")) {
      if (value === null) {
        sso = undefined;
        continue;
      }
      const fields = new Fields(value);
      sso = {
        permissionSetName: fields.text("permissionsetname") || (sso?.permissionSetName ?? ""),
        accountId: fields.text("accountid") || (sso?.accountId ?? ""),
        partition: fields.text("partition") || (sso?.partition ?? ""),
      };
    }
    return sso;
  }

  private of(field: string): Value[] {
    return this.entries.filter(([key]) => namesField(key, field)).map(([, value]) => value);
  }
}
