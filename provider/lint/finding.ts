import type { PlacedEntry } from "../authenticator/placedEntry";
import type { DataKey } from "../document";

/**
 * How bad a finding is.
 *
 * - `error`: something in the map has no effect, or another one than it says
 * - `warning`: it works, and is a trap
 * - `note`: something was not looked at
 */
export type Severity = "error" | "warning" | "note";

/** The rules of lint; scripts branch on these. */
export type LintRule =
  | "unreadable-key"
  | "key-name"
  | "key-size"
  | "dropped-entry"
  | "never-matches"
  | "role-path"
  | "assumed-role"
  | "field-type"
  | "unknown-field"
  | "no-rights"
  | "unknown-template"
  | "shadowed"
  | "repeated"
  | "user-spelling"
  | "account-id"
  | "unquoted-account"
  | "sso-entry"
  | "stale-permission-set"
  | "claim-without-entry"
  | "claim-differs"
  | "claim-unread"
  | "unbound-group"
  | "bindings-unread";

/** One thing that is wrong with a map, or about to go wrong. */
export interface Finding {
  readonly rule: LintRule;
  readonly severity: Severity;
  /** The key of the ConfigMap; undefined for a finding about all of it. */
  readonly key?: DataKey;
  /** The entry in the key's list, from 1. */
  readonly position?: number;
  /** The line of the key's text, from 1. */
  readonly line?: number;
  /** One sentence: what is wrong, and what to do. */
  readonly message: string;
}

/** A finding about an entry. */
export function findingAt(placed: PlacedEntry, rule: LintRule, severity: Severity, message: string): Finding {
  const { key, position, line } = placed;
  return { rule, severity, key, position, ...(line !== undefined && { line }), message };
}
