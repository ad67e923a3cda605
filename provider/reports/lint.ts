import { describeAccessEntry, type LiveAccessEntry } from "../accessEntries/accessEntry";
import { type AwsAuthMap, arnField, dataKeys, OtherScalar, problemsOf, shownLine, type Value } from "../awsAuthMap";
import { claimsAnnotation, ownersIn } from "../claims";
import { describeProblem, type Problem } from "../errors";
import type { ClusterAccess } from "../identity/clusterAccess";
import { arnMismatches, neverMatchesBecause, parseIdentity } from "../identity/identity";
import {
  describeEntryContent,
  describeOwners,
  type EntryPosition,
  type PlacedEntry,
  placedEntries,
  placedEntry,
  placeOf,
} from "../identity/placedEntry";
import { shadowedEntries } from "../identity/whoLogsIn";
import type { LastWrite } from "../lastWrite";
import { contentProblems, isBuiltInGroup, knownTemplates, unknownTemplates } from "../mapping";
import { type IamPrincipals, isMissingPrincipal, type LiveCluster } from "./readCluster";

/**
 * The severity of a problem.
 *
 * - `error`: the entry has no effect, or a wrong one
 * - `warning`: risky
 * - `note`: something was not checked
 */
export type LintSeverity = "error" | "warning" | "note";

/** The rule that an entry violates, for use in scripts. */
export type LintRule =
  | "unreadable-key"
  | "key-name"
  | "never-matches"
  | "missing-principal"
  | "dead-entry"
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

/** The location of a problem in a map: empty for the whole map, only the ARN for an access entry. */
export interface LintPlace extends Partial<EntryPosition> {
  readonly arn?: string | undefined;
}

/** A mistake in a map that affects access. */
export interface LintProblem extends Problem<LintRule, LintPlace> {
  readonly severity: LintSeverity;
  /** That of the access entry, or of the key of aws-auth. */
  readonly lastWrite?: LastWrite | undefined;
}

/** Reports entries without effect and mistakes that affect access: first those of no entry of the map, then the others in its order. */
export function lintMap(
  { data, access, principals }: Pick<LiveCluster, "data" | "access"> & Partial<Pick<LiveCluster, "principals">>,
  boundGroups?: ReadonlySet<string>,
): readonly LintProblem[] {
  const { document, mode, unread } = access;
  const ignored = "the cluster has authentication mode API and ignores aws-auth, so nothing in it was checked";
  const unchecked = "access entries, which take precedence over aws-auth, were not checked";
  const entries = placedEntries(document);
  return [
    ...(mode === "API" ? [notChecked(ignored)] : []),
    ...(unread === undefined ? [] : [notChecked(`${unchecked}: ${unread}`)]),
    ...access.accessEntries.flatMap(deadEntry),
    ...Object.keys(data).flatMap(lintKeyName),
    ...unreadableKeys(document),
    ...claimsWithoutEntry(document, entries),
    ...entries.flatMap((placed) => lintEntry(placed, boundGroups, principals)),
    ...shadowed(access, entries),
    ...userSpellings(entries),
  ].sort((a, b) => orderOf(a) - orderOf(b));
}

export function notChecked(text: string): LintProblem {
  return { code: "not-checked", severity: "note", place: {}, text };
}

function orderOf({ place: { key, position = 0 } }: LintProblem): number {
  return (key === undefined ? 0 : dataKeys.indexOf(key) + 1) * 1e6 + position;
}

function deadEntry(entry: LiveAccessEntry): LintProblem[] {
  const { principalArn: arn, death } = entry;
  const owners = ownersIn(entry);
  const recreate =
    owners.length === 0 ? "delete and recreate it" : `run "pulumi up" in the stack of ${describeOwners(owners)}`;
  const [code, remedy] =
    death?.kind === "absent" ? (["missing-principal", correctArn] as const) : (["dead-entry", recreate] as const);
  const text = `this access entry lets no one in, since ${death?.text}`;
  return death === undefined ? [] : [{ code, severity: "error", place: { arn }, text, remedy }];
}

const correctArn = "remove the entry, or correct its ARN";

/** Names of keys are case-sensitive. */
function lintKeyName(name: string): LintProblem[] {
  const bare = name.toLowerCase().replace(/[^a-z]/g, "");
  const meant = dataKeys.find((key) => key !== name && [bare, `${bare}s`].includes(key.toLowerCase()));
  const text = `the authenticator does not read the key ${JSON.stringify(name)}`;
  return meant === undefined
    ? []
    : [{ code: "key-name", severity: "error", place: {}, text, remedy: `rename it to ${meant}` }];
}

function unreadableKeys(document: AwsAuthMap): LintProblem[] {
  return problemsOf(document).map(({ place: { key, line }, ...problem }): LintProblem => {
    return { ...problem, severity: "error", place: { key, line: shownLine(document.origin, key, line) } };
  });
}

/** A claim outlives its entry if another tool writes the map, or if the stack was deleted from its backend. */
function claimsWithoutEntry(document: AwsAuthMap, entries: readonly PlacedEntry[]): LintProblem[] {
  if (problemsOf(document).length > 0) {
    return [];
  }
  const mapped = new Set(entries.map(({ entry }) => entry.principal));
  return document.claims
    .flatMap(({ text, claim }) =>
      claim?.id === undefined || mapped.has(claim.principal) ? [] : [{ ...claim, line: text }],
    )
    .map(({ owner, principal, line }): LintProblem => {
      const text = `${JSON.stringify(owner)} claims an entry for ${JSON.stringify(principal)}, which aws-auth does not have`;
      const remedy = `run "pulumi up" in that stack or, if it no longer exists, remove the line ${JSON.stringify(line)} from the annotation ${claimsAnnotation}`;
      return { code: "claim-without-entry", severity: "warning", place: {}, text, remedy };
    });
}

function at(placed: PlacedEntry, code: LintRule, severity: LintSeverity, text: string, remedy?: string): LintProblem {
  const { key, position, line, entry } = placed;
  const place = { key, position, line, arn: entry.arn };
  return { code, severity, place, text, ...(remedy !== undefined && { remedy }) };
}

function lintEntry(
  placed: PlacedEntry,
  boundGroups: ReadonlySet<string> | undefined,
  principals: IamPrincipals | undefined,
): LintProblem[] {
  const { key, entry } = placed;
  const { arn, sso, username, groups } = entry;
  const mismatches = neverMatchesBecause(entry).map((problem) => {
    return at(placed, "never-matches", "error", `no identity matches this entry: ${describeProblem(problem)}`);
  });
  if (key === "mapAccounts") {
    return mismatches;
  }
  const found = [...mismatches, ...lintFields(placed)];
  if (mismatches.length === 0 && isMissingPrincipal(principals?.get(entry.principal ?? ""))) {
    found.push(at(placed, "missing-principal", "error", "IAM has no such role or user", correctArn));
  }
  if (mismatches.length === 0 && sso !== undefined) {
    const text =
      "entries with sso apply only if the authenticator's feature gate SSORoleMatch is on, which is off by default";
    found.push(at(placed, "undecided", "warning", text, "map the ARN of the role"));
  }
  if (mismatches.length === 0 && arn !== undefined && parseIdentity(arn)?.kind === "root") {
    const text = "this entry is for the root user of the account only";
    found.push(at(placed, "account-root", "warning", text, "map a role, or the whole account in mapAccounts"));
  }
  if (username === "" && groups.length === 0) {
    found.push(at(placed, "no-rights", "warning", "this entry has neither a username nor groups", "set one of them"));
  }
  for (const template of [username, ...groups].flatMap(unknownTemplates)) {
    const text = `the authenticator does not expand ${template}`;
    found.push(at(placed, "template", "error", text, `use one of ${knownTemplates.join(", ")}`));
  }
  for (const { code, text, remedy } of contentProblems(placed.entry, boundGroups)) {
    if (code !== "node-template") {
      found.push(at(placed, code === "whitespace" ? code : "node", "warning", text, remedy));
    }
  }
  return [...found, ...unboundGroups(placed, boundGroups)];
}

/** Without bindings, only groups that look like Kubernetes' own are checked. */
function unboundGroups(placed: PlacedEntry, boundGroups: ReadonlySet<string> | undefined): LintProblem[] {
  const isUnbound = (group: string) => (boundGroups === undefined ? /^system:/i.test(group) : !boundGroups.has(group));
  const who = boundGroups === undefined ? "Kubernetes has no group" : "no binding in the cluster refers to the group";
  return [...new Set(placed.entry.groups)]
    .filter((group) => group !== "" && !group.includes("{{") && !isBuiltInGroup(group) && isUnbound(group))
    .map((group) => {
      const text = `${who} ${JSON.stringify(group)}`;
      return at(placed, "unbound-group", "warning", text, "bind a role to it, or correct the name");
    });
}

/** Entries without effect, since another entry of the map or an access entry applies instead. */
function shadowed(access: ClusterAccess, entries: readonly PlacedEntry[]): LintProblem[] {
  const { document } = access;
  const shadows = shadowedEntries(access);
  return entries.flatMap((placed): LintProblem[] => {
    const shadow = shadows.get(placed.entry);
    if (shadow?.accessEntry !== undefined) {
      const { principalArn } = shadow.accessEntry;
      const place = `the access entry of ${JSON.stringify(principalArn)}`;
      // In mode API_AND_CONFIG_MAP, equal entries in both places are intended.
      return shadow.isEqual ? [] : [shadowedBy(placed, place, describeAccessEntry(shadow.accessEntry), false)];
    }
    const winner = shadow?.entry && placedEntry(document, shadow.entry);
    return winner === undefined || shadow === undefined
      ? []
      : [shadowedBy(placed, placeOf(winner), describeEntryContent(winner.entry), shadow.isEqual)];
  });
}

function shadowedBy(placed: PlacedEntry, winner: string, content: string, isEqual: boolean): LintProblem {
  const text = "this entry has no effect, since";
  return isEqual
    ? at(placed, "shadowed", "warning", `${text} ${winner} has the same`, "remove this one")
    : at(placed, "shadowed", "error", `${text} ${winner} takes precedence, with ${content}`, "remove one of them");
}

/** The authenticator stores mapUsers by exact spelling but ignores case when matching, so either of two spellings may match first. */
function userSpellings(entries: readonly PlacedEntry[]): LintProblem[] {
  const first = new Map<string, PlacedEntry>();
  return entries.flatMap((placed) => {
    const { key, arn, principal } = placed.entry;
    if (key !== "mapUsers" || arn === undefined || principal === undefined || arnMismatches(arn).length > 0) {
      return [];
    }
    const other = first.get(principal) ?? placed;
    first.set(principal, other);
    const text = `${placeOf(other)} is for the same user in another spelling, and either may apply`;
    return other.entry.arn === arn ? [] : [at(placed, "undecided", "error", text, "remove one")];
  });
}

/** Fields that the authenticator does not read, or reads as empty. */
function lintFields(placed: PlacedEntry): LintProblem[] {
  const { key, value } = placed;
  const known = [arnField(key), "username", "groups", "userid", ...(key === "mapRoles" ? ["sso"] : [])];
  return [...(value instanceof Map ? value : [])].flatMap(([name, field]) => {
    const meant = known.find((candidate) => name.toLowerCase() === candidate);
    if (meant === undefined) {
      const text = `the authenticator ignores the field ${JSON.stringify(name)}`;
      return [at(placed, "field", "warning", text, `it reads ${known.join(", ")}`)];
    }
    return typeProblems(meant, field).map(([text, remedy]) => at(placed, "field", "error", text, remedy));
  });
}

function typeProblems(name: string, value: Value): (readonly [text: string, remedy: string])[] {
  const textProblem = (subject: string, field: Value) => {
    const text = `the authenticator does not read ${subject} ${valueText(field)} as a string, and treats it as empty`;
    return [text, "put it in quotes"] as const;
  };
  if (value === null) {
    return [];
  }
  if (name === "sso") {
    return value instanceof Map ? [] : [["sso is not a map, so it is ignored", "write it as a map"]];
  }
  if (name !== "groups") {
    return typeof value === "string" ? [] : [textProblem(name, value)];
  }
  return Array.isArray(value)
    ? value.flatMap((group: Value) => (typeof group === "string" ? [] : [textProblem("group", group)]))
    : [[`groups ${valueText(value)} is not a list, so the entry gives no groups`, "write it as a list"]];
}

function valueText(value: Value): string {
  if (value instanceof OtherScalar) {
    return value.source;
  }
  return typeof value === "object" && value !== null
    ? `(a ${Array.isArray(value) ? "list" : "map"})`
    : JSON.stringify(value);
}
