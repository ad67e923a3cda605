import { isScalar, isSeq } from "yaml";
import { callerIdentity, entryMismatches } from "../authenticator/callerIdentity";
import { contentFindings, swallowedLists } from "../authenticator/contentFindings";
import type { PlacedEntry } from "../authenticator/placedEntry";
import { type AwsAuthDocument, type DataKey, memoize, renderKey } from "../document";
import { arnField, namesField } from "../document/entry";
import { knownTemplates, unknownTemplates } from "../mapping";
import { OtherScalar, type Value } from "../yamlv2/scalar";
import { readYaml } from "../yamlv2/yamlText";

/**
 * The severity of a finding.
 *
 * - `error`: no effect, or a wrong one
 * - `warning`: risky
 * - `note`: something was not checked
 */
export type Severity = "error" | "warning" | "note";

/** The rule of a finding, for scripts to branch on. */
export type LintRule =
  | "unreadable-key"
  | "key-name"
  | "key-size"
  | "dropped-entry"
  | "never-matches"
  | "role-path"
  | "assumed-role"
  | "account-root"
  | "field-type"
  | "unknown-field"
  | "no-rights"
  | "unknown-template"
  | "swallowed-list"
  | "node-template"
  | "node-username"
  | "whitespace"
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
  | "bindings-unread"
  | "overridden"
  | "map-ignored"
  | "access-entries-unread"
  | "no-map";

/** A problem of a map, or a risk. */
export interface Finding {
  readonly rule: LintRule;
  readonly severity: Severity;
  /** The key of the ConfigMap; undefined for a finding about the whole map. */
  readonly key?: DataKey;
  /** The position of the entry in the key's list, from 1. */
  readonly position?: number;
  /** The line of the key's text, from 1. */
  readonly line?: number;
  /** The same in the file that holds the ConfigMap. */
  readonly fileLine?: number;
  /** The ARN of the entry. */
  readonly arn?: string;
  /** One sentence: what is wrong, and what to do. */
  readonly message: string;
}

/** A finding about an entry. */
export function findingAt(placed: PlacedEntry, rule: LintRule, severity: Severity, message: string): Finding {
  const { key, position, line, fileLine, entry } = placed;
  return {
    rule,
    severity,
    key,
    position,
    ...(line !== undefined && { line }),
    ...(fileLine !== undefined && { fileLine }),
    ...(entry.arn !== undefined && { arn: entry.arn }),
    message,
  };
}

/** Findings about an entry of mapAccounts. */
export function lintAccount(placed: PlacedEntry, document: AwsAuthDocument): Finding[] {
  const { account } = placed.entry;
  if (account === undefined || !/^\d{12}$/.test(account)) {
    const shown = account === undefined ? "this" : JSON.stringify(account);
    const message = `${shown} is not an AWS account ID, so nobody can match it; write 12 digits in quotes, or remove it`;
    return [findingAt(placed, "account-id", "error", message)];
  }
  const loss = account.startsWith("0") ? " and lose its leading zeros" : "";
  const message = `account ${account} has no quotes, and many tools take it for a number${loss}; write "${account}"`;
  const isQuoted = quotedPositions(document).has(placed.position);
  return isQuoted ? [] : [findingAt(placed, "unquoted-account", "warning", message)];
}

/** The positions of the accounts that every YAML reader reads as strings. */
const quotedPositions = memoize((document: AwsAuthDocument): ReadonlySet<number> => {
  const list = readYaml(renderKey(document, "mapAccounts")).root;
  const items = isSeq(list) ? list.items : [];
  return new Set(items.flatMap((item, index) => (isScalar(item) && item.type !== "PLAIN" ? [index + 1] : [])));
});

/** Findings about an ARN that can never match, and about entries for permission sets. */
export function lintArn(placed: PlacedEntry): Finding[] {
  const { arn: text, sso } = placed.entry;
  if (sso !== undefined) {
    return lintSso(placed, sso.partition);
  }
  if (text === undefined) {
    return [];
  }
  if (callerIdentity(text)?.kind === "root" && entryMismatches(text).length === 0) {
    const message =
      "this entry is for the root user of the account alone, who should not use a cluster; map a role, or the whole account in mapAccounts";
    return [findingAt(placed, "account-root", "warning", message)];
  }
  return entryMismatches(text).map(({ code, reason }) => {
    const rule = code === "rolePath" ? "role-path" : code === "assumedRole" ? "assumed-role" : "never-matches";
    return findingAt(placed, rule, "error", `this entry never matches: ${reason}`);
  });
}

function lintSso(placed: PlacedEntry, partition: string): Finding[] {
  if (partition !== "") {
    const message = `this entry never matches: the authenticator never matches an sso entry that has a partition (${JSON.stringify(partition)}); remove partition`;
    return [findingAt(placed, "never-matches", "error", message)];
  }
  const message =
    "entries with sso count only if the authenticator's feature gate SSORoleMatch is on, which it is not by default; check that these people can log in, or map the role's ARN";
  return [findingAt(placed, "sso-entry", "warning", message)];
}

/** Findings about a username and groups that are valid but look like a mistake. */
export function lintContent(document: AwsAuthDocument, placed: PlacedEntry, bound?: ReadonlySet<string>): Finding[] {
  return contentFindings(document, placed, bound).map(({ rule, isRefused, reason }) => {
    const severity = isRefused || rule === "swallowed-list" ? "error" : "warning";
    return findingAt(placed, rule, severity, reason);
  });
}

/** Findings about the fields of an entry other than its ARN: wrong types, names, templates. */
export function lintFields(document: AwsAuthDocument, placed: PlacedEntry): Finding[] {
  const { key, value, entry } = placed;
  if (!(value instanceof Map)) {
    return [];
  }
  const known = [arnField(key), "username", "groups", "userid", ...(key === "mapRoles" ? ["sso"] : [])];
  const findings: Finding[] = [];
  const swallowed = swallowedLists(document, placed).map((list) => list.value);
  for (const [name, field] of value) {
    const meant = known.find((candidate) => namesField(name, candidate));
    if (meant === undefined) {
      findings.push(unknownField(placed, name, known));
    } else if (typeof field !== "string" || !swallowed.includes(field)) {
      findings.push(...typeFindings(placed, meant, field));
    }
  }
  if (entry.username === "" && entry.groups.length === 0) {
    const message =
      "this entry gives neither a username nor groups, so that people can log in but have no rights; set one of them";
    findings.push(findingAt(placed, "no-rights", "warning", message));
  }
  return [...findings, ...templateFindings(placed)];
}

function unknownField(placed: PlacedEntry, name: string, known: readonly string[]): Finding {
  const shown = JSON.stringify(name.replace(/\0$/, ""));
  const remedy = `the authenticator reads ${known.join(", ")}`;
  return findingAt(placed, "unknown-field", "warning", `the field ${shown} is ignored by the authenticator; ${remedy}`);
}

function typeFindings(placed: PlacedEntry, name: string, value: Value): Finding[] {
  const at = (message: string) => [findingAt(placed, "field-type", "error", message)];
  if (name === "sso") {
    return value === null || value instanceof Map ? [] : at("sso is not a map, so it is not read");
  }
  if (name !== "groups") {
    if (typeof value === "string" || value === null) {
      return [];
    }
    return at(`${name} ${shown(value)} is not a string to the authenticator, so it counts as empty; put it in quotes`);
  }
  if (value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    return at(`groups ${shown(value)} is not a list, so the entry gives no groups; write it as a list`);
  }
  return value.flatMap((group: Value) =>
    typeof group === "string"
      ? []
      : at(`group ${shown(group)} is not a string to the authenticator, so it counts as empty; put it in quotes`),
  );
}

function shown(value: Value): string {
  if (value instanceof OtherScalar) {
    return value.source;
  }
  if (value === null) {
    return "null";
  }
  return typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? "(a list)" : "(a map)";
}

function templateFindings(placed: PlacedEntry): Finding[] {
  const { username, groups } = placed.entry;
  return [username, ...groups].flatMap(unknownTemplates).map((text) => {
    const remedy = `it expands ${knownTemplates.join(", ")}`;
    const message = `${text} is not a template of the authenticator, and stays as it is; ${remedy}`;
    return findingAt(placed, "unknown-template", "error", message);
  });
}
