import { describeAccessEntry, hasOwnUser } from "../accessEntries/accessEntry";
import { type AwsAuthMap, arnField, dataKeys, OtherScalar, problemsOf, shownLine, type Value } from "../awsAuthMap";
import { claimsAnnotation } from "../claims";
import { type ClusterRef, reportIdOf } from "../cluster/clusterRef";
import { readRights } from "../cluster/kubernetes/objects";
import type { Settings } from "../cluster/settings";
import { describeProblem } from "../errors";
import type { ClusterAccess } from "../identity/clusterAccess";
import { arnMismatches, matchedIdentity, neverMatchesBecause, parseIdentity } from "../identity/identity";
import { entryLogin, mapLogin } from "../identity/login";
import { describeEntryContent, type PlacedEntry, placedEntries, placedEntry, placeOf } from "../identity/placedEntry";
import { shadowedEntries } from "../identity/whoLogsIn";
import { isForNodes, principalKey } from "../mapping";
import type { KnownPrincipals } from "../session/knownPrincipals";
import { type LintFacts, type LintPlace, type LintProblem, lintSubject, problemAt } from "./lint";
import { readCluster, readResult } from "./readCluster";

export interface LintedCluster {
  /** As in a review. */
  readonly id: string;
  readonly name: string;
  readonly problems: readonly LintProblem[];
  readonly notes: readonly string[];
}

/** What could not be read besides aws-auth is a problem of its own. */
export async function lintCluster(ref: ClusterRef, settings: Settings, known: KnownPrincipals): Promise<LintedCluster> {
  const live = await readCluster(ref, settings, { accessEntries: (entries) => entries.all(), iam: "all", known });
  const { access, apiServer, entries, label: name } = live;
  if (access.mode === "API") {
    await entries?.all();
  }
  const rights = apiServer && (await readRights(apiServer, ["clusterrolebindings", "rolebindings"]));
  const { authorizer, unread } = rights ?? {};
  const hasNodes = access.entries.some(isForNodes) || !access.accessEntries.every(hasOwnUser);
  const roles = hasNodes && entries ? await readResult(() => entries.api.eksRoles()) : undefined;
  const problems = lintMap({
    ...live,
    bound: unread === undefined ? authorizer : undefined,
    nodeRoles: roles && "value" in roles ? new Set(roles.value.map(principalKey)) : undefined,
  });
  const unchecked = [
    ...live.notes,
    ...(unread === undefined ? [] : [`bindings of the groups were not checked: ${unread}`]),
    ...(roles && "unread" in roles ? [`the use of node roles was not checked: ${roles.unread}`] : []),
  ];
  const lastWriteAt = ({ key, arn }: LintPlace) => {
    const entry = access.accessEntries.find(({ principalArn }) => principalArn === arn);
    return key === undefined ? entry && { at: entry.modifiedAt } : access.document.origin?.lastWrites?.[key];
  };
  return {
    id: reportIdOf(live.ref),
    name,
    problems: [
      ...problems.map((problem) => ({ ...problem, lastWrite: lastWriteAt(problem.place) })),
      ...unchecked.map((text) => problemAt({}, "not-checked", "note", text)),
    ],
    notes: live.isThere ? [] : ["there is no ConfigMap kube-system/aws-auth"],
  };
}

/** Reports entries without effect and mistakes that affect access: first those of no entry of the map, then the others in its order. */
export function lintMap(facts: LintFacts): readonly LintProblem[] {
  const { data, access } = facts;
  const { document } = access;
  const entries = placedEntries(document);
  return [
    ...access.accessEntries.flatMap((accessEntry) => {
      const identity = parseIdentity(accessEntry.principalArn);
      return identity ? lintSubject({ arn: accessEntry.principalArn }, entryLogin(accessEntry, identity), facts) : [];
    }),
    ...Object.keys(data).flatMap(lintKeyName),
    ...unreadableKeys(document),
    ...claimsWithoutEntry(document, entries),
    ...entries.flatMap((placed) => lintEntry(placed, facts)),
    ...shadowed(access, entries),
    ...userSpellings(entries),
  ].sort((a, b) => orderOf(a) - orderOf(b));
}

function orderOf({ place: { key, position = 0 } }: LintProblem): number {
  return (key === undefined ? 0 : dataKeys.indexOf(key) + 1) * 1e6 + position;
}

/** Names of keys are case-sensitive. */
function lintKeyName(name: string): LintProblem[] {
  const bare = name.toLowerCase().replace(/[^a-z]/g, "");
  const meant = dataKeys.find((key) => key !== name && [bare, `${bare}s`].includes(key.toLowerCase()));
  const text = `the authenticator does not read the key ${JSON.stringify(name)}`;
  return meant === undefined ? [] : [problemAt({}, "key-name", "error", text, `rename it to ${meant}`)];
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
  return document.claims.flatMap(({ text: line, claim }) => {
    if (claim?.id === undefined || mapped.has(claim.principal)) {
      return [];
    }
    const text = `${JSON.stringify(claim.owner)} claims an entry for ${JSON.stringify(claim.principal)}, but aws-auth has no such entry`;
    const remedy = `run "pulumi up" in that stack or, if it no longer exists, remove the line ${JSON.stringify(line)} from the annotation ${claimsAnnotation}`;
    return [problemAt({}, "claim-without-entry", "warning", text, remedy)];
  });
}

function at({ key, position, line, entry: { arn } }: PlacedEntry): LintPlace {
  return { key, position, line, arn };
}

function lintEntry(placed: PlacedEntry, facts: LintFacts): LintProblem[] {
  const { key, entry } = placed;
  const place = at(placed);
  const mismatches = neverMatchesBecause(entry).map((problem) => {
    return problemAt(place, "never-matches", "error", `no identity matches this entry: ${describeProblem(problem)}`);
  });
  if (key === "mapAccounts") {
    return mismatches;
  }
  const isMatched = mismatches.length === 0;
  const identity = isMatched ? matchedIdentity(entry.arn ?? "") : undefined;
  const login = identity ? mapLogin(entry, identity) : { given: entry, user: undefined };
  const sso =
    "entries with sso take effect only if the authenticator's feature gate SSORoleMatch is on; it is off by default";
  const root = "this entry is for the root user of the account only";
  const whole = "map a role, or the whole account in mapAccounts";
  return [
    ...mismatches,
    ...lintFields(placed),
    ...(isMatched && entry.sso ? [problemAt(place, "undecided", "warning", sso, "map the ARN of the role")] : []),
    ...(identity?.kind === "root" ? [problemAt(place, "account-root", "warning", root, whole)] : []),
    ...lintSubject(place, login, facts),
  ];
}

/** Entries without effect, since another entry of the map or an access entry applies instead. */
function shadowed(access: ClusterAccess, entries: readonly PlacedEntry[]): LintProblem[] {
  const shadows = shadowedEntries(access);
  return entries.flatMap((placed): LintProblem[] => {
    const { entry, accessEntry, isEqual } = shadows.get(placed.entry) ?? {};
    const other = entry && placedEntry(access.document, entry);
    const [winner, content] = accessEntry
      ? [`the access entry for ${JSON.stringify(accessEntry.principalArn)}`, describeAccessEntry(accessEntry)]
      : [other && placeOf(other), entry && describeEntryContent(entry)];
    // In mode API_AND_CONFIG_MAP, equal entries in both places are intended.
    if (winner === undefined || (accessEntry !== undefined && isEqual)) {
      return [];
    }
    const [severity, reason, remedy] = isEqual
      ? (["warning", `${winner} takes precedence, with the same content`, "remove this entry"] as const)
      : (["error", `${winner} takes precedence, with ${content}`, "remove one of them"] as const);
    return [problemAt(at(placed), "shadowed", severity, `this entry has no effect, since ${reason}`, remedy)];
  });
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
    const text = `${placeOf(other)} maps the same user with different capitalization; either may take effect`;
    return other.entry.arn === arn ? [] : [problemAt(at(placed), "undecided", "error", text, "remove one")];
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
      return [problemAt(at(placed), "field", "warning", text, `valid fields: ${known.join(", ")}`)];
    }
    return typeProblems(meant, field).map(([text, remedy]) => problemAt(at(placed), "field", "error", text, remedy));
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
    return value instanceof Map ? [] : [["sso is not a map and is ignored", "write it as a map"]];
  }
  if (name !== "groups") {
    return typeof value === "string" ? [] : [textProblem(name, value)];
  }
  return Array.isArray(value)
    ? value.flatMap((group: Value) => (typeof group === "string" ? [] : [textProblem("group", group)]))
    : [[`groups ${valueText(value)} is not a list, so the entry has no groups`, "write it as a list"]];
}

function valueText(value: Value): string {
  if (value instanceof OtherScalar) {
    return value.source;
  }
  return typeof value === "object" && value !== null
    ? `(a ${Array.isArray(value) ? "list" : "map"})`
    : JSON.stringify(value);
}
