import { isAlias, isScalar, type ParsedNode, type Scalar } from "yaml";
import { principalKey } from "../mapping/principal";
import { arnField, type DataKey, type Entry, type SsoRoles } from "./entry";
import type { Evaluator } from "./evaluator";
import { resolveScalar } from "./resolveScalar";
import type { Value } from "./value";

/** Reads a value of mapRoles or mapUsers as the authenticator does: with Go's encoding/json, which skips what does not fit a field. */
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

/** Reads an item of mapAccounts as the authenticator does: its source text, whatever its type; what is not a scalar is skipped. */
export function readAccountEntry(
  node: ParsedNode | null,
  evaluator: Evaluator,
): { readonly entry: Entry; readonly value: Value } {
  const value = accountText(node, evaluator);
  const account = value === null ? {} : { account: value, principal: value };
  return { entry: { key: "mapAccounts", ...account, username: "", groups: [] }, value };
}

/** Whether a key of an entry names a field; encoding/json folds case, the long s and the Kelvin sign included. */
export function namesField(key: string, field: string): boolean {
  return key.toLowerCase().replaceAll("\u017f", "s") === field;
}

function accountText(node: ParsedNode | null, evaluator: Evaluator): string | null {
  if (isAlias(node)) return evaluator.follow(node, (target) => accountText(target, evaluator));
  if (node !== null && !isScalar(node)) return null;
  if (node === null) return "";
  // Decoded straight into a string, so that a number's digits are kept, and .inf is as good as any text.
  const { kind, text } = resolveScalar(node as Scalar.Parsed);
  return kind === "null" ? "" : text;
}

/** The fields of one entry, found by name in any letter case. */
class Fields {
  private readonly entries: readonly (readonly [string, Value])[];

  constructor(value: Value) {
    // The reader goes through a JSON object whose keys are sorted: of rolearn and roleARN the former comes last, and stays.
    this.entries = value instanceof Map ? [...value].sort(([a], [b]) => (a < b ? -1 : 1)) : [];
  }

  text(field: string): string {
    return this.of(field).findLast((value) => typeof value === "string") ?? "";
  }

  groups(): readonly string[] {
    let groups: readonly string[] = [];
    for (const value of this.of("groups")) {
      if (value === null) groups = [];
      // An item that is no string leaves what an earlier spelling of the field put in its place.
      else if (Array.isArray(value))
        groups = value.map((item, index) => (typeof item === "string" ? item : (groups[index] ?? "")));
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
