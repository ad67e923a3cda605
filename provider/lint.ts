import type { ClusterAccess } from "./access/clusterAccess";
import { overriddenEntries } from "./access/compare";
import { describeAccessEntry } from "./accessEntries";
import { callerIdentity, entryMismatches } from "./authenticator/callerIdentity";
import { describeContent, type PlacedEntry, placedEntries, placedEntry, placeOf } from "./authenticator/placedEntry";
import { shadowedEntries } from "./authenticator/resolve";
import {
  type AwsAuthMap,
  arnField,
  type DataKey,
  dataKeys,
  describePosition,
  droppedBecause,
  entryMapping,
  fileLineOf,
  type MapEntry,
  OtherScalar,
  problemsOf,
  type Value,
} from "./awsAuthMap";
import { claimsAnnotation } from "./claims";
import { contentProblems, isBuiltInGroup, knownTemplates, sameContent, unknownTemplates } from "./mapping";

/**
 * The severity of a finding.
 *
 * - `error`: no effect, or a wrong one
 * - `warning`: risky
 * - `note`: something was not checked
 */
export type Severity = "error" | "warning" | "note";

/** The rule of a finding, for use in scripts. */
export type LintRule =
  | "unreadable-key"
  | "key-name"
  | "never-matches"
  | "shadowed"
  | "undecided"
  | "account-root"
  | "field"
  | "no-rights"
  | "template"
  | "node"
  | "whitespace"
  | "unbound-group"
  | "claim-without-entry"
  | "not-checked";

/** A mistake in a map that affects access. */
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
  /** One sentence: what is wrong, and how to fix it. */
  readonly message: string;
}

/** What is linted. */
export interface LintedMap {
  /** All data keys of the ConfigMap. */
  readonly data: Readonly<Record<string, string>>;
  /** The same, parsed, and the access entries of the cluster. */
  readonly access: ClusterAccess;
  /** The groups that bindings of the cluster name; undefined if they are not known. */
  readonly bound?: ReadonlySet<string> | undefined;
}

/** Reports entries without effect, and mistakes that change who has access: those of the whole map first, then in its order. */
export function lintMap({ data, access, bound }: LintedMap): readonly Finding[] {
  const { document, mode, unread } = access;
  if (mode === "API") {
    const message = "the cluster has authentication mode API and ignores aws-auth, so nothing in it was checked";
    return [{ rule: "not-checked", severity: "note", message }];
  }
  const entries = placedEntries(document);
  const unchecked = `whether access entries take precedence over entries of aws-auth was not checked: ${unread}`;
  return [
    ...(unread === undefined ? [] : [{ rule: "not-checked", severity: "note", message: unchecked } as const]),
    ...Object.keys(data).flatMap(lintKeyName),
    ...unreadableKeys(document),
    ...claimsWithoutEntry(document, entries),
    ...entries.flatMap((placed) => lintEntry(placed, bound)),
    ...shadowed(access, entries),
    ...userSpellings(entries),
  ].sort((a, b) => placeIn(a) - placeIn(b));
}

function placeIn({ key, position = 0 }: Finding): number {
  return (key === undefined ? 0 : dataKeys.indexOf(key) + 1) * 1e6 + position;
}

/** Why no identity ever matches an entry, one clause each; empty if one may. The root user of an account is an identity too. */
export function mismatchesOf(entry: MapEntry): readonly string[] {
  const { key, arn, account, sso, username, groups } = entry;
  const dropped = droppedBecause(entry);
  if (dropped !== undefined) {
    return [`the authenticator drops it, since ${dropped}`];
  }
  if (key === "mapAccounts") {
    return /^\d{12}$/.test(account ?? "") ? [] : [`${JSON.stringify(account)} is not an AWS account ID of 12 digits`];
  }
  if (sso !== undefined) {
    return sso.partition === "" ? [] : ["the authenticator never matches an sso entry with a partition; remove it"];
  }
  const refused = contentProblems({ arn, username, groups }).filter(({ isRefused }) => isRefused);
  return [...entryMismatches(arn ?? ""), ...refused].map(({ reason }) => reason);
}

/** Names of keys are case-sensitive. */
function lintKeyName(name: string): Finding[] {
  const bare = name.toLowerCase().replace(/[^a-z]/g, "");
  const meant = dataKeys.find((key) => key !== name && [bare, `${bare}s`].includes(key.toLowerCase()));
  const message = `the authenticator does not read the key ${JSON.stringify(name)}; rename it to ${meant}`;
  return meant === undefined ? [] : [{ rule: "key-name", severity: "error", message }];
}

function unreadableKeys(document: AwsAuthMap): Finding[] {
  const { origin } = document;
  return problemsOf(document).map(({ key, line, column, reason }): Finding => {
    const fileLine = fileLineOf(origin, key, line);
    const place = describePosition(origin, key, { line, column });
    const message = `the entries of ${key} are unknown, since it cannot be read; ${place}: ${reason}; correct it by hand`;
    return {
      rule: "unreadable-key",
      severity: "error",
      key,
      line,
      ...(fileLine !== undefined && { fileLine }),
      message,
    };
  });
}

/** A claim outlives its entry if another tool writes the map, or if the stack was deleted from its backend. */
function claimsWithoutEntry(document: AwsAuthMap, entries: readonly PlacedEntry[]): Finding[] {
  if (problemsOf(document).length > 0) {
    return [];
  }
  const mapped = new Set(entries.map(({ entry }) => entry.principal));
  return document.claims
    .flatMap(({ text, claim }) => (claim?.id === undefined || mapped.has(claim.principal) ? [] : [{ text, ...claim }]))
    .map(({ owner, principal, text }): Finding => {
      const message = `${JSON.stringify(owner)} claims an entry for ${JSON.stringify(principal)}, which aws-auth does not have; run "pulumi up" of that stack, or if it is gone, remove the line ${JSON.stringify(text)} from the annotation ${claimsAnnotation}`;
      return { rule: "claim-without-entry", severity: "warning", message };
    });
}

function at(placed: PlacedEntry, rule: LintRule, severity: Severity, message: string): Finding {
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

function lintEntry(placed: PlacedEntry, bound: ReadonlySet<string> | undefined): Finding[] {
  const { key, entry } = placed;
  const { arn, sso, username, groups } = entry;
  const mismatches = mismatchesOf(entry).map((reason) => {
    return at(placed, "never-matches", "error", `no identity matches this entry: ${reason}`);
  });
  if (key === "mapAccounts") {
    return mismatches;
  }
  const found = [...mismatches, ...lintFields(placed)];
  if (mismatches.length === 0 && sso !== undefined) {
    const message =
      "entries with sso count only if the authenticator's feature gate SSORoleMatch is on, which is off by default; map the ARN of the role";
    found.push(at(placed, "undecided", "warning", message));
  }
  if (mismatches.length === 0 && arn !== undefined && callerIdentity(arn)?.kind === "root") {
    const message =
      "this entry is for the root user of the account only; map a role, or the whole account in mapAccounts";
    found.push(at(placed, "account-root", "warning", message));
  }
  if (username === "" && groups.length === 0) {
    found.push(at(placed, "no-rights", "warning", "this entry has neither a username nor groups; set one of them"));
  }
  for (const template of [username, ...groups].flatMap(unknownTemplates)) {
    const message = `the authenticator does not expand ${template}; use one of ${knownTemplates.join(", ")}`;
    found.push(at(placed, "template", "error", message));
  }
  const doubts = contentProblems({ arn, username, groups }, bound).filter(({ isRefused }) => !isRefused);
  const doubtful = doubts.map(({ rule, reason }) =>
    at(placed, rule === "whitespace" ? rule : "node", "warning", reason),
  );
  return [...found, ...doubtful, ...unboundGroups(placed, bound)];
}

/** Without the bindings of a cluster, only groups that look like those of Kubernetes are judged. */
function unboundGroups(placed: PlacedEntry, bound: ReadonlySet<string> | undefined): Finding[] {
  const isUnbound = (group: string) => (bound === undefined ? /^system:/i.test(group) : !bound.has(group));
  return [...new Set(placed.entry.groups)]
    .filter((group) => group !== "" && !group.includes("{{") && !isBuiltInGroup(group) && isUnbound(group))
    .map((group) => {
      const who = bound === undefined ? "Kubernetes has no group" : "no binding of the cluster names the group";
      const message = `${who} ${JSON.stringify(group)}; bind a role to it, or correct the name`;
      return at(placed, "unbound-group", "warning", message);
    });
}

/** Entries that have no effect, since another entry of the map or an access entry counts in their place. */
function shadowed(access: ClusterAccess, entries: readonly PlacedEntry[]): Finding[] {
  const { document } = access;
  const [byMap, byAccessEntry] = [shadowedEntries(document), overriddenEntries(access)];
  return entries.flatMap((placed): Finding[] => {
    const { entry } = placed;
    const overridden = byAccessEntry.get(entry);
    if (overridden !== undefined) {
      const { winner, isEqual } = overridden;
      const place = `the access entry of ${JSON.stringify(winner.principalArn)}`;
      // An equal entry in both places is intended in mode API_AND_CONFIG_MAP.
      return isEqual ? [] : [shadowedBy(placed, place, describeAccessEntry(winner), false)];
    }
    const [first] = byMap.get(entry) ?? [];
    const winner = first && placedEntry(document, first);
    const [own, other] = [entryMapping(entry), winner && entryMapping(winner.entry)];
    const isEqual = own !== undefined && other !== undefined && sameContent(own, other);
    return winner === undefined ? [] : [shadowedBy(placed, placeOf(winner), describeContent(winner.entry), isEqual)];
  });
}

function shadowedBy(placed: PlacedEntry, winner: string, content: string, isEqual: boolean): Finding {
  const message = isEqual
    ? `this entry has no effect, since ${winner} has the same; remove this one`
    : `this entry has no effect, since ${winner} counts, with ${content}; remove one of them`;
  return at(placed, "shadowed", isEqual ? "warning" : "error", message);
}

/** The authenticator stores mapUsers by exact spelling but ignores case when matching, so either of two spellings may match first. */
function userSpellings(entries: readonly PlacedEntry[]): Finding[] {
  const first = new Map<string, PlacedEntry>();
  return entries.flatMap((placed) => {
    const { key, arn, principal } = placed.entry;
    if (key !== "mapUsers" || arn === undefined || principal === undefined || mismatchesOf(placed.entry).length > 0) {
      return [];
    }
    const other = first.get(principal) ?? placed;
    first.set(principal, other);
    const message = `${placeOf(other)} is for the same user in another spelling, and either may count; remove one`;
    return other.entry.arn === arn ? [] : [at(placed, "undecided", "error", message)];
  });
}

/** Fields that the authenticator does not read, or reads as empty. */
function lintFields(placed: PlacedEntry): Finding[] {
  const { key, value } = placed;
  const known = [arnField(key), "username", "groups", "userid", ...(key === "mapRoles" ? ["sso"] : [])];
  return [...(value instanceof Map ? value : [])].flatMap(([name, field]) => {
    const meant = known.find((candidate) => name.toLowerCase() === candidate);
    if (meant === undefined) {
      const message = `the authenticator ignores the field ${JSON.stringify(name)}; it reads ${known.join(", ")}`;
      return [at(placed, "field", "warning", message)];
    }
    return typeProblems(meant, field).map((message) => at(placed, "field", "error", message));
  });
}

function typeProblems(name: string, value: Value): string[] {
  const isEmpty = "is not a string to the authenticator, so it counts as empty; put it in quotes";
  if (value === null) {
    return [];
  }
  if (name === "sso") {
    return value instanceof Map ? [] : ["sso is not a map, so it is ignored; write it as a map"];
  }
  if (name !== "groups") {
    return typeof value === "string" ? [] : [`${name} ${shown(value)} ${isEmpty}`];
  }
  return Array.isArray(value)
    ? value.flatMap((group: Value) => (typeof group === "string" ? [] : [`group ${shown(group)} ${isEmpty}`]))
    : [`groups ${shown(value)} is not a list, so the entry gives no groups; write it as a list`];
}

function shown(value: Value): string {
  if (value instanceof OtherScalar) {
    return value.source;
  }
  return typeof value === "object" && value !== null
    ? `(a ${Array.isArray(value) ? "list" : "map"})`
    : JSON.stringify(value);
}
